"""Refresh, and operations restricted to some resources."""

import pytest
from support.engine_program import Project

from platformctl.errors import ResourceError


def test_refresh_takes_over_what_changed_and_what_is_gone(project: Project) -> None:
    project.up('Thing("a", value=1)\nThing("b", key=Output.secret("hidden"))\nThing("c")')
    project.cloud.named("a")[0]["inputs"]["value"] = 5
    del project.cloud.things[project.resource("c").id]

    result = project.engine().refresh()

    assert result.changes == {"update": 1, "same": 1, "delete": 1}
    assert project.inputs("a")["value"] == 5
    assert repr(project.resource("b").inputs["key"]) == "Secret()"
    assert "c" not in [each.name for each in project.resources()]
    assert project.up().changes == {"same": 2, "update": 1, "create": 1}
    assert project.cloud.named("a")[0]["inputs"]["value"] == 1


def test_a_new_output_is_taken_over_but_is_no_drift(project: Project) -> None:
    project.up('Thing("a", value=1)')
    project.cloud.named("a")[0]["computed"] = {"restorable": "now"}

    result = project.engine().refresh()

    assert result.changes == {"same": 1}
    assert project.resource("a").outputs["restorable"] == "now"


def test_an_update_with_refresh_repairs_drift_at_once(project: Project) -> None:
    project.up('Thing("a", value=1)')
    project.cloud.things.clear()

    result = project.up(refresh=True)

    assert result.changes == {"same": 1, "delete": 1, "create": 1}
    assert len(project.cloud.things) == 1


def test_a_failed_refresh_changes_nothing(project: Project) -> None:
    project.up('Thing("a", value=1)')
    project.cloud.refuse("read", "a", "not now")

    with pytest.raises(ResourceError, match="refresh of a failed: not now"):
        project.engine().refresh()

    assert project.inputs("a")["value"] == 1


def test_only_targeted_resources_are_changed(project: Project) -> None:
    project.up('Thing("a", value=1)\nThing("b", value=1)\nThing("old")')

    result = project.up(
        'Thing("a", value=2)\nnew = Thing("new")\nThing("b", value=2)\nThing("x", y=new.arn)',
        targets=[project.urn("a")],
    )

    assert result.changes == {"same": 2, "update": 1}
    assert project.inputs("b")["value"] == 1
    assert {each.name for each in project.resources()} >= {"a", "b", "old"}
    assert "new" not in [each.name for each in project.resources()]


def test_targets_take_wildcards_and_restrict_deletions(project: Project) -> None:
    project.up('a = Thing("old-a")\nThing("old-b", source=a.arn)\nThing("keep")')

    project.engine().destroy(targets=["**::old-*"])

    assert [each["logical"] for each in project.cloud.things.values()] == ["keep"]


def test_what_is_still_needed_is_not_deleted(project: Project) -> None:
    project.up('a = Thing("a")\nThing("b", source=a.arn)')

    with pytest.raises(ResourceError, match=r"Thing::a is still needed by .*Thing::b"):
        project.engine().destroy(targets=[project.urn("a")])

    assert len(project.cloud.things) == 2


def test_new_components_outside_the_targets_are_left_out(project: Project) -> None:
    project.up('Thing("a", value=1)')

    result = project.up(
        """
        Thing("a", value=2)
        group = Group("group")
        group.register_outputs({"x": 1})
        """,
        targets=[project.urn("a")],
    )

    assert result.changes == {"same": 1, "update": 1}
    assert "group" not in [each.name for each in project.resources()]


def test_a_target_that_needs_what_is_left_out_is_refused(project: Project) -> None:
    with pytest.raises(ResourceError, match=r"Thing::b needs .*Thing::a, which does not exist"):
        project.up(
            'a = Thing("a")\nThing("b", opts=Options(depends_on=[a]))',
            targets=[project.urn("b")],
        )

    assert project.cloud.things == {}
