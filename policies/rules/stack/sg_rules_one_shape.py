"""The rules of a security group have one shape."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView

_SEPARATE = (
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
)


def _one(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for group in stack.all(tokens.SECURITY_GROUP):
        inline = [path for path in ("ingress", "egress") if group.each(f"{path}[]")]
        separate = [
            rule
            for rule in stack.users(group, *_SEPARATE)
            if group in stack.targets(rule, "securityGroupId", tokens.SECURITY_GROUP)
        ]
        if inline and separate:
            found = f"inline rules, and {separate[0].name}"
            yield Violation(path=inline[0], found=found, expected="separate rules", urn=group.urn)


RULE = StackRule(
    id="sg-rules-one-shape",
    title="The rules of a security group have one shape",
    why="Inline and separate rules remove each other, at every second update.",
    fix="use SecurityGroups, which makes separate rules only",
    severity=MEDIUM,
    judge=_one,
    before="ingress=[…] and a SecurityGroupIngressRule of the same group",
    after="SecurityGroups(…)",
)
