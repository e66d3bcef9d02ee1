"""Queues have a dead-letter queue, unless they are one."""

from collections.abc import Iterator

from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import StackView

_QUEUE = "aws:sqs/queue:Queue"
_REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"


def _followed(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    dead = {
        found.urn
        for each in stack.all(_QUEUE, _REDRIVE)
        for found in stack.targets(each, "redrivePolicy", _QUEUE)
    }
    for queue in stack.all(_QUEUE):
        if queue.urn in dead or queue.get("redriveAllowPolicy") is not MISSING:
            continue
        if queue.get("redrivePolicy") is MISSING and not stack.users(queue, _REDRIVE):
            yield Violation(path="redrivePolicy", expected="a dead-letter queue", urn=queue.urn)


RULE = StackRule(
    id="sqs-has-dlq",
    title="Queues have a dead-letter queue",
    why="A message that cannot be processed is tried until it expires, and then it is gone.",
    fix="do not `skip` the dead-letter queue of Queue",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_followed,
    before='aws.sqs.Queue("orders")',
    after='Queue("orders", QueueArgs(queue_name="orders"))',
)
