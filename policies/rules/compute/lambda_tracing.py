"""Functions are traced."""

from platformctl.policies.rule import ADVISORY, LOW, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="lambda-tracing",
    title="Functions are traced",
    why="A trace tells which of five services was slow.",
    fix="leave tracing to LambdaFunction",
    severity=LOW,
    staging=ADVISORY,
    types=("aws:lambda/function:Function",),
    judge=one_of("tracingConfig.mode", "Active"),
    before={"tracingConfig": {"mode": "PassThrough"}},
    after={"tracingConfig": {"mode": "Active"}},
)
