"""The resource options."""

import pytest
from support.engine_program import Project

from platformctl.errors import ResourceError


def test_protected_resources_are_neither_deleted_nor_replaced(project: Project) -> None:
    project.up('Thing("a", fixed=1, opts=Options(protect=True))')

    with pytest.raises(ResourceError, match="Thing::a is protected"):
        project.up("")
    with pytest.raises(ResourceError, match="must be replaced but is protected"):
        project.up('Thing("a", fixed=2, opts=Options(protect=True))')
    with pytest.raises(ResourceError, match="Thing::a is protected"):
        project.engine().destroy()
    assert len(project.cloud.things) == 1

    project.up('Thing("a", fixed=1)')
    project.up("")
    assert project.cloud.things == {}


def test_protection_is_inherited_from_the_parent(project: Project) -> None:
    project.up(
        """
        group = Group("group", opts=Options(protect=True))
        Thing("a", opts=Options(parent=group))
        Thing("b", opts=Options(parent=group, protect=False))
        """
    )

    assert project.resource("a").protect
    assert not project.resource("b").protect


def test_ignored_changes_keep_the_recorded_value(project: Project) -> None:
    ignore = 'Options(ignore_changes=["count", "tags.owner", "rules[0].port"])'
    program = (
        'Thing("a", count={0}, other={0}, tags={{"owner": "{0}", "kind": "{0}"}}, '
        'rules=[{{"port": {0}, "to": {0}}}], opts=' + ignore + ")"
    )
    project.up(program.format(1))

    project.up(program.format(2))

    inputs = project.inputs("a")
    assert inputs["count"] == 1
    assert inputs["other"] == 2
    assert inputs["tags"] == {"owner": "1", "kind": "2"}
    assert inputs["rules"] == [{"port": 1, "to": 2}]


def test_everything_can_be_ignored(project: Project) -> None:
    project.up('Thing("a", value=1, opts=Options(ignore_changes=["*"]))')

    result = project.up('Thing("a", value=2, fixed=1, opts=Options(ignore_changes=["*"]))')

    assert result.changes == {"same": 2}


def test_replace_on_changes_turns_an_update_into_a_replacement(project: Project) -> None:
    program = (
        'Thing("a", value={0}, tags={{"owner": {1}}}, '
        'opts=Options(replace_on_changes=["tags.owner"]))'
    )
    project.up(program.format(1, 1))
    before = project.resource("a").id

    project.up(program.format(2, 1))
    assert project.resource("a").id == before

    project.up(program.format(2, 2))
    assert project.resource("a").id != before


def test_delete_before_replace_can_be_asked_for_and_refused(project: Project) -> None:
    project.up('Thing("a", fixed=1)\nThing("b", fixed=1, exclusive=True)')
    project.cloud.calls.clear()

    project.up(
        """
        a = Thing("a", fixed=2, opts=Options(delete_before_replace=True))
        Thing("b", fixed=2, exclusive=True,
              opts=Options(delete_before_replace=False, depends_on=[a]))
        """
    )

    assert project.cloud.calls == [
        ("delete", "a"),
        ("create", "a"),
        ("create", "b"),
        ("delete", "b"),
    ]


def test_retained_resources_are_forgotten_but_not_deleted(project: Project) -> None:
    project.up('Thing("a", opts=Options(retain_on_delete=True))\nThing("b")')

    project.up("")

    assert [each["logical"] for each in project.cloud.things.values()] == ["a"]
    assert [each.name for each in project.resources()] == ["shop-dev"]


def test_a_resource_deleted_with_another_is_not_deleted_by_itself(project: Project) -> None:
    project.up('a = Thing("a")\nThing("b", opts=Options(deleted_with=a))')

    result = project.engine().destroy()

    assert project.cloud.order("delete") == ["a"]
    assert result.changes == {"delete": 3}


def test_an_existing_resource_is_imported(project: Project) -> None:
    project.cloud.things["thing-9"] = {"logical": "old", "inputs": {"name": "n", "value": 1}}
    program = 'Thing("a", name="n", value={}, opts=Options(import_="thing-9"))'
    with pytest.raises(ResourceError, match="otherwise than it is: value"):
        project.up(program.format(2))

    result = project.up(program.format(1))

    assert result.changes == {"same": 1, "import": 1}
    assert project.resource("a").id == "thing-9"
    assert project.cloud.count("create") == 0
    assert project.up().changes == {"same": 2}
    assert project.up('Thing("a", name="n", value=3)').changes == {"same": 1, "update": 1}
    assert len(project.cloud.things) == 1


def test_importing_what_does_not_exist_fails(project: Project) -> None:
    with pytest.raises(ResourceError, match="no test:index:Thing with the id 'thing-0'"):
        project.up('Thing("a", opts=Options(import_="thing-0"))')


def test_timeouts_and_secret_outputs_and_versions_are_recorded(project: Project) -> None:
    project.up(
        """
        Thing("a", opts=Options(
            custom_timeouts=pulumi.CustomTimeouts(create="1h30m", delete="90s"),
            additional_secret_outputs=["arn"],
            version="1.2.3",
        ))
        """
    )

    a = project.resource("a")
    assert a.custom_timeouts == {"create": 5400.0, "delete": 90.0}
    assert repr(a.outputs["arn"]) == "Secret()"
    assert a.provider_urn.endswith("pulumi:providers:test::default_1_2_3")


def test_replace_with_replaces_along_with_another(project: Project) -> None:
    program = 'a = Thing("a", fixed={0})\nThing("b", opts=Options(replace_with=[a]))'
    project.up(program.format(1))
    before = project.resource("b").id

    project.up(program.format(2))

    assert project.resource("b").id != before
    assert project.up().changes == {"same": 3}


def test_a_replacement_trigger_replaces_when_it_changes(project: Project) -> None:
    program = 'Thing("a", opts=Options(replacement_trigger="{0}"))'
    project.up(program.format("one"))
    before = project.resource("a").id

    assert project.up().changes == {"same": 2}
    project.up(program.format("two"))

    assert project.resource("a").id != before


def test_new_secret_outputs_apply_to_unchanged_resources(project: Project) -> None:
    project.up('Thing("a", value="v")')

    project.up('Thing("a", value="v", opts=Options(additional_secret_outputs=["arn"]))')

    assert repr(project.resource("a").outputs["arn"]) == "Secret()"
    assert project.cloud.count("update") == 0
