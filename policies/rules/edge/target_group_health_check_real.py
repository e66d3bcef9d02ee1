"""Health checks ask the service itself."""

from collections.abc import Iterator

from platformctl.policies.rule import HIGH, Problem, Rule, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView
from platformctl.policies.vocabulary import must, not_false, one_of


@judge("protocol", "healthCheck.enabled", "healthCheck.path", "healthCheck.matcher")
def _real(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    yield from not_false("healthCheck.enabled")(resource, settings)
    if resource.get("protocol") not in ("HTTP", "HTTPS"):
        return
    if settings.environment == "production":
        path = must("healthCheck.path", lambda value: value != "/", "the service's own path")
        yield from path(resource, settings)
    yield from must(
        "healthCheck.matcher", _accepts_success_only, "codes from 200 to 399", missing=True
    )(resource, settings)


def _accepts_success_only(matcher: str) -> bool:
    codes = [int(code) for part in str(matcher).split(",") for code in part.split("-")]
    return all(200 <= code <= 399 for code in codes)


RULE = Rule(
    id="target-group-health-check-real",
    title="Health checks ask the service itself",
    why="A check that any web server passes keeps sending requests to a service that is broken.",
    fix="set `health_path` of Route to the service's own health endpoint",
    severity=HIGH,
    types=("aws:lb/targetGroup:TargetGroup",),
    judge=_real,
    unless=one_of("targetType", "lambda"),
    before={
        "protocol": "HTTP",
        "healthCheck": {"enabled": True, "path": "/", "matcher": "200-499"},
    },
    after={
        "protocol": "HTTP",
        "healthCheck": {"enabled": True, "path": "/health", "matcher": "200"},
    },
)
