"""Every data store is in a backup plan."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery, known, tags_of
from platformctl.policies.rule import ADVISORY, HIGH, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, peek
from platformctl.policies.view import ResourceView, StackView

_KINDS = (tokens.RDS_INSTANCE, tokens.DOCUMENTS, tokens.TABLE, "aws:efs/fileSystem:FileSystem")
_PREFIXES = {tokens.RDS_INSTANCE: "rds", tokens.DOCUMENTS: "rds", tokens.TABLE: "dynamodb"}


def _planned(stack: StackView, settings: Settings) -> Iterator[Problem]:
    selections = stack.all(tokens.BACKUP_SELECTION)
    for store in stack.all(*_KINDS):
        # A replica is backed up at its source.
        replica = store.get("replicateSourceDb") is not MISSING
        if replica or in_recovery(store, settings):
            continue
        if not any(_selects(each, store, stack) for each in selections):
            yield Violation(
                found=f"{len(selections)} selections, none of which holds it",
                expected="a backup selection by ARN or tag",
                urn=store.urn,
            )


def _selects(selection: ResourceView, store: ResourceView, stack: StackView) -> bool:
    if store in stack.targets(selection, "resources[]", store.type):
        return True
    arn = store.outputs.get("arn")
    patterns = [str(each) for each in known(selection.each("resources[]"))]
    by_arn = any(fnmatchcase(str(arn or f"arn:aws:{_service(store)}:"), each) for each in patterns)
    tags, conditions = tags_of(store), known(selection.each("selectionTags[]"))
    wanted = [{key: peek(each, key)[0].value for key in ("key", "value")} for each in conditions]
    by_tag = any(tags.get(str(each["key"])) == each["value"] for each in wanted)
    equal = known(selection.each("conditions[].stringEquals[]")) or known(
        selection.each("conditions.stringEquals[]")
    )
    kept = all(
        tags.get(str(peek(each, "key")[0].value).removeprefix("aws:ResourceTag/"))
        == peek(each, "value")[0].value
        for each in equal
    )
    return (by_arn or by_tag) and kept


def _service(store: ResourceView) -> str:
    return _PREFIXES.get(store.type, store.type.split(":")[1].partition("/")[0])


RULE = StackRule(
    id="every-data-store-in-a-backup-plan",
    title="Every data store is in a backup plan",
    why="What is not in the plan is missing on the day it is needed.",
    fix="give the store the tags that BackupPlan selects by",
    severity=HIGH,
    staging=ADVISORY,
    judge=_planned,
    before="tags={} where the plan selects Backup=daily",
    after='tags={"Backup": "daily"}',
)
