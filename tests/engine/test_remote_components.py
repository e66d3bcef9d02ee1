"""Components of packages with a provider of their own, constructed over `Construct`."""

import textwrap

import pytest

from platformctl.errors import ConfigurationError, ResourceError

# A package as another team would write it: its component makes two resources of the tests' cloud.
PROVIDER = """
import sys
import pulumi
from pulumi.provider import ConstructResult, Provider, main

class Thing(pulumi.CustomResource):
    def __init__(self, name, inputs, opts):
        super().__init__("test:index:Thing", name, {"arn": None, **inputs}, opts)

class Pair(pulumi.ComponentResource):
    def __init__(self, name, inputs, opts):
        super().__init__("shapes:index:Pair", name, {}, opts)
        if inputs.get("size") == 13:
            raise ValueError("13 brings bad luck")
        child = pulumi.ResourceOptions(parent=self)
        self.first = Thing(f"{name}-first", inputs, child)
        self.second = Thing(f"{name}-second", {"source": self.first.arn}, child)
        self.register_outputs({"arn": self.second.arn})

class Shapes(Provider):
    def construct(self, name, resource_type, inputs, options=None):
        print("constructing", name)
        pair = Pair(name, inputs, options)
        return ConstructResult(pair.urn, {"arn": pair.second.arn})

main(Shapes("1.0.0"), sys.argv[1:])
"""
PROGRAM = """
class Pair(pulumi.ComponentResource):
    arn: Output[str]

    def __init__(self, name, opts=None, **inputs):
        super().__init__("shapes:index:Pair", name, {"arn": None, **inputs}, opts, remote=True)

"""


@pytest.fixture
def shapes(project):
    """Return a project whose `Pulumi.yaml` names the package's folder."""
    folder = project.folder / "shapes"
    folder.mkdir()
    (folder / "PulumiPlugin.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(PROVIDER)
    settings = project.folder / "Pulumi.yaml"
    settings.write_text(settings.read_text() + "packages: {shapes: ./shapes}\n")
    return project


def up(project, source, **options):
    return project.up(PROGRAM + textwrap.dedent(source), **options)


def test_a_remote_component_and_its_children_are_made_and_its_outputs_come_back(shapes):
    result = up(shapes, 'pair = Pair("p", size=3)\nexport("arn", pair.arn)\n')

    second = shapes.resource("p-second")
    assert result.outputs["arn"] == second.outputs["arn"]
    assert shapes.resource("p-first").inputs["size"] == 3
    assert second.parent == shapes.urn("p", "shapes:index:Pair")
    assert second.inputs["source"] == shapes.resource("p-first").outputs["arn"]


def test_a_second_up_changes_nothing_and_removal_removes_the_children(shapes):
    up(shapes, 'Pair("p", size=3)\n')

    assert set(up(shapes, 'Pair("p", size=3)\n').changes) == {"same"}
    up(shapes, "pass\n")
    assert [each.name for each in shapes.resources() if each.type == "test:index:Thing"] == []


def test_outputs_and_secrets_flow_through_a_remote_component(shapes):
    up(
        shapes,
        """
        before = Thing("before")
        pair = Pair("p", key=before.arn, password=Output.secret("swordfish"))
        Thing("after", source=pair.arn)
        """,
    )
    first = shapes.resource("p-first")

    assert shapes.inputs("p-first")["key"] == shapes.resource("before").outputs["arn"]
    assert shapes.urn("before") in first.dependencies
    assert type(first.inputs["password"]).__name__ == "Secret"
    assert shapes.inputs("after")["source"] == shapes.resource("p-second").outputs["arn"]


def test_options_reach_the_component_and_its_children(shapes):
    up(
        shapes,
        """
        group = Group("g")
        Pair("p", opts=Options(parent=group, protect=True, providers=[Provider("elsewhere")]))
        """,
    )
    pair = shapes.resource("p")

    assert pair.parent == shapes.urn("g", "test:index:Group")
    assert shapes.resource("p-first").protect
    assert "elsewhere" in shapes.resource("p-first").provider


def test_a_preview_constructs_and_changes_nothing(shapes):
    result = shapes.preview(PROGRAM + 'pair = Pair("p")\nexport("arn", pair.arn)\n')

    assert result.changes["create"] == 4  # stack, component, two things
    assert not shapes.stack.exists


def test_what_the_component_says_is_the_reason(shapes):
    with pytest.raises(ResourceError, match="13 brings bad luck"):
        up(shapes, 'Pair("p", size=13)\n')


def test_a_child_that_fails_is_the_failure_and_not_the_component(shapes):
    shapes.cloud.refuse("create", "p-first", "quota exceeded")

    with pytest.raises(ResourceError, match="quota exceeded") as caught:
        up(shapes, 'Pair("p")\n')

    assert "p-first" in str(caught.value)


def test_a_package_that_is_not_there_is_named(project):
    with pytest.raises(ConfigurationError, match="'shapes'"):
        up(project, 'Pair("p")\n')


def test_a_provider_that_does_not_start_says_why(shapes):
    (shapes.folder / "shapes" / "__main__.py").write_text("raise SystemExit('no licence')\n")

    with pytest.raises(ConfigurationError, match="no licence"):
        up(shapes, 'Pair("p")\n')


def test_a_package_in_another_language_is_told_from_one_that_is_missing(shapes):
    (shapes.folder / "shapes" / "PulumiPlugin.yaml").write_text("runtime: nodejs\n")

    with pytest.raises(ConfigurationError, match="nodejs"):
        up(shapes, 'Pair("p")\n')
