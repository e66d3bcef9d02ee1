"""What Route 53 remembers, and how its names and ids look.

Route 53 is one service for all regions. Its control plane is in us-east-1: in an outage of that
region nothing can be changed, while answers and health checks go on.
"""

import random
import string
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, Service, ServiceError

Record = dict[str, Any]

HOME = "us-east-1"
"""Where the control plane is, and under which region name the records are kept."""
CHANGE_LIMIT = 1000
"""Changes in one batch (Route 53 quotas)."""
_ID = string.ascii_uppercase + string.digits


def new_id(first: str) -> str:
    """Return an id such as `Z0123456789ABCDEFGHIJ`."""
    return first + "".join(random.choices(_ID, k=20))


def bare(identity: str) -> str:
    """Return an id without the kind that callers may put before it: `/hostedzone/Z1` → `Z1`."""
    return identity.rpartition("/")[2]


def absolute(name: str) -> str:
    """Return a domain name in lower case, with the final dot and without escapes of `*`."""
    return name.replace("\\052", "*").lower().rstrip(".") + "."


def shown(name: str) -> str:
    r"""Return a name as Route 53 lists it: `*` is written `\052`."""
    return name.replace("*", "\\052")


def sort_key(name: str) -> tuple[str, ...]:
    """Return what names are ordered by: their labels from the right."""
    return tuple(reversed(name.rstrip(".").split(".")))


class Records(Service):
    """Reads and writes the records; every group of operations builds on this."""

    name = "route53"
    outlasts = frozenset({"GetHealthCheckStatus", "TestDNSAnswer"})

    def zones(self) -> Table:
        """Return the hosted zones by id, their record sets inside."""
        return self.runtime.store.table(self.name, HOME, "zones")

    def checks(self) -> Table:
        """Return the health checks by id."""
        return self.runtime.store.table(self.name, HOME, "health-checks")

    def query_logs(self) -> Table:
        """Return the query logging configurations by id."""
        return self.runtime.store.table(self.name, HOME, "query-logs")

    def zone(self, identity: str) -> Record:
        """Return one hosted zone.

        Raises:
            ServiceError: There is none.
        """
        record = self.zones().get(bare(identity))
        if record is None:
            raise ServiceError("NoSuchHostedZone", f"No hosted zone found with ID: {identity}", 404)
        return record

    def check(self, identity: str) -> Record:
        """Return one health check.

        Raises:
            ServiceError: There is none.
        """
        record = self.checks().get(bare(identity))
        if record is None:
            raise ServiceError(
                "NoSuchHealthCheck", f"A health check with id {identity} does not exist.", 404
            )
        return record

    def tagged(self, kind: str, identity: str) -> tuple[Table, Record]:
        """Return what has tags, with its table."""
        if kind == "healthcheck":
            return self.checks(), self.check(identity)
        return self.zones(), self.zone(identity)

    def change_info(self) -> dict[str, Any]:
        """Return what every change answers: it is in sync at once."""
        return {
            "Id": f"/change/{new_id('C')}",
            "Status": "INSYNC",
            "SubmittedAt": self.runtime.now(),
        }

    # -- tags

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """List the tags of a zone or a health check."""
        kind, identity = call.parameters["ResourceType"], call.parameters["ResourceId"]
        return {"ResourceTagSet": self._tag_set(kind, identity)}

    def list_tags_for_resources(self, call: Call) -> dict[str, Any]:
        """List the tags of several zones or health checks."""
        kind = call.parameters["ResourceType"]
        found = [self._tag_set(kind, each) for each in call.parameters["ResourceIds"]]
        return {"ResourceTagSets": found}

    def change_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """Add, overwrite and remove tags."""
        parameters = call.parameters
        table, record = self.tagged(parameters["ResourceType"], parameters["ResourceId"])
        gone = parameters.get("RemoveTagKeys") or ()
        tags = {key: value for key, value in record["Tags"].items() if key not in gone}
        tags |= {item["Key"]: item.get("Value") or "" for item in parameters.get("AddTags") or ()}
        table[record["Id"]] = {**record, "Tags": tags}
        return {}

    def _tag_set(self, kind: str, identity: str) -> dict[str, Any]:
        _, record = self.tagged(kind, identity)
        tags = [{"Key": key, "Value": value} for key, value in record["Tags"].items()]
        return {"ResourceType": kind, "ResourceId": bare(identity), "Tags": tags}
