"""Dead letters are kept, noticed, and not made by accident."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery, watched
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView

_DEPTH = "ApproximateNumberOfMessagesVisible"
_DAYS_4 = 345_600
"""Seconds that SQS keeps messages where nothing is said."""


def _chained(stack: StackView, settings: Settings) -> Iterator[Problem]:
    for queue in stack.all(tokens.QUEUE):
        for dead in stack.targets(queue, "redrivePolicy", tokens.QUEUE):
            if dead is queue:
                continue
            ours, theirs = (
                _seconds(each, "messageRetentionSeconds", _DAYS_4) for each in (queue, dead)
            )
            if theirs < ours:
                expected = f"at least the {ours} of {queue.name}"
                path = "messageRetentionSeconds"
                yield Violation(path=path, found=theirs, expected=expected, urn=dead.urn)
            if _DEPTH not in watched(dead, stack) and not in_recovery(dead, settings):
                yield Violation(found=f"none on {_DEPTH}", expected="an alarm", urn=dead.urn)
        yield from _visibility(queue, stack)


def _visibility(queue: ResourceView, stack: StackView) -> Iterator[Problem]:
    for source in stack.users(queue, tokens.EVENT_SOURCE):
        if queue not in stack.targets(source, "eventSourceArn", tokens.QUEUE):
            continue
        for function in stack.targets(source, "functionName", tokens.FUNCTION):
            least = 6 * _seconds(function, "timeout", 3)
            hidden = _seconds(queue, "visibilityTimeoutSeconds", 30)
            if hidden < least:
                path, expected = "visibilityTimeoutSeconds", f"{least}, six times its function's"
                yield Violation(path=path, found=hidden, expected=expected, urn=queue.urn)


def _seconds(resource: ResourceView, path: str, default: int) -> int:
    value = resource.get(path)
    return int(value) if isinstance(value, int | float) else default


RULE = StackRule(
    id="queue-dlq-chain",
    title="Dead letters are kept, noticed, and not made by accident",
    why=(
        "A dead letter that expires or that nobody notices is lost; too short a "
        "visibility timeout makes them of good messages."
    ),
    fix=(
        "leave retention and alarm to Queue, and set `visibility_timeout` to six times "
        "the function's timeout"
    ),
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_chained,
    before="a dead-letter queue with a shorter retention than its queue",
    after="Queue(…) with an alarm on its dead letters",
)
