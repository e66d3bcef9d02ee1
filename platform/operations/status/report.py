"""Ask AWS about every part of an environment that can be well or ill.

The parts come from the checkpoint; `probes` says for each resource type which call answers for it.
All parts are asked at the same time.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.services.find import find_services
from platformctl.operations.status.parts import Health, Part, StatusReport
from platformctl.operations.status.probes import PROBES, Clients, Properties
from platformctl.operations.status.serving import ServiceStatus, read_records, read_services

__all__ = ["Health", "Part", "StatusReport", "read_status", "wait_until_healthy"]


@dataclass(frozen=True)
class _Question:
    """Resources of one type and region that one call can describe."""

    type: str
    region: str
    resources: Sequence[Properties]

    def ask(self, clients: Clients) -> list[Part]:
        """Return a part for each resource; unknown ones where the call fails."""
        probe = PROBES[self.type]
        try:
            return probe.ask(clients, self.region, self.resources)
        except (ClientError, BotoCoreError) as error:
            kind = self.type.rpartition(":")[2]
            return [
                Part(
                    kind,
                    str(each.get(probe.name) or each["logicalName"]),
                    Health.UNKNOWN,
                    str(error),
                )
                for each in self.resources
            ]


def _questions(resources: Sequence[Mapping[str, Any]], default_region: str) -> Iterator[_Question]:
    """Put resources together that one call can describe; the order is that of `PROBES`."""
    for kind, probe in PROBES.items():
        by_region: dict[str, list[Properties]] = {}
        for resource in resources:
            if resource["type"] == kind and not resource.get("delete"):
                properties = {
                    **(resource.get("outputs") or {}),
                    "id": resource.get("id"),
                    "logicalName": resource["urn"].rpartition("::")[2],
                }
                by_region.setdefault(_region(properties, default_region), []).append(properties)
        for region, found in by_region.items():
            for start in range(0, len(found), probe.at_once):
                yield _Question(kind, region, found[start : start + probe.at_once])


def _region(properties: Properties, default_region: str) -> str:
    arn = str(properties.get("arn") or properties.get("id") or "")
    return (arn.split(":")[3] if arn.startswith("arn:") else "") or default_region


def read_status(
    environment: str,
    checkpoint: Mapping[str, Any],
    clients: Clients,
    *,
    region: str,
    table: OperationsTable | None = None,
) -> StatusReport:
    """Ask about every part of an environment at once.

    Args:
        environment: Its name, for the report.
        checkpoint: The stack's checkpoint as `pulumi stack export` prints it.
        clients: Makes a boto3 client from service and region name.
        region: Region of parts whose ARN does not say.
        table: The operations table; without it, which side serves is not asked.
    """
    began = time.monotonic()
    resources = checkpoint["deployment"].get("resources") or ()
    questions = list(_questions(resources, region))
    with ThreadPoolExecutor(max_workers=16) as pool:
        serving = pool.submit(_serving, checkpoint, clients, table) if table else None
        answers = list(pool.map(lambda question: question.ask(clients), questions))
        services, trouble = serving.result() if serving else ([], "")
    parts = [part for answer in answers for part in answer]
    return StatusReport(environment, parts, time.monotonic() - began, services, trouble)


def _serving(
    checkpoint: Mapping[str, Any], clients: Clients, table: OperationsTable
) -> tuple[list[ServiceStatus], str]:
    """Return which side of each service serves, and why it is not known what was done."""
    services = find_services(checkpoint)
    if not any(service.two_sided for service in services):
        return [], ""
    records = read_records(table)
    return read_services(services, clients, records), records.trouble


def wait_until_healthy(
    read: Callable[[], StatusReport],
    *,
    timeout: float,
    on_report: Callable[[StatusReport], None] = lambda _: None,
    interval: float = 0.5,
) -> StatusReport:
    """Read again and again until nothing is ill or changing; return the last report.

    A part that is ill does not end the wait early, for services take a moment to find their
    databases; one that has failed for good does. The caller judges the report that comes back.
    """
    deadline = time.monotonic() + timeout
    while True:
        report = read()
        on_report(report)
        given_up = any(part.health is Health.FAILED for part in report.parts)
        if report.healthy or given_up or time.monotonic() >= deadline:
            return report
        time.sleep(interval)
