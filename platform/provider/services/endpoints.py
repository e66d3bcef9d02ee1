"""VPC endpoints: the private ways to AWS services."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned
from platformctl.provider.services.ec2tags import tagged
from platformctl.provider.spec import Ask, Fidelity, Find, ResourceSpec, Send, Update, Waiter

LISTS = {
    "routeTableIds": "RouteTableIds",
    "subnetIds": "SubnetIds",
    "securityGroupIds": "SecurityGroupIds",
}


def _modify(context: Context) -> None:
    """Change an endpoint: lists are changed by what to add and what to remove."""
    parameters: dict[str, Any] = {}
    for key, member in LISTS.items():
        before, after = set(context.old.get(key) or ()), set(context.inputs.get(key) or ())
        if after - before:
            parameters[f"Add{member}"] = sorted(after - before)
        if before - after:
            parameters[f"Remove{member}"] = sorted(before - after)
    for key, member in (("policy", "PolicyDocument"), ("privateDnsEnabled", "PrivateDnsEnabled")):
        if context.old.get(key) != context.inputs.get(key) and context.inputs.get(key) is not None:
            parameters[member] = context.inputs[key]
    context.call("modify_vpc_endpoint", VpcEndpointId=context.id, **parameters)


SPECS = (
    ResourceSpec(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        service="ec2",
        identity=assigned("VpcEndpoint.VpcEndpointId"),
        fidelity=Fidelity.API,
        create=Send("create_vpc_endpoint"),
        read=Ask("describe_vpc_endpoints", {"VpcEndpointIds": ["{id}"]}, "VpcEndpoints[0]"),
        gone="State=='deleted'",
        updates=(Update(_modify, (*LISTS, "policy", "privateDnsEnabled")),),
        delete=Ask("delete_vpc_endpoints", {"VpcEndpointIds": ["{id}"]}),
        names={"policy": "PolicyDocument"},
        reads={"securityGroupIds": "Groups[].GroupId"},
        unread=("policy", "securityGroupIds"),
        outputs={
            "arn": "arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}",
            "ownerId": "{account}",
        },
        defaults={"vpcEndpointType": "Gateway"},
        no_local_effect=("autoAccept",),
        tags=tagged("vpc-endpoint"),
        created=Waiter("State", ("available",), ("failed", "rejected")),
        find=Find(
            Ask(
                "describe_vpc_endpoints",
                {"Filters": [{"Name": "vpc-id", "Values": ["{vpcId}"]}]},
                "VpcEndpoints",
            ),
            ("serviceName",),
        ),
        note="recorded; every service is reached at the region's one endpoint",
    ),
)
