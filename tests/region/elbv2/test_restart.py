"""Load balancers are there again, under the same name, when the region is."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from support.region import running_region


@pytest.mark.slow
def test_a_load_balancer_survives_a_restart_of_the_region(tmp_path: Path) -> None:
    with running_region(tmp_path) as region:
        ec2, elb = region.client("ec2"), region.client("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"us-east-1{z}"
            )["Subnet"]["SubnetId"]
            for n, z in enumerate("ab")
        ]
        made = elb.create_load_balancer(Name="kept", Subnets=subnets)["LoadBalancers"][0]
        body = {"StatusCode": "200", "MessageBody": "still here"}
        port = _free_port(made)
        elb.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"],
            Port=port,
            Protocol="HTTP",
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": body}],
        )
        url = f"http://{made['DNSName']}:{port}/"
        assert httpx.get(url).text == "still here"
        region.stop()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
        region.start()
        elb = region.client("elbv2")
        elb.get_waiter("load_balancer_available").wait(
            Names=["kept"], WaiterConfig={"Delay": 1, "MaxAttempts": 10}
        )
        assert elb.describe_load_balancers()["LoadBalancers"][0]["DNSName"] == made["DNSName"]
        assert httpx.get(url).text == "still here"


def _free_port(balancer: dict[str, Any]) -> int:
    import socket

    with socket.socket() as probe:
        probe.bind((balancer["DNSName"], 0))
        return probe.getsockname()[1]


@pytest.mark.slow
def test_an_outage_of_one_region_name_stops_its_load_balancers_and_no_others(
    tmp_path: Path,
) -> None:
    body = {"StatusCode": "200", "MessageBody": "up"}
    with running_region(tmp_path) as region:
        urls = {}
        for name in ("us-east-1", "us-west-2"):
            ec2, elb = region.client("ec2", name), region.client("elbv2", name)
            vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
            subnets = [
                ec2.create_subnet(
                    VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"{name}{zone}"
                )["Subnet"]["SubnetId"]
                for n, zone in enumerate("ab")
            ]
            made = elb.create_load_balancer(Name="same", Subnets=subnets)["LoadBalancers"][0]
            port = _free_port(made)
            elb.create_listener(
                LoadBalancerArn=made["LoadBalancerArn"],
                Port=port,
                Protocol="HTTP",
                DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": body}],
            )
            urls[name] = f"http://{made['DNSName']}:{port}/"
        region.controller.stop_region("us-east-1")
        with pytest.raises(httpx.ConnectError):
            httpx.get(urls["us-east-1"])
        assert httpx.get(urls["us-west-2"]).text == "up"
        region.controller.start_region("us-east-1")
        region.client("elbv2").get_waiter("load_balancer_available").wait(
            Names=["same"], WaiterConfig={"Delay": 1, "MaxAttempts": 10}
        )
        assert httpx.get(urls["us-east-1"]).text == "up"
