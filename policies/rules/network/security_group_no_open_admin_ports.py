"""SSH and remote desktop are not open to the internet."""

from collections.abc import Iterator

from platformctl.policies.ports import ADMIN_PORTS, READS, openings
from platformctl.policies.rule import CRITICAL, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView


@judge(*READS)
def _open(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    for each in openings(resource, settings):
        if isinstance(each, Undetermined):
            yield each
        elif any(map(each.holds, ADMIN_PORTS)):
            yield Violation(
                path=each.path, found=str(each), expected="ports 22 and 3389 closed to the internet"
            )


RULE = Rule(
    id="security-group-no-open-admin-ports",
    title="SSH and remote desktop are not open to the internet",
    why="Ports 22 and 3389 are scanned and attacked within minutes of being opened.",
    fix=(
        "name a security group instead of a CIDR in the rule of SecurityGroups, and use "
        "ECS Exec or Session Manager to get in"
    ),
    severity=CRITICAL,
    types=(
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ),
    judge=_open,
    before={
        "ingress": [{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}]
    },
    after={
        "ingress": [
            {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}
        ]
    },
)
