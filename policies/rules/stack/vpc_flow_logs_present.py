"""Every VPC has flow logs."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView


def _logged(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for vpc in stack.all(tokens.VPC):
        if not stack.users(vpc, "aws:ec2/flowLog:FlowLog"):
            yield Violation(expected="a flow log", urn=vpc.urn)


RULE = StackRule(
    id="vpc-flow-logs-present",
    title="Every VPC has flow logs",
    why="They tell afterwards who talked to whom.",
    fix="keep `flow_logs=True` of Network",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_logged,
    before="NetworkArgs(flow_logs=False, …)",
    after="NetworkArgs(…)",
)
