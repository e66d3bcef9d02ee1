"""Reading a YAML file that a person wrote: what is wrong in it is told with its place."""

from pathlib import Path
from typing import Any

import yaml

from platformctl.errors import ConfigurationError


class _Loader(yaml.CSafeLoader):
    """Refuses a key that stands twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            # `<<` may stand more than once: each merges another mapping.
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    problem = f"{key.value} stands in line {seen[key.value]} already"
                    raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
                seen[key.value] = line
        return super().construct_mapping(node, deep=deep)


def read_document(path: Path) -> Any:
    """Return what a YAML file says, None where it is empty.

    Raises:
        ConfigurationError: It cannot be read; says where.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # a safe one
    except OSError as error:
        why, remedy = error.strerror or str(error), ""
    except UnicodeDecodeError as error:
        why, remedy = f"it is not text in UTF-8 (byte {error.start})", "save it as UTF-8"
    except yaml.YAMLError as error:
        why, remedy = _reason(error), f"correct {path}"
    raise ConfigurationError(f"cannot read {path.name}", why=why, remedy=remedy)


def _reason(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    if "cannot start any token" in problem:
        problem += " (a tab, perhaps: YAML is indented with spaces)"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem
