"""Random programs, random edits, random failures: what must always hold."""

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from support.engine_cloud import Cloud
from support.engine_direct import Declared, Direct, differences, order_of_records, unwanted

from platformctl.engine.state.checkpoint import Checkpoint
from platformctl.engine.state.ledger import Ledger

NAMES = [f"t{index}" for index in range(8)]
QUICK = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@some.composite
def programs(draw: some.DrawFn, *, protect: bool = False) -> list[Declared]:
    """Things in any order, each referring to some of those before it."""
    names = draw(some.lists(some.sampled_from(NAMES), unique=True))
    program: list[Declared] = []
    for index, name in enumerate(names):
        before = names[:index]
        references = some.lists(some.sampled_from(before), unique=True, max_size=3)
        chosen = [draw(references) if before else [] for _ in range(3)]
        program.append(
            Declared(
                name,
                value=draw(some.integers(0, 2)),
                fixed=draw(some.integers(0, 2)),
                updatable=chosen[0],
                replacing=chosen[1],
                needs=chosen[2],
                protect=protect and draw(some.booleans()),
                exclusive=draw(some.booleans()),
                # A given name is taken until the old one is gone, so only `fixed` may replace it.
                named=not chosen[1] and draw(some.booleans()),
            )
        )
    return program


def again(ledger: Ledger) -> Ledger:
    return Ledger(ledger.checkpoint())


def premature(cloud: Cloud, before: Sequence[Declared]) -> list[str]:
    """Return deletions before a dependent's.

    What must be deleted before it is replaced is exempt, with what is replaced along with it: its
    dependents are updated or deleted later, as with Pulumi.
    """
    allowed: set[str] = set()
    for each in before:
        if each.exclusive or allowed.intersection(each.replacing):
            allowed.add(each.name)
    return [problem for problem in cloud.problems if problem.split(" ")[0] not in allowed]


@QUICK
@given(some.lists(programs(), min_size=1, max_size=4))
def test_every_edit_leads_to_what_the_program_describes(edits: list[list[Declared]]) -> None:
    cloud, ledger = Cloud(), Ledger(Checkpoint())
    before: list[Declared] = []
    for program in edits:
        ledger = again(ledger)
        cloud.problems.clear()

        assert Direct(ledger, cloud).run(program) == []

        assert unwanted(program, cloud) == []
        assert differences(ledger, cloud) == []
        assert order_of_records(ledger) == []
        assert premature(cloud, before) == []
        assert not any(
            entry.resource.delete or entry.resource.pending_replacement
            for entry in ledger.entries()
        )
        before = program


@QUICK
@given(programs())
def test_a_second_run_has_nothing_to_do(program: list[Declared]) -> None:
    cloud, ledger = Cloud(), Ledger(Checkpoint())
    Direct(ledger, cloud).run(program)
    cloud.calls.clear()
    ledger = again(ledger)
    recorded = ledger.entries()

    assert Direct(ledger, cloud).run(program) == []

    assert cloud.calls == []
    assert [each.resource for each in ledger.entries()] == [each.resource for each in recorded]


@QUICK
@given(programs(protect=True), programs())
def test_protected_things_are_never_deleted(first: list[Declared], second: list[Declared]) -> None:
    cloud, ledger = Cloud(), Ledger(Checkpoint())
    Direct(ledger, cloud).run(first)
    protected = {
        identifier
        for identifier, thing in cloud.things.items()
        if any(each.name == thing["logical"] and each.protect for each in first)
    }
    ledger = again(ledger)
    protected -= {
        # A registration without `protect` lifts the protection, if nothing is to be replaced.
        entry.resource.id
        for entry in ledger.entries()
        for each in second
        if each.name == entry.resource.name
    }

    Direct(ledger, cloud).run(second)

    assert protected <= cloud.things.keys()
    assert differences(ledger, cloud) == []


@QUICK
@given(
    some.lists(programs(), min_size=1, max_size=3),
    some.lists(
        some.tuples(
            some.sampled_from(["create", "update", "delete"]),
            some.sampled_from(NAMES),
            some.booleans(),
        ),
        max_size=6,
    ),
)
def test_after_any_failure_the_state_is_what_exists_and_the_next_run_goes_on(
    edits: list[list[Declared]], refusals: list[tuple[str, str, bool]]
) -> None:
    cloud, ledger = Cloud(), Ledger(Checkpoint())
    for program in edits:
        for verb, name, partial in refusals:
            # A deletion that reports a failure after it has worked is a lie no engine can see.
            cloud.refuse(verb, name, "scripted", partial=partial and verb != "delete")
        for _ in range(len(refusals) + 1):
            ledger = again(ledger)
            failures = Direct(ledger, cloud).run(program)
            assert differences(ledger, cloud) == []
            assert order_of_records(ledger) == []
            if not failures:
                break
        cloud.refusals.clear()
        ledger = again(ledger)

        assert Direct(ledger, cloud).run(program) == []

        assert unwanted(program, cloud) == []


@QUICK
@given(programs(), programs())
def test_a_preview_foretells_the_steps_and_changes_nothing(
    first: list[Declared], second: list[Declared]
) -> None:
    cloud, ledger = Cloud(), Ledger(Checkpoint())
    Direct(ledger, cloud).run(first)
    recorded = ledger.checkpoint()
    cloud.calls.clear()

    preview = Direct(Ledger(recorded), cloud, preview=True)
    assert preview.run(second) == []
    assert cloud.calls == []
    update = Direct(Ledger(recorded), cloud)
    update.run(second)

    assert _steps(preview) >= _steps(update), "a preview may expect more, never less"


def _steps(run: Direct) -> set[tuple[str, str]]:
    done = [event.res_outputs_event for event in run.events if event.res_outputs_event]
    steps = {(each.metadata.op.value, each.metadata.urn) for each in done}
    return {step for step in steps if step[0] != "same"}
