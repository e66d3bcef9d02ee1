"""Every alarm reaches somebody."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, HIGH, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView


def _heard(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for alarm in stack.all(tokens.ALARM, tokens.COMPOSITE_ALARM):
        topics = stack.targets(alarm, "alarmActions[]", tokens.TOPIC)
        if not topics and stack.undecided(alarm, "alarmActions[]"):
            yield Undetermined(path="alarmActions", urn=alarm.urn)
        for topic in topics:
            if not stack.users(topic, tokens.SUBSCRIPTION):
                found = f"{topic.name} without a subscription"
                yield Violation(
                    path="alarmActions",
                    found=found,
                    expected="a topic that somebody listens to",
                    urn=alarm.urn,
                )


RULE = StackRule(
    id="alarm-reaches-someone",
    title="Every alarm reaches somebody",
    why="A topic without subscriptions is an alarm in an empty room.",
    fix="give Alerts `emails` or another subscription",
    severity=HIGH,
    staging=ADVISORY,
    judge=_heard,
    before="Alerts(…) without a subscription",
    after='AlertsArgs(emails=["ops@example.com"], …)',
)
