"""Services run two tasks at least."""

from collections.abc import Iterator

from platformctl.policies.rule import MEDIUM, OFF, Problem, Rule, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView
from platformctl.policies.vocabulary import at_least


@judge("schedulingStrategy", "tags.Release")
def _scaled_or_waiting(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    """Autoscaled services, daemons, and those whose application has no release yet."""
    del settings
    scaled = "desiredCount" in resource.ignore_changes
    daemon = resource.get("schedulingStrategy") == "DAEMON"
    waiting = resource.get("tags.Release") == "awaiting-first-release"
    if not (scaled or daemon or waiting):
        yield Violation(expected="somebody else to decide the count")


RULE = Rule(
    id="ecs-two-tasks",
    title="Services run two tasks at least",
    why="One task is an outage whenever it is replaced.",
    fix="set `desired_count` of FargateService to 2 or more, or give it `scaling`",
    severity=MEDIUM,
    staging=OFF,
    types=("aws:ecs/service:Service",),
    judge=at_least("desiredCount", 2),
    unless=_scaled_or_waiting,
    before={"desiredCount": 1},
    after={"desiredCount": 2},
)
