"""The table against the SDKs: every row names real operations, members and inputs."""

import ast
import json
from functools import cache
from pathlib import Path

import boto3
import jmespath
import pytest

from platformctl.provider import introspection, registry, schema
from platformctl.provider.context import carried
from platformctl.provider.spec import Ask, ResourceSpec, Send, Tagging
from platformctl.provider.translate import LIFT, Names

ROOT = Path(__file__).parents[2]
SPECS = [registry.spec(token) for token in registry.types()]


@cache
def client(service: str):
    return boto3.client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def shape(service: str, operation: str):
    made = client(service)
    assert operation in made.meta.method_to_api_mapping, f"{service} has no {operation}"
    name = made.meta.method_to_api_mapping[operation]
    return made.meta.service_model.operation_model(name).input_shape


def asks(spec: ResourceSpec):
    """Every call of a row that is written down with all its parameters."""
    found = [spec.create, spec.read, spec.delete, *(step.call for step in spec.updates)]
    if spec.find is not None:
        found.append(spec.find.ask)
    if spec.tags is not None:
        found.append(spec.tags.read)
    return [ask for ask in found if isinstance(ask, Ask)]


def ids(spec: ResourceSpec) -> str:
    return spec.type


@pytest.mark.parametrize("spec", SPECS, ids=ids)
def test_every_call_names_an_operation_and_members_that_exist(spec):
    for ask in asks(spec):
        members = getattr(shape(ask.service or spec.service, ask.operation), "members", {})
        assert set(ask.parameters) <= set(members), ask.operation
        jmespath.compile(ask.path)
    for call in spec.calls:
        if isinstance(call, Send):
            members = shape(spec.service, call.operation).members
            assert set(call.parameters) <= set(members), call.operation
    for path in spec.reads.values():
        jmespath.compile(path)
    if spec.tags is not None:
        check_tagging(spec.service, spec.tags)


def check_tagging(service: str, tagging: Tagging) -> None:
    if not isinstance(tagging.add, str):
        return
    for operation, member in (
        (tagging.add, tagging.tags_member),
        (tagging.remove, tagging.keys_member),
    ):
        members = shape(service, operation).members
        assert {*tagging.resource, member} <= set(members), operation


@pytest.mark.parametrize("spec", SPECS, ids=ids)
def test_a_row_speaks_of_inputs_and_outputs_that_pulumi_aws_has(spec):
    known = schema.resource(spec.type)
    everything = {*known.inputs, *known.outputs}

    assert set(spec.outputs) <= set(known.outputs)
    assert set(spec.reads) <= everything
    assert set(spec.defaults) <= set(known.inputs)
    assert set(spec.replace) <= set(known.inputs)
    assert set(spec.handled) <= set(known.inputs)
    assert set(spec.unread) <= everything
    assert {path.split(".")[0] for path in spec.no_local_effect} <= set(known.inputs)
    assert {path.split(".")[0] for path in spec.names} <= everything
    for step in spec.updates:
        assert set(step.properties) <= set(known.inputs)


def unsent(spec: ResourceSpec) -> list[str]:
    """Inputs that are neither sent nor handled nor listed as having no local effect."""
    names = Names(spec.names, spec.no_local_effect)
    known = schema.resource(spec.type).inputs
    sent: dict[str, list] = {}
    for call in spec.calls:
        if isinstance(call, Send):
            members = shape(spec.service, call.operation)
            for key in carried(spec, call, members):
                sent.setdefault(key, []).append(members)
            for key in _templated(call.parameters):
                sent.setdefault(key, [])
        elif isinstance(call, Ask):
            for key in _templated(call.parameters):
                sent.setdefault(key, [])
    prefix = f"{spec.name.property}Prefix" if spec.name else None
    missing = []
    for key, kind in known.items():
        if key in ("region", prefix) or (key == "tags" and spec.tags is not None):
            continue
        if key in spec.handled or names.is_silent(key):
            continue
        if key not in sent:
            missing.append(key)
            continue
        for members in sent[key]:
            missing.extend(_nested(kind, members, names, key))
    return missing


def _templated(parameters) -> set[str]:
    import re

    found = re.findall(r"\{([\w|]+)\}", json.dumps(parameters))
    return {name for names in found for name in names.split("|")}


def _nested(kind, holder, names: Names, path: str) -> list[str]:
    """Nested inputs that have no place in the shape that holds them."""
    member = names.member(path, holder.members)
    if member is None:
        return [path]
    target = holder
    if member != LIFT:
        for part in member.split("."):
            if part not in target.members:
                return [f"{path} -> {member}"]
            target = target.members[part]
    return _inside(kind, target, names, path)


def _inside(kind, target, names: Names, path: str) -> list[str]:
    if schema.is_a(kind, "list"):
        if target.type_name == "list":
            return _inside(schema.element(kind), target.member, names, path)
        if target.type_name == "structure" and "Items" in target.members:
            return _inside(schema.element(kind), target.members["Items"].member, names, path)
        if target.type_name == "structure":
            return _inside(schema.element(kind), target, names, path)
    properties = schema.properties_of(kind)
    if properties is None:
        return []
    if target.type_name == "list":
        target = target.member
    if target.type_name != "structure":
        return [path]
    missing = []
    for key, inner in properties.items():
        if not names.is_silent(f"{path}.{key}"):
            missing.extend(_nested(inner, target, names, f"{path}.{key}"))
    return missing


@pytest.mark.parametrize("spec", SPECS, ids=ids)
def test_every_input_is_sent_or_handled_or_listed_as_having_no_local_effect(spec):
    assert unsent(spec) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")
def test_the_schema_is_that_of_the_installed_package():
    written = (ROOT / "platform/provider/schema.json").read_text()

    assert written == introspection.render(), "run python -m platformctl.provider.introspection"


def created_types() -> set[str]:
    """Types that the components and stacks create, by their sources."""
    found = set()
    for path in [*ROOT.glob("components/**/*.py"), *ROOT.glob("stacks/**/*.py")]:
        tree = ast.parse(path.read_text())
        modules = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "pulumi_aws":
                modules.update({each.asname or each.name: each.name for each in node.names})
            if isinstance(node, ast.Import):
                modules.update(
                    {
                        each.asname or each.name: ""
                        for each in node.names
                        if each.name == "pulumi_aws"
                    }
                )
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or not node.attr[0].isupper():
                continue
            holder = node.value
            if isinstance(holder, ast.Name) and modules.get(holder.id):
                found.add((modules[holder.id], node.attr))
            inner = holder.value if isinstance(holder, ast.Attribute) else None
            if isinstance(inner, ast.Name) and modules.get(inner.id) == "":
                found.add((holder.attr.rstrip("_"), node.attr))
    return found


def test_everything_that_components_create_is_in_the_table():
    have = {(token.split(":")[1].split("/")[0], token.split(":")[2]) for token in registry.types()}
    made = {
        (module, name)
        for module, name in created_types()
        if not name.endswith("Args") and module != "Provider"
    }

    assert made, "no resource found in components/: does this test still look in the right way?"
    assert made - have == set()
