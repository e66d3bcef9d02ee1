"""The JSON Schema of stack files, for completion and checks in editors."""

from typing import Any

from platformctl.config.environment import EnvironmentConfig


def json_schema() -> dict[str, Any]:
    """Return the schema of a whole `Pulumi.<stack>.yaml`."""
    schema = _without_null(EnvironmentConfig.model_json_schema(by_alias=True))
    definitions = schema.pop("$defs")
    properties = {f"platform:{key}": value for key, value in schema["properties"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of platformctl",
        "type": "object",
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "required": [f"platform:{key}" for key in schema["required"]],
                "properties": properties,
                "patternProperties": {"^(?!platform:)[^:]+:": {}},
                "additionalProperties": False,
            }
        },
        "$defs": definitions,
    }


def _without_null(part: Any) -> Any:
    """Take `null` from the choices where it is the default: a file leaves out what it lacks.

    An editor can then say what is wrong with the only choice that is left. Where something else is
    the default, `null` is how a file says that it does not want it.
    """
    if isinstance(part, list):
        return [_without_null(each) for each in part]
    if not isinstance(part, dict):
        return part
    part = {key: _without_null(value) for key, value in part.items()}
    if part.get("default") is not None:
        return part
    choices = [each for each in part.get("anyOf", []) if each != {"type": "null"}]
    if len(choices) == 1:
        del part["anyOf"]
        part = {**choices[0], **part}
        part.pop("default", None)
    return part
