"""What the provider does when something goes wrong in the middle."""

import threading

import pytest
from support.provider_cases import World
from support.provider_lives import CASES

from platformctl.plugin.provider import Call, ResourceOperationError
from platformctl.provider import registry

FINDABLE = {
    "aws:ec2/eip:Eip",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ecs/service:Service",
    "aws:kms/key:Key",
    "aws:lb/listener:Listener",
    "aws:lb/listenerRule:ListenerRule",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:sqs/queue:Queue",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}


@pytest.mark.parametrize("case", [c for c in CASES if c.type in FINDABLE], ids=lambda c: c.type)
def test_what_a_killed_create_left_behind_is_found_by_its_inputs(case, world: World):
    call = Call(urn="", type=case.type, name=world.name("it"))
    inputs = case.inputs(world)
    find = registry.spec(case.type).find
    if find is not None and "tags" in find.match:
        inputs["tags"] = {"Name": world.name("it")}
    checked = world.provider.check(call, {}, inputs, b"seed").inputs

    assert world.provider.find(call, checked) is None
    state = world.provider.create(call, checked)
    try:
        found = world.provider.find(call, checked)
        assert found is not None
        assert found.id == state.id
        assert found.inputs == state.inputs
    finally:
        world.provider.delete(call, state.id, state.inputs, state.outputs)


def test_a_subnet_outside_its_vpc_or_over_another_is_refused(world: World):
    world.make("subnet-a")
    for cidr, code in (("10.9.0.0/24", "Range"), ("10.0.1.128/25", "Conflict")):
        inputs = {"vpcId": world.id("vpc"), "cidrBlock": cidr}
        with pytest.raises(ResourceOperationError, match=code):
            world.create("aws:ec2/subnet:Subnet", "wrong", inputs)


def test_what_was_created_is_told_when_a_later_call_fails(world: World):
    subnets = [world.id("subnet-a"), world.id("subnet-b")]
    inputs = {"name": world.name("half"), "subnets": subnets, "enableCrossZoneLoadBalancing": False}
    with pytest.raises(ResourceOperationError, match="ModifyLoadBalancerAttributes") as caught:
        world.create("aws:lb/loadBalancer:LoadBalancer", "half", inputs)

    partial = caught.value.partial
    assert partial is not None
    assert world.client("elbv2").describe_load_balancers(LoadBalancerArns=[partial.id])
    call = Call(urn="", type="aws:lb/loadBalancer:LoadBalancer", name="half")
    world.provider.delete(call, partial.id, partial.inputs, partial.outputs)


def test_a_deletion_waits_until_nothing_stands_in_its_way(world: World):
    vpc, subnet = world.make("vpc"), world.make("subnet-a")
    token, _ = world.made.pop("vpc")
    world.made.pop("subnet-a")
    call = Call(urn="", type=token, name="vpc")
    failures: list[Exception] = []

    def delete() -> None:
        try:
            world.provider.delete(call, vpc.id, vpc.inputs, vpc.outputs)
        except ResourceOperationError as error:
            failures.append(error)

    deletion = threading.Thread(target=delete)
    deletion.start()
    world.client("ec2").delete_subnet(SubnetId=subnet.id)
    deletion.join(timeout=30)

    assert failures == []
    assert not deletion.is_alive()


def test_a_resource_that_is_gone_reads_as_gone_and_cannot_be_updated(world: World):
    state = world.create("aws:sqs/queue:Queue", "lost", {})
    world.client("sqs").delete_queue(QueueUrl=state.id)
    call = Call(urn="", type="aws:sqs/queue:Queue", name="lost")

    assert world.provider.read(call, state.id, state.inputs, state.outputs).id == ""


def test_a_resource_can_be_imported_by_its_id(world: World):
    made = world.create("aws:cloudwatch/logGroup:LogGroup", "kept", {"retentionInDays": 7})
    call = Call(urn="", type="aws:cloudwatch/logGroup:LogGroup", name="kept")

    imported = world.provider.read(call, made.id, {}, {})

    assert imported.inputs["name"] == made.inputs["name"]
    assert imported.inputs["retentionInDays"] == 7
    world.provider.delete(call, made.id, made.inputs, made.outputs)


def test_a_resource_lives_in_the_region_that_it_names(world: World, region):
    inputs = {"name": world.name("west"), "region": "us-west-2"}
    state = world.create("aws:sqs/queue:Queue", "west", inputs)
    names = region.client("sqs", "us-west-2").list_queues(QueueNamePrefix=world.prefix)

    assert state.outputs["region"] == "us-west-2"
    assert state.id in names["QueueUrls"]
    call = Call(urn="", type="aws:sqs/queue:Queue", name="west")
    world.provider.delete(call, state.id, state.inputs, state.outputs)


def test_a_protected_load_balancer_is_not_deleted_and_says_so_at_once(world: World):
    subnets = [world.id("subnet-a"), world.id("subnet-b")]
    inputs = {"name": world.name("kept"), "subnets": subnets, "enableDeletionProtection": True}
    token = "aws:lb/loadBalancer:LoadBalancer"
    state = world.create(token, "kept", inputs)
    call = Call(urn="", type=token, name="kept", timeout=5)

    with pytest.raises(ResourceOperationError, match="OperationNotPermitted"):
        world.provider.delete(call, state.id, state.inputs, state.outputs)

    off = {**state.inputs, "enableDeletionProtection": False}
    world.provider.update(call, state.id, state.inputs, state.outputs, off, ())
    world.provider.delete(call, state.id, off, state.outputs)


def test_weights_that_an_operation_has_set_survive_a_change_of_what_the_rule_matches(world: World):
    token = "aws:lb/listenerRule:ListenerRule"
    groups = [
        world.create(
            "aws:lb/targetGroup:TargetGroup",
            key,
            {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": world.id("vpc")},
        )
        for key in ("blue", "green")
    ]
    weights = [
        {"arn": each.id, "weight": share} for each, share in zip(groups, (100, 0), strict=True)
    ]
    inputs = {
        "listenerArn": world.id("listener"),
        "priority": 40,
        "conditions": [{"pathPattern": {"values": ["/one"]}}],
        "actions": [{"type": "forward", "forward": {"targetGroups": weights}}],
    }
    rule = world.create(token, "moved", inputs)
    elb = world.client("elbv2")

    def shares() -> list[int]:
        [found] = elb.describe_rules(RuleArns=[rule.id])["Rules"]
        return [each["Weight"] for each in found["Actions"][0]["ForwardConfig"]["TargetGroups"]]

    moved = [
        {"TargetGroupArn": each.id, "Weight": share}
        for each, share in zip(groups, (0, 100), strict=True)
    ]
    config = {"TargetGroups": moved, "TargetGroupStickinessConfig": {"Enabled": False}}
    elb.modify_rule(RuleArn=rule.id, Actions=[{"Type": "forward", "ForwardConfig": config}])

    call = Call(urn="", type=token, name=world.name("moved"))
    changed = {**rule.inputs, "conditions": [{"pathPattern": {"values": ["/two"]}}]}
    world.provider.update(call, rule.id, rule.inputs, rule.outputs, changed, ("actions",))
    assert shares() == [0, 100]

    read = world.provider.read(call, rule.id, rule.inputs, rule.outputs)
    assert read is not None
    assert world.provider.check(call, rule.inputs, dict(read.inputs), b"seed").failures == []
    for state, kind in (
        (rule, token),
        *((each, "aws:lb/targetGroup:TargetGroup") for each in groups),
    ):
        world.provider.delete(
            Call(urn="", type=kind, name="gone"), state.id, state.inputs, state.outputs
        )
