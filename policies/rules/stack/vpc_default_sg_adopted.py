"""The default security group of every VPC is adopted."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import HIGH, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView


def _adopted(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for vpc in stack.all(tokens.VPC):
        if not stack.users(vpc, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"):
            yield Violation(expected="a DefaultSecurityGroup without rules", urn=vpc.urn)


RULE = StackRule(
    id="vpc-default-sg-adopted",
    title="The default security group of every VPC is adopted",
    why="As AWS makes it, it lets all its members talk to each other.",
    fix="make the VPC with Network",
    severity=HIGH,
    judge=_adopted,
    before='aws.ec2.Vpc("main", …)',
    after='Network("main", …)',
)
