"""Databases send their logs to CloudWatch."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import given

RULE = Rule(
    id="rds-logs-exported",
    title="Databases send their logs to CloudWatch",
    why="On the instance logs are gone after three days, and with the instance.",
    fix="leave the exported logs to PostgresDatabase",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    judge=given("enabledCloudwatchLogsExports"),
    before={"enabledCloudwatchLogsExports": []},
    after={"enabledCloudwatchLogsExports": ["postgresql"]},
)
