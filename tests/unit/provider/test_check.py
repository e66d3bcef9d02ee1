"""Checking inputs: names, types, required ones, defaults, automatic names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.plugin.values import UNKNOWN
from platformctl.provider import registry
from platformctl.provider.check import automatic, check
from platformctl.provider.spec import Name

VPC = "aws:ec2/vpc:Vpc"
NETWORK = {"cidrBlock": "10.0.0.0/16"}
QUEUE = "aws:sqs/queue:Queue"
GROUP = "aws:lb/targetGroup:TargetGroup"


def checked(token: str, new: dict, old: dict | None = None, seed: bytes = b"seed"):
    return check(registry.spec(token), "thing", old or {}, new, seed)


def test_an_unknown_input_is_named_with_the_nearest_known_one():
    (failure,) = checked(VPC, {**NETWORK, "enableDnsSuport": True}).failures

    assert failure.property == "enableDnsSuport"
    assert "did you mean enableDnsSupport?" in failure.reason


def test_an_unknown_nested_input_is_named_by_its_path():
    (failure,) = checked(GROUP, {"healthCheck": {"pth": "/"}, "targetType": "lambda"}).failures

    assert failure.property == "healthCheck.pth"
    assert "did you mean path?" in failure.reason


def test_a_missing_required_input_is_named():
    (failure,) = checked("aws:ec2/subnet:Subnet", {}).failures

    assert failure.property == "vpcId"


@pytest.mark.parametrize(
    ("token", "inputs", "path"),
    [
        (QUEUE, {"delaySeconds": "soon"}, "delaySeconds"),
        (QUEUE, {"delaySeconds": True}, "delaySeconds"),
        (QUEUE, {"tags": ["a"]}, "tags"),
        (GROUP, {"healthCheck": "/health", "targetType": "lambda"}, "healthCheck"),
        (VPC, {**NETWORK, "enableDnsSupport": 3}, "enableDnsSupport"),
        ("aws:rds/subnetGroup:SubnetGroup", {"subnetIds": "subnet-1"}, "subnetIds"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(token, inputs, path):
    assert [failure.property for failure in checked(token, inputs).failures] == [path]


def test_all_mistakes_are_told_at_once():
    failures = checked("aws:ec2/subnet:Subnet", {"cidr": "x", "mapPublicIpOnLaunch": 3}).failures

    assert {failure.property for failure in failures} == {"cidr", "mapPublicIpOnLaunch", "vpcId"}


def test_numbers_written_as_text_are_taken_as_numbers():
    assert checked(QUEUE, {"delaySeconds": "5"}).inputs["delaySeconds"] == 5


def test_unknown_values_pass():
    result = checked(VPC, {"cidrBlock": UNKNOWN, "tags": UNKNOWN})

    assert result.failures == []
    assert result.inputs["cidrBlock"] is UNKNOWN


def test_defaults_fill_what_is_not_said():
    assert checked(QUEUE, {}).inputs["visibilityTimeoutSeconds"] == 30
    assert checked(QUEUE, {"visibilityTimeoutSeconds": 5}).inputs["visibilityTimeoutSeconds"] == 5


def test_an_automatic_name_is_kept_as_long_as_the_resource_lives():
    first = checked(QUEUE, {}).inputs
    again = checked(QUEUE, {}, old=first, seed=b"other").inputs

    assert first["name"].startswith("thing-")
    assert again["name"] == first["name"]
    assert checked(QUEUE, {}, seed=b"other").inputs["name"] != first["name"]


def test_a_name_made_from_a_prefix_is_not_one_given_beside_it():
    made = checked(GROUP, {"namePrefix": "web-", "targetType": "lambda"})
    again = checked(GROUP, {"namePrefix": "web-", "targetType": "lambda"}, old=made.inputs)
    both = checked(GROUP, {"namePrefix": "web-", "name": "web", "targetType": "lambda"})

    assert made.failures == again.failures == []
    assert again.inputs["name"] == made.inputs["name"]
    assert [failure.property for failure in both.failures] == ["namePrefix"]


def test_a_name_that_is_given_stays():
    assert checked(QUEUE, {"name": "mine"}).inputs["name"] == "mine"


@given(st.text(min_size=1, max_size=300), st.binary(max_size=40))
def test_an_automatic_name_fits_the_service(logical, seed):
    name = automatic(Name("name", 32), logical, None, seed)

    assert len(name) <= 32
    assert name == automatic(Name("name", 32), logical, None, seed)


def test_a_type_that_is_not_in_the_table_is_an_error_with_the_nearest():
    from platformctl.errors import ResourceError

    with pytest.raises(ResourceError, match="aws:ec2/vpc:Vpc"):
        registry.spec("aws:ec2/vpc:Vcp")
