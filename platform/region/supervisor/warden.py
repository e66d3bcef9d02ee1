"""Stops what a supervisor left behind; runs as a program of its own while the supervisor lives.

The supervisor notes every process it starts in the ledger, one JSON object per line. The warden
holds the reading end of a pipe whose writing end only the supervisor has: when the pipe ends, the
supervisor is gone, and whatever the ledger still lists is asked to stop and then killed.
`region start` does the same once more with the ledger it finds.

A process is named by its id and its start time, so that a stranger who got the same id later is
never touched. Only the standard library is imported: this program is to be small.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

MARK = "PLATFORMCTL_REGION_ROOT"
"""Environment variable that every process of a region carries, with the region's folder."""

_POLL = 0.05


def start_mark(pid: int) -> str:
    """Return when a process started, as its system says it, or an empty string if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123  # pathlib is not worth its import time here
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return _start_mark_by_ps(pid) if not os.path.isdir("/proc/self") else ""  # noqa: PTH112  # as above
    # A zombie is gone for our purposes: it only waits for its parent.
    return "" if fields[0] == "Z" else fields[19]


def _start_mark_by_ps(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip()


def read_ledger(ledger: Path) -> list[dict]:
    """Return the entries of processes that were started and not noted as ended."""
    entries: dict[int, dict] = {}
    try:
        lines = ledger.read_text().splitlines()
    except FileNotFoundError:
        return []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # The last line of a supervisor that was killed while it wrote.
        if "ended" in entry:
            entries.pop(entry["ended"], None)
        else:
            entries[entry["pid"]] = entry
    return list(entries.values())


def stop_all(ledger: Path, root: Path) -> int:
    """Stop every process that the ledger lists and empty it; return how many were still there.

    Each gets its stop signal and its own time to obey; then its whole group is killed.
    """
    deadline_of: dict[int, float] = {}
    for entry in read_ledger(ledger):
        pid = entry["pid"]
        if start_mark(pid) == entry["mark"]:
            deadline_of[pid] = time.monotonic() + entry["timeout"]
            _signal(pid, entry["signal"])
        elif _group_is_ours(pid, root):
            deadline_of[pid] = time.monotonic()
    found = len(deadline_of)
    while deadline_of:
        for pid, deadline in list(deadline_of.items()):
            leader_is_gone = not start_mark(pid)
            if leader_is_gone or time.monotonic() >= deadline:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
                del deadline_of[pid]
        time.sleep(_POLL)
    with contextlib.suppress(FileNotFoundError):
        ledger.unlink()
    return found


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _group_is_ours(group: int, root: Path) -> bool:
    """Say whether a group whose leader is gone belongs to this region (by its environment)."""
    wanted = f"{MARK}={root}".encode()
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:  # noqa: PTH112, PTH208  # as above
        if not name.isdigit():
            continue
        try:
            if os.getpgid(int(name)) != group:
                continue
            with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123  # as above
                if wanted in file.read().split(b"\0"):
                    return True
        except OSError:
            continue
    return False


def main() -> None:
    """Wait for the end of standard input, then stop everything that the ledger lists."""
    ledger, root = Path(sys.argv[1]), Path(sys.argv[2])
    # Whoever stops the supervisor may signal everything around it; the warden has to outlast it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while sys.stdin.buffer.read(4096):
        pass
    stop_all(ledger, root)


if __name__ == "__main__":
    main()
