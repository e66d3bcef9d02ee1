"""When something goes wrong: what runs is finished, nothing new starts, nothing is forgotten."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import pytest
from support.engine_program import Project
from support.platform import eventually

from platformctl.engine import ProgramError
from platformctl.errors import CancelledError, ConfigurationError, LockedError, ResourceError


def test_a_failed_create_is_reported_and_the_rest_is_recorded(project: Project) -> None:
    project.cloud.refuse("create", "b", "the quota is used up")

    with pytest.raises(ResourceError, match="create of b failed: the quota is used up"):
        project.up('a = Thing("a")\nb = Thing("b", source=a.arn)\nThing("c", source=b.arn)')

    assert [each["logical"] for each in project.cloud.things.values()] == ["a"]
    assert "a" in [each.name for each in project.resources()]
    failed = [event.res_op_failed_event for event in project.events if event.res_op_failed_event]
    assert [each.metadata.urn for each in failed] == [project.urn("b")]
    assert "Resource monitor has terminated" not in project.messages()
    assert project.stack.history()[0]["result"] == "failed"
    assert project.up().changes == {"same": 2, "create": 2}


def test_a_resource_that_failed_after_it_was_created_is_recorded_and_repaired(
    project: Project,
) -> None:
    project.cloud.refuse("create", "a", "it never became ready", partial=True)
    with pytest.raises(ResourceError, match="never became ready"):
        project.up('Thing("a")')

    left = project.resource("a")
    assert left.id
    assert left.init_errors == ["it never became ready"]

    result = project.up()

    assert result.changes == {"same": 1, "update": 1}
    assert project.resource("a").init_errors == ()
    assert len(project.cloud.things) == 1


def test_a_failed_delete_stays_recorded(project: Project) -> None:
    project.up('a = Thing("a")\nThing("b", source=a.arn)')
    project.cloud.refuse("delete", "b", "in use", partial=False)

    with pytest.raises(ResourceError, match="delete of b failed: in use"):
        project.engine().destroy()

    assert sorted(each["logical"] for each in project.cloud.things.values()) == ["a", "b"]
    project.engine().destroy()
    assert project.cloud.things == {}


def test_what_runs_when_something_fails_is_finished_and_recorded(project: Project) -> None:
    arrived, go_on = project.cloud.hold("create", "slow")
    failing, fail_now = project.cloud.hold("create", "bad")
    project.cloud.refuse("create", "bad", "no")
    project.write('Thing("slow")\nThing("bad")')

    def conduct() -> None:
        assert arrived.wait(30)
        assert failing.wait(30)
        fail_now.set()
        while not any(event.res_op_failed_event for event in list(project.events)):
            threading.Event().wait(0.01)
        go_on.set()

    conductor = threading.Thread(target=conduct)
    conductor.start()
    with pytest.raises(ResourceError, match="create of bad failed"):
        project.up()
    conductor.join()

    assert project.resource("slow").id in project.cloud.things


def test_an_exception_in_the_program_is_shown_with_its_traceback(project: Project) -> None:
    with pytest.raises(ProgramError, match="ValueError: not like this"):
        project.up('Thing("a")\nraise ValueError("not like this")')

    shown = project.messages("error")
    assert "__main__.py" in shown
    assert 'raise ValueError("not like this")' in shown
    assert "runpy" not in shown


def test_a_failed_program_deletes_nothing(project: Project) -> None:
    project.up('Thing("a")\nThing("b")')

    with pytest.raises(ProgramError):
        project.up('Thing("a")\nraise ValueError("stop")')

    assert len(project.cloud.things) == 2
    assert {"a", "b"} <= {each.name for each in project.resources()}


def test_a_program_that_dies_is_reported(project: Project) -> None:
    with pytest.raises(ProgramError, match="ended with status 7"):
        project.up("import os\nos._exit(7)")


def test_a_missing_program_is_reported(project: Project) -> None:
    with pytest.raises(ConfigurationError, match="no Pulumi program"):
        project.engine().up()


def test_an_unexpected_error_of_a_provider_leaves_the_operation_pending(
    project: Project,
) -> None:
    project.write('Thing("a")')
    provider = project.cloud.factory("test", {})

    class Broken(type(provider)):
        def create(self, call, inputs):
            super().create(call, inputs)
            raise ZeroDivisionError("oh")

    project.cloud.factory = lambda package, configuration: Broken(project.cloud, configuration)
    with pytest.raises(ResourceError, match="unexpected ZeroDivisionError: oh"):
        project.up()
    assert [each.type for each in project.stack.read().pending] == ["creating"]

    del project.cloud.factory
    result = project.up()

    assert result.changes == {"same": 2}
    assert project.cloud.duplicates() == []
    assert "found and adopted" in project.messages("warning")


def test_no_more_calls_run_at_once_than_allowed(project: Project) -> None:
    arrived, go_on = project.cloud.hold("create", "t0")
    program = "for index in range(20): Thing(f't{index}')"
    with ThreadPoolExecutor() as pool:
        done = pool.submit(project.up, program, parallel=3)
        assert arrived.wait(30)
        eventually(lambda: project.cloud.count("create") >= 19)
        go_on.set()
        done.result()

    assert 1 < project.cloud.most_running <= 3


@pytest.fixture
def interrupt() -> Iterator[Callable[[], None]]:
    """Yield what sends Ctrl-C and returns once the main thread is dealing with it."""
    noticed = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        noticed.set()
        signal.default_int_handler(number, frame)

    def send() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert noticed.wait(30)

    before = signal.signal(signal.SIGINT, note)
    yield send
    signal.signal(signal.SIGINT, before)


def test_control_c_finishes_what_runs_and_starts_nothing_new(
    project: Project, interrupt: Callable[[], None]
) -> None:
    arrived, go_on = project.cloud.hold("create", "a")
    project.write('a = Thing("a")\nThing("b", source=a.arn)')

    def conduct() -> None:
        assert arrived.wait(30)
        interrupt()
        go_on.set()

    conductor = threading.Thread(target=conduct)
    conductor.start()
    with pytest.raises(CancelledError):
        project.up()
    conductor.join()

    assert project.resource("a").id in project.cloud.things
    assert "b" not in [each.name for each in project.resources()]
    assert project.stack.history()[0]["result"] == "cancelled"
    assert project.up().changes == {"same": 2, "create": 1}


def test_control_c_during_a_deletion_finishes_what_runs(
    project: Project, interrupt: Callable[[], None]
) -> None:
    project.up('a = Thing("a")\nThing("b", source=a.arn)')
    arrived, go_on = project.cloud.hold("delete", "b")

    def conduct() -> None:
        assert arrived.wait(30)
        interrupt()
        go_on.set()

    conductor = threading.Thread(target=conduct)
    conductor.start()
    with pytest.raises(CancelledError):
        project.engine().destroy()
    conductor.join()

    assert [each["logical"] for each in project.cloud.things.values()] == ["a"]
    assert "b" not in [each.name for each in project.resources()]


def test_events_frame_the_operation(project: Project) -> None:
    project.up('Thing("a")', configuration={"shop:x": "1"})

    assert project.events[0].prelude_event.config == {"shop:x": "1"}
    assert project.events[-2].summary_event.resource_changes == {"create": 2}
    assert project.events[-1].cancel_event is not None
    sequence = [event.sequence for event in project.events]
    assert sequence == sorted(sequence)


def test_whoever_started_it_may_refuse_the_first_change(project: Project) -> None:
    asked = []

    def refuse() -> None:
        asked.append(1)
        raise LockedError("an operation is open", why="ada moves a service")

    project.up('Thing("a")')
    project.write('Thing("a", color="red")\n[Thing(f"b-{number}") for number in range(5)]')
    with pytest.raises(LockedError, match="ada moves a service"):
        project.engine(before_change=refuse).up()
    assert asked == [1]
    assert [each.name for each in project.resources() if each.name == "a"] == ["a"]
    assert project.cloud.count("create") == 1
    with pytest.raises(LockedError, match="an operation is open"):
        project.engine(before_change=refuse).destroy()
    assert len(project.cloud.things) == 1


def test_nobody_is_asked_where_nothing_changes(project: Project) -> None:
    project.up('Thing("a")')

    def refuse() -> None:
        raise LockedError("an operation is open")

    project.engine(before_change=refuse).up()
