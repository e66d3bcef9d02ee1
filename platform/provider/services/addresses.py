"""Elastic addresses, NAT gateways and flow logs."""

from dataclasses import replace
from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned
from platformctl.provider.services.ec2tags import tagged
from platformctl.provider.spec import Ask, Fidelity, Find, ResourceSpec, Send, Waiter
from platformctl.provider.tags import on_create

ARN = "arn:aws:ec2:{region}:{account}:"


def _read_nat(context: Context) -> Any:
    """Describe a NAT gateway; its addresses are those of its elastic IP, which say them right."""
    nat = context.find(Ask("describe_nat_gateways", {"NatGatewayIds": ["{id}"]}, "NatGateways[0]"))
    allocation = context.inputs.get("allocationId")
    if nat is None or not allocation:
        return nat
    eip = context.find(
        Ask("describe_addresses", {"AllocationIds": ["{allocationId}"]}, "Addresses[0]")
    )
    return {**nat, "AllocationId": allocation, "PublicIp": (eip or {}).get("PublicIp")}


CREATE_FLOW_LOGS = Send("create_flow_logs")
FLOW_SOURCES = {
    "vpcId": "VPC",
    "subnetId": "Subnet",
    "eniId": "NetworkInterface",
    "transitGatewayId": "TransitGateway",
}
"""Input that names what is watched → what the API calls it."""


def _create_flow_log(context: Context) -> Any:
    """Create a flow log of whichever resource is given."""
    source = next(name for name in FLOW_SOURCES if context.inputs.get(name))
    what = {"ResourceIds": [context.inputs[source]], "ResourceType": FLOW_SOURCES[source]}
    return context.send(CREATE_FLOW_LOGS, **what, **on_create(context))


SPECS = (
    ResourceSpec(
        type="aws:ec2/eip:Eip",
        service="ec2",
        identity=assigned("AllocationId"),
        fidelity=Fidelity.API,
        create=Send("allocate_address"),
        answer="@",
        read=Ask("describe_addresses", {"AllocationIds": ["{id}"]}, "Addresses[0]"),
        delete=Ask("release_address", {"AllocationId": "{id}"}),
        outputs={
            "arn": ARN + "elastic-ip/{id}",
            "allocationId": "{id}",
            "publicDns": "ec2-{publicIp}.compute-1.amazonaws.com",
        },
        defaults={"domain": "vpc"},
        no_local_effect=("instance", "networkInterface", "associateWithPrivateIp"),
        tags=tagged("elastic-ip"),
        find=Find(Ask("describe_addresses", {}, "Addresses"), ("tags",)),
        note="an address of the documentation's kind; nothing answers there",
    ),
    ResourceSpec(
        type="aws:ec2/natGateway:NatGateway",
        service="ec2",
        identity=assigned("NatGateway.NatGatewayId"),
        fidelity=Fidelity.API,
        create=Send("create_nat_gateway"),
        read=_read_nat,
        gone="State=='deleted' || State=='deleting'",
        delete=Ask("delete_nat_gateway", {"NatGatewayId": "{id}"}),
        names={"privateIp": "PrivateIpAddress"},
        reads={"privateIp": "NatGatewayAddresses[0].PrivateIp", "publicIp": "PublicIp"},
        defaults={"connectivityType": "public"},
        no_local_effect=(
            "availabilityMode",
            "availabilityZoneAddresses.*",
            "secondaryAllocationIds",
            "secondaryPrivateIpAddressCount",
            "secondaryPrivateIpAddresses",
            "vpcId",
        ),
        tags=tagged("natgateway"),
        created=Waiter("State", ("available",), ("failed",)),
        deleted=True,
        find=Find(
            Ask(
                "describe_nat_gateways",
                {"Filter": [{"Name": "subnet-id", "Values": ["{subnetId}"]}]},
                "NatGateways",
            ),
            ("subnetId",),
        ),
        note="traffic leaves the machine as the machine lets it",
    ),
    ResourceSpec(
        type="aws:ec2/flowLog:FlowLog",
        service="ec2",
        identity=assigned("FlowLogIds[0]"),
        fidelity=Fidelity.API,
        create=_create_flow_log,
        sends=(CREATE_FLOW_LOGS,),
        handled=tuple(FLOW_SOURCES),
        replace=tuple(FLOW_SOURCES),
        read=Ask("describe_flow_logs", {"FlowLogIds": ["{id}"]}, "FlowLogs[0]"),
        delete=Ask("delete_flow_logs", {"FlowLogIds": ["{id}"]}),
        outputs={"arn": ARN + "vpc-flow-log/{id}"},
        no_local_effect=("regionalNatGatewayId", "transitGatewayAttachmentId"),
        names={"iamRoleArn": "DeliverLogsPermissionArn"},
        defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
        tags=replace(tagged("vpc-flow-log"), member=""),  # the emulator drops them on creation
        find=Find(
            Ask(
                "describe_flow_logs",
                {"Filter": [{"Name": "resource-id", "Values": ["{vpcId|subnetId|eniId}"]}]},
                "FlowLogs",
            ),
            ("logDestination",),
        ),
        note="no record is written: there is no packet to see",
    ),
)
