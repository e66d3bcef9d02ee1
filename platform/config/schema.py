"""The JSON Schema of stack files, for completion and checks in editors."""

from typing import Any

from platformctl.config.environment import EnvironmentConfig


def json_schema() -> dict[str, Any]:
    """Return the schema of a whole `Pulumi.<stack>.yaml`."""
    schema = EnvironmentConfig.model_json_schema(by_alias=True)
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
