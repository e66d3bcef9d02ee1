"""Previews: the same steps, without doing anything."""

import pytest
from support.engine_program import Project

from platformctl.engine.wire import UNKNOWN_STRING
from platformctl.errors import StackNotFoundError

PROGRAM = """
a = Thing("a", fixed={0}, value=1)
b = Thing("b", source=a.arn, kept=a.value)
c = Thing("c", fixed_source=b.source)
export("arn", a.arn)
export("kept", b.kept)
applied = b.source.apply(lambda source: pulumi.info("known now"))
"""


def test_a_preview_changes_nothing(project: Project) -> None:
    result = project.preview(PROGRAM.format(1))

    assert result.changes == {"create": 4}
    assert project.cloud.calls == []
    assert not project.stack.exists
    with pytest.raises(StackNotFoundError):
        project.stack.read()


def test_what_is_not_known_yet_stays_unknown(project: Project) -> None:
    result = project.preview(PROGRAM.format(1))

    assert result.outputs == {"arn": UNKNOWN_STRING, "kept": 1}
    assert "known now" not in project.messages()
    started = {
        event.resource_pre_event.metadata.urn.split("::")[-1]: event.resource_pre_event
        for event in project.events
        if event.resource_pre_event
    }
    assert started["b"].planning
    assert started["b"].metadata.new.inputs["source"] == UNKNOWN_STRING


def test_a_preview_tells_what_the_update_then_does(project: Project) -> None:
    project.up(PROGRAM.format(1))
    preview = project.preview(PROGRAM.format(2))
    foretold = sorted(project.steps())

    update = project.up()

    assert sorted(project.steps()) == foretold
    assert preview.changes == update.changes


def test_a_preview_shows_the_difference(project: Project) -> None:
    project.up('Thing("a", value=1, gone=2, fixed=1)')

    project.preview('Thing("a", value=2, new=3, fixed=2)')

    (metadata,) = [
        event.resource_pre_event.metadata
        for event in project.events
        if event.resource_pre_event
        and event.resource_pre_event.metadata.op.value == "create-replacement"
    ]
    assert metadata.keys == ["fixed"]
    assert metadata.diffs == ["fixed", "gone", "new", "value"]
    kinds = {path: diff.diff_kind.value for path, diff in metadata.detailed_diff.items()}
    assert kinds == {
        "fixed": "update-replace",
        "gone": "delete",
        "new": "add",
        "value": "update",
    }


def test_a_preview_with_refresh_sees_what_changed_behind_its_back(project: Project) -> None:
    project.up('Thing("a", value=1)')
    project.cloud.named("a")[0]["inputs"]["value"] = 5

    assert project.preview().changes == {"same": 2}
    changes = project.preview(refresh=True).changes

    assert changes["update"] == 2, "one by the refresh, one by the program"
    assert project.inputs("a")["value"] == 1
