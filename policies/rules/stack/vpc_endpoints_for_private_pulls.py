"""Private tasks can pull images, read secrets and write logs."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import has_nat, internet_route, known, subnets
from platformctl.policies.rule import ADVISORY, LOW, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView

_NEEDED = ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "s3")


def _reachable(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for service in stack.all(tokens.SERVICE):
        for subnet in subnets(service, "networkConfiguration.subnets[]", stack):
            if has_nat(subnet, stack) or internet_route(subnet, stack):
                continue
            absent = [name for name in _NEEDED if name not in _endpoints(subnet, stack)]
            if absent:
                found = f"{subnet.name} without NAT and without {', '.join(absent)}"
                yield Violation(
                    path="networkConfiguration.subnets",
                    found=found,
                    expected="endpoints for what a task needs to start",
                    urn=service.urn,
                )
                break


def _endpoints(subnet: ResourceView, stack: StackView) -> set[str]:
    names = [
        name
        for vpc in stack.targets(subnet, "vpcId", tokens.VPC)
        for endpoint in stack.users(vpc, "aws:ec2/vpcEndpoint:VpcEndpoint")
        for name in known(endpoint.each("serviceName"))
    ]
    return {str(name).split(".", 3)[3] for name in names if str(name).count(".") >= 3}


RULE = StackRule(
    id="vpc-endpoints-for-private-pulls",
    title="Private tasks can pull images, read secrets and write logs",
    why="Without endpoints or NAT a task in a private subnet never starts.",
    fix=(
        "list `ecr.api`, `ecr.dkr`, `logs` and `secretsmanager` in `interface_endpoints` "
        "of Network, or keep its NAT"
    ),
    severity=LOW,
    staging=ADVISORY,
    production=ADVISORY,
    judge=_reachable,
    before='NetworkArgs(nat="none", …)',
    after=(
        'NetworkArgs(nat="none", interface_endpoints=["ecr.api", "ecr.dkr", "logs", '
        '"secretsmanager"], …)'
    ),
)
