"""Names, firewalls and secrets of two regions, deployed into a running region as `up` does it."""

import json

import pytest
from support.databases import eventually
from support.names import ask
from support.paper import REPOSITORY, PaperProject
from support.ports import free_port
from support.region import running_region
from support.rotation import rotate, value_of

from platformctl.engine import Engine
from platformctl.provider import local_providers

PROGRAM = """
from platformctl.components.base import Supporting

west = aws.Provider("west", region="us-west-2")


def side(name, region, cidr, options=None):
    network = Network(name, NetworkArgs(region=region, zones=[region + "a", region + "b"],
        cidr=cidr, nat="none", flow_logs=False), options)
    group = SecurityGroups(f"{name}-groups", SecurityGroupsArgs(
        vpc_id=network.vpc_id, groups={"balancer": "Load balancer"}), options)
    firewall = WebFirewall(f"{name}-firewall", WebFirewallArgs(firewall_name=name), options)
    return ApplicationLoadBalancer(f"{name}-balancer", ApplicationLoadBalancerArgs(
        load_balancer_name=name, subnet_ids=network.public_subnet_ids,
        security_group_ids=[group.ids["balancer"]], http_port=PORT, web_acl_arn=firewall.arn,
        access_logs=Supporting(skip=True), deletion_protection=False), options)


primary = side("east", "us-east-1", "10.0.0.0/16")
standby = side("west", "us-west-2", "10.1.0.0/16", pulumi.ResourceOptions(providers=[west]))
zone = HostedZone("zone", HostedZoneArgs(domain="example.test", deletion_protection=False))
origin = DomainAlias("east-origin", DomainAliasArgs(
    domain="east.example.test", hosted_zone_id=zone.hosted_zone_id,
    target_name=primary.dns_name, target_zone_id=primary.zone_id))
check = DnsHealthCheck("east-health", DnsHealthCheckArgs(
    domain=origin.domain, protocol="TCP", port=PORT, path=None, failure_threshold=1))
FailoverRecord("shop", FailoverRecordArgs(
    domain="shop.example.test", hosted_zone_id=zone.hosted_zone_id,
    primary=FailoverTarget(dns_name=primary.dns_name, zone_id=primary.zone_id,
                           health_check_id=check.health_check_id),
    secondary=FailoverTarget(dns_name=standby.dns_name, zone_id=standby.zone_id)))
GithubDeployRole("deploy", GithubDeployRoleArgs(repository="example/shop", branches=["main"]))
jwt = SigningSecret("jwt", SigningSecretArgs(name="shop/jwt", rotated=True,
    recovery_window_days=0, replica_regions={"us-west-2": None}))
rotation = SecretRotation("jwt-rotation", SecretRotationArgs(
    secret_arn=jwt.arn, kind="jwt", function_name="rotate-shop-jwt",
    code=pulumi.FileArchive(CODE)))
pulumi.export("zone", zone.hosted_zone_id)
pulumi.export("check", check.health_check_id)
pulumi.export("secret", jwt.arn)
pulumi.export("hosts", [primary.dns_name, standby.dns_name])
pulumi.export("balancers", [primary.arn, standby.arn])
"""


class Deployed:
    """The program in its region."""

    def __init__(self, folder, region):
        self.region = region
        self.project = PaperProject(folder)
        code = str(REPOSITORY / "apps/platform/secret-rotation")
        self.project.write(f"PORT, CODE = {free_port()}, {code!r}\n{PROGRAM}")

    def engine(self):
        return Engine(
            self.project.stack,
            self.project.project,
            self.project.program,
            local_providers(self.region.endpoint),
            configuration={"aws:region": "us-east-1"},
            parallel=8,
            on_event=lambda event: None,
        )

    def output(self, name):
        return self.project.stack.outputs(show_secrets=True)[name]

    def asked(self):
        """Return what the domain answers."""
        zone = self.output("zone"), "example.test"
        return ask(self.region.client("route53"), zone, "shop.example.test")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two-regions")
    with running_region(folder / "region") as region:
        made = Deployed(folder / "shop", region)
        made.engine().up()
        yield made
        made.engine().destroy()
        assert region.client("route53").list_hosted_zones()["HostedZones"] == []
        assert region.client("route53").list_health_checks()["HealthChecks"] == []


def test_a_second_up_changes_nothing(deployed):
    assert deployed.engine().preview().changes.keys() == {"same"}


def test_the_health_check_finds_the_balancer_by_the_name_of_its_side(deployed):
    dns = deployed.region.client("route53")
    check = deployed.output("check")

    def texts():
        seen = dns.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
        return {each["StatusReport"]["Status"] for each in seen}

    # The listener may come after the first probe.
    eventually(texts, lambda found: found == {"Success: TCP connection made"})


def test_the_domain_moves_to_the_other_region_in_an_outage_and_back(deployed):
    east, west = deployed.output("hosts")
    serve(deployed, "us-east-1", deployed.output("balancers")[0])
    serve(deployed, "us-west-2", deployed.output("balancers")[1])
    eventually(deployed.asked, lambda found: found == [east], seconds=60.0)

    deployed.region.controller.stop_region("us-east-1")
    try:
        eventually(deployed.asked, lambda found: found == [west], seconds=60.0)
    finally:
        deployed.region.controller.start_region("us-east-1")
    eventually(deployed.asked, lambda found: found == [east], seconds=60.0)


def serve(deployed, name, balancer):
    """Put a target behind a balancer: the region's own endpoint, which answers everywhere."""
    elb = deployed.region.client("elbv2", name)
    vpc = elb.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"][0]["VpcId"]
    group = elb.create_target_group(
        Name=f"{name}-it",
        Protocol="HTTP",
        Port=80,
        TargetType="ip",
        VpcId=vpc,
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        HealthCheckPath="/",
        Matcher={"HttpCode": "200-499"},
    )["TargetGroups"][0]["TargetGroupArn"]
    port = int(deployed.region.endpoint.rpartition(":")[2])
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": port}])
    listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    elb.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
    )


def test_a_rotated_secret_reaches_the_other_region_and_survives_the_next_up(deployed):
    secret = deployed.output("secret")
    before = value_of(deployed.region, secret)["secret"]

    rotate(deployed.region, secret)

    after = value_of(deployed.region, secret)
    assert after["previousSecret"] == before
    west = deployed.region.client("secretsmanager", "us-west-2")
    assert json.loads(west.get_secret_value(SecretId="shop/jwt")["SecretString"]) == after

    deployed.engine().up()
    assert value_of(deployed.region, secret) == after


def test_each_balancer_has_the_firewall_of_its_region(deployed):
    for name, balancer in zip(
        ("us-east-1", "us-west-2"), deployed.output("balancers"), strict=True
    ):
        firewall = deployed.region.client("wafv2", name)
        found = firewall.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]
        assert found["Name"] == name.split("-")[1]
        assert f":{name}:" in found["ARN"]
