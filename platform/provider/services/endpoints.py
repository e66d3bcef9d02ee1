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


PREFIX_LISTS = {
    "com.amazonaws.{region}.s3": "pl-63a5400a",
    "com.amazonaws.{region}.dynamodb": "pl-02cd2c6b",
    "com.amazonaws.global.cloudfront.origin-facing": "pl-3b927c52",
}
"""AWS's own prefix lists; the ids are those of us-east-1."""


def prefix_lists(region: str) -> dict[str, str]:
    """Return the ids of AWS's own prefix lists by name."""
    return {name.format(region=region): found for name, found in PREFIX_LISTS.items()}


def _read(context: Context) -> Any:
    """Describe an endpoint, with the prefix list that a gateway's routes and rules name."""
    asked = {"VpcEndpointIds": ["{id}"]}
    found = context.find(Ask("describe_vpc_endpoints", asked, "VpcEndpoints[0]"))
    if found is None:
        return None
    return {**found, "PrefixListId": prefix_lists(context.region).get(found["ServiceName"])}


SPECS = (
    ResourceSpec(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        service="ec2",
        identity=assigned("VpcEndpoint.VpcEndpointId"),
        fidelity=Fidelity.API,
        create=Send("create_vpc_endpoint"),
        read=_read,
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
