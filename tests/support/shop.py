"""A small shop with a two-sided service, deployed into a running region as `up` does it."""

import httpx
from support.ecs import add_app
from support.paper import PaperProject
from support.ports import free_port

from platformctl.aws.clients import local_clients
from platformctl.engine import Engine
from platformctl.operations.services.find import choose, find_services
from platformctl.operations.status.report import read_status
from platformctl.provider import local_providers

PROGRAM = """
from platformctl.components.base import Supporting

vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
subnets = [
    aws.ec2.Subnet(f"net-{{zone}}", vpc_id=vpc.id, cidr_block=f"10.0.{{number}}.0/24",
                   availability_zone=f"us-east-1{{zone}}").id
    for number, zone in enumerate("ab")
]
group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id, description="all")
balancer = ApplicationLoadBalancer("shop", ApplicationLoadBalancerArgs(
    load_balancer_name="shop", subnet_ids=subnets, security_group_ids=[group.id],
    http_port={port}, test_port={test_port}, access_logs=Supporting(skip=True),
    deletion_protection=False))
cluster = ContainerCluster("shop", ContainerClusterArgs(cluster_name="shop"))
common = dict(
    container_name="web", region="us-east-1", cluster_arn=cluster.arn,
    cluster_name=cluster.cluster_name, image="{image}", subnet_ids=subnets,
    repository_arn="arn:aws:ecr:us-east-1:000000000000:repository/web",
    security_group_ids=[group.id], port=8080)
check = HealthCheck(interval=5, timeout=2, healthy_threshold=2)
route = lambda path, priority: Route(
    listener_arn=balancer.listener_arn, vpc_id=vpc.id, priority=priority, paths=[path],
    health_check=check)
web = FargateService("web", FargateServiceArgs(
    **common, service_name="web", desired_count=1, route=route("/*", 20),
    environment={{"VERSION": "{version}"}},
    scaling=Scaling(minimum=1, maximum=2, tracking=CpuTracking(), steps=CpuSteps()),
    deployment=BlueGreen(test_listener_arn=balancer.test_listener_arn)))
later = FargateService("later", FargateServiceArgs(
    **common, service_name="later", desired_count=2, route=route("/later/*", 10),
    scaling=Scaling(minimum=2, maximum=3, tracking=CpuTracking()), awaiting_release=True))
worker = FargateService("worker", FargateServiceArgs(
    **common, service_name="worker", desired_count=2, deployment=BlueGreen()))
pulumi.export("host", balancer.dns_name)
pulumi.export("sides", web.service_names)
pulumi.export("groups", web.target_group_arns)
pulumi.export("rules", [web.rule_arn, web.test_rule_arn])
pulumi.export("revision", web.task_definition_arn)
"""


class Shop:
    """The program in its region."""

    def __init__(self, folder, region):
        self.region = region
        self.image = add_app(region)
        self.port, self.test_port = free_port(), free_port()
        self.project = PaperProject(folder)

    def up(self, version):
        source = PROGRAM.format(
            port=self.port, test_port=self.test_port, image=self.image, version=version
        )
        self.project.write(source)
        return self.engine().up()

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

    def ask(self, port):
        """Return which version answers, or the status of who does not."""
        answer = httpx.get(f"http://{self.output('host')}:{port}/it", timeout=5)
        return answer.json()["VERSION"] if answer.status_code == 200 else answer.status_code

    def output(self, name):
        return self.project.stack.outputs(show_secrets=True)[name]

    def shift(self, blue, green):
        """Spread requests as a cutover does: the test listener gets the opposite."""
        groups, elb = self.output("groups"), self.region.client("elbv2")
        for rule, shares in zip(self.output("rules"), ((blue, green), (green, blue)), strict=True):
            targets = [
                {"TargetGroupArn": groups[side], "Weight": share}
                for side, share in zip(("blue", "green"), shares, strict=True)
            ]
            action = {"Type": "forward", "ForwardConfig": {"TargetGroups": targets}}
            elb.modify_rule(RuleArn=rule, Actions=[action])

    def service(self, name):
        found = self.region.client("ecs").describe_services(cluster="shop", services=[name])
        return found["services"][0]

    @property
    def clients(self):
        """What makes boto3 clients for the region."""
        return local_clients(self.region.endpoint)

    def found(self, name):
        """Return a service as it is found in what was deployed."""
        return choose(find_services(self.project.stack.export()), name)

    def parts(self):
        """Return the status by kind and name."""
        report = read_status(
            "dev",
            self.project.stack.export(),
            self.clients,
            region="us-east-1",
        )
        return {(part.kind, part.name): part for part in report.parts}
