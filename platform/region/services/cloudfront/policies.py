"""What distributions refer to by id: origin access controls and three kinds of policy.

CloudFront gives all four the same seven operations; `Kind` says in what they differ, and
`PolicyOperations` has one set of methods per kind made from it.
"""

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.cloudfront.managed import MANAGED
from platformctl.region.services.elbv2.records import timestamp

Record = dict[str, Any]
PARTITION = "us-east-1"
"""CloudFront is one for all regions; its records are where its API is."""


def new_id() -> str:
    """Return an id such as `E1A2B3C4D5E6F7`."""
    return "E" + "".join(random.choices(string.ascii_uppercase + string.digits, k=13))


@dataclass(frozen=True)
class Kind:
    """One kind of thing that distributions refer to.

    Attributes:
        name: Its name in shapes: `CachePolicy` has `CachePolicyConfig` and `CachePolicyList`.
        missing: Error code when there is none of an id.
        exists: Error code when a name is taken.
        in_use: Error code when a distribution refers to it.
        reference: Member of origins or behaviours that holds its id.
        dated: Whether its records carry the time of the last change.
        wrapped: Whether lists wrap each item with its type, managed or custom.
    """

    name: str
    missing: str
    exists: str
    in_use: str
    reference: str
    dated: bool = True
    wrapped: bool = True


KINDS = {
    "origin_access_control": Kind(
        "OriginAccessControl",
        "NoSuchOriginAccessControl",
        "OriginAccessControlAlreadyExists",
        "OriginAccessControlInUse",
        "OriginAccessControlId",
        dated=False,
        wrapped=False,
    ),
    "cache_policy": Kind(
        "CachePolicy",
        "NoSuchCachePolicy",
        "CachePolicyAlreadyExists",
        "CachePolicyInUse",
        "CachePolicyId",
    ),
    "origin_request_policy": Kind(
        "OriginRequestPolicy",
        "NoSuchOriginRequestPolicy",
        "OriginRequestPolicyAlreadyExists",
        "OriginRequestPolicyInUse",
        "OriginRequestPolicyId",
    ),
    "response_headers_policy": Kind(
        "ResponseHeadersPolicy",
        "NoSuchResponseHeadersPolicy",
        "ResponseHeadersPolicyAlreadyExists",
        "ResponseHeadersPolicyInUse",
        "ResponseHeadersPolicyId",
    ),
}


def check_version(record: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Refuse a change that is not based on the present version.

    Raises:
        ServiceError: `IfMatch` is missing or names another version.
    """
    given = parameters.get("IfMatch")
    if not given:
        raise ServiceError("InvalidIfMatchVersion", "The If-Match version is missing or not valid")
    if given != record["ETag"]:
        raise ServiceError(
            "PreconditionFailed",
            "The precondition in one or more of the request fields evaluated to false",
            412,
        )


class Policies(Service):
    """The records of every kind, and the operations over them."""

    name = "cloudfront"

    def kind_table(self, kind: Kind) -> Table:
        """Return the records of a kind by id."""
        return self.runtime.store.table(self.name, PARTITION, kind.name)

    def find(self, kind: Kind, identity: str) -> Record:
        """Return a record, a managed one too.

        Raises:
            ServiceError: There is none of that id.
        """
        managed = MANAGED[kind.name].get(identity)
        if managed is not None:
            return {"Id": identity, "Config": managed, "ETag": "E23ZP02F085DFQ", "Modified": 0.0}
        record = self.kind_table(kind).get(identity)
        if record is None:
            raise ServiceError(kind.missing, f"The {kind.name} {identity} does not exist", 404)
        return record

    def referring(self, kind: Kind, identity: str) -> list[str]:
        """Return the ids of the distributions that refer to a record."""
        raise NotImplementedError

    async def policies_changed(self) -> None:
        """Bring the edge in line with a changed policy."""
        raise NotImplementedError

    def shown(self, kind: Kind, record: Record) -> Record:
        """Return a record in its API shape."""
        result = {"Id": record["Id"], f"{kind.name}Config": record["Config"]}
        if kind.dated:
            result["LastModifiedTime"] = timestamp(record["Modified"])
        return result

    def name_must_be_free(self, kind: Kind, name: str, identity: str = "") -> None:
        """Refuse a name that another record has.

        Raises:
            ServiceError: The name is taken.
        """
        for other in self.kind_table(kind).values():
            if other["Config"]["Name"] == name and other["Id"] != identity:
                raise ServiceError(kind.exists, f"A {kind.name} named '{name}' exists", 409)

    def create_kind(self, kind: Kind, call: Call) -> Record:
        """Create a record."""
        config = call.parameters[f"{kind.name}Config"]
        self.name_must_be_free(kind, config["Name"])
        record = {
            "Id": new_id(),
            "Config": config,
            "ETag": new_id(),
            "Modified": self.runtime.now(),
        }
        self.kind_table(kind)[record["Id"]] = record
        path = kind.name.lower()
        return {
            kind.name: self.shown(kind, record),
            "ETag": record["ETag"],
            "Location": f"https://cloudfront.amazonaws.com/2020-05-31/{path}/{record['Id']}",
        }

    def get_kind(self, kind: Kind, call: Call) -> Record:
        """Return a record."""
        record = self.find(kind, call.parameters["Id"])
        return {kind.name: self.shown(kind, record), "ETag": record["ETag"]}

    def get_kind_config(self, kind: Kind, call: Call) -> Record:
        """Return a record's configuration."""
        record = self.find(kind, call.parameters["Id"])
        return {f"{kind.name}Config": record["Config"], "ETag": record["ETag"]}

    async def update_kind(self, kind: Kind, call: Call) -> Record:
        """Replace a record's configuration; the edge obeys before this returns."""
        record = self.find(kind, call.parameters["Id"])
        self._must_be_custom(kind, record)
        check_version(record, call.parameters)
        config = call.parameters[f"{kind.name}Config"]
        self.name_must_be_free(kind, config["Name"], record["Id"])
        changed = {
            **record,
            "Config": config,
            "ETag": new_id(),
            "Modified": self.runtime.now(),
        }
        self.kind_table(kind)[record["Id"]] = changed
        await self.policies_changed()
        return {kind.name: self.shown(kind, changed), "ETag": changed["ETag"]}

    def delete_kind(self, kind: Kind, call: Call) -> Record:
        """Delete a record that no distribution refers to."""
        record = self.find(kind, call.parameters["Id"])
        self._must_be_custom(kind, record)
        check_version(record, call.parameters)
        if users := self.referring(kind, record["Id"]):
            raise ServiceError(kind.in_use, f"{record['Id']} is used by {', '.join(users)}", 409)
        del self.kind_table(kind)[record["Id"]]
        return {}

    def list_kind(self, kind: Kind, call: Call) -> Record:
        """List the records of a kind, managed ones first."""
        wanted = call.parameters.get("Type")
        managed = [self.find(kind, identity) for identity in MANAGED[kind.name]]
        custom = self.kind_table(kind).values()
        found = [("managed", item) for item in managed] if wanted != "custom" else []
        found += [("custom", item) for item in custom] if wanted != "managed" else []
        items: list[Record] = [
            {"Type": origin, kind.name: self.shown(kind, record)}
            if kind.wrapped
            else {"Id": record["Id"], "Description": "", **record["Config"]}
            for origin, record in found
        ]
        listing: Record = {"Quantity": len(items), "MaxItems": 100, "Items": items}
        if not kind.wrapped:
            listing |= {"Marker": "", "IsTruncated": False}
        return {f"{kind.name}List": listing}

    @staticmethod
    def _must_be_custom(kind: Kind, record: Record) -> None:
        if record["Id"] in MANAGED[kind.name]:
            raise ServiceError("AccessDenied", f"{record['Id']} is managed by AWS", 403)


def _operation(method: Callable[..., Any], kind: Kind) -> Callable[[Policies, Call], Any]:
    def operation(self: Policies, call: Call) -> Any:
        return method(self, kind, call)

    operation.__doc__ = method.__doc__
    return operation


class PolicyOperations(Policies):
    """CreateCachePolicy, GetOriginAccessControl, … for every kind in `KINDS`."""


for _name, _kind in KINDS.items():
    _plural = _name.replace("policy", "policies") if "policy" in _name else f"{_name}s"
    for _operation_name, _method in {
        f"create_{_name}": Policies.create_kind,
        f"get_{_name}": Policies.get_kind,
        f"get_{_name}_config": Policies.get_kind_config,
        f"update_{_name}": Policies.update_kind,
        f"delete_{_name}": Policies.delete_kind,
        f"list_{_plural}": Policies.list_kind,
    }.items():
        setattr(PolicyOperations, _operation_name, _operation(_method, _kind))
