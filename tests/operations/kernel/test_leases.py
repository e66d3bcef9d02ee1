"""Who may change what: one at a time, proven by a token, judged by no clock but one's own."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from support.operations import ACTOR, TurnedClock

from platformctl.errors import LockedError
from platformctl.operations.kernel.fencing import fenced
from platformctl.operations.kernel.lease import EVERYTHING, Leases, Lost
from platformctl.operations.kernel.table import OperationsTable

HERE = replace(ACTOR, host=os.uname().nodename)


@pytest.fixture
def leases(dynamodb, table):
    """Return the leases of an environment, which last a tenth of a second."""
    return Leases(OperationsTable(dynamodb, table), duration=0.1)


@pytest.mark.fault(3)
def test_of_many_who_ask_at_once_one_gets_it_and_the_others_are_told_who(leases):
    barrier = threading.Barrier(6)

    def ask(number):
        actor = replace(ACTOR, user=f"operator-{number}")
        barrier.wait()
        try:
            return leases.acquire("service/web", f"operation-{number}", actor, "deploy of web")
        except LockedError as error:
            return error

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    refused = [answer for answer in answers if isinstance(answer, LockedError)]
    [holder] = [answer for answer in answers if not isinstance(answer, LockedError)]
    assert len(refused) == 5
    name = holder.tenure.holder.actor.user
    assert all(f"held by {name}@console" in str(error) for error in refused)
    assert all("deploy of web, since 20" in str(error) for error in refused)


@pytest.mark.fault(4)
def test_who_slept_too_long_changes_nothing_any_more(leases, dynamodb):
    sleeper = leases.acquire("service/web", "operation-1", ACTOR, "deploy of web")
    # No thread renews it: the process sleeps. Its operation is taken over meanwhile.
    heir = leases.acquire("service/web", "operation-1", ACTOR, "deploy of web")
    assert heir.tenure.token == sleeper.tenure.token + 1

    called = []
    clients = fenced(lambda service, region: dynamodb, sleeper.confirm)
    with pytest.raises(Lost):
        called.append(clients("dynamodb", "us-east-1").delete_table(TableName="whatever"))
    assert called == []
    assert clients("dynamodb", "us-east-1").list_tables()["TableNames"], "reading is allowed"
    heir.confirm()


def test_a_lease_that_is_renewed_is_not_taken_over(leases):
    with leases.acquire("service/web", "operation-1", ACTOR, "deploy of web") as lease:
        with pytest.raises(LockedError, match="is held by ada@console"):
            leases.acquire("service/web", "operation-1", ACTOR, "deploy of web")
        lease.confirm()


@pytest.mark.fault(13)
def test_wall_clocks_that_are_off_neither_lengthen_nor_shorten_a_lease(dynamodb, table):
    ahead, behind = TurnedClock(), TurnedClock()
    ahead.wall += timedelta(minutes=10)
    behind.wall -= timedelta(minutes=10)
    first = Leases(OperationsTable(dynamodb, table), ahead, duration=6)
    first.acquire("service/web", "operation-1", ACTOR, "deploy of web")
    other = Leases(OperationsTable(dynamodb, table), behind, duration=6)
    tenure = other.read("service/web")
    assert tenure is not None
    assert not other.is_alive(tenure)
    assert behind.elapsed >= 6, "watched for as long as it lasts, on the own clock"


def test_a_process_of_this_machine_that_is_gone_need_not_be_waited_for(dynamodb, table):
    script = f"""
import boto3
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.operation import Actor
from platformctl.operations.kernel.table import OperationsTable
client = boto3.client("dynamodb", endpoint_url={dynamodb.meta.endpoint_url!r},
                      region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
actor = Actor(arn="", user="ada", host={HERE.host!r})
Leases(OperationsTable(client, {table!r})).acquire("service/web", "one", actor, "deploy of web")
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    clock = TurnedClock()
    leases = Leases(OperationsTable(dynamodb, table), clock, duration=600)
    tenure = leases.read("service/web")
    assert tenure is not None
    assert not leases.is_alive(tenure)
    assert leases.is_abandoned("one", "service/web")
    assert clock.elapsed == 0
    leases.acquire("service/web", "one", HERE, "deploy of web")
    assert not leases.is_abandoned("one", "service/web")


@pytest.mark.fault(5)
def test_the_whole_environment_and_a_part_of_it_exclude_each_other(leases):
    part = leases.acquire("service/web", "operation-1", ACTOR, "deploy of web")
    with pytest.raises(LockedError, match="deploy of web"):
        leases.acquire(EVERYTHING, "up", ACTOR, "up")
    leases.acquire("service/api", "operation-2", ACTOR, "deploy of api").close()
    part.close()

    whole = leases.acquire(EVERYTHING, "up", ACTOR, "up")
    with pytest.raises(LockedError, match="held by ada@console"):
        leases.acquire("service/web", "operation-3", ACTOR, "deploy of web")
    whole.close()
    assert leases.all() == []


def test_what_nobody_is_at_work_on_can_be_given_free_at_once(leases):
    leases.acquire("product/shop", "operation-1", HERE, "migration of shop").leave()
    at_work = leases.acquire("service/web", "operation-2", HERE, "deploy of web")

    assert [each.operation for each in leases.free_waiting()] == ["operation-1"]

    assert [each.operation for each in leases.all()] == ["operation-2"]
    at_work.close()


def lose(lease):
    """Return what confirms a lease once the time is over for which it was."""

    def confirm():
        threading.Event().wait(0.1)
        lease.confirm()

    return confirm


def test_what_is_given_free_by_force_is_lost_to_its_holder(leases, dynamodb):
    lease = leases.acquire("service/web", "operation-1", ACTOR, "deploy of web")
    freed = leases.free("service/web")
    assert freed is not None
    assert freed.operation == "operation-1"
    assert leases.free("service/web") is None
    table = leases.read("service/web")
    assert table is not None
    assert table.token == lease.tenure.token + 1
    with pytest.raises(Lost):
        fenced(lambda service, region: dynamodb, lose(lease))("dynamodb", "").delete_table(
            TableName="whatever"
        )
