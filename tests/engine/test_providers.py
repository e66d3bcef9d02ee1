"""Explicit and default providers, reads and questions."""

import pytest
from support.engine_program import Project

from platformctl.errors import ConfigurationError, ResourceError

INVOKE = 'pulumi.runtime.invoke("test:index:getRegion", {{"x": 1}}, {0}).value["region"]'


def test_default_providers_are_recorded_with_the_packages_configuration(
    project: Project,
) -> None:
    result = project.up('Thing("a")', configuration={"test:region": "here", "shop:x": "1"})

    provider = project.resource("default")
    assert provider.type == "pulumi:providers:test"
    assert provider.inputs == {"region": "here"}
    assert project.resource("a").provider == f"{provider.urn}::{provider.id}"
    assert project.cloud.named("a")[0]["region"] == "here"
    assert result.changes == {"create": 2}, "default providers are not counted"
    assert project.up(configuration={"test:region": "here"}).changes == {"same": 2}


def test_one_program_deploys_into_two_regions(project: Project) -> None:
    result = project.up(
        """
        east = Provider("east", region="east")
        west = Provider("west", region="west", flags='{"a": [1]}', strict="true", zip="01")
        Thing("a", opts=Options(provider=east))
        group = Group("group", opts=Options(providers=[west]))
        Thing("b", opts=Options(parent=group))
        answer = pulumi.runtime.invoke(
            "test:index:getRegion", {"x": 1}, pulumi.InvokeOptions(provider=west)
        )
        export("region", answer.value["region"])
        answer = pulumi.runtime.invoke(
            "test:index:getConfiguration", {}, pulumi.InvokeOptions(provider=west)
        )
        export("configuration", answer.value)
        """
    )

    assert project.cloud.named("a")[0]["region"] == "east"
    assert project.cloud.named("b")[0]["region"] == "west"
    assert result.outputs["region"] == "west"
    configuration = {"region": "west", "flags": {"a": [1]}, "strict": True, "zip": "01"}
    assert result.outputs["configuration"] == configuration


def test_a_changed_provider_configuration_replaces_only_where_the_provider_changes(
    project: Project,
) -> None:
    program = """
        east = Provider("east", region="east")
        west = Provider("west", region="west")
        Thing("a", opts=Options(provider={0}))
    """
    project.up(program.format("east"))
    before = project.resource("a").id

    project.up(program.format("west"))

    assert project.resource("a").id != before
    assert project.cloud.named("a")[0]["region"] == "west"
    assert len(project.cloud.things) == 1


def test_a_newer_default_provider_takes_the_resources_over(project: Project) -> None:
    project.up('Thing("a", opts=Options(version="1.0.0"))')

    result = project.up('Thing("a", opts=Options(version="1.1.0"))')

    assert result.changes == {"same": 2}
    providers = [each.name for each in project.resources() if "providers" in each.type]
    assert providers == ["default_1_1_0"]


def test_a_provider_can_be_configured_by_another_resource(project: Project) -> None:
    program = """
        a = Thing("a", value="from-a")
        other = Provider("other", region=a.arn)
        b = Thing("b", opts=Options(provider=other))
        export("b", b.arn)
    """
    result = project.preview(program)
    assert result.changes == {"create": 4}

    project.up(program)

    assert project.cloud.named("b")[0]["region"] == project.resource("a").outputs["arn"]
    assert project.preview(program).changes == {"same": 4}


def test_an_unknown_package_is_named(project: Project) -> None:
    with pytest.raises(ConfigurationError, match="no provider for the package 'gcp'"):
        project.up('pulumi.CustomResource("gcp:index:Thing", "a", {})')


def test_existing_resources_are_read_but_never_owned(project: Project) -> None:
    project.cloud.things["thing-9"] = {"logical": "old", "inputs": {"name": "n", "value": 7}}
    program = """
        a = Thing("a", value=None, opts=Options(id="thing-9"))
        b = Thing("b", source=a.value)
        export("value", a.value)
    """
    assert project.preview(program).outputs["value"] == 7

    result = project.up(program)

    assert result.outputs["value"] == 7
    assert project.resource("a").external
    assert result.changes == {"create": 2, "read": 1}
    project.engine().destroy()
    assert list(project.cloud.things) == ["thing-9"]


def test_reading_what_does_not_exist_fails(project: Project) -> None:
    with pytest.raises(ResourceError, match="no test:index:Thing with the id 'thing-0'"):
        project.up('Thing("a", opts=Options(id="thing-0"))')


def test_a_managed_resource_that_is_only_read_now_is_let_go(project: Project) -> None:
    project.up('Thing("a")')
    identifier = project.resource("a").id

    result = project.up(f'Thing("a", opts=Options(id="{identifier}"))')

    assert result.changes["read-replacement"] == 1
    assert project.resource("a").external
    assert project.cloud.things == {}, "as with Pulumi, letting go deletes what was ours"


def test_a_read_resource_that_is_managed_now_is_created(project: Project) -> None:
    project.cloud.things["thing-9"] = {"logical": "old", "inputs": {"name": "n"}}
    project.up('Thing("a", opts=Options(id="thing-9"))')

    project.up('Thing("a")')

    assert not project.resource("a").external
    assert "thing-9" in project.cloud.things
    assert len(project.cloud.things) == 2


def test_a_question_that_cannot_be_answered_ends_the_program(project: Project) -> None:
    from platformctl.engine import ProgramError

    with pytest.raises(ProgramError, match="there is no function test:index:nothing"):
        project.up('pulumi.runtime.invoke("test:index:nothing", {})')


def test_stack_references_read_the_other_stacks_outputs(project: Project) -> None:
    project.up('export("open", {"a": [1]})\nexport("key", Output.secret("hidden-value"))')
    other = Project(project.folder / "other", project.cloud, "second")
    other.stack = project.backend.stack("second")

    result = other.up(
        """
        first = pulumi.StackReference("organization/shop/dev")
        export("a", first.get_output("open")["a"][0])
        export("key", first.require_output("key"))
        """
    )

    assert result.outputs == {"a": 1, "key": "[secret]"}
    assert other.stack.outputs(show_secrets=True)["key"] == "hidden-value"
    assert other.up().changes == {"same": 1, "read": 1}


def test_a_reference_to_no_stack_fails(project: Project) -> None:
    with pytest.raises(ResourceError, match="the stack 'nowhere' cannot be read"):
        project.up('pulumi.StackReference("nowhere")')
