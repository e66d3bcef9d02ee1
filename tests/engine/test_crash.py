"""A killed engine: the next run converges, with nothing made twice and nothing forgotten."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from support.engine_cloud import Cloud
from support.engine_program import Project

TESTS = Path(__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(TESTS)}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_kill_at_any_write_of_the_state_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "support.engine_crash", str(tmp_path / "crash")],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )

    report = json.loads(done.stdout)
    assert report["problems"] == {}, done.stderr
    assert report["points"] > 250


UP = """
    import sys
    from pathlib import Path
    from support.engine_cloud import Cloud
    from support.engine_program import Project

    folder = Path(sys.argv[1])
    cloud = Cloud(folder / "cloud.json")
    project = Project(folder, cloud)
    arrived, _ = cloud.hold("create", "b")

    import threading
    def tell():
        arrived.wait()
        print("creating", flush=True)
    threading.Thread(target=tell, daemon=True).start()
    project.up()
"""


def test_a_killed_update_takes_its_program_with_it_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path, Cloud(tmp_path / "cloud.json"))
    project.write(
        """
        import os
        with open(os.path.join(os.path.dirname(__file__), "pid"), "w") as file:
            file.write(str(os.getpid()))
        a = Thing("a")
        b = Thing("b", source=a.arn)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(UP), str(tmp_path)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout.readline() == b"creating\n"
        program = int((project.program / "pid").read_text())
        descriptor = os.pidfd_open(program)
        process.send_signal(signal.SIGKILL)
        process.wait()

        ended = _readable_within(descriptor, seconds=20)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()

    assert ended, "the program outlived its engine"
    assert [each.resource.name for each in project.stack.read().pending] == ["b"]
    project.cloud = Cloud(tmp_path / "cloud.json")
    assert project.up().changes == {"same": 2, "create": 1}
    assert project.cloud.duplicates() == []
    assert project.stack.read().pending == []


def _readable_within(descriptor: int, *, seconds: float) -> bool:
    import select

    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def test_a_create_that_was_killed_after_it_worked_is_adopted(project: Project) -> None:
    project.up('Thing("a", value=1)')
    with project.stack.session("crash") as session:
        lost = session.ledger.live(project.urn("a"))
        from platformctl.engine.state.changes import Drop

        session.ledger.record(Drop(lost.slot))
        session.ledger.begin("creating", lost.resource)

    result = project.up()

    assert result.changes == {"same": 2}
    assert project.resource("a").id == lost.resource.id
    assert project.cloud.duplicates() == []
    assert "was found and adopted" in project.messages("warning")


def test_an_adopted_resource_that_is_no_longer_wanted_is_deleted(project: Project) -> None:
    project.up('Thing("a", value=1)')
    with project.stack.session("crash") as session:
        lost = session.ledger.live(project.urn("a"))
        from platformctl.engine.state.changes import Drop

        session.ledger.record(Drop(lost.slot))
        session.ledger.begin("creating", lost.resource)

    result = project.up("")

    assert result.changes == {"same": 1, "delete": 1}
    assert project.cloud.things == {}


@pytest.mark.parametrize(("exists", "changes"), [(True, {"same": 2}), (False, {"create": 1})])
def test_a_killed_deletion_is_settled_by_looking(
    project: Project, exists: bool, changes: dict[str, int]
) -> None:
    project.up('Thing("a", value=1)')
    with project.stack.session("crash") as session:
        session.ledger.begin("deleting", session.ledger.live(project.urn("a")).resource)
    if not exists:
        project.cloud.things.clear()

    result = project.up()

    assert result.changes.items() >= changes.items()
    assert len(project.cloud.things) == 1


def test_a_killed_update_is_settled_by_looking(project: Project) -> None:
    project.up('Thing("a", value=1)')
    with project.stack.session("crash") as session:
        session.ledger.begin("updating", session.ledger.live(project.urn("a")).resource)
    project.cloud.named("a")[0]["inputs"]["value"] = 2

    result = project.up('Thing("a", value=2)')

    assert result.changes == {"same": 2}
    assert project.inputs("a")["value"] == 2


def test_nothing_goes_on_while_it_is_not_known_what_a_killed_run_did(project: Project) -> None:
    from platformctl.errors import ResourceError

    project.up('Thing("a", value=1)')
    with project.stack.session("crash") as session:
        session.ledger.begin("updating", session.ledger.live(project.urn("a")).resource)
    project.cloud.refuse("read", "a", "out of reach")

    with pytest.raises(ResourceError, match=r"not known what became of a.*out of reach"):
        project.up('Thing("a", value=2)\nThing("b")')

    assert [each.type for each in project.stack.read().pending] == ["updating"]
    assert project.up().changes == {"same": 1, "update": 1, "create": 1}
