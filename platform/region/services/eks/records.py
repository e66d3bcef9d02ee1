"""What all parts of the service share: tables, look-ups, ARNs, errors."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.rds.names import moment

Record = dict[str, Any]
TIMES = ("createdAt", "modifiedAt", "associatedAt")


class Records(Service):
    """The service's records; the classes with operations build on it."""

    name = "eks"

    def table(self, region: str, kind: str) -> Table:
        """Return the records of one kind: `clusters` by name, the others by `cluster/name`."""
        return self.runtime.store.table("eks", region, kind)

    def cluster(self, region: str, name: str) -> Record:
        """Return a cluster's record.

        Raises:
            ServiceError: There is none.
        """
        record = self.table(region, "clusters").get(name)
        if record is None:
            raise missing(f"No cluster found for name: {name}.")
        return record

    def active_cluster(self, region: str, name: str) -> Record:
        """Return the record of a cluster that can be used now.

        Raises:
            ServiceError: There is none, or it is on its way in or out.
        """
        record = self.cluster(region, name)
        if record["status"] != "ACTIVE":
            raise ServiceError(
                "InvalidRequestException",
                f"Cluster {record['name']} is not in ACTIVE status but {record['status']}",
            )
        return record

    def part(self, call: Call, kind: str, member: str, words: str) -> Record:
        """Return the record of a part of a cluster.

        Args:
            call: The call; its cluster must exist.
            kind: Table of the part.
            member: Parameter that names it.
            words: What the error calls it.

        Raises:
            ServiceError: There is no such cluster or part.
        """
        cluster, name = call.parameters["clusterName"], call.parameters[member]
        self.cluster(call.region, cluster)
        record = self.table(call.region, kind).get(f"{cluster}/{name}")
        if record is None:
            raise missing(f"{words} not found for cluster {cluster}: {name}")
        return record

    def parts(self, region: str, kind: str, cluster: str) -> list[Record]:
        """Return all parts of one kind of a cluster."""
        return [one for one in self.table(region, kind).values() if one["clusterName"] == cluster]

    def new_part(self, call: Call, kind: str, name: str, record: Record) -> Record:
        """Keep a new part of a cluster.

        Raises:
            ServiceError: The cluster has one of that name.
        """
        cluster = call.parameters["clusterName"]
        table, key = self.table(call.region, kind), f"{cluster}/{name}"
        if key in table:
            raise in_use(f"{kind} {name} exists already in cluster {cluster}")
        table[key] = record
        return record

    def update_done(self, call: Call, kind: str, changed: Mapping[str, Any]) -> dict[str, Any]:
        """Keep and return an update, which here is through at once."""
        update = {
            "id": str(uuid.uuid4()),
            "status": "Successful",
            "type": kind,
            "params": [{"type": key, "value": str(value)} for key, value in changed.items()],
            "createdAt": self.runtime.now(),
            "errors": [],
        }
        self.table(call.region, "updates")[update["id"]] = update
        return {"update": shown(update)}


def arn(call: Call, kind: str, *parts: str) -> str:
    """Return an ARN of the service; those below a cluster end in an id that stays the same."""
    name = "/".join(parts)
    if kind in ("nodegroup", "addon", "access-entry"):
        digest = hashlib.sha256(f"{call.region}/{kind}/{name}".encode()).hexdigest()
        name += "/" + str(uuid.UUID(digest[:32]))
    return f"arn:aws:eks:{call.region}:{call.account}:{kind}/{name}"


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as an answer shows it: times as times, nothing that is not there."""
    return {
        key: moment(value) if key in TIMES else value
        for key, value in record.items()
        if value is not None
    }


def missing(message: str) -> ServiceError:
    """Return the error for something that does not exist."""
    return ServiceError("ResourceNotFoundException", message, 404)


def in_use(message: str) -> ServiceError:
    """Return the error for something that exists, or is still needed."""
    return ServiceError("ResourceInUseException", message, 409)


def wrong(message: str) -> ServiceError:
    """Return the error for a parameter that cannot be."""
    return ServiceError("InvalidParameterException", message, 400)
