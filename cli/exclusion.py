"""Keeping operations away from an environment while all of it may change."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from platformctl.cli.runtime import Runtime
from platformctl.errors import StateError
from platformctl.operations.kernel.lease import EVERYTHING


@contextmanager
def exclusive(runtime: Runtime, environment: str, purpose: str) -> Iterator[None]:
    """Keep operations away from an environment while all of it may change.

    Does nothing where no operation can be: before the first deployment, or while the local region
    does not run.

    Raises:
        LockedError: An operation is open; says whose, and how to go on with it.
    """
    if runtime.is_local(environment) and not runtime.region.running:
        yield
        return
    console = runtime.console(environment)
    try:
        lease = console.leases.acquire(EVERYTHING, purpose, console.actor(), purpose)
    except StateError:
        yield
        return
    with lease:
        try:
            yield
        finally:
            with suppress(StateError):  # a destroyed environment has no table any more
                lease.close()
