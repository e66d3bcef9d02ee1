"""A network to put load balancers in, and servers to put behind them."""

import http.server
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.region import RunningRegion


@pytest.fixture(scope="session")
def network(region: RunningRegion) -> dict[str, Any]:
    """A VPC with two subnets in two zones."""
    ec2 = region.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.77.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    return {"vpc": vpc, "subnets": subnets}


class Named(http.server.BaseHTTPRequestHandler):
    """Answers with its server's name."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment: Nagle would hold the body back

    def do_GET(self) -> None:  # http.server's name
        body = self.server.title.encode()  # type: ignore[attr-defined]  # set by the fixture
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def backend() -> Iterator[Callable[[str], http.server.ThreadingHTTPServer]]:
    """Start a server that answers with a name."""
    started: list[http.server.ThreadingHTTPServer] = []

    def start(title: str) -> http.server.ThreadingHTTPServer:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Named)
        server.daemon_threads = True
        server.title = title  # type: ignore[attr-defined]  # read by the handler
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


class Account:
    """Makes uniquely named load balancers and groups, and deletes them at the end."""

    def __init__(self, region: RunningRegion, network: dict[str, Any]) -> None:
        self.region = region
        self.network = network
        self.elb = region.client("elbv2")
        self.balancers: list[str] = []
        self.made: list[str] = []

    def load_balancer(self, **settings: Any) -> dict[str, Any]:
        name = f"lb-{uuid.uuid4().hex[:10]}"
        given = {"Name": name, "Subnets": self.network["subnets"], **settings}
        made = self.elb.create_load_balancer(**given)["LoadBalancers"][0]
        self.balancers.append(made["LoadBalancerArn"])
        return made

    def group(self, *servers: http.server.ThreadingHTTPServer, **settings: Any) -> str:
        given = {
            "Name": f"g-{uuid.uuid4().hex[:10]}",
            "Protocol": "HTTP",
            "Port": 80,
            "VpcId": self.network["vpc"],
            "TargetType": "ip",
            **settings,
        }
        arn = self.elb.create_target_group(**given)["TargetGroups"][0]["TargetGroupArn"]
        self.made.append(arn)
        if servers:
            self.register(arn, *servers)
        return arn

    def register(self, group: str, *servers: http.server.ThreadingHTTPServer) -> None:
        self.elb.register_targets(TargetGroupArn=group, Targets=described(*servers))

    def listener(
        self, balancer: dict[str, Any], port: int, *actions: dict[str, Any], **settings: Any
    ) -> str:
        given = {"Protocol": "HTTP", **settings}
        made = self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Port=port,
            DefaultActions=list(actions),
            **given,
        )
        return made["Listeners"][0]["ListenerArn"]

    def close(self) -> None:
        for arn in self.balancers:
            self.elb.delete_load_balancer(LoadBalancerArn=arn)
        for arn in self.made:
            self.elb.delete_target_group(TargetGroupArn=arn)


def described(*servers: http.server.ThreadingHTTPServer) -> list[dict[str, Any]]:
    return [{"Id": "127.0.0.1", "Port": server.server_port} for server in servers]


@pytest.fixture
def account(region: RunningRegion, network: dict[str, Any]) -> Iterator[Account]:
    """An account whose load balancers are gone after the test."""
    account = Account(region, network)
    yield account
    account.close()
