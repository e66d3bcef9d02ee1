"""The providers from outside: offline previews, data sources, random values, the loopback guard."""

import json
import string

import pytest

from platformctl.aws.clients import local_clients
from platformctl.errors import RegionError
from platformctl.plugin.provider import Call, ResourceOperationError
from platformctl.plugin.values import UNKNOWN, Secret
from platformctl.provider import offline_providers
from platformctl.provider.random import IDENTIFIER, PASSWORD, RandomProvider

AWS = offline_providers()("aws", {"region": "us-west-2", "defaultTags": '{"tags": {"A": "b"}}'})


def call(token: str, *, preview: bool = False) -> Call:
    return Call(urn="", type=token, name="thing", preview=preview)


@pytest.mark.parametrize(
    "endpoint",
    ["https://sqs.us-east-1.amazonaws.com", "http://10.0.0.1:4566", "", "http://example"],
)
def test_an_endpoint_that_is_not_loopback_is_refused(endpoint):
    with pytest.raises(RegionError, match="refused") as caught:
        local_clients(endpoint)

    assert "real AWS" in caught.value.why


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:4566", "http://localhost:1", "http://[::1]:4566"]
)
def test_a_loopback_endpoint_is_taken(endpoint):
    assert callable(local_clients(endpoint))


def test_a_preview_foretells_what_follows_from_inputs():
    state = AWS.create(call("aws:sns/topic:Topic", preview=True), {"name": "alerts"})

    assert state.outputs["arn"] == "arn:aws:sns:us-west-2:000000000000:alerts"
    assert state.outputs["tagsAll"] == {"A": "b"}
    assert state.outputs["region"] == "us-west-2"
    assert AWS.create(call("aws:ec2/vpc:Vpc", preview=True), {}).outputs["arn"] is UNKNOWN


def test_nothing_is_changed_offline():
    with pytest.raises(ResourceOperationError, match="can only be previewed"):
        AWS.create(call("aws:sns/topic:Topic"), {"name": "alerts"})


def test_data_sources_are_answered_without_a_region():
    def ask(token, arguments):
        return AWS.invoke(token, arguments, preview=True)

    assert ask("aws:index/getRegion:getRegion", {})["name"] == "us-west-2"
    assert ask("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "000000000000"
    assert ask("aws:index/getPartition:getPartition", {})["partition"] == "aws"
    zones = ask("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"})
    assert zones["names"] == ["us-west-2a", "us-west-2b", "us-west-2c"]


def test_a_policy_document_is_written_as_the_official_provider_does():
    statement = {
        "actions": ["s3:GetObject"],
        "resources": ["arn:aws:s3:::b/*"],
        "principals": [{"type": "Service", "identifiers": ["cloudfront.amazonaws.com"]}],
        "conditions": [{"test": "StringEquals", "variable": "AWS:SourceArn", "values": ["arn"]}],
    }
    answer = AWS.invoke(
        "aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [statement]}, preview=False
    )

    assert json.loads(answer["json"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::b/*",
                "Condition": {"StringEquals": {"AWS:SourceArn": "arn"}},
            }
        ],
    }


def test_an_unknown_data_source_is_an_error_with_the_nearest():
    with pytest.raises(ResourceOperationError, match="getRegion"):
        AWS.invoke("aws:index/getRegions:getRegions", {}, preview=False)


def test_a_package_without_a_provider_is_a_key_error():
    with pytest.raises(KeyError):
        offline_providers()("gcp", {})


def test_a_password_is_a_secret_of_the_kinds_asked_for():
    inputs = {"length": 24, "special": False, "minUpper": 20}
    state = RandomProvider().create(call(PASSWORD), inputs)
    result = state.outputs["result"]

    assert isinstance(result, Secret)
    assert len(result.value) == 24
    assert set(result.value) <= set(string.ascii_letters + string.digits)
    assert sum(letter.isupper() for letter in result.value) >= 20


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"length": 0}, "at least 1"),
        ({"length": 4, "minLower": 3, "minNumeric": 2}, "below minLower"),
        (
            {"length": 4, "lower": False, "upper": False, "numeric": False, "special": False},
            "must be true",
        ),
    ],
)
def test_a_password_that_cannot_be_is_refused(inputs, words):
    (failure,) = RandomProvider().check(call(PASSWORD), {}, inputs, b"seed").failures

    assert words in failure.reason


def test_a_password_stays_until_an_input_changes():
    random = RandomProvider()
    kept = random.diff(call(PASSWORD), "none", {"length": 8}, {}, {"length": 8}, ())
    changed = random.diff(call(PASSWORD), "none", {"length": 8}, {}, {"length": 9}, ())

    assert kept.changes == {}
    assert changed.replaces == ["length"]


def test_a_random_id_is_the_same_in_every_notation():
    outputs = RandomProvider().create(call(IDENTIFIER), {"byteLength": 4, "prefix": "p-"}).outputs

    assert int(outputs["hex"].removeprefix("p-"), 16) == int(outputs["dec"].removeprefix("p-"))


def test_a_password_shorter_than_its_minimum_counts_is_refused():
    with pytest.raises(ResourceOperationError, match="minimum"):
        RandomProvider().create(call(PASSWORD), {"length": 2, "minLower": 2, "minUpper": 2})
