"""Runs migrations and dies at the n-th moment: right after a statement, or around a commit.

Started as a program it reads orders, one JSON object a line, and does each in a process of its own
that it forks: everything is imported once. Moments are counted over every connection of the
process; the death is SIGKILL, so nothing is tidied up.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

import psycopg
from database.migrating.catalog import Catalog
from database.migrating.run import Run
from database.migrating.session import Session
from database.migrating.settings import MigrationSettings
from support.migrations import FORGETFUL
from telemetry.settings import Environment


class Moments:
    """Counts moments and dies at one of them."""

    def __init__(self, last):
        self._last = last
        self._main = threading.get_ident()
        self.seen = 0

    def pass_one(self):
        if threading.get_ident() != self._main:  # how often a lock is looked at is not determined
            return
        self.seen += 1
        if self.seen == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(moments):
    """Make every statement and every commit of psycopg a moment."""
    execute, commit = psycopg.Cursor.execute, psycopg.Connection.commit

    def watched_execute(self, *arguments, **options):
        found = execute(self, *arguments, **options)
        moments.pass_one()
        return found

    def watched_commit(self):
        moments.pass_one()
        commit(self)
        moments.pass_one()

    psycopg.Cursor.execute = watched_execute
    psycopg.Connection.commit = watched_commit


def run(folder, what, variables):
    """Migrate as the environment variables say."""
    settings = MigrationSettings.read(Environment(variables))
    with Session(settings) as session:
        begun = Run(session, Catalog(folder), settings, FORGETFUL)
        work = {"expand": begun.expand, "contract": begun.contract}
        work.get(what, lambda: begun.undo("0001"))()


def obey(order):
    """Do what an order says in a process of its own; return its moments, None if it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        moments = Moments(order["last"])
        watch(moments)
        run(Path(order["folder"]), order["what"], order["variables"])
        os.write(writer, str(moments.seen).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        seen = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return {"moments": None}
    return {"moments": int(seen)} if seen else {"error": f"the run failed: {status}"}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)
