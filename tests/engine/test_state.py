"""The files of a stack: checkpoint, journal, backup, lock, history."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.engine_program import Project

from platformctl.engine import Backend
from platformctl.engine.state import lock
from platformctl.engine.state.changes import Drop, Keep, Put, Rename, Rewind, Set
from platformctl.engine.state.resource import Resource
from platformctl.engine.state.stack import Stack
from platformctl.errors import ConfigurationError, LockedError, StackNotFoundError, StateError
from platformctl.plugin.values import Archive, Asset, ResourceReference, Secret

URN = "urn:pulumi:dev::shop::test:index:Thing::{}"


def thing(name: str, **fields: Any) -> Resource:
    defaults: dict[str, Any] = {"id": f"id-{name}", "inputs": {"name": name}}
    return Resource(urn=URN.format(name), type="test:index:Thing", **defaults | fields)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Backend(tmp_path, "phrase").stack("dev")


def names(stack: Stack) -> list[str]:
    return [each.name for each in stack.read().resources]


def fill(stack: Stack, *resources: Resource) -> None:
    with stack.session("test") as session:
        session.ledger.record(*(Put(each) for each in resources))


FULL = Resource(
    urn=URN.format("full"),
    type="test:index:Thing",
    id="id-full",
    inputs={
        "text": "a",
        "number": 1.5,
        "none": None,
        "deep": [{"secret": Secret({"a": [1, "b"]})}],
        "asset": Asset("00ff", path="file.txt"),
        "archive": Archive("11ee", assets={"x": Asset("22dd", text="t")}),
        "reference": ResourceReference(URN.format("other"), "id-1", "1.0"),
    },
    outputs={"arn": Secret("hidden"), "count": 3},
    parent=URN.format("parent"),
    provider="urn:pulumi:dev::shop::pulumi:providers:test::default::1234",
    dependencies=[URN.format("other")],
    property_dependencies={"text": [URN.format("other")]},
    protect=True,
    retain_on_delete=True,
    deleted_with=URN.format("other"),
    import_id="i",
    additional_secret_outputs=["arn"],
    custom_timeouts={"create": 60.0},
    init_errors=["slow"],
    ignore_changes=["a"],
    replace_on_changes=["b"],
    created="2026-01-01T00:00:00Z",
    modified="2026-01-02T00:00:00Z",
    source_position="project:///__main__.py#3",
    unread={"viewOf": "something new"},
)


def test_everything_about_a_resource_survives_the_checkpoint(stack: Stack) -> None:
    fill(stack, FULL)

    assert list(stack.read().resources) == [FULL]


def test_the_checkpoint_is_pulumis_deployment_of_version_three(stack: Stack) -> None:
    fill(stack, FULL)

    document = stack.export()

    assert document["version"] == 3
    deployment = document["deployment"]
    assert set(deployment) == {"manifest", "secrets_providers", "resources", "metadata"}
    assert deployment["secrets_providers"]["type"] == "passphrase"
    (resource,) = deployment["resources"]
    assert resource["propertyDependencies"] == {"text": [URN.format("other")]}
    assert resource["outputs"]["arn"]["4dabf18193072939515e22adb298388d"] == (
        "1b47061264138c4ac30d75fd1eb44270"
    )
    assert resource["outputs"]["arn"]["ciphertext"].startswith("v1:")


def test_features_that_readers_must_know_make_it_version_four(stack: Stack) -> None:
    fill(stack, thing("a", hooks={"BeforeDelete": ["x"]}), thing("b", taint=True))

    document = stack.export()

    assert (document["version"], document["features"]) == (4, ["hooks", "taint"])
    stack.import_(document)


def test_an_exported_state_can_be_imported_elsewhere(stack: Stack, tmp_path: Path) -> None:
    fill(stack, FULL, thing("a"))
    other = Backend(tmp_path / "other", "phrase").stack("copy")

    other.import_(json.loads(json.dumps(stack.export())))

    assert other.read().resources == stack.read().resources


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({}, "KeyError: 'version'"),
        ([], "TypeError"),
        ({"version": 3}, "KeyError: 'deployment'"),
        ({"version": 9, "deployment": {}}, "the state is of version 9"),
        ({"version": 4, "features": ["magic"], "deployment": {}}, "needs magic"),
        ({"version": 3, "deployment": {"resources": [{}]}}, "KeyError: 'urn'"),
        (
            {"version": 3, "deployment": {"secrets_providers": {"type": "cloud"}}},
            "secrets are kept by 'cloud'",
        ),
    ],
)
def test_what_is_no_checkpoint_is_not_imported(stack: Stack, document: Any, why: str) -> None:
    fill(stack, thing("a"))

    with pytest.raises(StateError) as raised:
        stack.import_(document)

    assert why in str(raised.value)
    assert names(stack) == ["a"]


def test_a_damaged_state_names_file_place_and_backup(stack: Stack) -> None:
    fill(stack, thing("a"))
    fill(stack, thing("b"))
    file = stack.folder / "checkpoint.json"
    content = file.read_text()
    cut = content.index('"resources"')
    file.write_text(content[:cut])

    with pytest.raises(StateError) as raised:
        stack.read()

    assert str(file) in str(raised.value)
    assert f"at byte {cut}" in raised.value.why
    assert raised.value.remedy == f"restore it: cp {file}.bak {file}"
    file.write_bytes((stack.folder / "checkpoint.json.bak").read_bytes())
    assert names(stack) == ["a"]


@pytest.mark.parametrize("content", [b"", b"\0" * 512])
def test_an_emptied_state_is_damaged_and_not_the_state_of_a_new_stack(
    stack: Stack, content: bytes
) -> None:
    fill(stack, thing("a"))
    fill(stack, thing("b"))
    file = stack.folder / "checkpoint.json"
    file.write_bytes(content)

    with pytest.raises(StateError, match="is damaged: it is empty") as raised:
        stack.read()
    with pytest.raises(StateError, match="is damaged"), stack.session("up"):
        pass

    assert raised.value.remedy == f"restore it: cp {file}.bak {file}"
    assert file.read_bytes() == content, "nothing is written over it"


def test_a_session_that_changes_nothing_leaves_the_file_alone(stack: Stack) -> None:
    fill(stack, thing("a"))
    before = (stack.folder / "checkpoint.json").stat()

    with stack.session("test") as session:
        (entry,) = session.ledger.entries()
        session.ledger.record(Keep(entry.slot))

    after = (stack.folder / "checkpoint.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not (stack.folder / "journal.jsonl").exists()


def interrupted(stack: Stack, *changes: Any) -> Stack:
    """Make changes; returns what a kill leaves: the files as they are before the end."""
    with stack.session("test") as session:
        for change in changes:
            if callable(change):
                change(session.ledger)
            else:
                session.ledger.record(change)
        left = stack.sibling("left")
        shutil.copytree(stack.folder, left.folder)
    return left


def test_the_journal_brings_back_what_was_not_folded(stack: Stack) -> None:
    fill(stack, thing("a"), thing("b", dependencies=[URN.format("a")]), thing("c"), thing("d"))

    left = interrupted(
        stack,
        Put(replace(thing("a"), id="new"), 0),
        Set(3, replace(thing("d"), delete=True)),
        Drop(2),
        Rename(URN.format("a"), URN.format("z")),
        Put(thing("e", inputs={"key": Secret("hidden")})),
        Keep(1),
    )

    found = left.read().resources
    assert [each.name for each in found] == ["a", "e", "b", "d"]
    assert found[0].id == "new"
    assert found[1].inputs["key"] == Secret("hidden")
    assert found[2].dependencies == [URN.format("z")]
    assert found[3].delete
    assert "hidden" not in (left.folder / "journal.jsonl").read_text()
    fill(left, thing("f"))
    assert names(left) == ["f", "a", "e", "b", "d"]
    assert not (left.folder / "journal.jsonl").exists()


def test_the_journal_of_a_first_run_needs_no_checkpoint(stack: Stack) -> None:
    left = interrupted(
        stack,
        Put(thing("a", inputs={"key": Secret("hidden")})),
        lambda ledger: ledger.begin("creating", thing("b")),
        Rewind(),
    )

    assert left.exists
    state = left.read()
    assert state.resources[0].inputs["key"] == Secret("hidden")
    assert [(each.type, each.resource.name) for each in state.pending] == [("creating", "b")]
    assert left.export()["deployment"]["pending_operations"][0]["type"] == "creating"


def test_a_line_that_was_cut_off_does_not_count(stack: Stack) -> None:
    left = interrupted(stack, Put(thing("a")), Put(thing("b")))
    journal = left.folder / "journal.jsonl"
    whole = journal.read_bytes()
    last = whole.rindex(b"\n", 0, -1)

    for length in range(last + 1, len(whole)):
        journal.write_bytes(whole[:length])
        assert names(left) == ["a"]
    journal.write_bytes(whole[: whole.index(b"\n") - 3])
    assert names(left) == []


def test_a_damaged_line_is_named_by_its_place(stack: Stack) -> None:
    left = interrupted(stack, Put(thing("a")), Put(thing("b")))
    journal = left.folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[1] = b"x" + lines[1][1:]
    journal.write_bytes(b"".join(lines))

    with pytest.raises(StateError, match=rf"the line at byte {len(lines[0])} cannot be used"):
        left.read()


def test_a_journal_of_another_checkpoint_is_refused(stack: Stack) -> None:
    fill(stack, thing("a"))
    left = interrupted(stack, Put(thing("b")))
    fill(stack, thing("c"))
    fill(stack, thing("d"))

    shutil.copy(stack.folder / "checkpoint.json", left.folder)

    with pytest.raises(StateError, match="does not belong to the checkpoint"):
        left.read()


def test_a_journal_left_by_a_kill_during_folding_is_ignored(stack: Stack) -> None:
    fill(stack, thing("a"))
    with stack.session("test") as session:
        session.ledger.record(Put(thing("b")))
        journal = (stack.folder / "journal.jsonl").read_bytes()
    (stack.folder / "journal.jsonl").write_bytes(journal)

    assert names(stack) == ["b", "a"]


def test_a_second_operation_is_refused_and_told_who_is_at_work(stack: Stack) -> None:
    with stack.session("up"):
        with pytest.raises(LockedError) as raised, stack.session("destroy"):
            pytest.fail("two sessions at once")

        assert f"up by {lock.holder(stack.folder / 'lock').user}@" in raised.value.why
        assert f"process {os.getpid()}" in raised.value.why
        assert stack.holder().what == "up"

    assert stack.holder() is None
    with stack.session("destroy"):
        assert stack.holder().what == "destroy"


HOLDER = """
import sys, time
from pathlib import Path
from platformctl.engine.state import lock

try:
    with lock.held(Path(sys.argv[1]), "up"):
        print("held", flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.fixture
def other_process(stack: Stack):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(stack.folder / "lock")], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_lock_of_a_dead_holder_is_taken_over(
    stack: Stack, other_process: "subprocess.Popen[bytes]"
) -> None:
    with pytest.raises(LockedError), stack.session("up"):
        pytest.fail("held by another process")

    other_process.send_signal(signal.SIGKILL)
    other_process.wait()

    with stack.session("up"):
        assert stack.holder().pid == os.getpid()


def test_whoever_works_on_a_stack_can_be_asked_to_stop(
    stack: Stack, other_process: "subprocess.Popen[bytes]"
) -> None:
    asked = stack.cancel()

    assert asked.pid == other_process.pid
    assert other_process.stdout.readline() == b"interrupted\n"
    other_process.wait()
    assert stack.cancel() is None


def test_history_is_newest_first_and_says_who_and_why(project: Project) -> None:
    project.up('Thing("a")', message="first")
    project.engine().refresh(message="second")
    project.engine().destroy(message="third")

    history = project.stack.history()

    assert [each["kind"] for each in history] == ["destroy", "refresh", "update"]
    assert [each["message"] for each in history] == ["third", "second", "first"]
    assert history[2]["resourceChanges"] == {"create": 2}
    assert history[2]["startTime"] < history[2]["endTime"]
    assert {each["result"] for each in history} == {"succeeded"}
    assert history[0]["environment"]["host"]


def test_stacks_are_listed_and_removed(project: Project) -> None:
    assert project.backend.stacks() == []
    project.up('Thing("a")')
    assert project.backend.stacks() == ["dev"]

    with pytest.raises(StateError, match="it still has resources"):
        project.stack.remove()
    project.stack.remove(force=True)

    assert project.backend.stacks() == []
    with pytest.raises(StackNotFoundError):
        project.stack.outputs()
    with pytest.raises(StackNotFoundError):
        project.stack.remove()


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a b"])
def test_a_stack_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of a stack"):
        Backend(tmp_path).stack(name)


def test_the_state_can_be_read_while_it_changes(stack: Stack) -> None:
    fill(stack, thing("a"))
    stop = threading.Event()
    problems: list[BaseException] = []

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with stack.session("test") as session:
                live = session.ledger.live(URN.format("a"))
                session.ledger.record(Put(thing("a", id=str(number)), live.slot), safe=True)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _ in range(200):
            assert names(stack) == ["a"]
    except BaseException as problem:  # noqa: BLE001  # reported by the main thread
        problems.append(problem)
    finally:
        stop.set()
        worker.join()

    assert problems == []
