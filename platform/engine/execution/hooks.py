"""Functions of the program that run before and after steps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from platformctl.engine.state.resource import Resource


class HookError(Exception):
    """A hook said no, or could not be reached."""


@dataclass(frozen=True)
class Hook:
    """A function of the program, as it registered it.

    Attributes:
        call: Calls it; raises `HookError` if it fails.
        on_dry_run: It runs in previews, too.
        ignore_errors: Its failure is only worth a warning.
    """

    call: "HookCall"
    on_dry_run: bool = False
    ignore_errors: bool = False


class HookCall(Protocol):
    """Calls a hook in the program."""

    def __call__(self, old: Resource | None, new: Resource | None) -> None:
        """Call it with the record and the record to be."""
        ...


RetryCall = Callable[[Resource | None, Resource | None, str, Sequence[str]], bool]


class Hooks:
    """The hooks that the program has registered.

    Args:
        preview: Only those run that asked to run in previews.
        warn: Takes a message and the URN it is about.
    """

    def __init__(self, *, preview: bool, warn: Callable[[str, str], None]) -> None:
        self._preview = preview
        self._warn = warn
        self._hooks: dict[str, Hook] = {}
        self._retries: dict[str, RetryCall] = {}

    def register(self, name: str, hook: Hook) -> None:
        """Take a hook in.

        Raises:
            ValueError: There is one of that name.
        """
        if name in self._hooks:
            raise ValueError(f"the resource hook {name!r} is registered already")
        self._hooks[name] = hook

    def register_retry(self, name: str, call: RetryCall) -> None:
        """Take in a hook that decides whether a failed step is tried again.

        Raises:
            ValueError: There is one of that name.
        """
        if name in self._retries:
            raise ValueError(f"the error hook {name!r} is registered already")
        self._retries[name] = call

    def run(
        self,
        kind: str,
        bindings: Mapping[str, Sequence[str]],
        old: Resource | None,
        new: Resource | None,
    ) -> None:
        """Run the hooks of one kind, in order.

        Raises:
            HookError: One failed that may not be ignored.
        """
        resource = new or old
        urn = resource.urn if resource else ""
        for name in bindings.get(kind, ()):
            hook = self._hooks.get(name)
            if hook is None:
                self._missing(kind, name, urn)
            elif hook.on_dry_run or not self._preview:
                self._run_one(kind, name, hook, old, new, urn)

    def wants_retry(
        self,
        bindings: Mapping[str, Sequence[str]],
        old: Resource | None,
        new: Resource | None,
        operation: str,
        errors: Sequence[str],
    ) -> bool:
        """Ask the error hooks whether a failed step is to be tried again.

        Args:
            bindings: Names of hooks by kind.
            old: The record, if there was one.
            new: The record to be, if there is to be one.
            operation: `create`, `update` or `delete`.
            errors: What went wrong so far, newest first.

        Raises:
            HookError: One failed.
        """
        names = [name for name in bindings.get("OnError", ()) if name in self._retries]
        try:
            answers = [self._retries[name](old, new, operation, errors) for name in names]
        except HookError as error:
            raise HookError(f"{errors[0]}; then the error hook failed: {error}") from error
        return any(answers)

    def _missing(self, kind: str, name: str, urn: str) -> None:
        """Handle a hook that is recorded but that no program of this run has registered."""
        message = f"the {kind} hook {name!r} is not registered, so it does not run"
        if kind in ("BeforeDelete", "AfterDelete"):
            self._warn(message, urn)
            return
        raise HookError(message)

    def _run_one(
        self,
        kind: str,
        name: str,
        hook: Hook,
        old: Resource | None,
        new: Resource | None,
        urn: str,
    ) -> None:
        try:
            hook.call(old, new)
        except HookError as error:
            message = f"the {kind} hook {name!r} failed: {error}"
            if not hook.ignore_errors:
                raise HookError(message) from error
            self._warn(message, urn)
