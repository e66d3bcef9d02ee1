import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from stream.kafka import KafkaSettings
from stream.token import access_token
from telemetry.settings import Environment, SettingsError


@pytest.fixture
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")


def test_the_access_token_is_a_signed_connect_request_that_expires(credentials):
    token, expires = access_token("eu-central-1")

    url = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    query = parse_qs(url.query)
    assert url.netloc == "kafka.eu-central-1.amazonaws.com"
    assert query["Action"] == ["kafka-cluster:Connect"]
    assert query["X-Amz-Expires"] == ["900"]
    assert "/eu-central-1/kafka-cluster/aws4_request" in query["X-Amz-Credential"][0]
    assert {"X-Amz-Signature", "X-Amz-Security-Token", "User-Agent"} <= set(query)
    assert expires > 1_700_000_000


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("PLAINTEXT", set()),
        ("SSL", {"ssl.ca.location"}),
        ("SASL_SSL", {"ssl.ca.location", "sasl.mechanisms", "oauth_cb"}),
    ],
)
def test_the_client_has_what_its_protocol_needs(protocol, expected):
    environment = Environment(
        {
            "KAFKA_BROKERS": "broker:9098",
            "KAFKA_SECURITY_PROTOCOL": protocol,
            "SSL_CERT_FILE": "/authorities.pem",
        }
    )
    client = KafkaSettings.read(environment).client("name")

    optional = {"ssl.ca.location", "sasl.mechanisms", "oauth_cb"}
    assert optional & set(client) == expected
    assert client["security.protocol"] == protocol


def test_all_wrong_variables_are_named_at_once():
    environment = Environment({"A": "x", "B": "-1", "C": "maybe"})
    environment.integer("A")
    environment.integer("B")
    environment.flag("C")
    environment.text("D")

    with pytest.raises(SettingsError) as caught:
        environment.check()

    assert all(f"{name} is" in str(caught.value) for name in "ABCD")
