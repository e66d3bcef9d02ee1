"""Waiting for locks without making others wait.

A statement that waits for a lock makes everybody wait who comes after it. So it waits only briefly,
gives up its place and tries again later, and when it has tried for long enough, whoever is in the
way is named.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError

from database.migrating.model import Log, MigrationBlocked
from database.migrating.session import Session

POLL_SECONDS = 0.05
"""Pause between two looks at who is in the way: PostgreSQL does not announce who blocks whom."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds in which others get the lock that an attempt has given up; waiting for it, as PostgreSQL
could, would make them queue behind us."""
_AGAIN = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
_BLOCKERS = """
    SELECT a.pid, a.application_name AS application, a.usename AS "user",
           a.client_addr::text AS address, a.state, a.xact_start::text AS since
    FROM unnest(pg_blocking_pids(%(pid)s)) AS blocking(pid)
    JOIN pg_stat_activity a ON a.pid = blocking.pid
"""
Value = TypeVar("Value")


class Patience:
    """Tries again, for a limited time, what could not get its locks.

    Args:
        session: Connection to look with at who is in the way.
        seconds: Longest all attempts together take.
        log: Where attempts are told.

    Attributes:
        blockers: Who was last seen in the way.
    """

    def __init__(self, session: Session, *, seconds: float, log: Log) -> None:
        self._session = session
        self._seconds = seconds
        self._log = log
        self.blockers: list[dict[str, Any]] = []

    def run(self, what: str, attempt: Callable[[], Value]) -> Value:
        """Do something until it gets its locks.

        Args:
            what: Names it in the log.
            attempt: Does it from the beginning; wraps what waits in `watched`.

        Raises:
            MigrationBlocked: It has not got them in time; names who was in the way.
        """
        deadline = time.monotonic() + self._seconds
        pause = FIRST_PAUSE
        while True:
            try:
                return attempt()
            except (psycopg.OperationalError, DBAPIError) as error:
                if not isinstance(getattr(error, "orig", error), _AGAIN):
                    raise
                reason = str(getattr(error, "orig", error)).strip()
            if time.monotonic() + pause > deadline:
                named = _named(self.blockers)
                raise MigrationBlocked(
                    f"{what} has not got its lock within {self._seconds:g} s: {named}",
                    blockers=self.blockers,
                )
            self._log.warning("waits for a lock", what=what, why=reason, blockers=self.blockers)
            # Not in step with whatever comes at regular intervals.
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_PAUSE)

    @contextmanager
    def watched(self, pid: int) -> Iterator[None]:
        """Note who keeps a backend waiting while it works."""
        ended = threading.Event()
        thread = threading.Thread(target=self._look, args=(pid, ended), name="locks")
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _look(self, pid: int, ended: threading.Event) -> None:
        while not ended.wait(POLL_SECONDS):
            try:
                self.blockers = self._session.rows(_BLOCKERS, pid=pid) or self.blockers
            except psycopg.Error:
                # The run's own next statement reports it; without a connection nobody is named.
                return


def _named(blockers: Sequence[Mapping[str, Any]]) -> str:
    if not blockers:
        return "nobody was seen holding it"
    named = (
        f"{each['application'] or 'a nameless connection'} (pid {each['pid']}, user "
        f"{each['user']}, in a transaction since {each['since']})"
        for each in blockers
    )
    return "it is held by " + ", ".join(named)
