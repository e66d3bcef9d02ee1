"""Child processes: what they get, how they end, and that nothing outlives the supervisor."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager

import psutil
import pytest
import uvloop

from platformctl.errors import RegionError
from platformctl.region.supervisor import privileges, warden
from platformctl.region.supervisor.processes import ChildProcesses

FOREVER = "import time; time.sleep(600)"


@asynccontextmanager
async def open_processes(root):
    processes = ChildProcesses(root)
    processes.open()
    try:
        yield processes
    finally:
        await processes.close()


@pytest.fixture
async def processes(tmp_path):
    async with open_processes(tmp_path) as opened:
        yield opened


def python(program, *arguments):
    return [sys.executable, "-c", program, *arguments]


async def until(condition, seconds=60):
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        await asyncio.sleep(0.01)


def gone(pid):
    return not warden.start_mark(pid)


def command(process):
    """Return the command line of a process, none if it ends at this very moment."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def test_output_goes_to_a_log_by_name(processes, tmp_path):
    child = await processes.start("task/one", python("print('out', flush=True); exit('err')"))

    assert await child.wait() == 1
    assert (tmp_path / "logs" / "task~one.log").read_text() == "out\nerr\n"


async def test_output_goes_to_a_reader_line_by_line(processes):
    reader = asyncio.StreamReader()
    program = "print('first', flush=True); import os; os.write(2, b'second\\n')"
    child = await processes.start("task", python(program), output=reader)
    lines = [line async for line in reader]

    assert lines == [b"first\n", b"second\n"]
    assert await child.wait() == 0


async def test_a_reader_gets_the_output_also_where_its_owner_names_a_log(processes, tmp_path):
    reader, log = asyncio.StreamReader(), tmp_path / "logs" / "kept.log"
    child = await processes.start("task", python("print('out')"), output=reader, log=log)

    assert await reader.read() == b"out\n"
    assert await child.wait() == 0
    assert child.log == log
    assert not log.exists()


async def test_a_child_has_the_environment_and_folder_it_was_given_and_no_more(
    processes, tmp_path, monkeypatch
):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    (tmp_path / "work").mkdir()
    program = "import os; print(sorted(os.environ), os.getcwd())"
    given = await processes.start(
        "given", python(program), environment={"A": "1"}, directory=tmp_path / "work"
    )
    default = await processes.start("default", python(program))
    await asyncio.gather(given.wait(), default.wait())
    output = (tmp_path / "logs" / "given.log").read_text()

    assert "'A', 'PLATFORMCTL_REGION_ROOT'" in output.replace("'LC_CTYPE', ", "")
    assert "PATH" not in output
    assert str(tmp_path / "work") in output
    assert "AWS" not in (tmp_path / "logs" / "default.log").read_text()


async def test_stop_asks_first_and_kills_what_does_not_obey(processes):
    obedient = await processes.start("obedient", python(FOREVER))
    ignoring = await processes.start(
        "ignoring",
        python(
            "import signal, sys, time; signal.signal(15, lambda *_: None); "
            "print('ready', flush=True)\nwhile True: time.sleep(600)"
        ),
    )
    await until(lambda: ignoring.log.read_text() == "ready\n")

    assert await obedient.stop() == -signal.SIGTERM
    assert await ignoring.stop(timeout=0.2) == -signal.SIGKILL
    assert await ignoring.stop() == -signal.SIGKILL


@pytest.fixture
def heeded():
    """Whoever started the tests in the background has had interrupts ignored, for children too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
async def test_the_stop_signal_is_the_one_that_was_asked_for(processes, tmp_path):
    ready = tmp_path / "logs" / "database.log"
    program = "print('ready', flush=True); " + FOREVER
    child = await processes.start("database", python(program), stop_signal=signal.SIGINT)
    await until(lambda: ready.exists() and ready.read_text())

    assert await child.stop() in (-signal.SIGINT, 1)


async def test_what_a_child_started_ends_with_it(processes, tmp_path):
    program = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', sys.argv[1]]); "
        "print(child.pid, flush=True)"
    )
    child = await processes.start("parent", python(program, FOREVER))
    await child.wait()
    grandchild = int((tmp_path / "logs" / "parent.log").read_text())

    await until(lambda: gone(grandchild))


async def test_too_much_memory_ends_a_child_and_is_said(processes):
    child = await processes.start(
        "greedy",
        python("data = bytearray(200_000_000); import time; time.sleep(600)"),
        memory_limit=100_000_000,
    )

    assert await asyncio.wait_for(child.wait(), 20) == -signal.SIGKILL
    assert child.out_of_memory


@pytest.mark.parametrize(
    ("command", "why"),
    [(["/no/such/program"], "does not exist"), (["/etc/passwd"], "may not be executed")],
)
async def test_a_program_that_cannot_be_started_is_named(processes, command, why):
    with pytest.raises(RegionError, match=f"cannot start task: {command[0]} {why}"):
        await processes.start("task", command)


async def test_a_name_runs_once(processes):
    await processes.start("one", python(FOREVER))
    with pytest.raises(RegionError, match="it runs already"):
        await processes.start("one", python(FOREVER))


async def test_a_barred_name_does_not_start(processes):
    processes.bar(lambda name: "the region is stopped" if "east" in name else "")
    with pytest.raises(RegionError, match="the region is stopped"):
        await processes.start("rds/us-east-1/db", python(FOREVER))
    child = await processes.start("rds/us-west-2/db", python("pass"))

    assert await child.wait() == 0


async def test_a_system_without_process_descriptors_notices_the_end_too(processes, monkeypatch):
    monkeypatch.delattr(os, "pidfd_open")
    children = [await processes.start(f"p{n}", python(f"exit({n})")) for n in range(12)]
    endless = await processes.start("endless", python(FOREVER))

    assert [await child.wait() for child in children] == list(range(12))
    assert await endless.stop() == -signal.SIGTERM


async def test_a_warden_that_was_killed_is_replaced(processes):
    def wardens():
        return [p.pid for p in psutil.Process().children() if str(processes.root) in command(p)]

    (first,) = wardens()
    os.kill(first, signal.SIGKILL)
    await until(lambda: wardens() not in ([], [first]))

    assert len(wardens()) == 1


async def test_closing_stops_everything_and_the_warden(tmp_path):
    async with open_processes(tmp_path) as processes:
        children = [await processes.start(f"p{n}", python(FOREVER)) for n in range(3)]

    assert all(gone(child.pid) for child in children)
    assert [p for p in psutil.Process().children() if "warden" in " ".join(p.cmdline())] == []
    assert not (tmp_path / "run" / "ledger").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_an_unprivileged_child_reads_everywhere_and_writes_only_its_own(processes, tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "secret").write_text("readable")
    (private / "secret").chmod(0o600)
    own = private / "data"
    (own / "inner").mkdir(parents=True)
    privileges.give(own, privileges.unprivileged_user())
    program = f"""
import os
print(os.geteuid() != 0, open({str(private / "secret")!r}).read())
open({str(own / "inner" / "written")!r}, "w").write("x")
try:
    open({str(private / "secret")!r}, "w")
except PermissionError:
    print("may not write")
"""
    child = await processes.start("unprivileged", python(program), unprivileged=True)

    assert await child.wait() == 0
    log = (tmp_path / "logs" / "unprivileged.log").read_text()
    assert log == "True readable\nmay not write\n"


SUPERVISOR = """
import asyncio, pathlib, sys
from platformctl.region.supervisor.processes import ChildProcesses

stubborn = (
    "import signal, subprocess, sys, time; signal.signal(15, signal.SIG_IGN); "
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); time.sleep(600)"
)
saving = (
    "import signal, sys, time, pathlib\\n"
    "def save(*_): pathlib.Path(sys.argv[1]).write_text('saved'); sys.exit()\\n"
    "signal.signal(15, save); print('ready', flush=True); time.sleep(600)"
)

async def main():
    root = pathlib.Path(sys.argv[1])
    processes = ChildProcesses(root)
    processes.open()
    a = await processes.start("stubborn", [sys.executable, "-c", stubborn], stop_timeout=1)
    b = await processes.start("saving", [sys.executable, "-c", saving, str(root / "state")])
    while not b.log.read_text() or len(a.members()) < 2:
        await asyncio.sleep(0.01)
    print(*(member.pid for child in (a, b) for member in child.members()), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def start_supervisor(root):
    """Start a supervisor with two children; return it and the ids of all it has."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(root)], stdout=subprocess.PIPE, text=True
    )
    pids = [int(pid) for pid in supervisor.stdout.readline().split()]
    warden_of = [
        p for p in psutil.Process(supervisor.pid).children() if "warden" in str(p.cmdline())
    ]
    supervisor.stdout.close()
    return supervisor, pids, warden_of[0]


async def test_a_killed_supervisor_leaves_nothing_and_its_children_save(tmp_path):
    supervisor, pids, _ = start_supervisor(tmp_path)
    assert len(pids) == 3
    supervisor.kill()
    supervisor.wait()

    await until(lambda: all(gone(pid) for pid in pids))
    assert (tmp_path / "state").read_text() == "saved"


async def test_a_start_clears_away_what_a_killed_supervisor_and_warden_left(tmp_path):
    supervisor, pids, its_warden = start_supervisor(tmp_path)
    its_warden.kill()
    supervisor.kill()
    supervisor.wait()
    await until((tmp_path / "state").exists)
    left = [pid for pid in pids if not gone(pid)]
    async with open_processes(tmp_path):
        assert all(gone(pid) for pid in pids)

    assert left, "the stubborn child has to be there for this test to mean anything"


def test_a_stranger_with_a_noted_id_is_left_alone(tmp_path):
    stranger = subprocess.Popen(python(FOREVER), start_new_session=True)
    ledger = tmp_path / "ledger"
    ledger.write_text(
        f'{{"pid": {stranger.pid}, "mark": "1", "signal": 15, "timeout": 1}}\n{{"pid": 12, "mar'
    )
    try:
        assert warden.stop_all(ledger, tmp_path) == 0
        assert stranger.poll() is None
        assert not ledger.exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_reading_output_closes_no_descriptor_of_another_thread(tmp_path):
    """uvloop closes a pipe twice; in between its number is another thread's."""
    stop = threading.Event()
    broken: list[OSError] = []

    def use_descriptors():
        while not stop.is_set():
            try:
                one, other = socket.socketpair()
                one.sendall(b"x")
                other.settimeout(5)
                other.recv(1)
                one.close()
                other.close()
            except OSError as error:
                broken.append(error)

    async def read_outputs():
        async with open_processes(tmp_path) as processes:
            for number in range(200):
                output = asyncio.StreamReader()
                child = await processes.start(f"child-{number}", ["/bin/echo", "x"], output=output)
                async with asyncio.timeout(10):
                    assert await output.read() == b"x\n"
                    await child.wait()

    threads = [threading.Thread(target=use_descriptors) for _ in range(6)]
    for thread in threads:
        thread.start()
    try:
        uvloop.run(read_outputs())
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert broken == []
