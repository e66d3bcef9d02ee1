"""Kubernetes' own JSON schemas: is an object written as its kind demands?

The schemas are those that the package `kubernetes-validate` carries for every version of
Kubernetes, in their strict form: a key that does not exist is a mistake.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from platformctl.config.tables import KUBERNETES_VERSIONS
from platformctl.kubernetes.custom import SCHEMAS

NEWEST = KUBERNETES_VERSIONS[-1]


@dataclass(frozen=True)
class Problem:
    """Something in an object that cannot be.

    Attributes:
        path: Where it is, such as `spec.template.spec.containers[0].image`.
        message: One sentence about it.
        reason: Kubernetes' word for it: `FieldValueInvalid`, `FieldValueRequired`, …
    """

    path: str
    message: str
    reason: str = "FieldValueInvalid"


class Open(str):
    """Stands for a value that is not known yet: whatever is said about it alone does not count."""

    __slots__ = ()


def problems(document: Mapping[str, Any], version: str = NEWEST) -> Iterator[Problem]:
    """Yield what is wrong with an object by the schema of its kind.

    Args:
        document: The object; values that are not known yet are `Open`.
        version: Kubernetes version, `major.minor`.

    Raises:
        KeyError: That version has no such kind.
    """
    checker = _validator(version, document["apiVersion"], document["kind"])
    for error in checker.iter_errors(document):
        deepest = _deepest(error)
        if not isinstance(deepest.instance, Open):
            yield _problem(deepest)


def _deepest(error: Any) -> Any:
    """Return the error behind one of alternatives, where only one comes into question."""
    while error.context and len(error.context) == 1:
        error = error.context[0]
    return error


def _problem(error: Any) -> Problem:
    path = path_text(error.absolute_path)
    if error.validator == "required":
        missing = re.match(r"'([^']+)'", error.message)
        name = missing[1] if missing else "?"
        return Problem(f"{path}.{name}".lstrip("."), "Required value", "FieldValueRequired")
    if error.validator == "additionalProperties":
        known = set((error.schema.get("properties") or {}).keys())
        extra = ", ".join(sorted(set(error.instance) - known))
        return Problem(f"{path}.{extra}".lstrip("."), "unknown field")
    if error.validator == "enum":
        allowed = ", ".join(json.dumps(one) for one in error.validator_value)
        message = f"Unsupported value: {json.dumps(error.instance)}: supported values: {allowed}"
        return Problem(path, message, "FieldValueNotSupported")
    return Problem(path, f"Invalid value: {_brief(error.message)}")


def _brief(text: str) -> str:
    return text if len(text) < 300 else f"{text[:300]}…"


def path_text(parts: Iterable[Any]) -> str:
    """Return a path as Kubernetes writes it."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


@cache
def _folder(version: str) -> Any:
    return files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}.0-local-strict"


@cache
def _registry(version: str) -> Any:
    from referencing import Registry, Resource  # noqa: PLC0415  # only who has objects needs it

    definitions = json.loads((_folder(version) / "_definitions.json").read_text())
    return Resource.from_contents(definitions) @ Registry()


@cache
def _validator(version: str, api_version: str, kind: str) -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # as above

    own = SCHEMAS.get((api_version, kind))
    if own is not None:
        return Draft202012Validator(own)
    # `rbac.authorization.k8s.io/v1` is in the file `…-rbac-v1.json`, `apps/v1` in `…-apps-v1.json`.
    place = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    source = _folder(version) / f"{kind.lower()}-{place}.json"
    if not source.is_file():
        raise KeyError(f"Kubernetes {version} has no schema for {api_version} {kind}")
    from referencing import Resource  # noqa: PLC0415  # as above

    schema = json.loads(source.read_text())
    registry = Resource.from_contents(schema) @ _registry(version)
    return Draft202012Validator(schema, registry=registry)
