"""What a change of inputs means."""

from platformctl.plugin.provider import Call, DiffKind
from platformctl.plugin.values import UNKNOWN
from platformctl.provider.aws import AwsProvider

OFFLINE = AwsProvider(None, {"region": "us-east-1"})


def diff(token, old, new, ignore=(), outputs=None):
    call = Call(urn="", type=token, name="thing")
    return OFFLINE.diff(call, "id", old, outputs or {}, new, ignore)


def test_equal_inputs_mean_nothing_to_do():
    assert diff("aws:ec2/vpc:Vpc", {"cidrBlock": "a"}, {"cidrBlock": "a"}).changes == {}


def test_an_input_that_no_call_updates_replaces():
    result = diff("aws:ec2/vpc:Vpc", {"cidrBlock": "a"}, {"cidrBlock": "b"})

    assert result.changes == {"cidrBlock": DiffKind.UPDATE_REPLACE}
    assert result.replaces == ["cidrBlock"]
    assert not result.delete_before_replace


def test_an_input_that_a_call_updates_does_not():
    result = diff("aws:ecs/service:Service", {"desiredCount": 2}, {"desiredCount": 3})

    assert result.changes == {"desiredCount": DiffKind.UPDATE}
    assert result.replaces == []


def test_tags_are_told_one_by_one():
    old, new = {"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "c": "3"}}

    assert diff("aws:ec2/vpc:Vpc", old, new).changes == {
        "tags.b": DiffKind.DELETE,
        "tags.c": DiffKind.ADD,
    }


def test_a_value_that_is_not_known_yet_is_a_change():
    result = diff("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1"}, {"vpcId": UNKNOWN})

    assert result.replaces == ["vpcId"]


def test_a_fixed_name_is_freed_before_it_is_taken_again():
    old = {"name": "fixed", "engineFamily": "POSTGRESQL"}

    assert diff("aws:rds/proxy:Proxy", old, {**old, "engineFamily": "MYSQL"}).delete_before_replace


def test_an_automatic_name_lets_old_and_new_exist_side_by_side():
    old = {"name": "thing-0a1b2c3", "port": 80}

    assert not diff(
        "aws:lb/targetGroup:TargetGroup", old, {**old, "port": 81}
    ).delete_before_replace


def test_ignored_changes_do_not_count():
    old = {"desiredCount": 2, "tags": {"a": "1"}}
    new = {"desiredCount": 9, "tags": {"a": "2", "b": "3"}}

    changes = diff("aws:ecs/service:Service", old, new, ["desiredCount", "tags.a"]).changes

    assert changes == {"tags.b": DiffKind.ADD}


def test_changed_default_tags_of_the_provider_are_a_change():
    provider = AwsProvider(None, {"defaultTags": {"tags": {"Environment": "local"}}})
    call = Call(urn="", type="aws:ec2/vpc:Vpc", name="thing")

    result = provider.diff(call, "id", {}, {"tagsAll": {"Environment": "old"}}, {}, ())

    assert result.changes == {"tagsAll": DiffKind.UPDATE}
