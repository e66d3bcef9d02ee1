"""Keeping operations away from an environment while all of it may change."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

from platformctl.cli.runtime import Runtime
from platformctl.cli.views.terminal import talk
from platformctl.errors import StateError

if TYPE_CHECKING:
    from platformctl.operations.kernel.lease import Lease


@contextmanager
def exclusive(
    runtime: Runtime, environment: str, purpose: str, *, final: bool = False
) -> Iterator[Callable[[], None]]:
    """Yield what takes hold of a whole environment; call it before anything is changed.

    Where nothing is to be changed, nothing need be held. Before the first deployment there is no
    operations table, and no operation to keep away. What was deployed is read again afterwards.

    Args:
        runtime: The command's runtime.
        environment: The environment.
        purpose: What for, one word.
        final: Whether nothing will be left to go on with: an operation that waits for somebody to
            take it up is no hindrance then, one that somebody is at work on still is.

    Raises:
        LockedError: By what is yielded: an operation is open; says whose, and how to go on.
    """
    with ExitStack() as held:
        held.callback(runtime.forget_checkpoint, environment)

        @cache
        def claim() -> None:
            from platformctl.operations.kernel.lease import EVERYTHING  # noqa: PLC0415  # boto3

            if not runtime.is_operated(environment):
                return
            console = runtime.console(environment)
            if final:
                for tenure in console.leases.free_waiting():
                    talk().print(f"  {tenure.operation} will not be gone on with", highlight=False)
            lease = console.leases.acquire(EVERYTHING, purpose, console.actor(), purpose)
            held.enter_context(lease)
            held.callback(_close, lease)

        yield claim


def _close(lease: "Lease") -> None:
    with suppress(StateError):  # a destroyed environment has no table any more
        lease.close()
