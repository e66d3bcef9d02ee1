"""Migrations as operations: a real task next to a real database."""

import pytest
from support.databases import eventually
from support.migrating import Shop
from support.operations import Killed, Killer

from platformctl.errors import InvocationError, PlatformError
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.outcome import require_success
from platformctl.operations.kernel.states import State
from platformctl.operations.migration.definition import definition_with
from platformctl.operations.migration.find import choose
from platformctl.operations.migration.pending import waiting
from platformctl.operations.migration.running import require_only_serving
from platformctl.operations.migration.status import read_status
from platformctl.operations.migration.steps import CONTRACT, DOWN, UP
from platformctl.operations.migration.task import OneOffTask


@pytest.fixture
def shop(region):
    shop = Shop(region)
    yield shop
    shop.close()


def states(operation):
    return {each["number"]: each["state"] for each in operation.steps[-1].facts["migrations"]}


def test_it_expands_tells_what_it_does_and_remembers_what_came_of_it(shop):
    operation = shop.run(UP)

    assert operation.state == State.SUCCEEDED, operation.outcome
    assert operation.steps[0].facts["done"] == ["0001", "0002", "0003"]
    assert operation.steps[0].facts["head"] == "0004"
    assert states(operation)["0003"] == "ready"
    assert shop.tables() == {"events", "migrations", "alembic_version"}
    assert "0002 begins" in shop.told()
    with shop.connect() as connection:
        found = connection.execute("SELECT DISTINCT run, actor FROM migrations").fetchall()
    assert found == [(operation.id, "ada@console (arn:aws:sts::000000000000:assumed-role/x/y)")]


def test_what_was_deployed_waits_until_it_has_expanded(shop):
    journal = shop.runner().tools.journal

    assert waiting([shop.migrator], journal.all()) == [shop.migrator]
    shop.run(UP)
    assert waiting([shop.migrator], journal.all()) == []


def test_the_status_is_read_and_nothing_is_changed(shop):
    before = read_status(shop.clients, shop.migrator)
    assert {each["state"] for each in before["migrations"]} == {"pending"}
    assert shop.tables() == set()


@pytest.mark.fault(1)
@pytest.mark.parametrize("moment", [4, 6, 8])
def test_an_operation_that_was_killed_is_taken_up_and_one_task_has_migrated(shop, moment):
    killer = Killer(at=moment)
    with pytest.raises(Killed):
        shop.runner(killer).run(shop.plan(UP))
    name = next(iter(shop.runner().tools.journal.all())).id

    def resumed():
        try:
            return shop.runner().resume(name)
        except PlatformError:  # the lease of the dead one still holds
            return None

    operation = eventually(resumed, lambda found: found and found.state.is_final)

    assert operation.state == State.SUCCEEDED
    migrated = [task for task in shop.tasks() if task["startedBy"].startswith(name[:20])]
    assert len(migrated) <= 1
    assert shop.tables() == {"events", "migrations", "alembic_version"}


def test_a_task_under_way_is_followed_and_no_second_one_is_started(shop):
    task = OneOffTask(shop.clients, shop.migrator, "the-same-token")

    first = task.start(shop.definition, ["python", "-m", "database", "status"], {})
    second = task.start(shop.definition, ["python", "-m", "database", "status"], {})

    assert first["taskArn"] == second["taskArn"]


@pytest.mark.fault(34)
def test_a_contract_is_refused_while_an_old_release_is_connected_and_nothing_changes(shop):
    shop.run(UP)

    with shop.connect(application_name="analytics-api/0003"):
        refused = shop.run(CONTRACT)

    assert refused.state.is_final
    assert refused.state != State.SUCCEEDED
    assert "analytics-api (1 of head 0003)" in refused.outcome
    with pytest.raises(PlatformError):
        require_success(refused)
    after = read_status(shop.clients, shop.migrator)
    assert after["migrations"][-1]["state"] == "pending"


@pytest.mark.fault(34)
def test_a_contract_is_refused_while_a_task_of_another_release_runs_though_not_connected(shop):
    shop.run(UP)
    idle = ["python", "-c", "import time; time.sleep(600)"]
    container = shop.stage.container(image=shop.image, command=idle, portMappings=[])
    older = shop.stage.define(container)
    service = shop.serve(blue=shop.stage.define(), green=older)
    (kept,) = shop.stage.tasks(f"{service.name}-green")

    refused = shop.run(CONTRACT, services=[service])

    assert refused.state.is_final
    assert refused.state != State.SUCCEEDED
    revision, task = (kept[key].rpartition("/")[2] for key in ("taskDefinitionArn", "taskArn"))
    assert f"{service.name}-green: task {task} of {revision}" in refused.outcome
    assert f"{service.name}-blue" not in refused.outcome
    assert read_status(shop.clients, shop.migrator)["migrations"][-1]["state"] == "pending"

    shop.stage.ecs.update_service(
        cluster=service.cluster, service=f"{service.name}-green", desiredCount=0
    )
    shop.stage.await_stopped(kept["taskArn"])
    done = shop.run(CONTRACT, services=[service])

    assert done.state == State.SUCCEEDED, done.outcome


def test_the_other_side_may_run_the_same_image_with_settings_of_its_own(shop):
    green = shop.stage.define(shop.stage.container(variables={"SIDE": "green"}))
    service = shop.serve(blue=shop.stage.define(), green=green)

    require_only_serving([service], shop.clients, "local")


def test_where_no_side_serves_every_task_is_of_another_release(shop):
    service = shop.serve(blue=shop.stage.define())
    ssm = shop.region.client("ssm")
    ssm.put_parameter(Name=service.intake_parameter, Value="none", Overwrite=True)

    with pytest.raises(StepFailedError, match=f"{service.name}-blue: task"):
        require_only_serving([service], shop.clients, "local")


def test_a_contract_is_preceded_by_a_backup_that_is_fresh(region):
    shop = Shop(region, BackupRetentionPeriod=0)
    shop.run(UP)

    operation = shop.run(CONTRACT)

    backup = operation.step("back-up").facts["backup"]
    assert operation.state == State.SUCCEEDED, operation.outcome
    assert backup["kind"] == "snapshot"
    found = region.client("rds").describe_db_snapshots(DBSnapshotIdentifier=backup["name"])
    assert found["DBSnapshots"][0]["DBInstanceIdentifier"] == shop.name
    assert set(states(operation).values()) == {"done"}
    shop.close()


def test_a_database_that_can_be_restored_to_any_moment_needs_no_snapshot(region):
    shop = Shop(region, BackupRetentionPeriod=1)
    shop.run(UP)

    operation = shop.run(CONTRACT)

    assert operation.step("back-up").facts["backup"]["kind"] == "point in time"
    shop.close()


def test_the_way_back_is_an_operation_too(shop):
    shop.run(UP)

    operation = shop.run(DOWN, to="0001")

    assert operation.step("undo").facts["done"] == ["0003", "0002"]
    assert states(operation)["0002"] == "pending"


@pytest.mark.fault(31)
def test_an_expansion_that_is_refused_ends_the_operation_with_the_reason(shop):
    operation = shop.run(UP, to="0009")

    assert operation.state == State.ROLLED_BACK
    assert "there is no expand migration 0009" in operation.outcome
    assert shop.tables() == set()


def test_an_image_that_is_not_there_ends_the_operation_at_once_with_ecs_words(shop):
    repository = shop.image.rpartition(":")[0]

    operation = shop.run(UP, image=f"{repository}:no-such-version")

    assert operation.state == State.ROLLED_BACK
    assert "CannotPullContainerError" in operation.outcome


def test_a_release_brings_its_own_image_in_a_revision_that_is_registered_once(shop):
    other = f"{shop.image.rpartition(':')[0]}:other"

    assert definition_with(shop.clients, shop.migrator, None) == shop.definition
    assert definition_with(shop.clients, shop.migrator, shop.image) == shop.definition
    made = definition_with(shop.clients, shop.migrator, other)
    assert definition_with(shop.clients, shop.migrator, other) == made != shop.definition
    ecs = shop.clients("ecs", "us-east-1")
    container = ecs.describe_task_definition(taskDefinition=made)["taskDefinition"][
        "containerDefinitions"
    ][0]
    assert container["image"] == other
    assert container["logConfiguration"]["options"]["awslogs-group"] == shop.group


def test_an_unknown_product_is_told_which_there_are(shop):
    with pytest.raises(InvocationError, match=f"did you mean '{shop.name}'"):
        choose([shop.migrator], shop.name[:-1])
