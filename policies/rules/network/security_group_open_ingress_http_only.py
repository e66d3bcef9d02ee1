"""The internet reaches web ports only."""

from collections.abc import Iterator

from platformctl.policies.ports import READS, openings
from platformctl.policies.rule import HIGH, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView


@judge(*READS)
def _open(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    expected = f"only ports {', '.join(map(str, settings.open_ports))} open to the internet"
    for each in openings(resource, settings):
        if isinstance(each, Undetermined):
            yield each
        elif each.first != each.last or each.first not in settings.open_ports:
            yield Violation(path=each.path, found=str(each), expected=expected)


RULE = Rule(
    id="security-group-open-ingress-http-only",
    title="The internet reaches web ports only",
    why="Whatever else is open to everybody was meant for somebody.",
    fix="open only 80 and 443 to CIDRs in SecurityGroups; name groups for everything else",
    severity=HIGH,
    types=(
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ),
    judge=_open,
    before={
        "ingress": [
            {"protocol": "tcp", "fromPort": 9000, "toPort": 9000, "cidrBlocks": ["0.0.0.0/0"]}
        ]
    },
    after={
        "ingress": [
            {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}
        ]
    },
)
