"""Queues let named principals in only."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.statements import each_statement, everybody

RULE = Rule(
    id="sqs-policy-not-public",
    title="Queues let named principals in only",
    why="Everybody could read messages, or send their own.",
    fix="name principals, or a source ARN, in the `statements` of Queue",
    severity=CRITICAL,
    types=("aws:sqs/queuePolicy:QueuePolicy", "aws:sqs/queue:Queue"),
    judge=each_statement("policy", everybody, "named principals, or a condition on who asks"),
    before={
        "policy": {
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
            ]
        }
    },
    after={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": "*",
                    "Condition": {
                        "ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:000000000000:alerts"}
                    },
                }
            ]
        }
    },
)
