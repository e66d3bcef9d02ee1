"""What every component promises, tested on all of them."""

import dataclasses
import inspect
from pathlib import Path

import pulumi
import pytest
from support.component_examples import EXAMPLES
from support.paper import PaperProject

from platformctl import components
from platformctl.components.base import Args
from platformctl.components.reference import all_components, arguments_of, documented, page

COMPONENTS = sorted(all_components().items())
every_component = pytest.mark.parametrize(
    ("name", "component"), COMPONENTS, ids=[name for name, _ in COMPONENTS]
)


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    """What the example of each component registers, made twice and tagged."""
    made = {}

    def plan(name):
        if name not in made:
            source = inspect.cleandoc("\n" + EXAMPLES[name])
            tagged = source.replace(f"{name}Args(", f'{name}Args(tags={{"Team": "red"}}, ')
            twin = tagged.replace(f'{name}("it"', f'{name}("twin"')
            made[name] = PaperProject(tmp_path_factory.mktemp(name)).up(f"{tagged}\n{twin}")
        return made[name]

    return plan


def token_of(name, component):
    return f"platformctl:{component.__module__.split('.')[2]}:{name}"


def test_every_component_has_an_example():
    assert sorted(EXAMPLES) == [name for name, _ in COMPONENTS]


@every_component
def test_a_component_is_called_with_name_args_and_opts(name, component):
    parameters = inspect.signature(component.__init__).parameters

    assert list(parameters) == ["self", "name", "args", "opts"]
    assert parameters["opts"].default is None


@every_component
def test_arguments_are_frozen_keywords_and_each_is_documented(name, component):
    arguments = arguments_of(component)
    own = [field.name for field in dataclasses.fields(arguments)]
    inherited = [field.name for field in dataclasses.fields(Args)]

    assert arguments.__name__ == f"{name}Args"
    assert arguments.__dataclass_params__.frozen
    assert all(field.kw_only for field in dataclasses.fields(arguments))
    assert set(own) - set(inherited) <= documented(arguments).keys()


@every_component
def test_the_description_has_an_example_and_the_cost(name, component):
    text = inspect.getdoc(component)

    assert "Example::" in text
    assert f'{name}("' in text
    assert "onthly cost" in text or "Costs nothing" in text


@every_component
def test_the_registered_outputs_are_the_documented_ones(name, component, plans):
    plan = plans(name)
    (made,) = [r for r in plan.resources if r.type == token_of(name, component) and r.name == "it"]
    present = {key for key, value in made.outputs.items() if value is not None}

    assert present <= documented(component).keys()
    assert documented(component).keys() - present <= {
        "endpoint_security_group_id",
        "intake_parameter",
        "replica_identifier",
        "retire_role_arn",
        "rule_arn",
        "target_group_arn",
        "test_rule_arn",
        "test_listener_arn",
    }


@every_component
def test_outputs_are_announced_as_annotations(name, component):
    annotations = inspect.get_annotations(component)

    assert annotations.keys() == documented(component).keys()


@every_component
def test_children_have_a_parent_and_names_that_begin_with_its(name, component, plans):
    resources = {each.urn: each for each in plans(name).resources}
    children = [
        each
        for each in resources.values()
        if each.type.startswith(("aws:", "kubernetes:", "random:"))
    ]

    assert children
    for child in children:
        parent = resources[child.parent]
        assert parent.type.startswith("platformctl:")
        assert child.name == parent.name or child.name.startswith(f"{parent.name}-")


@every_component
def test_two_of_a_kind_live_side_by_side(name, component, plans):
    made = [each for each in plans(name).resources if each.type == token_of(name, component)]

    assert {"it", "twin"} <= {each.name for each in made}


@every_component
def test_tags_reach_every_child_that_can_carry_them(name, component, plans):
    with_tags = [each for each in plans(name).resources if "tags" in each.inputs]

    assert all(each.inputs["tags"]["Team"] == "red" for each in with_tags)


def test_unknown_children_cannot_be_transformed(tmp_path):
    source = """
    Queue("it", QueueArgs(queue_name="it", transform={"dead-leters": {"name": "x"}}))
    """

    with pytest.raises(Exception, match=r"it has no child 'dead-leters'") as caught:
        PaperProject(tmp_path).up(source)
    assert "dead-letters" in str(caught.value)


def test_a_child_is_transformed_by_values_or_by_a_function(paper):
    plan = paper.up("""
    Queue("it", QueueArgs(queue_name="it", transform={
        "dead-letters": {"message_retention_seconds": 60},
        "it": lambda inputs: {**inputs, "delay_seconds": inputs["visibility_timeout_seconds"]},
    }))
    """)

    assert plan.one("Queue", "it-dead-letters").inputs["messageRetentionSeconds"] == 60
    assert plan.one("Queue", "it").inputs["delaySeconds"] == 30


def test_children_wait_for_what_the_component_waits_for(paper):
    plan = paper.up("""
        first = Queue("first", QueueArgs(queue_name="first"))
        Queue("second", QueueArgs(queue_name="second"), pulumi.ResourceOptions(depends_on=[first]))
        """)
    first, second = (plan.one("sqs/queue:Queue", name) for name in ("first", "second"))

    assert first.urn in second.depends_on


def test_constructors_read_no_file_and_no_clock():
    folder = Path(components.__file__).parent
    forbidden = ("boto3", "open(", "read_text", "datetime", "time.time", "os.environ")
    offenders = [
        f"{path.relative_to(folder)}: {word}"
        for path in folder.rglob("*.py")
        for word in forbidden
        if word in path.read_text()
    ]

    assert offenders == []


def test_the_reference_shows_every_component_with_every_argument():
    text = page()

    for name, component in COMPONENTS:
        assert f"## {name}\n" in text
        for field in dataclasses.fields(arguments_of(component)):
            assert f"| `{field.name}` |" in text


def test_everything_public_is_a_component_or_an_argument():
    for name in components.__all__:
        thing = getattr(components, name)
        assert inspect.isclass(thing)
        assert issubclass(thing, pulumi.ComponentResource) or dataclasses.is_dataclass(thing)
