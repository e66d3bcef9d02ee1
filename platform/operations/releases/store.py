"""Releases in the operations table: numbered, never changed."""

import json
from collections.abc import Iterator
from dataclasses import replace

from platformctl.errors import InvocationError, LockedError
from platformctl.operations.kernel.table import ABSENT, OperationsTable, RefusedError, text
from platformctl.operations.releases.model import Release, read_release

_DIGITS = 8
_ATTEMPTS = 20


class Releases:
    """The releases of an environment.

    Args:
        table: The operations table.
    """

    def __init__(self, table: OperationsTable) -> None:
        self._table = table

    def all(self, service: str) -> Iterator[Release]:
        """Yield the releases of a service, newest first."""
        for item in self._table.query(_partition(service), newest_first=True):
            yield read_release(json.loads(item["document"]))

    def newest(self, service: str) -> Release | None:
        """Return the release that was recorded last; None without any."""
        return next(self.all(service), None)

    def record(self, release: Release) -> Release:
        """Record a release under the next number; whoever records at the same time gets another.

        Raises:
            LockedError: Others recorded releases of the service without end.
        """
        for _ in range(_ATTEMPTS):
            last = self.newest(release.service)
            numbered = replace(release, number=last.number + 1 if last else 1)
            item = {
                "pk": _partition(release.service),
                "sk": f"{numbered.number:0{_DIGITS}d}",
                "document": text(numbered.document()),
            }
            try:
                self._table.put(item, ABSENT)
            except RefusedError:
                continue
            return numbered
        raise LockedError(
            f"{release.service} could not be released",
            why=f"others recorded a release first, {_ATTEMPTS} times",
            remedy="platformctl operation list ENV",
        )

    def find(self, service: str, said: str) -> Release:
        """Return the release that somebody means.

        Args:
            service: Name of the service.
            said: `r7`, `7`, `analytics-api r7`, a version, or the beginning of a digest. Of
                several of a version, the newest.

        Raises:
            InvocationError: There is none, or it is another service's.
        """
        of, _, rest = said.strip().rpartition(" ")
        if of and of != service:
            raise InvocationError(
                f"{said} is no release of {service}",
                why=f"it is one of {of}, whose releases {service} cannot run",
                remedy=f"platformctl release list ENV {service}",
            )
        found = list(self.all(service))
        digest = rest if rest.startswith("sha256:") else f"sha256:{rest}"
        tests = (
            lambda each: rest in (each.name, str(each.number)),
            lambda each: rest == each.version,
            lambda each: len(rest) >= 7 and each.digest.startswith(digest),
        )
        for test in tests:
            for release in found:
                if test(release):
                    return release
        known = ", ".join(str(each.name) + f" ({each.version})" for each in found[:5])
        raise InvocationError(
            f"there is no release {rest!r} of {service}",
            why=f"the newest are {known}" if known else "nothing of it was ever released",
            remedy=f"platformctl release list ENV {service}",
        )

    def revision(self, release: Release, side: str) -> str:
        """Return the ARN of the task definition by which a release ran on a side; "" if never."""
        item = self._table.get(_revisions(release.service), f"{release.name}#{side}")
        return item["arn"] if item else ""

    def by_revision(self, service: str, arn: str) -> Release | None:
        """Return the release that a task definition was registered for; None for any other."""
        for item in self._table.query(_revisions(service)):
            if item["arn"] == arn:
                name = item["sk"].partition("#")[0]
                return next((each for each in self.all(service) if each.name == name), None)
        return None

    def running(self, service: str, what: str) -> Release | None:
        """Return the release that a side runs; None for what was never released.

        Args:
            service: Name of the service.
            what: ARN of the side's task definition, number of a function's version, or reference
                of an image in Kubernetes.
        """
        if registered := self.by_revision(service, what):
            return registered
        for release in self.all(service):
            if what in (release.definition.get("version"), release.definition.get("image")):
                return release
        return None

    def remember_revision(self, release: Release, side: str, arn: str) -> None:
        """Record by which task definition a release runs on a side."""
        item = {"pk": _revisions(release.service), "sk": f"{release.name}#{side}", "arn": arn}
        self._table.put(item)


def _partition(service: str) -> str:
    return f"release#{service}"


def _revisions(service: str) -> str:
    return f"revision#{service}"
