"""Refusals in Kubernetes' own shape: the object `Status`."""

from collections.abc import Sequence
from typing import Any

from platformctl.kubernetes.kinds import Kind
from platformctl.kubernetes.schemas import Problem


class Refusal(Exception):  # noqa: N818  # an answer, as Kubernetes words it
    """A request that is refused.

    Attributes:
        code: HTTP status.
        reason: Kubernetes' word, such as `NotFound`.
        message: The sentence a person reads.
        details: What it is about.
    """

    def __init__(
        self, code: int, reason: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details or {}

    def document(self) -> dict[str, Any]:
        """Return the refusal as the answer's body."""
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "details": self.details,
            "code": self.code,
        }


def missing(kind: Kind, name: str) -> Refusal:
    """There is no such object."""
    details = {"name": name, "kind": kind.plural, "group": kind.group}
    return Refusal(404, "NotFound", f'{kind.resource} "{name}" not found', details)


def exists(kind: Kind, name: str) -> Refusal:
    """There is one already."""
    message = f'{kind.resource} "{name}" already exists'
    return Refusal(409, "AlreadyExists", message, {"name": name, "kind": kind.plural})


def stale(kind: Kind, name: str) -> Refusal:
    """Somebody else changed it meanwhile."""
    message = (
        f'Operation cannot be fulfilled on {kind.resource} "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    return Refusal(409, "Conflict", message, {"name": name, "kind": kind.plural})


def claimed(manager: str, fields: Sequence[str]) -> Refusal:
    """Another manager says otherwise about a field."""
    causes = [{"reason": "FieldManagerConflict", "message": manager, "field": f} for f in fields]
    message = (
        f"Apply failed with {len(fields)} conflict{'s' if len(fields) > 1 else ''}: conflict with "
        f'"{manager}": {", ".join(fields)}'
    )
    return Refusal(409, "Conflict", message, {"causes": causes})


def invalid(kind: Kind, name: str, problems: Sequence[Problem]) -> Refusal:
    """It is not written as its kind demands."""
    causes = [{"reason": one.reason, "message": one.message, "field": one.path} for one in problems]
    said = [f"{one.path}: {one.message}" for one in problems]
    text = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    details = {"name": name, "group": kind.group, "kind": kind.name, "causes": causes}
    message = f'{kind.name}.{kind.group} "{name}" is invalid: {text}'.replace('. "', ' "', 1)
    return Refusal(422, "Invalid", message, details)


def malformed(message: str) -> Refusal:
    """The request makes no sense."""
    return Refusal(400, "BadRequest", message)
