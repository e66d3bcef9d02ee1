"""What an operator does to the running platform with the command line."""

import json
import os
import signal

import httpx
import psutil
import pytest
from support.platform import Platform, alive, eventually

from platformctl.engine.state.lock import held
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.operation import Actor
from platformctl.operations.kernel.table import OperationsTable


def test_a_second_up_changes_nothing_and_says_so(platform):
    run = platform.run("up", "local", "--expect-no-changes")

    assert "nothing to change" in run.stderr


def test_status_finds_every_part_healthy(platform):
    report = platform.json("status", "local")

    assert report["healthy"], report
    assert {"service", "database", "cache", "stream", "load balancer", "targets", "alarm"} <= {
        part["kind"] for part in report["parts"]
    }


def test_status_names_the_release_that_each_service_runs(platform):
    services = platform.json("status", "local")["services"]

    assert services
    assert [each["name"] for each in services if not each["release"]] == []


def test_outputs_print_a_single_value_bare(platform):
    url = platform.run("outputs", "local", "analytics_api_url").stdout.strip()

    assert httpx.get(url).status_code < 500


def test_logs_show_what_a_service_wrote(platform):
    def lines():
        run = platform.run("logs", "local", "--service", "analytics-api", "--since", "1h", "--json")
        return [json.loads(line) for line in run.stdout.splitlines()]

    assert {line["service"] for line in eventually(lines)} == {"analytics-api"}


def test_history_tells_what_was_done(platform):
    records = platform.json("history", "local")

    assert {"update", "succeeded"} <= {records[-1]["kind"], records[-1]["result"]}


def test_a_changed_desired_count_is_followed_by_the_processes(platform):
    def count(change):
        def apply(config):
            config["platform:analytics"]["api"]["desiredCount"] += change

        platform.configure(apply)
        run = platform.run("up", "local")
        assert "~ 2 updated" in run.stderr, "a tag of either side"
        parts = platform.json("status", "local")["parts"]
        return {
            part["detail"]
            for part in parts
            if part["name"].startswith("analytics-api-") and part["kind"] == "service"
        }

    more = count(+1)
    less = count(-1)

    assert more == {"3/3 running", "no tasks wanted"}
    assert less == {"2/2 running", "no tasks wanted"}


@pytest.mark.fault(5, 23)
def test_up_is_refused_while_an_operation_is_open(platform):
    def keep(days):
        def apply(config):
            config["platform:logs"]["retentionDays"] = days

        platform.configure(apply)

    table = OperationsTable(platform.client("dynamodb"), "platform-local-operations")
    ada = Actor(arn="", user="ada", host="another-machine")
    lease = Leases(table).acquire("service/analytics-api", "one", ada, "deploy of analytics-api")
    keep(14)
    refused = platform.run("up", "local", status=1).stderr
    assert "service/analytics-api is held by ada@another-machine" in refused
    assert "platformctl operation show" in refused
    lease.close()
    platform.run("up", "local")
    keep(7)
    platform.run("up", "local")
    assert Leases(table).all() == []


def test_a_changed_environment_variable_reaches_the_running_processes(platform):
    def set_level(level):
        def apply(config):
            config["platform:analytics"]["api"].setdefault("environment", {})["LOG_LEVEL"] = level

        platform.configure(apply)
        platform.run("up", "local")

    def levels():
        found = set()
        for process in psutil.process_iter():
            try:
                environment = process.environ()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            in_ours = environment.get("AWS_ENDPOINT_URL", "").endswith(f":{platform.port}")
            if in_ours and environment.get("SERVICE_NAME") == "analytics-api":
                found.add(environment.get("LOG_LEVEL"))
        return found

    set_level("debug")
    assert eventually(lambda: levels() == {"debug"}), "the old tasks end their requests"
    set_level("info")
    assert eventually(lambda: levels() == {"info"})


def test_a_service_that_cannot_start_is_told_and_the_old_one_goes_on(platform):
    def break_it(config):
        config["platform:analytics"]["api"].setdefault("environment", {})["DB_POOL_SIZE"] = "many"

    def mend_it(config):
        del config["platform:analytics"]["api"]["environment"]["DB_POOL_SIZE"]

    platform.configure(break_it)
    run = platform.run("up", "local", status=4)
    assert "deploy of analytics-api" in run.stderr
    assert "DB_POOL_SIZE" in run.stderr, "the last lines of the log say why"
    again = platform.run("up", "local").stderr
    assert "was rolled back, and is not tried again" in again
    assert "every service of local runs" not in again
    assert (
        httpx.get(f"{platform.outputs()['analytics_api_url']}/v1/events?userId=ada").status_code
        == 200
    )

    platform.configure(mend_it)
    platform.run("up", "local")
    assert platform.json("status", "local")["healthy"]


def test_drift_is_shown_by_refresh_and_repaired_by_up(platform):
    sqs = platform.client("sqs")
    queue = platform.outputs()["alerts_queue_url"]
    attribute = "MessageRetentionPeriod"
    meant = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[attribute])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={attribute: "60"})

    shown = platform.run("refresh", "local")
    assert "messageRetentionSeconds" in shown.stderr

    platform.run("up", "local")
    now = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[attribute])["Attributes"]
    assert now == meant


def test_load_is_counted_at_the_other_end(platform):
    result = platform.json("load", "run", "local", "--rate", "400", "--duration", "4s")

    assert result["accepted"] > 1000
    assert result["counted"] == result["accepted"]
    assert result["errors"] == {}


def test_what_was_sent_survives_stopping_and_starting_the_region(platform):
    api = platform.outputs()["analytics_api_url"]

    def total():
        answer = httpx.get(f"{api}/v1/events/summary", params={"groupBy": "eventType"})
        return answer.json() if answer.status_code == 200 else None

    before = eventually(total)
    platform.run("region", "stop")
    platform.run("region", "start")
    platform.run("up", "local")

    assert eventually(total)["total"] >= before["total"]


def test_a_killed_supervisor_leaves_nothing_and_the_region_starts_again(platform):
    processes = platform.region_processes()
    platform.kill_supervisor()
    eventually(lambda: not alive(processes))

    platform.run("region", "start")
    platform.run("up", "local")

    assert platform.json("status", "local")["healthy"]


def test_two_ups_at_once_exclude_each_other(platform):
    lock = platform.folder / ".platformctl" / "state" / "stacks" / "local" / "lock"
    with held(lock, "refresh"):
        second = platform.run("up", "local", status=1)

    assert "is being worked on" in second.stderr
    assert f"process {os.getpid()}" in second.stderr


@pytest.fixture
def fresh(tmp_path):
    platform = Platform.create(tmp_path)
    yield platform
    platform.run("destroy", "local", "--yes")


def test_ctrl_c_stops_cleanly_and_the_next_up_goes_on(fresh):
    process = fresh.start("up", "local")
    eventually(lambda: list(fresh.folder.glob(".platformctl/state/**/*journal*")), seconds=60)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 8, said

    fresh.run("up", "local", timeout=300)
    assert fresh.json("status", "local")["healthy"]


def test_what_follows_a_change_is_made_up_for_where_up_was_killed_before_it(fresh):
    process = fresh.start("up", "local")
    assert eventually(lambda: list(fresh.folder.glob(".platformctl/unfinished/local")), seconds=60)
    history = fresh.folder / ".platformctl" / "state" / "stacks" / "local" / "history"
    assert eventually(lambda: list(history.glob("*.json")), seconds=120)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)

    again = fresh.run("up", "local", timeout=300)
    assert "nothing to change" in again.stderr
    assert "ready" in fresh.run("migration", "status", "local", "analytics").stdout
    assert "healthy" in again.stderr
    assert not (fresh.folder / ".platformctl" / "unfinished" / "local").exists()
    third = fresh.run("up", "local")
    assert "healthy" not in third.stderr, "everything is done"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda config: config.update({"platform:analytcs": {}}), "analytics"),
        (lambda config: config["platform:vpc"].update(cidr="10.0.0.0/40"), "cidr"),
        (lambda config: config["platform:analytics"]["api"].update(desiredCount=-1), "-1"),
    ],
    ids=["unknown key", "bad CIDR", "negative count"],
)
def test_wrong_configuration_is_refused_before_anything_starts(tmp_path, change, said):
    platform = Platform.create(tmp_path)
    platform.configure(change)

    run = platform.run("up", "local", status=2)

    assert said in run.stderr
    assert "Pulumi.local.yaml" in run.stderr
    assert not (tmp_path / ".platformctl" / "region").exists()


def test_destroy_leaves_no_process_port_or_file(tmp_path):
    platform = Platform.create(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    platform.run("up", "local", timeout=300)
    processes = platform.region_processes()

    platform.run("destroy", "local", "--yes")

    assert alive(processes) == []
    assert {path.name for path in tmp_path.iterdir()} == before | {".platformctl"}
