"""What all parts of the service share: tables, ARNs, tags, errors, lifecycles."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.paging import page
from platformctl.region.services.rds.names import moment

DAY = 86400.0
COLDEST_FIRST_DAYS = 90
"""Days that a recovery point must stay in cold storage at least."""
INVALID = "InvalidParameterValueException"
_PAGE = 1000


def invalid(message: str) -> ServiceError:
    """Return the error for a parameter that cannot be."""
    return ServiceError(INVALID, message)


def refused(message: str) -> ServiceError:
    """Return the error for what cannot be done as things are."""
    return ServiceError("InvalidRequestException", message)


def missing(what: str) -> ServiceError:
    """Return the error for what does not exist."""
    return ServiceError("ResourceNotFoundException", f"{what} does not exist.")


def check_lifecycle(lifecycle: Mapping[str, Any] | None) -> None:
    """Check when a recovery point moves and goes.

    Raises:
        ServiceError: It would leave cold storage before the 90 days that are charged anyway.
    """
    cold = (lifecycle or {}).get("MoveToColdStorageAfterDays")
    gone = (lifecycle or {}).get("DeleteAfterDays")
    if cold is not None and gone is not None and 0 <= gone < cold + COLDEST_FIRST_DAYS:
        raise invalid(
            f"DeleteAfterDays must be at least {COLDEST_FIRST_DAYS} days after "
            "MoveToColdStorageAfterDays."
        )


class Records(Service):
    """The service's records; the classes with operations build on it."""

    name = "backup"

    def table(self, region: str, kind: str) -> Table:
        """Return the records of one kind (`vaults`, `plans`, `points`, …) in a region."""
        return self.runtime.store.table(self.name, region, kind)

    def folder(self, region: str) -> Path:
        """Return the folder in which contents of recovery points are kept."""
        return self.runtime.root / self.name / region

    def arn(self, region: str, kind: str, name: str) -> str:
        """Return an ARN; `kind` is `backup-vault`, `backup-plan`, `recovery-point` and so on."""
        return f"arn:aws:backup:{region}:{self.runtime.account}:{kind}:{name}"

    def new_id(self) -> str:
        """Return an id for a plan, a selection or a job."""
        return str(uuid.uuid4())

    def shown(self, record: Mapping[str, Any], *times: str) -> dict[str, Any]:
        """Return a record as an answer carries it: times as times, nothing that is not known."""
        return {
            key: moment(value) if key in times else value
            for key, value in record.items()
            if value is not None
        }

    def listed(self, call: Call, member: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        """Return one page of a listing."""
        asked = call.parameters
        size = asked.get("MaxResults") or _PAGE
        found, token = page(
            items, size, asked.get("NextToken"), error="InvalidParameterValueException"
        )
        return {member: found, **({"NextToken": token} if token else {})}

    def record(self, region: str, kind: str, name: str, what: str) -> dict[str, Any]:
        """Return a record.

        Raises:
            ServiceError: There is none.
        """
        found = self.table(region, kind).get(name)
        if found is None:
            raise missing(f"{what} {name}")
        return found

    # Tags.

    def set_tags(self, region: str, resource: str, tags: Mapping[str, str] | None) -> None:
        """Add tags to an ARN."""
        if tags:
            table = self.table(region, "tags")
            table[resource] = {**(table.get(resource) or {}), **tags}

    def forget_tags(self, region: str, resource: str) -> None:
        """Remove all tags of an ARN."""
        table = self.table(region, "tags")
        if resource in table:
            del table[resource]

    def tag_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to what an ARN names."""
        self.set_tags(call.region, call.parameters["ResourceArn"], call.parameters["Tags"])
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags from what an ARN names."""
        resource = call.parameters["ResourceArn"]
        tags = self.table(call.region, "tags").get(resource) or {}
        gone = set(call.parameters["TagKeyList"])
        self.table(call.region, "tags")[resource] = {
            key: value for key, value in tags.items() if key not in gone
        }
        return {}

    def list_tags(self, call: Call) -> dict[str, Any]:
        """List the tags of what an ARN names."""
        return {"Tags": self.table(call.region, "tags").get(call.parameters["ResourceArn"]) or {}}
