"""Managed Prometheus."""

from platformctl.provider.validation.formats import arn
from platformctl.provider.validation.rules import Follows, Length, Pattern, Range, Row

WORKSPACE = r"ws-[0-9A-Za-z-]{1,61}"

ROWS = {
    "aws:amp/workspace:Workspace": Row(
        "amp/workspace.go",
        (
            Length("alias", 1, 100),
            Follows("kmsKeyArn", arn),
            Pattern("loggingConfiguration.logGroupArn", r"arn:.+:\*", "a log group's ARN with :*"),
        ),
    ),
    "aws:amp/workspaceConfiguration:WorkspaceConfiguration": Row(
        "amp/workspace_configuration.go",
        (
            Pattern("workspaceId", WORKSPACE),
            Range("retentionPeriodInDays", 1, 1095),
            Range("limitsPerLabelSets[].limits.maxSeries", 0),
        ),
    ),
    "aws:amp/ruleGroupNamespace:RuleGroupNamespace": Row(
        "amp/rule_group_namespace.go",
        (
            Pattern("workspaceId", WORKSPACE),
            Pattern("name", r"[0-9A-Za-z][\w.-]{0,63}"),
            Length("data", 1),
        ),
    ),
    "aws:amp/alertManagerDefinition:AlertManagerDefinition": Row(
        "amp/alert_manager_definition.go",
        (Pattern("workspaceId", WORKSPACE), Length("definition", 1)),
    ),
}
