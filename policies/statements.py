"""The statements of IAM policy documents, wherever a resource keeps one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from platformctl.policies.rule import Judge, Problem, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN, is_partly_unknown, peek
from platformctl.policies.view import ResourceView

NARROWING = frozenset(
    {
        *("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourcevpc"),
        *("aws:sourcevpce", "aws:sourceowner", "aws:principalaccount", "aws:principalarn"),
        *("aws:principalorgid", "aws:principalorgpaths", "kms:calleraccount"),
    }
)
"""Condition keys that say who may ask; a principal `*` with one of them is not everybody."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement.

    Attributes:
        path: Where it is.
        actions: Actions as written; `NotAction` counts as `*`.
        resources: Resources as written; `NotResource` counts as `*`.
        principals: Kind (`AWS`, `Service`, `Federated`, `*`) and name.
        conditions: Operator, key and values of each condition.
    """

    path: str
    allows: bool
    actions: Sequence[str]
    resources: Sequence[str]
    principals: Sequence[tuple[str, str]]
    conditions: Sequence[tuple[str, str, Sequence[Any]]]

    @property
    def everywhere(self) -> bool:
        """Whether it is about every resource."""
        return "*" in self.resources

    @property
    def anyone(self) -> bool:
        """Whether everybody is meant, and no condition says otherwise."""
        return any(name == "*" for _, name in self.principals) and not self.narrowed

    @property
    def narrowed(self) -> bool:
        """Whether a condition says whose requests are meant."""
        return any(
            key.lower() in NARROWING and "Not" not in operator and "*" not in values
            for operator, key, values in self.conditions
        )

    def allows_action(self, action: str) -> bool:
        """Tell whether an action is among those allowed, wildcards understood."""
        return self.allows and any(
            fnmatchcase(action.lower(), each.lower()) for each in self.actions
        )


def statements(resource: ResourceView, path: str) -> Iterator[Statement | Undetermined]:
    """Yield the statements of a document; none if there is no document.

    Raises:
        ValueError: The document is not JSON.
    """
    for match in resource.each(f"{path}.Statement[]"):
        if is_partly_unknown(match.value):
            yield Undetermined(path=match.path)
        else:
            yield _statement(match.path, match.value)


def each_statement(
    paths: str | Sequence[str], wrong: Callable[[Statement], Any], expected: str
) -> Judge:
    """No statement at these paths may be wrong.

    Args:
        paths: Where the documents are.
        wrong: Returns what is wrong with a statement; anything false if nothing is.
        expected: What is asked for, in words.
    """
    paths = [paths] if isinstance(paths, str) else paths

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        del settings
        for path in paths:
            for each in statements(resource, path):
                if isinstance(each, Undetermined):
                    yield each
                elif each.allows and (found := wrong(each)):
                    yield Violation(path=each.path, found=found, expected=expected)

    return Judge(run, tuple(f"{path}.Statement[]" for path in paths))


def everybody(statement: Statement) -> str:
    """Return the mistake of a statement that lets everybody in; a `wrong` of `each_statement`."""
    return f"everybody may {', '.join(statement.actions)}" if statement.anyone else ""


def _statement(path: str, said: Mapping[str, Any]) -> Statement:
    return Statement(
        path=path,
        allows=_value(said, "Effect") == "Allow",
        actions=["*"] if "NotAction" in said else _list(_value(said, "Action")),
        resources=["*"] if "NotResource" in said else _list(_value(said, "Resource")),
        principals=list(_principals(said)),
        conditions=list(_conditions(_value(said, "Condition"))),
    )


def _principals(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "NotPrincipal" in said:
        yield "*", "*"
    principal = _value(said, "Principal")
    if isinstance(principal, Mapping):
        for kind, names in principal.items():
            for name in _list(names):
                yield kind, name
    else:
        for name in _list(principal):
            yield "*", name


def _conditions(said: Any) -> Iterator[tuple[str, str, Sequence[Any]]]:
    if isinstance(said, Mapping):
        for operator, tests in said.items():
            for key, values in tests.items():
                yield operator, key, values if isinstance(values, list) else [values]


def _value(said: Mapping[str, Any], name: str) -> Any:
    (match,) = peek(said, name)
    return match.value


def _list(value: Any) -> list[str]:
    if value is MISSING or value is UNKNOWN:
        return []
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else [value]
