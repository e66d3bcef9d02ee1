"""The official CLI in tests: the real one where it is on PATH, else a player of what it once said.

Both are a program called `pulumi` in a folder that is first on PATH. `RECORDER` asks the real CLI
and writes down every command with its words, output, exit status and engine events; `PLAYER`
answers the same commands from such a recording. So everything above the boundary of the process is
the code that runs in production. Recordings are in `tests/golden/pulumi` and are rewritten only
where `PLATFORMCTL_RECORD` is set.
"""

import json
import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY / "tests" / "golden" / "pulumi"

COMMON = '''#!{python}
import json, pathlib, subprocess, sys, time

file = pathlib.Path({file!r})
VALUED = ("--color", "--event-log", "--exec-kind", "--stack", "--file", "--message")


def said_by(arguments):
    """Return the words that tell commands apart, and where events are wanted."""
    words, events, skip = [], "", False
    for index, each in enumerate(arguments):
        if skip:
            skip = False
        elif each in VALUED:
            skip = True
            events = arguments[index + 1] if each == "--event-log" else events
        elif each != "--non-interactive":
            words.append(each)
    return " ".join(words), events


def send(events, address):
    import grpc
    from pulumi.runtime.proto import events_pb2, events_pb2_grpc

    with grpc.insecure_channel(address.removeprefix("tcp://")) as channel:
        requests = (events_pb2.EventRequest(event=json.dumps(each)) for each in events)
        events_pb2_grpc.EventsStub(channel).StreamEvents(requests)


said, address = said_by(sys.argv[1:])
'''
RECORDER = (
    COMMON
    + """
arguments = sys.argv[1:]
if said == "version":
    print("v3.272.0")  # a build of one's own names no version
    raise SystemExit
log = file.with_name("events.log")
log.unlink(missing_ok=True)
if address:
    arguments[arguments.index(address)] = str(log)
process = subprocess.Popen([{real!r}, *arguments], stdout=-1, stderr=-1, text=True)
interrupted = False
while True:
    try:
        stdout, stderr = process.communicate()
        break
    except KeyboardInterrupt:
        interrupted = True
        process.send_signal(2)
events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
if address:
    send(events, address)
conversation = json.loads(file.read_text())
answer = dict(said=said, code=process.returncode, stdout=stdout, stderr=stderr, events=events)
conversation.append(answer | (dict(waits=True) if interrupted else dict()))
file.write_text(json.dumps(conversation))
sys.stdout.write(stdout)
sys.stderr.write(stderr)
sys.exit(process.returncode)
"""
)
PLAYER = (
    COMMON
    + """
if said == "version":
    print({version!r})
    raise SystemExit
seen = file.with_name("seen.txt")
with seen.open("a") as log:
    log.write(said + "\\n")
answers = [each for each in json.loads(file.read_text()) if each["said"] == said]
if not answers:
    sys.exit("error: the recording has no answer to: pulumi " + said)
asked = seen.read_text().splitlines().count(said)
answer = answers[min(asked, len(answers)) - 1]
if address and answer["events"]:
    send(answer["events"], address)
if answer.get("waits"):
    try:
        file.with_name("waiting").touch()
        time.sleep(60)
    except KeyboardInterrupt:
        pass
sys.stdout.write(answer["stdout"])
sys.stderr.write(answer["stderr"])
sys.exit(answer["code"])
"""
)


def real_cli() -> str | None:
    """Return the real CLI's path, if it is on PATH."""
    return shutil.which("pulumi")


def install_recorder(folder: Path, real: str) -> Path:
    """Put a program on PATH that asks the real CLI and records; returns the recording."""
    file = folder / "conversation.json"
    file.write_text("[]")
    _program(folder / "pulumi", RECORDER.format(python=sys.executable, file=str(file), real=real))
    # Dynamic resources are the one kind that needs no plugin but the SDK itself.
    dynamic = f'#!/bin/sh\nexec {sys.executable} -u -m pulumi.dynamic "$@"\n'
    _program(folder / "pulumi-resource-pulumi-python", dynamic)
    return file


def install_player(
    folder: Path, conversation: list[dict[str, Any]], version: str = "v3.272.0"
) -> Path:
    """Put a program on PATH that plays a recording; returns the log of what it was asked."""
    file = folder / "conversation.json"
    file.write_text(json.dumps(conversation))
    text = PLAYER.format(python=sys.executable, file=str(file), version=version)
    _program(folder / "pulumi", text)
    (folder / "seen.txt").touch()
    return folder / "seen.txt"


def save(recording: Path, name: str, folder: Path, real: str) -> None:
    """Keep a recording, without what belongs to this machine."""
    text = json.dumps(json.loads(recording.read_text()), indent=1)
    host = os.uname().nodename
    for mine, neutral in {
        str(folder): "/project",
        str(REPOSITORY): "/repository",
        str(Path(real).parent): "/usr/local/bin",
        sys.base_prefix: "/usr",
        f"{os.environ.get('USER', 'root')}@{host}": "ci@runner",
    }.items():
        text = text.replace(mine, neutral)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    (GOLDEN / f"{name}.json").write_text(text + "\n")


def recorded(name: str) -> list[dict[str, Any]]:
    """Return a recording."""
    return json.loads((GOLDEN / f"{name}.json").read_text())


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
