"""Tables follow their load."""

from collections.abc import Iterator

from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, Rule, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView
from platformctl.policies.vocabulary import one_of


@judge()
def _scaled(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    """Tables whose capacity Pulumi leaves to autoscaling."""
    del settings
    if not {"readCapacity", "writeCapacity"} <= set(resource.ignore_changes):
        yield Violation(expected="autoscaling to decide the capacity")


RULE = Rule(
    id="dynamodb-scales",
    title="Tables follow their load",
    why="A table of fixed capacity throttles when it matters.",
    fix="leave `billing_mode` to DynamoTable",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:dynamodb/table:Table",),
    judge=one_of("billingMode", "PAY_PER_REQUEST"),
    unless=_scaled,
    before={"billingMode": "PROVISIONED", "readCapacity": 5},
    after={"billingMode": "PAY_PER_REQUEST"},
)
