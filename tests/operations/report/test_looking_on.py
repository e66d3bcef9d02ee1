"""`operation show --follow` ends as the operation did."""

import uuid

import pytest
from support.operations import Console, Killed, Killer, SetStep, World, create_table, plan

from platformctl.cli.operating import follow_operation, newest
from platformctl.errors import InvocationError, PlatformError, ResourceError
from platformctl.operations.console import OperationsConsole
from platformctl.operations.load.traffic import Client


@pytest.fixture
def place(region):
    """Return the console of an environment that has an operations table."""
    found = OperationsConsole(
        project=f"p{uuid.uuid4().hex[:8]}",
        environment="local",
        region="us-east-1",
        clients=lambda service, name: region.client(service),
        connect=Client,
    )
    create_table(region.client("dynamodb"), found.table.name)
    return found


def run(place, *names, killed_at=None, fails=None):
    world = World()
    made = Console(
        place.table.client,
        place.table.name,
        lambda killer: [SetStep(world, killer, name, fails=name == fails) for name in names],
    )
    return made.runner(Killer(at=killed_at)).run(plan())


def test_an_operation_that_succeeded_is_no_error(place, capsys):
    ended = run(place, "one", "two")

    follow_operation(place, newest(place), as_json=False)
    shown = capsys.readouterr().err
    assert ended.id in shown
    assert "✓ two" in shown
    assert "✓ deploy of web: succeeded" in shown


def test_an_operation_that_was_undone_is_the_error_that_its_own_process_ended_with(place):
    ended = run(place, "one", "two", fails="two")

    with pytest.raises(ResourceError, match="two said no"):
        follow_operation(place, ended.id, as_json=True)


def test_an_operation_whose_process_is_gone_is_told_with_the_way_on(place):
    with pytest.raises(Killed):
        run(place, "one", "two", killed_at=8)
    tenure = place.leases.read("service/web")
    place.table.put({**place.table.get("lease", "service/web"), "holder": None})

    with pytest.raises(PlatformError, match="nobody is at work on operation") as error:
        follow_operation(place, tenure.operation, as_json=False)
    assert f"platformctl operation resume local {tenure.operation}" in error.value.remedy


def test_an_environment_without_operations_has_no_newest_one(place):
    with pytest.raises(InvocationError, match="local has no operations"):
        newest(place)
