"""Topics let named principals in only."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.statements import each_statement, everybody

RULE = Rule(
    id="sns-policy-not-public",
    title="Topics let named principals in only",
    why="Everybody could publish alarms, or subscribe to them.",
    fix="leave the topic's policy to Alerts",
    severity=CRITICAL,
    types=("aws:sns/topicPolicy:TopicPolicy", "aws:sns/topic:Topic"),
    judge=each_statement("policy", everybody, "named principals, or a condition on who asks"),
    before={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": "sns:Publish",
                    "Resource": "*",
                }
            ]
        }
    },
    after={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:SourceAccount": "000000000000"}},
                }
            ]
        }
    },
)
