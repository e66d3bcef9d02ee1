"""The API's records: shapes, limits and errors as AWS has them."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
PATH = {"Field": "path-pattern", "Values": ["/a"]}


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return caught.value.response["Error"]["Code"]


def test_a_load_balancer_is_created_once_described_and_deleted_for_the_waiter(account: Any) -> None:
    made = account.load_balancer(Tags=[{"Key": "a", "Value": "1"}])
    again = account.elb.create_load_balancer(
        Name=made["LoadBalancerName"],
        Subnets=account.network["subnets"],
        Tags=[{"Key": "a", "Value": "1"}],
    )["LoadBalancers"][0]
    assert again["LoadBalancerArn"] == made["LoadBalancerArn"]
    assert {zone["ZoneName"] for zone in made["AvailabilityZones"]} == {"us-east-1a", "us-east-1b"}
    with pytest.raises(ClientError) as caught:
        account.elb.create_load_balancer(
            Name=made["LoadBalancerName"], Subnets=account.network["subnets"], Scheme="internal"
        )
    assert code(caught) == "DuplicateLoadBalancerName"
    arn = made["LoadBalancerArn"]
    protect = {"Key": "deletion_protection.enabled", "Value": "true"}
    account.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protect])
    with pytest.raises(ClientError) as caught:
        account.elb.delete_load_balancer(LoadBalancerArn=arn)
    assert code(caught) == "OperationNotPermitted"
    account.elb.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{**protect, "Value": "false"}]
    )
    account.elb.delete_load_balancer(LoadBalancerArn=arn)
    account.elb.delete_load_balancer(LoadBalancerArn=arn)
    account.elb.get_waiter("load_balancers_deleted").wait(
        LoadBalancerArns=[arn], WaiterConfig={"Delay": 1, "MaxAttempts": 5}
    )


def test_what_cannot_be_is_refused_with_awss_error_codes(account: Any) -> None:
    balancer = account.load_balancer()
    elb, arn = account.elb, balancer["LoadBalancerArn"]
    group = account.group()
    forward = {"Type": "forward", "TargetGroupArn": group}
    port = 20000 + uuid.uuid4().int % 10000
    listener = account.listener(balancer, port, forward)
    elb.create_rule(ListenerArn=listener, Priority=5, Conditions=[PATH], Actions=[FIXED])
    other = account.load_balancer()
    missing = arn.rpartition("/")[0] + "/ffffffffffffffff"
    group_missing = group.rpartition("/")[0] + "/ffffffffffffffff"
    default_rule = elb.describe_rules(ListenerArn=listener)["Rules"][-1]["RuleArn"]
    refusals = [
        ("DuplicateListener", lambda: account.listener(balancer, port, FIXED)),
        (
            "PriorityInUse",
            lambda: elb.create_rule(
                ListenerArn=listener, Priority=5, Conditions=[PATH], Actions=[FIXED]
            ),
        ),
        ("ResourceInUse", lambda: elb.delete_target_group(TargetGroupArn=group)),
        ("TargetGroupAssociationLimit", lambda: account.listener(other, port + 1, forward)),
        ("LoadBalancerNotFound", lambda: elb.describe_load_balancers(LoadBalancerArns=[missing])),
        ("LoadBalancerNotFound", lambda: elb.describe_load_balancers(Names=["no-such"])),
        ("TargetGroupNotFound", lambda: elb.describe_target_health(TargetGroupArn=group_missing)),
        ("OperationNotPermitted", lambda: elb.delete_rule(RuleArn=default_rule)),
        ("SSLPolicyNotFound", lambda: elb.describe_ssl_policies(Names=["no-such"])),
        (
            "CertificateNotFound",
            lambda: account.listener(
                balancer,
                port + 2,
                FIXED,
                Protocol="HTTPS",
                Certificates=[
                    {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/none"}
                ],
            ),
        ),
        (
            "UnsupportedProtocol",
            lambda: account.listener(balancer, port + 2, FIXED, Protocol="TCP"),
        ),
        (
            "ValidationError",
            lambda: account.group(HealthCheckTimeoutSeconds=10, HealthCheckIntervalSeconds=5),
        ),
        ("SubnetNotFound", lambda: account.load_balancer(Subnets=["subnet-0", "subnet-1"])),
        ("ValidationError", lambda: account.load_balancer(Name="-bad-")),
        (
            "ValidationError",
            lambda: elb.modify_target_group_attributes(
                TargetGroupArn=group,
                Attributes=[{"Key": "slow_start.duration_seconds", "Value": "7"}],
            ),
        ),
        (
            "InvalidTarget",
            lambda: elb.register_targets(
                TargetGroupArn=account.group(TargetType="instance"), Targets=[{"Id": "i-1"}]
            ),
        ),
    ]
    for expected, refused in refusals:
        with pytest.raises(ClientError) as caught:
            refused()
        assert code(caught) == expected


def test_pages_tags_and_attributes_are_what_boto3_expects(account: Any) -> None:
    elb = account.elb
    groups = [account.group() for _ in range(5)]
    pages = elb.get_paginator("describe_target_groups").paginate(PaginationConfig={"PageSize": 2})
    found = [item["TargetGroupArn"] for page in pages for item in page["TargetGroups"]]
    assert set(groups) <= set(found)
    assert len(found) == len(set(found))
    elb.add_tags(ResourceArns=groups[:2], Tags=[{"Key": "k", "Value": "v"}])
    elb.remove_tags(ResourceArns=groups[:1], TagKeys=["k"])
    tags = elb.describe_tags(ResourceArns=groups[:2])["TagDescriptions"]
    assert [item["Tags"] for item in tags] == [[], [{"Key": "k", "Value": "v"}]]
    elb.modify_target_group_attributes(
        TargetGroupArn=groups[0],
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}],
    )
    attributes = elb.describe_target_group_attributes(TargetGroupArn=groups[0])["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "5"} in attributes


def test_a_group_without_a_load_balancer_says_that_it_is_not_in_use(
    account: Any, backend: Any
) -> None:
    group = account.group(backend("idle"))
    health = account.elb.describe_target_health(TargetGroupArn=group)
    assert health["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"] == "Target.NotInUse"
    described = account.elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]
    assert described["LoadBalancerArns"] == []


def test_rules_come_back_in_both_of_awss_shapes_with_the_default_one_last(account: Any) -> None:
    balancer = account.load_balancer()
    port = 20000 + uuid.uuid4().int % 10000
    listener = account.listener(balancer, port, FIXED)
    account.elb.create_rule(
        ListenerArn=listener,
        Priority=3,
        Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example"]}}],
        Actions=[FIXED],
    )
    rules = account.elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["Priority"] for rule in rules] == ["3", "default"]
    assert rules[0]["Conditions"] == [
        {
            "Field": "host-header",
            "Values": ["a.example"],
            "HostHeaderConfig": {"Values": ["a.example"]},
        }
    ]
    assert account.elb.describe_rules(RuleArns=[rules[1]["RuleArn"]])["Rules"][0]["IsDefault"]
