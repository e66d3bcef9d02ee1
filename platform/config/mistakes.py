"""pydantic's errors as our sentences: where, what it says, what is allowed."""

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from platformctl.config.checks import Mistake

_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def _section(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel] | None:
    """Return the model that a path of keys leads to."""
    for key in path:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if key not in fields:
            return None
        annotation = fields[str(key)].annotation
        kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
        models = [kind for kind in kinds if issubclass(kind, BaseModel)]
        if not models:
            return None
        model = models[0]
    return model


def nearest(word: str, known: list[str]) -> str:
    """Say which known word was perhaps meant, or list them all."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}"


def _reason(model: type[BaseModel], error: ErrorDetails) -> tuple[str, bool]:
    """Return what is allowed, and whether the value belongs into the sentence."""
    kind, context = error["type"], error.get("ctx", {})
    count = context.get("min_length", context.get("max_length"))
    match kind:
        case "extra_forbidden":
            return f"is not a known key; {_known_key(model, error['loc'])}", False
        case "missing":
            return "is missing", False
        case "literal_error":
            reason = f"must be one of {context['expected'].replace(' or ', ', ')}"
        case "string_pattern_mismatch":
            reason = f"must look like {_example(model, error['loc'])}"
        case "too_short":
            reason = f"must have at least {count} {'entry' if count == 1 else 'entries'}"
        case "too_long":
            reason = f"must have at most {count} entries"
        case _ if kind in _BOUNDS:
            bound, words = _BOUNDS[kind]
            reason = f"must be {words} {context[bound]}"
        case _ if kind in _TYPES:
            reason = f"must be {_TYPES[kind]}"
        case _:
            reason = error["msg"][:1].lower() + error["msg"][1:]
    return reason, True


def _known_key(model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    section = _section(model, path[:-1])
    fields = section.model_fields if section else {}
    return nearest(str(path[-1]), [field.alias or name for name, field in fields.items()])


def _example(model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    section = _section(model, path[:-1])
    for name, field in (section.model_fields if section else {}).items():
        if (field.alias or name) == path[-1]:
            if field.examples:
                return str(field.examples[0])
            if isinstance(field.default, str):
                return field.default
            return str(next((m.pattern for m in field.metadata if hasattr(m, "pattern")), ""))
    return "the documented form"


def key_of(namespace: str, path: tuple[str | int, ...]) -> str:
    """Return a path as people write it: `platform:vpc.availabilityZones[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return f"{namespace}:{text.removeprefix('.')}"


def translate(namespace: str, model: type[BaseModel], error: ValidationError) -> list[Mistake]:
    """Return pydantic's findings as mistakes."""
    found = []
    for detail in error.errors(include_url=False):
        if _only_looks_short(detail):
            continue
        reason, with_value = _reason(model, detail)
        value: Any = detail["input"] if with_value else None
        found.append(Mistake(key_of(namespace, detail["loc"]), value, reason))
    return found


def _only_looks_short(error: ErrorDetails) -> bool:
    """Tell whether a list is long enough but for its wrong entries, which pydantic does not count.

    They are told on their own.
    """
    value, least = error["input"], error.get("ctx", {}).get("min_length", 0)
    return error["type"] == "too_short" and isinstance(value, list) and len(value) >= least
