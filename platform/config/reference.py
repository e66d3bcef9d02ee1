"""The reference page of stack files, written from the models themselves."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from platformctl.config.environment import EnvironmentConfig

_INTRODUCTION = """# Configuration

Written by `make docs` from `platform/config`. Every environment has one file,
`Pulumi.<environment>.yaml`; its keys are those below, prefixed with `platform:`. Unknown keys are
refused, and all mistakes of a file are reported at once. `aws:region` must say what
`platform:region` says.
"""


def page() -> str:
    """Return the page as Markdown."""
    lines = [_INTRODUCTION]
    for heading, model in _sections("", EnvironmentConfig):
        lines += [f"## {heading}", "", (model.__doc__ or "").strip(), ""]
        lines += ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        lines += [_row(name, field) for name, field in model.model_fields.items()]
        lines.append("")
    return "\n".join(lines)


def _sections(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield f"`platform:{path}`" if path else "`platform:`", model
    for name, field in model.model_fields.items():
        for kind in _models(field):
            key = field.alias or name
            yield from _sections(f"{path}.{key}" if path else key, kind)


def _models(field: FieldInfo) -> list[type[BaseModel]]:
    kinds = (field.annotation, *get_args(field.annotation))
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _row(name: str, field: FieldInfo) -> str:
    default = "required" if field.is_required() else _default(field)
    description = (field.description or "").replace("|", "\\|")
    return f"| `{field.alias or name}` | {_kind(field)} | {default} | {description} |"


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        return "see below"
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value)
    return f"`{value}`"


_KINDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def _kind(field: FieldInfo) -> str:
    if _models(field):
        return "section"
    text = str(field.annotation)
    if text.startswith("typing.Literal"):
        return " or ".join(f"`{choice}`" for choice in get_args(field.annotation))
    if text.startswith("tuple"):
        return "list"
    if text.startswith("dict"):
        return "mapping of text"
    kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if kind in _KINDS]
    bounds = {type(item).__name__: item for item in field.metadata}
    low = next(
        (getattr(b, k) for n, k in (("Ge", "ge"), ("Gt", "gt")) if (b := bounds.get(n))), None
    )
    high = getattr(bounds.get("Le"), "le", None)
    span = f", {low} to {high}" if low is not None and high is not None else ""
    if low is not None and high is None:
        span = f", from {low}"
    return (_KINDS[kinds[0]] if kinds else "text") + span
