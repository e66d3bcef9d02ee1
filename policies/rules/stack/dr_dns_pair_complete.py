"""Every primary record has its secondary."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import known
from platformctl.policies.rule import HIGH, OFF, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN
from platformctl.policies.view import ResourceView, StackView


def _paired(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    sides: dict[tuple[object, object], dict[object, ResourceView]] = {}
    for record in stack.all(tokens.RECORD):
        for side in known(record.each("failoverRoutingPolicies[].type")):
            key = (record.get("name"), record.get("type"))
            sides.setdefault(key, {})[side] = record
    for (name, kind), found in sides.items():
        if name is UNKNOWN:
            yield Undetermined(path="name", urn=next(iter(found.values())).urn)
        elif "PRIMARY" in found and "SECONDARY" not in found:
            expected = f"a SECONDARY record {name} {kind}"
            yield Violation(
                path="failoverRoutingPolicies", expected=expected, urn=found["PRIMARY"].urn
            )


RULE = StackRule(
    id="dr-dns-pair-complete",
    title="Every primary record has its secondary",
    why="A failover record without its other half fails over to nothing.",
    fix="make both with FailoverRecord",
    severity=HIGH,
    staging=OFF,
    judge=_paired,
    before="a PRIMARY record alone",
    after="FailoverRecord(primary=…, secondary=…)",
)
