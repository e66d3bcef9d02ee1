"""Clusters whose clients need TLS, and tokens that are signed with AWS credentials."""

import base64
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from stream.token import access_token
from support.databases import eventually, unique
from support.region import RunningRegion
from support.streams import active, consumer, make_cluster, make_topic, produce, read

IAM = {"Sasl": {"Iam": {"Enabled": True}}}
ENCRYPTED = {"EncryptionInTransit": {"ClientBroker": "TLS", "InCluster": True}}
Properties = dict[str, Any]


@pytest.fixture
def credentials(region, monkeypatch) -> None:
    """Give this process the credentials that the region gives its tasks."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, region.controller.environment()[name])
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


@pytest.fixture(scope="module")
def guarded(region) -> Iterator[dict[str, Any]]:
    """Yield a cluster with IAM authentication."""
    made = make_cluster(
        region, unique("guarded"), ClientAuthentication=IAM, EncryptionInfo=ENCRYPTED
    )
    yield made
    region.client("kafka").delete_cluster(ClusterArn=made["ClusterArn"])


def encrypted(region: RunningRegion) -> Properties:
    """Return what a client needs for TLS."""
    bundle = region.controller.environment()["SSL_CERT_FILE"]
    return {"security.protocol": "SSL", "ssl.ca.location": bundle}


def signed_in(
    region: RunningRegion, sign: Callable[..., Any] = access_token, where: str = "us-east-1"
) -> Properties:
    """Return what a client needs to sign in as the applications do."""
    return {
        **encrypted(region),
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "OAUTHBEARER",
        "oauth_cb": partial(sign, where),
    }


def refusal(cluster: dict[str, Any], properties: Properties) -> str:
    """Return what a client is told that is not let in."""
    told: list[KafkaError] = []
    mine: Properties = {"bootstrap.servers": cluster["bootstrap"], "error_cb": told.append}
    client = AdminClient(mine | properties)
    with pytest.raises(KafkaException):
        client.list_topics(timeout=2)
    eventually(lambda: (client.poll(0.1), told)[1])
    return " ".join(error.str() for error in told)


def test_messages_pass_through_tls_for_clients_with_a_signed_token(region, guarded, credentials):
    assert all(one.endswith(":9098") for one in guarded["bootstrap"].split(","))
    name = unique("events")
    make_topic(region, guarded, name, partitions=4)
    values = [f"event-{number}" for number in range(500)]
    produce(guarded, name, values, **signed_in(region))
    reader = consumer(guarded, f"readers-{name}", name, **signed_in(region))
    assert sorted(read(reader, lambda got: len(got) >= 500)) == sorted(values)
    reader.close()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda *_: (_resigned("AWS_SECRET_ACCESS_KEY"), _soon()), "signature does not match"),
        (lambda *_: (_resigned("AWS_ACCESS_KEY_ID"), _soon()), "access key does not exist"),
        (lambda *_: (access_token("us-west-2")[0], _soon()), "not for kafka-cluster in us-east-1"),
        (lambda *_: ("bm90IGEgdXJs", _soon()), "not for kafka-cluster:Connect"),
    ],
    ids=["another secret", "another key", "another region", "no token"],
)
def test_a_client_with_a_wrong_token_is_told_why(region, guarded, credentials, wrong, reason):
    assert reason in refusal(guarded, signed_in(region, wrong))


def _soon() -> float:
    return time.time() + 600


def _resigned(variable: str) -> str:
    """Return a token signed with credentials of which one is another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable, "another")
        return access_token("us-east-1")[0]


def test_a_token_that_was_changed_after_signing_is_refused(region, guarded, credentials):
    token = access_token("us-east-1")[0]
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    longer = url.replace("X-Amz-Expires=900", "X-Amz-Expires=90000").encode()
    forged = base64.urlsafe_b64encode(longer).rstrip(b"=").decode()
    told = refusal(guarded, signed_in(region, lambda *_: (forged, _soon())))
    assert "signature does not match" in told


def test_clients_without_tls_or_without_a_token_stay_out(region, guarded):
    for properties in ({}, encrypted(region)):
        client = AdminClient({"bootstrap.servers": guarded["bootstrap"], **properties})
        with pytest.raises(KafkaException):
            client.list_topics(timeout=1)


def test_the_way_in_can_change_and_unread_messages_stay(region, credentials):
    cluster = make_cluster(region, unique("changing"), EncryptionInfo=ENCRYPTED)
    assert all(one.endswith(":9094") for one in cluster["bootstrap"].split(","))
    make_topic(region, cluster, "events", partitions=2)
    produce(cluster, "events", ["before"], **encrypted(region))
    region.client("kafka").update_security(
        ClusterArn=cluster["ClusterArn"],
        CurrentVersion=cluster["CurrentVersion"],
        ClientAuthentication=IAM,
    )
    after = active(region, cluster["ClusterArn"])
    assert all(one.endswith(":9098") for one in after["bootstrap"].split(","))
    reader = consumer(after, "readers", "events", **signed_in(region))
    assert read(reader, bool) == ["before"]
    reader.close()


def test_topics_get_more_partitions_while_clients_are_signed_in(region, guarded, credentials):
    name = unique("wider")
    make_topic(region, guarded, name, partitions=2)
    produce(guarded, name, ["kept"], **signed_in(region))
    region.client("kafka").update_topic(
        ClusterArn=guarded["ClusterArn"], TopicName=name, PartitionCount=5
    )
    reader: Consumer = consumer(guarded, f"readers-{name}", name, **signed_in(region))
    assert read(reader, bool) == ["kept"]
    assert len(reader.list_topics(name, timeout=10).topics[name].partitions) == 5
    reader.close()
