"""Every security group rule says what it is for."""

from collections.abc import Iterator

from platformctl.policies.ports import GROUP
from platformctl.policies.rule import ADVISORY, LOW, Problem, Rule, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView
from platformctl.policies.vocabulary import given, given_each

_INLINE = given_each("ingress[].description", "egress[].description")
_SEPARATE = given("description")


@judge(*_INLINE.reads, *_SEPARATE.reads)
def _described(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    yield from (_INLINE if resource.type == GROUP else _SEPARATE)(resource, settings)


RULE = Rule(
    id="security-group-rule-described",
    title="Every security group rule says what it is for",
    why="A rule that nobody can explain is a rule that nobody dares to remove.",
    fix="give the rule a `description`; SecurityGroups writes one by itself",
    severity=LOW,
    staging=ADVISORY,
    production=ADVISORY,
    types=(
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ),
    judge=_described,
    before={
        "ingress": [
            {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}
        ]
    },
    after={
        "ingress": [
            {
                "protocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrBlocks": ["0.0.0.0/0"],
                "description": "HTTPS",
            }
        ]
    },
)
