"""Image repositories, what is kept in them, where copies go."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, json_document, parsed
from platformctl.provider.validation.paths import block, objects
from platformctl.provider.validation.rules import (
    Count,
    Custom,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Row,
    When,
)

NAME = r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*"
EXCEPTIONS = ("IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION")
FILTERS = "imageTagMutabilityExclusionFilters"
TAGS = ("tagPrefixList", "tagPatternList")


def _lifecycle(inputs: Inputs) -> Failures:
    """Priorities differ; what holds for any image comes last; a rule says which tags it means."""
    document = parsed(inputs.get("policy"))
    if document is None:
        return
    rules = [rule for _, rule in objects(document, "rules[]")]
    said = [each.get("rulePriority") for each in rules]
    priorities = {priority for priority in said if isinstance(priority, int)}
    if len(priorities) != len(rules) or not rules:
        yield CheckFailure("policy", "policy must have rules, each with a priority of its own")
    for each in rules:
        selection = block(each, "selection")
        place = f"policy: rule {each.get('rulePriority')}"
        if selection.get("tagStatus") not in ("tagged", "untagged", "any"):
            yield CheckFailure("policy", f"{place}: tagStatus must be tagged, untagged or any")
        if selection.get("tagStatus") == "tagged" and not any(map(selection.get, TAGS)):
            yield CheckFailure("policy", f"{place} must say which tags: {' or '.join(TAGS)}")
        if selection.get("countType") not in (
            "imageCountMoreThan",
            "sinceImagePushed",
            "sinceImagePulled",
            "sinceImageTransitioned",
        ):
            yield CheckFailure("policy", f"{place} has no known countType")
        if selection.get("countType") == "sinceImagePushed" and "countUnit" not in selection:
            yield CheckFailure("policy", f"{place} needs countUnit days")
        number = selection.get("countNumber")
        if not isinstance(number, int) or number < 1:
            yield CheckFailure("policy", f"{place} needs a countNumber of 1 or more")
        if block(each, "action").get("type") not in ("expire", "transition"):
            yield CheckFailure("policy", f"{place} has no action of type expire or transition")
        if selection.get("tagStatus") == "any" and each.get("rulePriority") != max(
            priorities, default=None
        ):
            yield CheckFailure("policy", f"{place} is for any image and must come last")


ROWS = {
    "aws:ecr/repository:Repository": Row(
        "ecr/repository.go",
        (
            Length("name", 2, 256),
            Pattern("name", NAME),
            OneOf(
                "imageTagMutability",
                (
                    "MUTABLE",
                    "IMMUTABLE",
                    "MUTABLE_WITH_EXCLUSION",
                    "IMMUTABLE_WITH_EXCLUSION",
                ),
            ),
            OneOf("encryptionConfigurations[].encryptionType", ("AES256", "KMS", "KMS_DSSE")),
            When(
                "encryptionType",
                ("AES256",),
                excludes=("kmsKey",),
                within="encryptionConfigurations[]",
            ),
            Follows("encryptionConfigurations[].kmsKey", arn),
            When("imageTagMutability", EXCEPTIONS, excludes=(FILTERS,), otherwise=True),
        ),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Row(
        "ecr/lifecycle_policy.go",
        (Follows("policy", json_document), Length("policy", 100, 30_720), Custom(_lifecycle)),
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": Row(
        "ecr/replication_configuration.go",
        (
            Count("replicationConfiguration.rules", 1, 10),
            Count("replicationConfiguration.rules[].destinations", 1, 25),
            Count("replicationConfiguration.rules[].repositoryFilters", 0, 100),
            Pattern("replicationConfiguration.rules[].destinations[].registryId", r"\d{12}"),
            Length("replicationConfiguration.rules[].repositoryFilters[].filter", 2, 256),
            OneOf(
                "replicationConfiguration.rules[].repositoryFilters[].filterType",
                ("PREFIX_MATCH",),
            ),
        ),
    ),
}
