"""Traces: how many of the requests, and how they are kept."""

from platformctl.components import SamplingRule, Tracing, TracingArgs
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import LOGS
from platformctl.stacks.layers.shared import SHARED, Shared, observed, tags

RULES = {
    # Load balancers ask all the time, and always the same.
    "health-checks": SamplingRule(priority=10, rate=0, reservoir=0, path="/health"),
    "requests": SamplingRule(priority=100, rate=0.05, reservoir=5),
}
GROUPS = {"slow": "responsetime > 1", "failed": "fault = true"}


def tracing_layer(shared: Shared) -> Tracing | None:
    """Make the sampling rules; None where there is no X-Ray to keep traces."""
    if not observed(shared.config):
        return None
    return Tracing(
        "tracing",
        TracingArgs(
            rules=RULES,
            groups=GROUPS,
            key_arn=shared.keys.arns[LOGS],
            tags=component_tags(tags(shared.config, SHARED), "tracing"),
        ),
    )
