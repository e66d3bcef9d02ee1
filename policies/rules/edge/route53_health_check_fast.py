"""Health checks notice a failure within half a minute."""

from collections.abc import Iterator

from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, Rule, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView
from platformctl.policies.vocabulary import all_of, at_most, given, not_true

_PROBES = all_of(
    at_most("requestInterval", 10, missing=30), at_most("failureThreshold", 3, missing=3)
)
_ASKS = not_true("disabled")
_ALARM = all_of(given("insufficientDataHealthStatus"), not_true("disabled"))


@judge("type", "tags.Release", *_PROBES.reads, *_ALARM.reads)
def _fast(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    kind = resource.get("type")
    if kind == "CLOUDWATCH_METRIC":
        yield from _ALARM(resource, settings)
    elif kind != "CALCULATED":
        yield from _PROBES(resource, settings)
        if resource.get("tags.Release") != "awaiting-first-release":
            yield from _ASKS(resource, settings)


RULE = Rule(
    id="route53-health-check-fast",
    title="Health checks notice a failure within half a minute",
    why="What the check loses in seconds, the recovery time objective loses too.",
    fix="leave `request_interval` and `failure_threshold` to HealthCheck",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:route53/healthCheck:HealthCheck",),
    judge=_fast,
    before={"type": "HTTPS", "requestInterval": 30, "failureThreshold": 5},
    after={"type": "HTTPS", "requestInterval": 10, "failureThreshold": 3},
)
