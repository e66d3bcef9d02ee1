"""VPC, subnets, gateways and routes."""

from ipaddress import IPv4Network
from typing import Any

from platformctl.plugin.provider import ResourceOperationError
from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, template
from platformctl.provider.services.ec2tags import tagged
from platformctl.provider.spec import Ask, Fidelity, Find, ResourceSpec, Send, Update
from platformctl.provider.tags import on_create

ARN = "arn:aws:ec2:{region}:{account}:"
IN_VPC = [{"Name": "vpc-id", "Values": ["{vpcId}"]}]
CREATE_SUBNET = Send("create_subnet")
ROUTE_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "vpcEndpointId": "VpcEndpointId",
    "transitGatewayId": "TransitGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "localGatewayId": "LocalGatewayId",
    "carrierGatewayId": "CarrierGatewayId",
    "coreNetworkArn": "CoreNetworkArn",
    "odbNetworkArn": "OdbNetworkArn",
}
"""Where a route leads: input → member."""


def _read_vpc(context: Context) -> Any:
    """Describe a VPC with its DNS attributes and with what AWS makes along with it."""
    vpc = context.find(Ask("describe_vpcs", {"VpcIds": ["{id}"]}, "Vpcs[0]"))
    if vpc is None:
        return None
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        asked = attribute[0].lower() + attribute[1:]
        answer = context.call("describe_vpc_attribute", VpcId=context.id, Attribute=asked)
        vpc[attribute] = answer[attribute]["Value"]
    in_vpc = [{"Name": "vpc-id", "Values": [context.id]}]
    tables = context.call("describe_route_tables", Filters=in_vpc)["RouteTables"]
    main = [t for t in tables if any(a.get("Main") for a in t.get("Associations", []))]
    lists = context.call("describe_network_acls", Filters=in_vpc)["NetworkAcls"]
    groups = context.call("describe_security_groups", Filters=in_vpc)["SecurityGroups"]
    vpc["MainRouteTableId"] = next((t["RouteTableId"] for t in main), None)
    vpc["DefaultRouteTableId"] = vpc["MainRouteTableId"]
    vpc["DefaultNetworkAclId"] = next((a["NetworkAclId"] for a in lists if a["IsDefault"]), None)
    vpc["DefaultSecurityGroupId"] = next(
        (g["GroupId"] for g in groups if g["GroupName"] == "default"), None
    )
    return vpc


def _create_subnet(context: Context) -> Any:
    """Create a subnet; the emulator takes any CIDR, AWS only one that is free in the VPC."""
    wanted = context.inputs.get("cidrBlock")
    if wanted:
        vpc = context.ask(Ask("describe_vpcs", {"VpcIds": ["{vpcId}"]}, "Vpcs[0]"))
        if not IPv4Network(wanted).subnet_of(IPv4Network(vpc["CidrBlock"])):
            raise ResourceOperationError(
                f"CreateSubnet: InvalidSubnet.Range: {wanted} is not within {vpc['CidrBlock']}"
            )
        for other in context.ask(Ask("describe_subnets", {"Filters": IN_VPC}, "Subnets")):
            if IPv4Network(wanted).overlaps(IPv4Network(other["CidrBlock"])):
                raise ResourceOperationError(
                    f"CreateSubnet: InvalidSubnet.Conflict: {wanted} overlaps "
                    f"{other['CidrBlock']} of {other['SubnetId']}"
                )
    return context.send(CREATE_SUBNET, **on_create(context))


def _attach(context: Context) -> None:
    """Attach an internet gateway to its VPC, after detaching it from the one before."""
    before = context.old.get("vpcId")
    if before:
        context.call("detach_internet_gateway", InternetGatewayId=context.id, VpcId=before)
    if context.inputs.get("vpcId"):
        context.ask(
            Ask("attach_internet_gateway", {"InternetGatewayId": "{id}", "VpcId": "{vpcId}"})
        )


def _delete_gateway(context: Context) -> None:
    """Detach an internet gateway from its VPC and delete it."""
    attached = context.call("describe_internet_gateways", InternetGatewayIds=[context.id])
    for attachment in attached["InternetGateways"][0].get("Attachments", []):
        vpc = attachment["VpcId"]
        context.call("detach_internet_gateway", InternetGatewayId=context.id, VpcId=vpc)
    context.call("delete_internet_gateway", InternetGatewayId=context.id)


def _set_routes(context: Context) -> None:
    """Make the routes written in a route table what they should be."""
    for route in context.old.get("routes") or ():
        destination = _destination(route)
        context.call("delete_route", RouteTableId=context.id, **destination)
    for route in context.inputs.get("routes") or ():
        target = {member: route[key] for key, member in ROUTE_TARGETS.items() if route.get(key)}
        context.call("create_route", RouteTableId=context.id, **_destination(route), **target)


def _read_association(context: Context) -> Any:
    """Return the association of a route table that has the id."""
    named = [{"Name": "association.route-table-association-id", "Values": [context.id]}]
    tables = context.call("describe_route_tables", Filters=named)["RouteTables"]
    associations = (each for table in tables for each in table.get("Associations", ()))
    found = (a for a in associations if a["RouteTableAssociationId"] == context.id)
    return next(found, None)


def _destination(route: dict[str, Any]) -> dict[str, str]:
    members = {
        "cidrBlock": "DestinationCidrBlock",
        "ipv6CidrBlock": "DestinationIpv6CidrBlock",
        "destinationPrefixListId": "DestinationPrefixListId",
    }
    return {member: route[key] for key, member in members.items() if route.get(key)}


def _read_route(context: Context) -> Any:
    """Return the one route of a table that has the destination."""
    members = {
        "destinationCidrBlock": "DestinationCidrBlock",
        "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
        "destinationPrefixListId": "DestinationPrefixListId",
    }
    wanted = {member: context.inputs.get(key) for key, member in members.items()}
    path = "RouteTables[0].Routes"
    routes = context.find(Ask("describe_route_tables", {"RouteTableIds": ["{routeTableId}"]}, path))
    for route in routes or ():
        if all(route.get(member) == value for member, value in wanted.items() if value):
            return {**route, "RouteTableId": context.inputs["routeTableId"]}
    return None


DESTINATION = {
    "DestinationCidrBlock": "{destinationCidrBlock}",
    "DestinationIpv6CidrBlock": "{destinationIpv6CidrBlock}",
    "DestinationPrefixListId": "{destinationPrefixListId}",
}

SPECS = (
    ResourceSpec(
        type="aws:ec2/vpc:Vpc",
        service="ec2",
        identity=assigned("Vpc.VpcId"),
        fidelity=Fidelity.API,
        create=Send("create_vpc"),
        read=_read_vpc,
        updates=(
            Update(
                Send("modify_vpc_attribute", {"VpcId": "{id}"}, only=("enableDnsSupport",)),
                on_create=True,
            ),
            Update(
                Send("modify_vpc_attribute", {"VpcId": "{id}"}, only=("enableDnsHostnames",)),
                on_create=True,
            ),
        ),
        delete=Ask("delete_vpc", {"VpcId": "{id}"}),
        names={"assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock"},
        outputs={"arn": ARN + "vpc/{id}", "ownerId": "{account}"},
        defaults={"enableDnsSupport": True, "enableDnsHostnames": False},
        no_local_effect=("enableNetworkAddressUsageMetrics",),
        tags=tagged("vpc"),
        find=Find(Ask("describe_vpcs", {}, "Vpcs"), ("cidrBlock", "tags")),
        note="processes reach each other whatever the network says",
    ),
    ResourceSpec(
        type="aws:ec2/subnet:Subnet",
        service="ec2",
        identity=assigned("Subnet.SubnetId"),
        fidelity=Fidelity.API,
        create=_create_subnet,
        sends=(CREATE_SUBNET,),
        answer="Subnet",
        read=Ask("describe_subnets", {"SubnetIds": ["{id}"]}, "Subnets[0]"),
        updates=(
            Update(
                Send(
                    "modify_subnet_attribute", {"SubnetId": "{id}"}, only=("mapPublicIpOnLaunch",)
                ),
                on_create=True,
            ),
        ),
        delete=Ask("delete_subnet", {"SubnetId": "{id}"}),
        outputs={"arn": ARN + "subnet/{id}", "ownerId": "{account}"},
        defaults={"mapPublicIpOnLaunch": False},
        no_local_effect=(
            "assignIpv6AddressOnCreation",
            "customerOwnedIpv4Pool",
            "enableDns64",
            "enableLniAtDeviceIndex",
            "enableResourceNameDnsARecordOnLaunch",
            "enableResourceNameDnsAaaaRecordOnLaunch",
            "mapCustomerOwnedIpOnLaunch",
            "privateDnsHostnameTypeOnLaunch",
        ),
        tags=tagged("subnet"),
        find=Find(Ask("describe_subnets", {"Filters": IN_VPC}, "Subnets"), ("cidrBlock",)),
    ),
    ResourceSpec(
        type="aws:ec2/internetGateway:InternetGateway",
        service="ec2",
        identity=assigned("InternetGateway.InternetGatewayId"),
        fidelity=Fidelity.API,
        create=Send("create_internet_gateway"),
        answer="InternetGateway",
        read=Ask(
            "describe_internet_gateways", {"InternetGatewayIds": ["{id}"]}, "InternetGateways[0]"
        ),
        updates=(Update(_attach, ("vpcId",), on_create=True),),
        delete=_delete_gateway,
        reads={"vpcId": "Attachments[0].VpcId || ''"},
        outputs={"arn": ARN + "internet-gateway/{id}", "ownerId": "{account}"},
        handled=("vpcId",),
        tags=tagged("internet-gateway"),
        find=Find(Ask("describe_internet_gateways", {}, "InternetGateways"), ("tags",)),
    ),
    ResourceSpec(
        type="aws:ec2/routeTable:RouteTable",
        service="ec2",
        identity=assigned("RouteTable.RouteTableId"),
        fidelity=Fidelity.API,
        create=Send("create_route_table"),
        answer="RouteTable",
        read=Ask("describe_route_tables", {"RouteTableIds": ["{id}"]}, "RouteTables[0]"),
        updates=(Update(_set_routes, ("routes",), on_create=True),),
        delete=Ask("delete_route_table", {"RouteTableId": "{id}"}),
        outputs={"arn": ARN + "route-table/{id}", "ownerId": "{account}"},
        handled=("routes",),
        unread=("routes", "propagatingVgws"),
        no_local_effect=("propagatingVgws",),
        tags=tagged("route-table"),
        find=Find(Ask("describe_route_tables", {"Filters": IN_VPC}, "RouteTables"), ("tags",)),
    ),
    ResourceSpec(
        type="aws:ec2/route:Route",
        service="ec2",
        identity=template(
            "r-{routeTableId}_{destinationCidrBlock|destinationIpv6CidrBlock|destinationPrefixListId}"
        ),
        fidelity=Fidelity.API,
        create=Send("create_route"),
        read=_read_route,
        updates=(
            Update(
                Send("replace_route", {"RouteTableId": "{routeTableId}", **DESTINATION}),
                tuple(ROUTE_TARGETS),
            ),
        ),
        delete=Ask("delete_route", {"RouteTableId": "{routeTableId}", **DESTINATION}),
        names={"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"},
    ),
    ResourceSpec(
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        service="ec2",
        identity=assigned("AssociationId"),
        fidelity=Fidelity.API,
        create=Send("associate_route_table"),
        answer="@",
        read=_read_association,
        delete=Ask("disassociate_route_table", {"AssociationId": "{id}"}),
        delete_first=True,
        find=Find(
            Ask(
                "describe_route_tables",
                {"RouteTableIds": ["{routeTableId}"]},
                "RouteTables[].Associations[].merge(@, {AssociationId: RouteTableAssociationId})",
            ),
            ("subnetId", "gatewayId"),
        ),
    ),
)
