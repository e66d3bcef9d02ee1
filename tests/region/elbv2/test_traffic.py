"""Load balancers made with boto3 carry the traffic of clients we did not write."""

import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import psutil
import pytest
from botocore.exceptions import ClientError
from support.region import RunningRegion

SOON = {"Delay": 1, "MaxAttempts": 30}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def forward(**weights: int) -> dict[str, Any]:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Ask again and again, as an operator's waiter would."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.05)


def test_weights_set_with_boto3_are_exact_in_force_on_return_and_read_back(
    account: Any, backend: Any
) -> None:
    balancer = account.load_balancer()
    blue, green = account.group(backend("blue")), account.group(backend("green"))
    port = free_port()
    listener = account.listener(balancer, port, forward(**{blue: 1, green: 0}))
    account.elb.get_waiter("load_balancer_available").wait(
        LoadBalancerArns=[balancer["LoadBalancerArn"]], WaiterConfig=SOON
    )
    for group in (blue, green):
        account.elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=SOON)
    with httpx.Client(base_url=f"http://{balancer['DNSName']}:{port}") as client:
        assert client.get("/").text == "blue"
        for share in (50, 5, 1):
            account.elb.modify_listener(
                ListenerArn=listener,
                DefaultActions=[forward(**{blue: 100 - share, green: share})],
            )
            answers = Counter(client.get("/").text for _ in range(100))
            assert answers == {"blue": 100 - share, "green": share}
    action = account.elb.describe_listeners(ListenerArns=[listener])["Listeners"][0][
        "DefaultActions"
    ][0]
    assert action["ForwardConfig"]["TargetGroups"] == [
        {"TargetGroupArn": blue, "Weight": 99},
        {"TargetGroupArn": green, "Weight": 1},
    ]


def test_rules_route_by_condition_and_follow_their_priority(account: Any, backend: Any) -> None:
    balancer = account.load_balancer()
    api, site = account.group(backend("api")), account.group(backend("site"))
    port = free_port()
    listener = account.listener(balancer, port, {"Type": "forward", "TargetGroupArn": site})
    rules = [
        account.elb.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v1/*"]}}],
            Actions=[action],
        )["Rules"][0]["RuleArn"]
        for priority, action in (
            (10, {"Type": "forward", "TargetGroupArn": api}),
            (20, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}),
        )
    ]
    for group in (api, site):
        account.elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=SOON)
    with httpx.Client(base_url=f"http://{balancer['DNSName']}:{port}") as client:
        assert (client.get("/v1/x").text, client.get("/x").text) == ("api", "site")
        swapped = [
            {"RuleArn": rule, "Priority": priority}
            for rule, priority in zip(rules, (20, 10), strict=True)
        ]
        account.elb.set_rule_priorities(RulePriorities=swapped)
        assert client.get("/v1/x").status_code == 503
        account.elb.delete_rule(RuleArn=rules[1])
        assert client.get("/v1/x").text == "api"


def test_a_deregistered_target_drains_and_is_gone_for_the_waiter(
    account: Any, backend: Any
) -> None:
    balancer = account.load_balancer()
    leaving, staying = backend("leaving"), backend("staying")
    group = account.group(leaving, staying)
    port = free_port()
    account.listener(balancer, port, {"Type": "forward", "TargetGroupArn": group})
    account.elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=SOON)
    target = {"Id": "127.0.0.1", "Port": leaving.server_port}
    account.elb.deregister_targets(TargetGroupArn=group, Targets=[target])
    with httpx.Client(base_url=f"http://{balancer['DNSName']}:{port}") as client:
        assert {client.get("/").text for _ in range(10)} == {"staying"}
    account.elb.get_waiter("target_deregistered").wait(
        TargetGroupArn=group, Targets=[target], WaiterConfig=SOON
    )
    health = account.elb.describe_target_health(TargetGroupArn=group, Targets=[target])
    assert health["TargetHealthDescriptions"][0]["TargetHealth"] == {
        "State": "unused",
        "Reason": "Target.NotRegistered",
        "Description": "Target is not registered to the target group",
    }


def test_a_target_that_dies_is_reported_unhealthy_with_its_reason(
    account: Any, backend: Any
) -> None:
    balancer = account.load_balancer()
    server = backend("dies")
    group = account.group(
        server, HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, UnhealthyThresholdCount=2
    )
    account.listener(balancer, free_port(), {"Type": "forward", "TargetGroupArn": group})
    account.elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=SOON)
    server.shutdown()
    server.server_close()

    def health() -> dict[str, str]:
        described = account.elb.describe_target_health(TargetGroupArn=group)
        return described["TargetHealthDescriptions"][0]["TargetHealth"]

    until(lambda: health()["State"] == "unhealthy")
    assert health()["Reason"] == "Target.FailedHealthChecks"


def test_an_https_listener_serves_the_acm_certificate_from_the_regions_authority(
    region: RunningRegion, account: Any, backend: Any
) -> None:
    certificate = region.client("acm").request_certificate(DomainName="shop.example.com")
    balancer = account.load_balancer()
    group = account.group(backend("secure"))
    port = free_port()
    account.listener(
        balancer,
        port,
        {"Type": "forward", "TargetGroupArn": group},
        Protocol="HTTPS",
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": certificate["CertificateArn"]}],
    )
    account.elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=SOON)
    trust = ssl.create_default_context(cafile=str(region.root / "certificates" / "authority.pem"))
    with httpx.Client(verify=trust) as client:
        answer = client.get(
            f"https://{balancer['DNSName']}:{port}/",
            extensions={"sni_hostname": "shop.example.com"},
        )
        assert answer.text == "secure"
        assert client.get(f"https://{balancer['DNSName']}:{port}/").text == "secure"


def test_a_taken_port_fails_the_listener_with_address_and_reason(account: Any) -> None:
    balancer = account.load_balancer()
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    with socket.socket() as holder:
        holder.bind((balancer["DNSName"], 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(ClientError, match=f"cannot listen on {balancer['DNSName']}:{port}"):
            account.listener(balancer, port, fixed)
    found = account.elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])
    assert found["Listeners"] == []
    account.listener(balancer, port, fixed)


def balancer_process(region: RunningRegion, balancer: dict[str, Any]) -> psutil.Process:
    name = balancer["LoadBalancerArn"].split(":loadbalancer/", 1)[1]
    return next(
        psutil.Process(process["pid"])
        for process in region.controller.processes()
        if process["name"].endswith(name)
    )


def test_a_killed_balancer_is_back_at_once_with_the_same_configuration(
    region: RunningRegion, account: Any, backend: Any
) -> None:
    balancer = account.load_balancer()
    group = account.group(backend("same"))
    port = free_port()
    account.listener(balancer, port, {"Type": "forward", "TargetGroupArn": group})
    account.elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=SOON)
    balancer_process(region, balancer).kill()

    def answers() -> bool:
        try:
            return httpx.get(f"http://{balancer['DNSName']}:{port}/").text == "same"
        except httpx.TransportError:
            return False

    until(answers)


def test_access_logs_reach_the_bucket_and_metrics_cloudwatch(
    region: RunningRegion, account: Any, backend: Any
) -> None:
    import gzip
    import uuid
    from datetime import UTC, datetime, timedelta

    s3 = region.client("s3")
    bucket = f"logs-{uuid.uuid4().hex[:10]}"
    s3.create_bucket(Bucket=bucket)
    balancer = account.load_balancer()
    account.elb.modify_load_balancer_attributes(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Attributes=[
            {"Key": "access_logs.s3.enabled", "Value": "true"},
            {"Key": "access_logs.s3.bucket", "Value": bucket},
            {"Key": "access_logs.s3.prefix", "Value": "front"},
        ],
    )
    group = account.group(backend("logged"))
    port = free_port()
    account.listener(balancer, port, {"Type": "forward", "TargetGroupArn": group})
    account.elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=SOON)
    for _ in range(7):
        httpx.get(f"http://{balancer['DNSName']}:{port}/seen?a=b")
    listing: dict[str, Any] = {}

    def written() -> bool:
        listing.update(s3.list_objects_v2(Bucket=bucket, Prefix="front/AWSLogs/"))
        return listing["KeyCount"] > 0

    until(written)
    key = listing["Contents"][0]["Key"]
    lines = gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).decode()
    assert f'"GET http://{balancer["DNSName"]}:{port}/seen?a=b HTTP/1.1"' in lines

    def requests() -> float:
        now = datetime.now(UTC)
        points = region.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/ApplicationELB",
            MetricName="RequestCount",
            Dimensions=[
                {
                    "Name": "LoadBalancer",
                    "Value": balancer["LoadBalancerArn"].split("loadbalancer/")[1],
                }
            ],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points)

    until(lambda: requests() == 7)
