"""One bad record does not stop a stream."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import all_of, at_least, empty, given, true

RULE = Rule(
    id="lambda-stream-poison-handling",
    title="One bad record does not stop a stream",
    why=(
        "Without limits, a record that cannot be processed is tried again until it "
        "expires, and everything behind it waits."
    ),
    fix="leave retries, bisecting and the dead-letter queue to LambdaFunction's stream source",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:lambda/eventSourceMapping:EventSourceMapping",),
    judge=all_of(
        given("destinationConfig.onFailure.destinationArn"),
        true("bisectBatchOnFunctionError"),
        at_least("maximumRetryAttempts", 0),
    ),
    unless=empty("startingPosition"),
    before={"startingPosition": "LATEST", "bisectBatchOnFunctionError": False},
    after={
        "startingPosition": "LATEST",
        "bisectBatchOnFunctionError": True,
        "maximumRetryAttempts": 5,
        "destinationConfig": {
            "onFailure": {"destinationArn": "arn:aws:sqs:us-east-1:000000000000:dead"}
        },
    },
)
