"""What a stop, a crash of the supervisor, and an interrupted creation leave of databases."""

import os
import signal
from pathlib import Path

from support.databases import available, eventually, make_database, query, retried, unique
from support.region import processes_of, running_region


def test_content_and_addresses_outlast_a_stop_of_the_region(tmp_path: Path):
    with running_region(tmp_path) as region:
        name, other = unique("kept"), unique("replica")
        shape = make_database(region, name)
        query(region, shape, "CREATE TABLE kept AS SELECT 42 AS answer")
        region.client("rds").create_db_instance_read_replica(
            DBInstanceIdentifier=other, SourceDBInstanceIdentifier=name
        )
        replica = available(region, other)
        region.stop()
        region.start()
        select = "SELECT answer FROM kept"
        eventually(lambda: retried(lambda: query(region, shape, select)) == [(42,)])
        eventually(lambda: retried(lambda: query(region, replica, select)) == [(42,)])
        query(region, shape, "INSERT INTO kept VALUES (43)")
        eventually(lambda: len(query(region, replica, select)) == 2)


def test_a_killed_supervisor_loses_nothing_that_was_committed_and_finishes_its_work(tmp_path: Path):
    with running_region(tmp_path) as region:
        name, unfinished = unique("kept"), unique("unfinished")
        shape = make_database(region, name)
        query(region, shape, "CREATE TABLE kept AS SELECT 42 AS answer")
        region.client("rds").create_db_instance(
            DBInstanceIdentifier=unfinished,
            Engine="postgres",
            EngineVersion="15",
            DBInstanceClass="db.t3.micro",
            MasterUsername="owner",
            MasterUserPassword="correct-horse-1",
            DBName="shop",
            AllocatedStorage=20,
        )
        os.kill(region.controller.status()["pid"], signal.SIGKILL)
        eventually(lambda: processes_of(region.root) == [])
        region.start()
        eventually(
            lambda: retried(lambda: query(region, shape, "SELECT answer FROM kept")) == [(42,)]
        )
        assert query(region, available(region, unfinished), "SELECT 1") == [(1,)]
