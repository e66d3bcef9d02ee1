"""Web ACLs count what they do."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import true

RULE = Rule(
    id="waf-acl-metrics",
    title="Web ACLs count what they do",
    why="What is not counted cannot be alarmed on.",
    fix="leave the visibility of WebFirewall on",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:wafv2/webAcl:WebAcl",),
    judge=true("visibilityConfig.cloudwatchMetricsEnabled"),
    before={"visibilityConfig": {"cloudwatchMetricsEnabled": False}},
    after={"visibilityConfig": {"cloudwatchMetricsEnabled": True}},
)
