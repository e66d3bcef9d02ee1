"""Ports of data stores are not open to the internet."""

from collections.abc import Iterator

from platformctl.policies.ports import DATA_PORTS, READS, openings
from platformctl.policies.rule import CRITICAL, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView


@judge(*READS)
def _open(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    for each in openings(resource, settings):
        if isinstance(each, Undetermined):
            yield each
        elif any(map(each.holds, DATA_PORTS)):
            yield Violation(
                path=each.path,
                found=str(each),
                expected="ports of data stores closed to the internet",
            )


RULE = Rule(
    id="security-group-no-open-data-ports",
    title="Ports of data stores are not open to the internet",
    why=(
        "A database, cache or broker that the internet can reach is one leaked password "
        "away from being copied."
    ),
    fix="name the security group of the service instead of a CIDR in the rule of SecurityGroups",
    severity=CRITICAL,
    types=(
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ),
    judge=_open,
    before={
        "ingress": [
            {"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["0.0.0.0/0"]}
        ]
    },
    after={
        "ingress": [
            {
                "protocol": "tcp",
                "fromPort": 5432,
                "toPort": 5432,
                "securityGroups": ["sg-0a1b2c3d4e5f60718"],
            }
        ]
    },
)
