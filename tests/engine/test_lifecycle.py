"""Create, same, update, replace and delete, as a program changes."""

import pytest
from support.engine_program import Project

from platformctl.errors import ResourceError


def test_a_program_creates_its_resources_and_exports_their_outputs(project: Project) -> None:
    result = project.up(
        """
        a = Thing("a", value=1)
        b = Thing("b", source=a.arn)
        export("arn", a.arn)
        export("source", b.source)
        """
    )

    (a,) = project.cloud.named("a")
    assert a["inputs"]["value"] == 1
    assert result.changes == {"create": 3}
    assert result.outputs["arn"] == project.resource("a").outputs["arn"]
    assert result.outputs["source"] == result.outputs["arn"]
    assert project.stack.outputs() == result.outputs


def test_an_unchanged_program_changes_nothing(project: Project) -> None:
    project.up('Thing("a", value=1)')
    before = project.resource("a")

    result = project.up()

    assert result.changes == {"same": 2}
    assert project.cloud.count("create") == 1
    assert project.resource("a") == before


def test_a_changed_input_updates_in_place(project: Project) -> None:
    project.up('Thing("a", value=1, tags={"x": [1, 2]})')
    before = project.resource("a")

    result = project.up('Thing("a", value=2, tags={"x": [1, 3]})')

    after = project.resource("a")
    assert result.changes == {"same": 1, "update": 1}
    assert after.id == before.id
    assert after.inputs["name"] == before.inputs["name"]
    assert after.inputs["tags"] == {"x": [1, 3]}
    assert after.created == before.created
    assert after.modified > before.modified


def test_a_replacement_creates_the_new_one_before_it_deletes_the_old_one(
    project: Project,
) -> None:
    project.up('a = Thing("a", fixed=1)\nThing("b", source=a.arn)')
    before = project.resource("a")
    project.cloud.calls.clear()

    result = project.up('a = Thing("a", fixed=2)\nThing("b", source=a.arn)')

    after = project.resource("a")
    assert project.cloud.calls == [("create", "a"), ("update", "b"), ("delete", "a")]
    assert after.id != before.id
    assert after.inputs["name"] != before.inputs["name"]
    assert project.inputs("b")["source"] == after.outputs["arn"]
    assert result.changes == {
        "same": 1,
        "create-replacement": 1,
        "replace": 1,
        "update": 1,
        "delete-replaced": 1,
    }


def test_a_delete_before_replace_takes_dependents_that_cannot_be_updated_along(
    project: Project,
) -> None:
    program = """
        a = Thing("a", fixed={value}, exclusive=True, slot="one")
        b = Thing("b", fixed_source=a.arn)
        c = Thing("c", source=a.arn)
        Thing("d", fixed_source=b.arn)
    """
    project.up(program.format(value=1))
    project.cloud.calls.clear()

    project.up(program.format(value=2))

    calls = project.cloud.calls
    assert calls[:3] == [("delete", "d"), ("delete", "b"), ("delete", "a")]
    assert calls[3] == ("create", "a")
    assert set(calls[4:]) == {("create", "b"), ("create", "d"), ("update", "c")}
    assert project.inputs("b")["fixed_source"] == project.resource("a").outputs["arn"]
    assert project.cloud.problems == ["a went before c, which needs it"], "c is updated later"
    assert not any(each.pending_replacement or each.delete for each in project.resources())


def test_an_interrupted_delete_before_replace_is_completed_by_the_next_run(
    project: Project,
) -> None:
    program = """
        a = Thing("a", fixed={value}, exclusive=True, slot="one")
        Thing("b", fixed_source=a.arn)
    """
    project.up(program.format(value=1))
    project.cloud.refuse("create", "a", "no room")
    with pytest.raises(ResourceError, match="no room"):
        project.up(program.format(value=2))
    assert project.cloud.things == {}
    assert [each.name for each in project.resources() if each.pending_replacement] == ["a", "b"]

    result = project.up()

    assert result.changes["create-replacement"] == 2
    assert project.cloud.duplicates() == []
    assert sorted(each["logical"] for each in project.cloud.things.values()) == ["a", "b"]


def test_what_awaits_its_replacement_and_is_no_longer_wanted_is_forgotten(
    project: Project,
) -> None:
    project.up('Thing("a", fixed=1, exclusive=True)')
    project.cloud.refuse("create", "a", "no room")
    with pytest.raises(ResourceError):
        project.up('Thing("a", fixed=2, exclusive=True)')

    result = project.up("")

    assert result.changes == {"same": 1, "remove-pending-replace": 1}
    assert [each.name for each in project.resources()] == ["shop-dev"]


def test_what_is_no_longer_registered_is_deleted_dependents_first(project: Project) -> None:
    project.up(
        """
        a = Thing("a")
        b = Thing("b", source=a.arn)
        Thing("c", opts=Options(depends_on=[b]))
        """
    )

    result = project.up("")

    assert project.cloud.order("delete") == ["c", "b", "a"]
    assert result.changes == {"same": 1, "delete": 3}
    assert project.cloud.problems == []


def test_destroy_deletes_everything_in_reverse_order(project: Project) -> None:
    project.up(
        """
        group = Group("group")
        a = Thing("a", opts=Options(parent=group))
        b = Thing("b", source=a.arn)
        Thing("c", source=Output.all(a.arn, b.arn))
        """
    )

    result = project.engine().destroy()

    assert project.cloud.order("delete") == ["c", "b", "a"]
    assert project.cloud.things == {}
    assert project.resources() == []
    assert result.changes == {"delete": 5}


def test_dependencies_that_swapped_direction_do_not_block_the_deletion(project: Project) -> None:
    project.up('a = Thing("a", fixed=1)\nThing("b", fixed=1, source=a.arn)')
    project.cloud.refuse("delete", "b", "busy")
    with pytest.raises(ResourceError):
        project.up('b = Thing("b", fixed=2)\nThing("a", fixed=2, source=b.arn)')
    assert len(project.cloud.things) == 4

    project.engine().destroy()

    assert project.cloud.things == {}
    assert project.resources() == []


def test_two_resources_of_one_name_are_refused(project: Project) -> None:
    with pytest.raises(ResourceError, match=r"two resources with the URN .*Thing::a"):
        project.up('Thing("a")\nThing("a")')


def test_wrong_inputs_are_reported_with_their_property(project: Project) -> None:
    with pytest.raises(ResourceError, match="bad: nothing may be bad"):
        project.up('Thing("a", bad=1)')

    assert "bad: nothing may be bad" in project.messages("error")
    assert project.cloud.count("create") == 0
