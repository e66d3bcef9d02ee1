"""Every distribution keeps logs, of either kind."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import StackView

_SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
_DELIVERY = "aws:cloudwatch/logDelivery:LogDelivery"


def _logged(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for distribution in stack.all(tokens.DISTRIBUTION):
        if distribution.get("loggingConfig") is not MISSING:
            continue
        sources = stack.users(distribution, _SOURCE)
        if not any(stack.users(source, _DELIVERY) for source in sources):
            yield Violation(
                path="loggingConfig",
                expected="standard logging, or a log delivery of version 2",
                urn=distribution.urn,
            )


RULE = StackRule(
    id="cdn-logging-any-version",
    title="Every distribution keeps logs, of either kind",
    why="Without them nobody can tell afterwards who asked for what.",
    fix="keep the access logs of StaticSite and Distribution",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_logged,
    before="a Distribution without logs",
    after="a Distribution with a log delivery",
)
