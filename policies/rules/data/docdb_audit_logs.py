"""Document stores keep audit logs."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import holds_all

RULE = Rule(
    id="docdb-audit-logs",
    title="Document stores keep audit logs",
    why="They tell who read what.",
    fix="leave the exported logs to DocumentDatabase",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:docdb/cluster:Cluster",),
    judge=holds_all("enabledCloudwatchLogsExports", "audit"),
    before={"enabledCloudwatchLogsExports": []},
    after={"enabledCloudwatchLogsExports": ["audit", "profiler"]},
)
