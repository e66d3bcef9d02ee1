"""The published schema and the reference page say what the models say."""

import json

import pytest
from support.stacks import stack_document

from platformctl.config.environment import EnvironmentConfig
from platformctl.config.reference import page
from platformctl.config.schema import json_schema


def keys(document, path=()):
    for key, value in document.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from keys(value, (*path, key))


def resolve(schema, part):
    while "$ref" in part or "anyOf" in part:
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
        else:
            part = next(choice for choice in part["anyOf"] if choice.get("type") != "null")
    return part


@pytest.mark.parametrize("stack", ["local", "staging", "production"])
def test_every_key_of_the_stack_files_is_in_the_schema(stack):
    schema = json_schema()
    config = schema["properties"]["config"]
    document = {k: v for k, v in stack_document(stack).items() if k.startswith("platform:")}

    for path in keys(document):
        part = config
        for key in path:
            part = resolve(schema, part)
            part = part["properties"][key]
    assert set(config["required"]) <= set(document)


def test_the_schema_is_plain_json_and_refuses_unknown_keys():
    schema = json.loads(json.dumps(json_schema()))

    assert schema["properties"]["config"]["additionalProperties"] is False
    assert all(
        definition["additionalProperties"] is False for definition in schema["$defs"].values()
    )


def test_the_reference_lists_every_key():
    text = page()

    def missing(model):
        for name, field in model.model_fields.items():
            if f"| `{field.alias or name}` |" not in text:
                yield field.alias
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(kind, type) and hasattr(kind, "model_fields"):
                    yield from missing(kind)

    assert list(missing(EnvironmentConfig)) == []
