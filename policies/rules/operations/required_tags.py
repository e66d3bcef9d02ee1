"""Everything says whose it is and what it costs for."""

from collections.abc import Iterator

from platformctl.policies.rule import MEDIUM, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.tokens import is_taggable
from platformctl.policies.values import UNKNOWN
from platformctl.policies.view import ResourceView


@judge("tags", "tags.*")
def _tagged(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    matches = resource.each("tags.*")
    if any(match.path == "tags" and match.value is UNKNOWN for match in matches):
        yield Undetermined(path="tags")
        return
    carried = {match.path.partition(".")[2] for match in matches} | resource.default_tags.keys()
    absent = [tag for tag in settings.required_tags if tag not in carried]
    if absent:
        expected = f"the tags {', '.join(absent)}"
        yield Violation(path="tags", found=sorted(carried), expected=expected)


@judge()
def _cannot_carry_tags(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    if is_taggable(resource.type):
        yield Violation(expected="a type without tags")


RULE = Rule(
    id="required-tags",
    title="Everything says whose it is and what it costs for",
    why=(
        "Without tags nobody can tell who to ask, what a product costs, or how delicate "
        "its data is."
    ),
    fix="pass `tags` to the component; `naming.tags` makes them",
    severity=MEDIUM,
    types=("aws:*",),
    judge=_tagged,
    unless=_cannot_carry_tags,
    before={"bucket": "shop", "tags": {"Environment": "production"}},
    after={
        "bucket": "shop",
        "tags": {
            "Environment": "production",
            "Product": "shop",
            "ManagedBy": "platformctl",
            "CostCenter": "1",
            "Owner": "shop",
            "Component": "store",
            "DataClass": "internal",
        },
    },
    example_type="aws:s3/bucket:Bucket",
)
