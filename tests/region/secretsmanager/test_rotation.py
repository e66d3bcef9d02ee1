"""RotateSecret calls the function for each step, tells what it did, and can be cancelled."""

from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError
from support.databases import eventually
from support.rotation import described, make_function, make_secret, rotate, value_of

from platformctl.region.supervisor.store import RecordStore

RULES = {"AutomaticallyAfterDays": 7}
COUNTING = """
import boto3, json

def handle(event, context):
    client = boto3.client("secretsmanager")
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    assert "AWSPENDING" in stages[token], stages
    if step == "createSecret":
        value = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])
        value = json.dumps({"count": value["count"] + 1})
        client.put_secret_value(SecretId=secret, ClientRequestToken=token, SecretString=value,
                                VersionStages=["AWSPENDING"])
    if step == "finishSecret":
        current = next(v for v, s in stages.items() if "AWSCURRENT" in s)
        client.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT",
                                           MoveToVersionId=token, RemoveFromVersionId=current)
"""
FAILING = """
def handle(event, context):
    raise RuntimeError("the store is not there")
"""


def test_the_new_version_is_pending_until_the_last_step(region):
    secret = make_secret(region, {"count": 1})

    version = rotate(
        region, secret, RotationLambdaARN=make_function(region, COUNTING), RotationRules=RULES
    )

    assert value_of(region, secret) == {"count": 2}
    assert value_of(region, secret, "AWSPREVIOUS") == {"count": 1}
    assert "AWSCURRENT" in described(region, secret)["VersionIdsToStages"][version]


def test_a_rotation_that_fails_leaves_the_value_as_it_was(region):
    secret = make_secret(region, {"count": 1})
    client = region.client("secretsmanager")

    client.rotate_secret(
        SecretId=secret, RotationLambdaARN=make_function(region, FAILING), RotationRules=RULES
    )

    eventually(lambda: len(described(region, secret)["VersionIdsToStages"]) == 1)
    assert value_of(region, secret) == {"count": 1}
    assert "LastRotatedDate" not in described(region, secret)


def test_rotation_can_be_set_up_without_rotating(region):
    secret = make_secret(region, {"count": 1})
    function = make_function(region, COUNTING)

    answer = region.client("secretsmanager").rotate_secret(
        SecretId=secret,
        RotationLambdaARN=function,
        RotationRules=RULES,
        RotateImmediately=False,
    )

    assert "VersionId" not in answer
    shown = described(region, secret)
    assert shown["RotationLambdaARN"] == function
    assert shown["RotationEnabled"]
    assert len(shown["VersionIdsToStages"]) == 1


def test_a_cancelled_rotation_is_off(region):
    secret = make_secret(region, {"count": 1})
    client = region.client("secretsmanager")
    client.rotate_secret(
        SecretId=secret,
        RotationLambdaARN=make_function(region, COUNTING),
        RotationRules=RULES,
        RotateImmediately=False,
    )

    client.cancel_rotate_secret(SecretId=secret)

    shown = described(region, secret)
    assert not shown["RotationEnabled"]
    assert "NextRotationDate" not in shown


def test_the_schedule_survives_a_restart_of_the_region(region):
    secret = make_secret(region, {"count": 1})
    function = make_function(region, COUNTING)
    rotate(
        region,
        secret,
        RotationLambdaARN=function,
        RotationRules={"ScheduleExpression": "rate(4 hours)"},
    )
    shown = described(region, secret)

    assert (shown["NextRotationDate"] - shown["LastRotatedDate"]).total_seconds() == 4 * 3600
    region.stop()
    region.start()
    assert described(region, secret)["NextRotationDate"] == shown["NextRotationDate"]


def test_what_is_due_is_rotated(region):
    secret = make_secret(region, {"count": 1})
    region.client("secretsmanager").rotate_secret(
        SecretId=secret,
        RotationLambdaARN=make_function(region, COUNTING),
        RotationRules=RULES,
        RotateImmediately=False,
    )
    region.stop()
    with kept(region) as rotations:
        rotations[secret] = {**rotations[secret], "Since": rotations[secret]["Since"] - 8 * 86400}
    region.start()

    eventually(lambda: value_of(region, secret) == {"count": 2}, seconds=60.0)


def test_a_rotation_that_was_cut_off_is_taken_up_with_the_same_version(region):
    secret = make_secret(region, {"count": 1})
    client = region.client("secretsmanager")
    client.rotate_secret(
        SecretId=secret,
        RotationLambdaARN=make_function(region, COUNTING),
        RotationRules=RULES,
        RotateImmediately=False,
    )
    version = "11111111-2222-3333-4444-555555555555"
    region.stop()
    with kept(region) as rotations:
        rotations[secret] = {**rotations[secret], "Pending": version}
    region.start()

    eventually(lambda: value_of(region, secret) == {"count": 2}, seconds=60.0)
    assert client.get_secret_value(SecretId=secret)["VersionId"] == version


@contextmanager
def kept(region):
    """Yield the rotations that a stopped region has on record."""
    store = RecordStore(region.root / "records.sqlite")
    yield store.table("secretsmanager", "us-east-1", "rotations")
    store.close()


def test_a_function_that_secrets_manager_may_not_invoke_is_refused(region):
    secret = make_secret(region, {"count": 1})
    function = make_function(region, COUNTING, principal="events.amazonaws.com")

    with pytest.raises(ClientError, match="Secrets Manager cannot invoke"):
        region.client("secretsmanager").rotate_secret(
            SecretId=secret, RotationLambdaARN=function, RotationRules=RULES
        )


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({"AutomaticallyAfterDays": 1001}, "must be 1 to 1000|valid max value"),
        ({"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(1 day)"}, "both"),
        ({"ScheduleExpression": "cron(0 8 1 * ? *)"}, "is not in the local region"),
    ],
)
def test_rules_that_cannot_be_are_refused(rules, sentence, region):
    with pytest.raises(ClientError, match=sentence):
        region.client("secretsmanager").rotate_secret(
            SecretId=make_secret(region, {}),
            RotationLambdaARN=make_function(region, COUNTING),
            RotationRules=rules,
        )


def test_a_secret_without_a_function_cannot_be_rotated(region):
    with pytest.raises(ClientError, match="No Lambda rotation function"):
        region.client("secretsmanager").rotate_secret(SecretId=make_secret(region, {}))


def test_a_new_secret_has_its_replicas_at_once(region):
    client, west = (region.client("secretsmanager", name) for name in ("us-east-1", "us-west-2"))

    made = client.create_secret(
        Name="replicated", SecretString="one", AddReplicaRegions=[{"Region": "us-west-2"}]
    )
    assert [each["Region"] for each in made["ReplicationStatus"]] == ["us-west-2"]
    assert west.get_secret_value(SecretId="replicated")["SecretString"] == "one"

    client.put_secret_value(SecretId="replicated", SecretString="two")
    assert west.get_secret_value(SecretId="replicated")["SecretString"] == "two"


def test_a_name_is_given_once(region):
    client = region.client("secretsmanager")
    client.create_secret(Name="once", SecretString="x")

    with pytest.raises(client.exceptions.ResourceExistsException):
        client.create_secret(Name="once", SecretString="x")


def test_a_secret_that_does_not_exist_is_not_found(region):
    client = region.client("secretsmanager")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.rotate_secret(SecretId="none", RotationRules=RULES)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId="none")
