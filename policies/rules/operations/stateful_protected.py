"""Pulumi refuses to delete data stores."""

from collections.abc import Iterator

from platformctl.policies.rule import HIGH, OFF, Problem, Rule, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.tokens import DATA_STORES
from platformctl.policies.view import ResourceView


@judge()
def _protected(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    if not (resource.protect or resource.retain_on_delete):
        yield Violation(found=False, expected="the option protect, or retain_on_delete")


@judge("forceDestroy")
def _kept_by_s3(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    """S3 itself refuses to delete a bucket with objects in it, unless Pulumi empties it first."""
    del settings
    if resource.type != "aws:s3/bucket:Bucket" or resource.get("forceDestroy") is True:
        yield Violation(expected="a bucket that S3 does not delete")


RULE = Rule(
    id="stateful-protected",
    title="Pulumi refuses to delete data stores",
    why="A renamed or moved resource is a deletion and a creation; the data is in the former.",
    fix="keep `deletion_protection=True` of the component, which protects its data",
    severity=HIGH,
    staging=OFF,
    types=DATA_STORES,
    judge=_protected,
    unless=_kept_by_s3,
    example_type="aws:dynamodb/table:Table",
)
