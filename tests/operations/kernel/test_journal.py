"""What is recorded can be read by whoever comes next, or is refused with what to do."""

import json

import pytest
from support.operations import plan

from platformctl.errors import InvocationError, StateError
from platformctl.operations.kernel.operation import FORMAT
from platformctl.operations.kernel.table import OperationsTable


@pytest.fixture
def ended(console):
    """Return a console and an operation that has ended at it."""
    made = console()
    return made, made.runner().run(plan(release="r7"))


def rewrite(made, name, change):
    """Change the record of an operation behind its back."""
    table = OperationsTable(made.client, made.table)
    item = dict(table.get("operations", name) or {})
    document = json.loads(item["document"])
    change(document)
    table.put({**item, "document": json.dumps(document)})


@pytest.mark.fault(12)
def test_a_record_of_a_newer_platformctl_is_refused(ended):
    made, operation = ended
    rewrite(made, operation.id, lambda document: document.update(format=FORMAT + 1))
    with pytest.raises(StateError, match=f"it has format {FORMAT + 1}") as refused:
        made.runner().resume(operation.id)
    assert "newer" in refused.value.remedy


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["plan"]["parameters"].update(release="r8"),
        lambda document: document.pop("steps"),
        lambda document: document.update(state="flying"),
        lambda document: document.update(unheard_of=1),
        lambda document: document.update(plan="none"),
    ],
)
def test_a_record_that_was_changed_is_refused_with_the_way_out(ended, change):
    made, operation = ended
    rewrite(made, operation.id, change)
    with pytest.raises(StateError, match=f"operation {operation.id} cannot be read") as refused:
        made.runner().resume(operation.id)
    assert "platformctl lock release" in refused.value.remedy
    assert refused.value.why


def test_an_unknown_operation_is_said_to_be_unknown(console):
    with pytest.raises(InvocationError, match="there is no operation 'nothing'"):
        console().runner().resume("nothing")


def test_an_environment_without_a_table_says_how_to_get_one(console):
    made = console()
    made.table = "nowhere"
    with pytest.raises(StateError, match="there is no operations table nowhere") as refused:
        made.runner().run(plan())
    assert "platformctl up" in refused.value.remedy


def test_measurements_are_kept_in_order(ended):
    made, operation = ended
    for number in (1, 2, 3):
        at = f"2026-11-21T12:00:0{number}.000Z"
        made.journal.sample(operation.id, at, "bake", {"errors": number / 10})
    assert [sample["errors"] for sample in made.journal.samples(operation.id)] == [0.1, 0.2, 0.3]
