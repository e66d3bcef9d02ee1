"""Everything is in the regions that were agreed on."""

from collections.abc import Iterator

from platformctl.policies.rule import HIGH, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN
from platformctl.policies.view import ResourceView


@judge()
def _allowed(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    region = resource.region
    if region is UNKNOWN:
        yield Undetermined(path="region")
    elif region and region not in settings.regions:
        expected = " or ".join(settings.regions)
        yield Violation(path="region", found=region, expected=expected)


@judge()
def _global(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    """IAM, Route 53 and CloudFront belong to no region."""
    del settings
    if not resource.type.startswith(("aws:iam/", "aws:route53/", "aws:cloudfront/")):
        yield Violation(expected="a service without regions")


RULE = Rule(
    id="region-allowed",
    title="Everything is in the regions that were agreed on",
    why="Data that leaves its region may break a promise, or the law.",
    fix="make the component with a provider of an allowed region",
    severity=HIGH,
    types=("aws:*",),
    judge=_allowed,
    unless=_global,
    before={"bucket": "shop", "region": "ap-southeast-1"},
    after={"bucket": "shop", "region": "us-east-1"},
    example_type="aws:s3/bucket:Bucket",
)
