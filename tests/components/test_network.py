"""The network: fixed addresses, ways out, closed data tier, growth without replacement."""

import pytest
from support.paper import ACCOUNT, PaperProject, document

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


def source(zones=ZONES, **more):
    extra = "".join(f", {key}={value!r}" for key, value in more.items())
    return f'Network("net", NetworkArgs(region="us-east-1", zones={zones!r}{extra}))'


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return PaperProject(tmp_path_factory.mktemp("net")).up(
        source(interface_endpoints=["ecr.api", "logs", "sts"])
    )


def test_each_tier_has_its_documented_block_in_each_zone(plan):
    blocks = {s.name: s.inputs["cidrBlock"] for s in plan.all("Subnet")}

    assert blocks == {
        f"net-{tier}-{zone}": f"10.0.{first + number}.0/24"
        for tier, first in (("public", 0), ("app", 10), ("data", 20))
        for number, zone in enumerate("abc", start=1)
    }


def test_no_subnet_gives_public_addresses(plan):
    assert not any(subnet.inputs["mapPublicIpOnLaunch"] for subnet in plan.all("Subnet"))


def test_each_zone_has_a_nat_gateway_of_its_own(plan):
    routes = {
        r.name: r.inputs["natGatewayId"] for r in plan.all("Route") if "natGatewayId" in r.inputs
    }

    assert routes == {f"net-app-{zone}-internet": f"NatGateway/net-nat-{zone}" for zone in "abc"}


def test_the_data_tier_has_no_route_out(plan):
    tables = {route.inputs["routeTableId"] for route in plan.all("Route")}

    assert "RouteTable/net-data" not in tables
    assert tables == {"RouteTable/net-public", *(f"RouteTable/net-app-{z}" for z in "abc")}


def test_every_subnet_has_a_route_table_and_an_access_list(plan):
    subnets = {f"Subnet/{subnet.name}" for subnet in plan.all("Subnet")}

    for kind in ("RouteTableAssociation", "NetworkAclAssociation"):
        associated = [each.inputs["subnetId"] for each in plan.all(kind)]
        assert sorted(associated) == sorted(subnets)


def test_gateway_endpoints_serve_every_route_table(plan):
    for service in ("s3", "dynamodb"):
        endpoint = plan.one("VpcEndpoint", f"net-{service}-endpoint")
        assert endpoint.inputs["vpcEndpointType"] == "Gateway"
        assert len(endpoint.inputs["routeTableIds"]) == len(plan.all("RouteTable")) == 5


def test_interface_endpoints_have_private_names_in_every_zone(plan):
    endpoint = plan.one("VpcEndpoint", "net-ecr-api-endpoint")

    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.ecr.api"
    assert endpoint.inputs["privateDnsEnabled"]
    assert endpoint.inputs["subnetIds"] == [f"Subnet/net-app-{zone}" for zone in "abc"]


def test_endpoints_serve_identities_of_the_own_account_only(plan):
    for endpoint in plan.all("VpcEndpoint"):
        own, *_ = document(endpoint.inputs["policy"])["Statement"]
        assert own["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}


def test_image_layers_and_roles_taken_with_tokens_pass_without_an_identity(plan):
    exceptions = {
        (statement["Action"], statement["Resource"])
        for endpoint in plan.all("VpcEndpoint")
        for statement in document(endpoint.inputs["policy"])["Statement"]
        if "Condition" not in statement
    }

    assert exceptions == {
        ("s3:GetObject", "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"),
        ("sts:AssumeRoleWithWebIdentity", f"arn:aws:iam::{ACCOUNT}:role/*"),
    }


def test_the_default_security_group_lets_nothing_through(plan):
    (group,) = plan.all("DefaultSecurityGroup")

    assert not group.inputs.get("ingress")
    assert not group.inputs.get("egress")


def test_no_access_list_opens_remote_administration(plan):
    for rule in plan.all("NetworkAclRule"):
        if rule.inputs["cidrBlock"] == "0.0.0.0/0" and not rule.inputs["egress"]:
            for port in (22, 3389):
                assert not rule.inputs["fromPort"] <= port <= rule.inputs["toPort"]


def test_the_data_tier_talks_within_the_vpc_only(plan):
    rules = [r for r in plan.all("NetworkAclRule") if r.name.startswith("net-data-acl")]

    assert {rule.inputs["cidrBlock"] for rule in rules} == {"10.0.0.0/16"}


def test_all_traffic_is_recorded(plan):
    (log,) = plan.all("FlowLog")

    assert log.inputs["trafficType"] == "ALL"
    assert plan.one("LogGroup", "net-flow-logs").inputs["retentionInDays"] == 365


def test_a_single_nat_gateway_serves_all_zones(paper):
    plan = paper.up(source(nat="single"))

    assert plan.names("NatGateway") == ["net-nat-a"]
    used = [r.inputs["natGatewayId"] for r in plan.all("Route") if "natGatewayId" in r.inputs]
    assert used == ["NatGateway/net-nat-a"] * 3


def test_without_nat_gateways_the_app_tier_has_no_route_out(paper):
    plan = paper.up(source(nat="none", flow_logs=False))

    assert plan.all("NatGateway") == plan.all("Eip") == plan.all("FlowLog") == []
    assert plan.names("Route") == ["net-public-internet"]


def test_a_spare_tier_is_as_closed_as_the_data_tier(paper):
    plan = paper.up(source(spare_tier=True))

    blocks = sorted(s.inputs["cidrBlock"] for s in plan.all("Subnet") if "-spare-" in s.name)
    rules = [r for r in plan.all("NetworkAclRule") if r.name.startswith("net-spare-acl")]
    assert blocks == ["10.0.31.0/24", "10.0.32.0/24", "10.0.33.0/24"]
    assert {rule.inputs["cidrBlock"] for rule in rules} == {"10.0.0.0/16"}
    assert "RouteTable/net-spare" not in {r.inputs["routeTableId"] for r in plan.all("Route")}


def test_the_recovery_side_is_made_by_the_provider_it_is_given(paper):
    plan = paper.up("""
    west = aws.Provider("west", region="us-west-2")
    Network("net", NetworkArgs(region="us-east-1", zones=["us-east-1a", "us-east-1b"]))
    Network("far", NetworkArgs(region="us-west-2", cidr="10.1.0.0/16",
        zones=["us-west-2a", "us-west-2b"], interface_endpoints=["logs"]),
        pulumi.ResourceOptions(providers=[west]))
    """)
    far = [each for each in plan.resources if each.custom and each.name.startswith("far")]
    urn = next(
        each.urn
        for each in plan.resources
        if each.type == "pulumi:providers:aws" and each.name == "west"
    )
    used = {each.urn: each.provider for each in paper.stack.read().resources}

    assert len(far) > 40
    assert {used[each.urn].rpartition("::")[0] for each in far} == {urn}
    assert {s.inputs["cidrBlock"] for s in plan.all("Subnet") if s.name.startswith("far")} == {
        f"10.1.{first + number}.0/24" for first in (0, 10, 20) for number in (1, 2)
    }
    services = {e.inputs["serviceName"] for e in plan.all("VpcEndpoint") if e in far}
    assert services == {f"com.amazonaws.us-west-2.{name}" for name in ("s3", "dynamodb", "logs")}


@pytest.mark.parametrize(
    "after",
    [
        source([*ZONES, "us-east-1d"]),
        source(list(reversed(ZONES))),
        source(["us-east-1d", *ZONES]),
        source(spare_tier=True),
    ],
    ids=["a fourth zone", "another order", "a fourth zone in front", "a spare tier"],
)
def test_growing_replaces_and_deletes_nothing(after, paper):
    paper.up(source())

    assert paper.preview(after).changes.keys() <= {"create", "same", "update"}


def test_a_single_nat_gateway_stays_where_it_is_in_any_order_of_the_zones(paper):
    paper.up(source(nat="single"))

    after = source(list(reversed(ZONES)), nat="single")
    assert paper.preview(after).changes.keys() <= {"same", "update"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"zones": ["us-east-1a"]}, "at least two are needed"),
        ({"zones": ["us-east-1a", "us-east-1a"]}, "each may be listed once"),
        ({"zones": ["us-east-1a", "eu-west-1b"]}, "it is not in region us-east-1"),
        ({"cidr": "10.0.0.0/24"}, "is too small"),
        ({"interface_endpoints": ["logs", "logs"]}, "each may be listed once"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(arguments, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(source(**arguments))
