"""Clusters count what their tasks use."""

from collections.abc import Iterator

from platformctl.policies.rule import (
    ADVISORY,
    MEDIUM,
    Problem,
    Rule,
    Undetermined,
    Violation,
    judge,
)
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN, named
from platformctl.policies.view import ResourceView


@judge("settings[]")
def _insights(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    match = named(resource.each("settings[]"), "containerInsights")
    if match.value is UNKNOWN:
        yield Undetermined(path=match.path)
    elif match.value not in ("enabled", "enhanced"):
        path = match.path or "settings"
        yield Violation(path=path, found=match.value, expected="containerInsights enabled")


RULE = Rule(
    id="ecs-container-insights",
    title="Clusters count what their tasks use",
    why="Without Container Insights there is no CPU or memory figure to alarm on.",
    fix="keep `container_insights=True` of ContainerCluster",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:ecs/cluster:Cluster",),
    judge=_insights,
    before={"settings": [{"name": "containerInsights", "value": "disabled"}]},
    after={"settings": [{"name": "containerInsights", "value": "enabled"}]},
)
