"""URNs, former names, targets, decisions and the order of deletions."""

import pytest

from platformctl.engine import urn as urns
from platformctl.engine.planning import graph
from platformctl.engine.planning.aliases import former_urns
from platformctl.engine.planning.decision import Operation, component_decision, decide
from platformctl.engine.planning.goal import Alias, Goal
from platformctl.engine.planning.targets import Targets
from platformctl.engine.state.ledger import Entry
from platformctl.engine.state.resource import Resource
from platformctl.plugin.provider import DiffKind, DiffResult
from platformctl.plugin.values import UNKNOWN, Secret

ROOT = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def urn(name: str, type_: str = "t:m:T", parent: str = ROOT) -> str:
    return urns.make("dev", "shop", parent, type_, name)


def resource(name: str, *needs: str, **fields) -> Resource:
    return Resource(urn=urn(name), type="t:m:T", dependencies=[urn(n) for n in needs], **fields)


def test_urns_are_composed_and_split() -> None:
    group = urn("group", "t:m:Group")
    child = urn("a::b", parent=group)

    assert child == "urn:pulumi:dev::shop::t:m:Group$t:m:T::a::b"
    assert urns.parse(child).type == "t:m:T"
    assert urns.name_of(child) == "a::b"
    with pytest.raises(ValueError, match="not a URN"):
        urns.parse("urn:other:x")


@pytest.mark.parametrize(
    ("alias", "former"),
    [
        (Alias(urn="urn:pulumi:x::y::z::w"), "urn:pulumi:x::y::z::w"),
        (Alias(name="old"), urn("old")),
        (Alias(type="t:m:Old"), urn("a", "t:m:Old")),
        (Alias(stack="prod"), "urn:pulumi:prod::shop::t:m:T::a"),
        (Alias(project="old"), "urn:pulumi:dev::old::t:m:T::a"),
        (Alias(parent=urn("g", "t:m:G")), urn("a", parent=urn("g", "t:m:G"))),
    ],
)
def test_an_alias_is_resolved_against_the_present_name(alias: Alias, former: str) -> None:
    goal = Goal(type="t:m:T", name="a", parent=ROOT, aliases=[alias])

    assert former_urns(urn("a"), goal, "") == [former]


def test_a_child_was_named_after_its_parents_former_name() -> None:
    new, old = urn("web", "t:m:G"), urn("site", "t:m:G")
    goal = Goal(type="t:m:T", name="web-a", parent=new, aliases=[Alias(name="b")])

    # A URN has the type of the parent in it, not the name: both parents give the same for `b`.
    assert former_urns(urn("web-a", parent=new), goal, old) == [
        urn("b", parent=old),
        urn("site-a", parent=old),
    ]


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        (urn("a"), True),
        ("**::a", True),
        ("urn:pulumi:dev::*::*::a", True),
        ("*::a", False),
        ("**::b", False),
        ("**t:m:T**", True),
    ],
)
def test_targets_take_wildcards(pattern: str, hit: bool) -> None:
    assert (urn("a") in Targets([pattern])) is hit


def test_without_targets_everything_is_targeted() -> None:
    assert not Targets()
    assert urn("a") in Targets()


CHANGED = DiffResult({"x": DiffKind.UPDATE})
REPLACING = DiffResult({"x": DiffKind.UPDATE, "y": DiffKind.ADD}, ["x"])


@pytest.mark.parametrize(
    ("old", "diff", "operation"),
    [
        (None, DiffResult(), Operation.CREATE),
        (resource("a"), DiffResult(), Operation.SAME),
        (resource("a"), CHANGED, Operation.UPDATE),
        (resource("a", init_errors=["slow"]), DiffResult(), Operation.UPDATE),
        (resource("a"), REPLACING, Operation.REPLACE),
        (resource("a", pending_replacement=True), REPLACING, Operation.CREATE_REPLACEMENT),
    ],
)
def test_a_decision_is_named(old: Resource | None, diff: DiffResult, operation: Operation) -> None:
    goal = Goal(type="t:m:T", name="a")

    assert decide(old, goal, resource("a"), diff).operation is operation


def test_the_cause_of_a_replacement_is_marked() -> None:
    decision = decide(resource("a"), Goal(type="t:m:T", name="a"), resource("a"), REPLACING)

    assert decision.causes == ["x"]
    assert decision.changes == {"x": DiffKind.UPDATE_REPLACE, "y": DiffKind.ADD}
    assert not decision.delete_first


def test_a_component_changes_with_its_inputs_secret_or_not() -> None:
    old = resource("a", custom=False, inputs={"x": 1, "y": 1})

    same = component_decision(old, resource("a", inputs={"x": Secret(1), "y": 1}))
    changed = component_decision(old, resource("a", inputs={"x": 2, "z": 1}))

    assert same.operation is Operation.SAME
    assert changed.changes == {
        "x": DiffKind.UPDATE,
        "y": DiffKind.DELETE,
        "z": DiffKind.ADD,
    }


def test_what_needs_something_is_deleted_before_it() -> None:
    entries = [
        Entry(0, resource("a")),
        Entry(1, resource("b", "a", parent=urn("a"))),
        Entry(2, resource("c", "b", deleted_with=urn("a"))),
    ]

    assert graph.deletion_order(entries) == {0: {1, 2}, 1: {2}, 2: set()}


def test_a_replacement_takes_along_what_it_would_replace() -> None:
    asked = []

    def replaces(each: Resource, inputs: dict) -> list[str]:
        asked.append((each.name, inputs))
        return [key for key, value in inputs.items() if value is UNKNOWN and key != "soft"]

    def using(name: str, key: str, source: str, **fields) -> Resource:
        dependencies = {key: [urn(source)]}
        inputs = {key: "arn"}
        return resource(name, source, inputs=inputs, property_dependencies=dependencies, **fields)

    provider = f"{urn('p')}::1"
    entries = [
        Entry(1, using("hard", "hard", "root")),
        Entry(2, using("soft", "soft", "root")),
        Entry(3, using("far", "hard", "hard")),
        Entry(4, resource("loose", "root")),
        Entry(5, using("part", "hard", "root", custom=False)),
        Entry(6, resource("managed", provider=provider)),
    ]

    assert [each.entry.slot for each in graph.cascade(urn("root"), entries, replaces)] == [1, 3]
    assert [name for name, _ in asked] == ["hard", "soft", "far"]
    along = graph.cascade(urn("p"), entries, replaces)
    assert [(each.entry.slot, each.causes) for each in along] == [(6, ["provider"])]
