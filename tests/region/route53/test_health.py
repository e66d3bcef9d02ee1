"""Health checks really probe, and answers follow them and the targets of load balancers."""

import socket
from itertools import count

import pytest
from botocore.exceptions import ClientError
from support.ecs import wait_for
from support.names import ask, change, record

NUMBERS = count()
FLIPS = 90.0
"""Seconds in which a check with the shortest interval and threshold 1 must have turned over."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check(dns, **config):
    """Make a health check that turns over at the first result; return its id."""
    settings = {"RequestInterval": 10, "FailureThreshold": 1, **config}
    made = dns.create_health_check(
        CallerReference=f"check-{next(NUMBERS)}", HealthCheckConfig=settings
    )
    return made["HealthCheck"]["Id"]


def status(dns, identity):
    """Return what the checkers say, once the first probe is done."""

    def seen():
        return dns.get_health_check_status(HealthCheckId=identity)["HealthCheckObservations"]

    observations = wait_for(seen)
    texts = {each["StatusReport"]["Status"] for each in observations}
    assert len({each["Region"] for each in observations}) == 8
    assert len(texts) == 1
    return texts.pop()


def test_a_server_that_answers_is_healthy(dns, server):
    one = server()
    identity = check(
        dns, Type="HTTP", IPAddress="127.0.0.1", Port=one.server_port, ResourcePath="/health"
    )

    assert status(dns, identity) == "Success: HTTP Status Code 200, OK"
    assert one.asked[0] == ("/health", "Amazon-Route53-Health-Check-Service")


@pytest.mark.parametrize(
    ("kind", "more", "text"),
    [
        ("HTTP", {"ResourcePath": "/"}, "Failure: HTTP Status Code 503"),
        ("TCP", {}, "Success: TCP connection made"),
        ("HTTP_STR_MATCH", {"SearchString": "not there"}, "Failure: HTTP Status Code 503"),
        ("HTTPS", {}, "Failure: The health checker could not connect"),
    ],
)
def test_each_kind_of_check_judges_by_its_own_measure(kind, more, text, dns, server):
    one = server()
    one.status = 503
    identity = check(dns, Type=kind, IPAddress="127.0.0.1", Port=one.server_port, **more)

    assert status(dns, identity).startswith(text)


def test_a_search_string_must_be_in_the_answer(dns, server):
    one = server()
    place = {"IPAddress": "127.0.0.1", "Port": one.server_port}
    found = check(dns, Type="HTTP_STR_MATCH", SearchString="is well", **place)
    missed = check(dns, Type="HTTP_STR_MATCH", SearchString="is ill", **place)

    assert status(dns, found).startswith("Success")
    assert "search string was not found" in status(dns, missed)


def test_nothing_beyond_this_machine_is_probed(dns):
    identity = check(dns, Type="HTTP", IPAddress="192.0.2.1")

    assert "nothing that listens on this machine" in status(dns, identity)


def test_names_of_own_zones_are_probed_where_they_lead(dns, zone, server):
    one = server()
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}", "A", "127.0.0.1")))
    identity = check(
        dns, Type="HTTP", FullyQualifiedDomainName=f"a.{zone[1]}", Port=one.server_port
    )

    assert status(dns, identity).startswith("Success")


def test_an_answer_turns_to_the_secondary_and_back(dns, zone, server):
    one = server()
    name = f"a.{zone[1]}"
    identity = check(dns, Type="HTTP", IPAddress="127.0.0.1", Port=one.server_port)
    for side, address in (("PRIMARY", "10.0.0.1"), ("SECONDARY", "10.0.0.2")):
        watched = {"HealthCheckId": identity} if side == "PRIMARY" else {}
        entry = record(name, "A", address, SetIdentifier=side, Failover=side, **watched)
        change(dns, zone, ("CREATE", entry))
    assert status(dns, identity).startswith("Success")
    assert ask(dns, zone, name) == ["10.0.0.1"]

    one.status = 500
    wait_for(lambda: ask(dns, zone, name) == ["10.0.0.2"], FLIPS)
    reasons = dns.get_health_check_last_failure_reason(HealthCheckId=identity)
    report = reasons["HealthCheckObservations"][0]["StatusReport"]
    assert "500" in report["Status"]

    dns.update_health_check(HealthCheckId=identity, Disabled=True)
    assert ask(dns, zone, name) == ["10.0.0.1"], "a disabled check counts as healthy"
    dns.update_health_check(HealthCheckId=identity, Disabled=False)
    assert ask(dns, zone, name) == ["10.0.0.2"]

    one.status = 200
    wait_for(lambda: ask(dns, zone, name) == ["10.0.0.1"], FLIPS)


class Side:
    """A load balancer of one region with one server behind it."""

    def __init__(self, region, name, server):
        self.elb = region.client("elbv2", name)
        ec2 = region.client("ec2", name)
        vpc = ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.50.{number}.0/24", AvailabilityZone=f"{name}{zone}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate("ab")
        ]
        made = self.elb.create_load_balancer(Name=f"side-{next(NUMBERS)}", Subnets=subnets)
        self.balancer = made["LoadBalancers"][0]
        self.group = self.elb.create_target_group(
            Name=f"side-{next(NUMBERS)}",
            Protocol="HTTP",
            Port=80,
            TargetType="ip",
            VpcId=vpc,
            HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        self.elb.register_targets(
            TargetGroupArn=self.group, Targets=[{"Id": "127.0.0.1", "Port": server.server_port}]
        )
        self.elb.create_listener(
            LoadBalancerArn=self.balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=free_port(),
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.group}],
        )
        self.host = self.balancer["DNSName"]

    def until(self, state):
        def reached():
            found = self.elb.describe_target_health(TargetGroupArn=self.group)
            return found["TargetHealthDescriptions"][0]["TargetHealth"]["State"] == state

        wait_for(reached, FLIPS, what=f"the target is {state}")

    def target(self):
        zone = self.balancer["CanonicalHostedZoneId"]
        return {"HostedZoneId": zone, "DNSName": self.host, "EvaluateTargetHealth": True}


def test_an_alias_follows_the_targets_of_its_load_balancer_through_an_outage_and_back(
    dns, zone, server, region
):
    servers = server(), server()
    east, west = (
        Side(region, name, one)
        for name, one in zip(("us-east-1", "us-west-2"), servers, strict=True)
    )
    name = f"shop.{zone[1]}"
    for side, place in (("PRIMARY", east), ("SECONDARY", west)):
        entry = record(name, SetIdentifier=side, Failover=side, AliasTarget=place.target())
        change(dns, zone, ("CREATE", entry))
    for place in (east, west):
        place.until("healthy")
    assert east.host != west.host
    assert ask(dns, zone, name) == [east.host]

    servers[0].status = 500
    east.until("unhealthy")
    assert ask(dns, zone, name) == [west.host]

    servers[0].status = 200
    east.until("healthy")
    assert ask(dns, zone, name) == [east.host]

    region.controller.stop_region("us-east-1")
    try:
        assert ask(dns, zone, name) == [west.host], "answers outlast the outage of us-east-1"
        with pytest.raises(ClientError, match="us-east-1 is stopped"):
            dns.list_hosted_zones()
    finally:
        region.controller.start_region("us-east-1")
    east.until("healthy")
    assert ask(dns, zone, name) == [east.host]


def test_calculated_checks_count_their_children(dns):
    good = check_of(dns, Type="CALCULATED", HealthThreshold=0)
    bad = check_of(dns, Type="CALCULATED", HealthThreshold=0, Inverted=True)
    both = check_of(dns, Type="CALCULATED", HealthThreshold=2, ChildHealthChecks=[good, bad])

    with pytest.raises(dns.exceptions.HealthCheckInUse):
        dns.delete_health_check(HealthCheckId=good)
    with pytest.raises(ClientError, match="have no checkers"):
        dns.get_health_check_status(HealthCheckId=both)


def check_of(dns, **config):
    made = dns.create_health_check(
        CallerReference=f"check-{next(NUMBERS)}", HealthCheckConfig=config
    )
    return made["HealthCheck"]["Id"]


@pytest.mark.parametrize(
    ("insufficient", "answer"), [("Healthy", "10.0.0.1"), ("Unhealthy", "10.0.0.2")]
)
def test_a_check_of_an_alarm_follows_the_alarm(insufficient, answer, dns, zone, region):
    cloudwatch = region.client("cloudwatch")
    alarm = f"alarm-{next(NUMBERS)}"
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="Shop",
        MetricName=f"Errors{alarm}",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    identity = check_of(
        dns,
        Type="CLOUDWATCH_METRIC",
        AlarmIdentifier={"Region": "us-east-1", "Name": alarm},
        InsufficientDataHealthStatus=insufficient,
    )
    name = f"a.{zone[1]}"
    for side, address in (("PRIMARY", "10.0.0.1"), ("SECONDARY", "10.0.0.2")):
        watched = {"HealthCheckId": identity} if side == "PRIMARY" else {}
        entry = record(name, "A", address, SetIdentifier=side, Failover=side, **watched)
        change(dns, zone, ("CREATE", entry))

    assert ask(dns, zone, name) == [answer]

    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    assert ask(dns, zone, name) == ["10.0.0.2"]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"Type": "HTTP"}, "IPAddress or FullyQualifiedDomainName must be given"),
        ({"Type": "HTTP", "IPAddress": "127.0.0.1", "RequestInterval": 20}, "must be 10 or 30"),
        ({"Type": "HTTP", "IPAddress": "127.0.0.1", "FailureThreshold": 11}, "must be 1 to 10"),
        ({"Type": "TCP", "IPAddress": "127.0.0.1"}, "Port must be"),
        (
            {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": 80, "ResourcePath": "/"},
            "cannot be given for TCP",
        ),
        ({"Type": "HTTP_STR_MATCH", "IPAddress": "127.0.0.1"}, "SearchString goes with"),
        ({"Type": "CLOUDWATCH_METRIC"}, "AlarmIdentifier is missing"),
        ({"Type": "CALCULATED", "ChildHealthChecks": ["none"]}, "does not exist"),
        ({"Type": "RECOVERY_CONTROL"}, "are not in the local region"),
    ],
)
def test_a_check_that_cannot_be_is_refused(config, sentence, dns):
    with pytest.raises(ClientError, match=sentence):
        dns.create_health_check(CallerReference=f"check-{next(NUMBERS)}", HealthCheckConfig=config)


def test_health_checks_and_zones_survive_a_restart_of_the_region(dns, zone, server, region):
    one = server()
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}")))
    identity = check(dns, Type="HTTP", IPAddress="127.0.0.1", Port=one.server_port)
    assert status(dns, identity).startswith("Success")

    region.stop()
    region.start()

    assert ask(dns, zone, f"a.{zone[1]}") == ["10.0.0.1"]
    assert status(dns, identity).startswith("Success")
