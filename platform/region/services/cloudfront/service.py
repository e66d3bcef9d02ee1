"""The `cloudfront` service: distributions, invalidations, tags, and the edge that serves them."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from platformctl.region import environment
from platformctl.region.balancer.owner import BalancerOwner
from platformctl.region.runtime import Runtime, Table
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.cloudfront import desired
from platformctl.region.services.cloudfront.policies import (
    KINDS,
    PARTITION,
    Kind,
    PolicyOperations,
    Record,
    check_version,
    new_id,
)
from platformctl.region.services.elbv2.records import timestamp

log = logging.getLogger(__name__)

PREFERRED_PORT = 8081
_RESOLVE_SECONDS = 1.0
_EMPTY = {"Quantity": 0}
_DEFAULTS: dict[str, Any] = {
    "Aliases": _EMPTY,
    "DefaultRootObject": "",
    "OriginGroups": _EMPTY,
    "CacheBehaviors": _EMPTY,
    "CustomErrorResponses": _EMPTY,
    "Comment": "",
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": {
        "CloudFrontDefaultCertificate": True,
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    },
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": False,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}
_SUMMARY = (
    "Aliases", "Origins", "OriginGroups", "DefaultCacheBehavior", "CacheBehaviors",
    "CustomErrorResponses", "Comment", "PriceClass", "Enabled", "ViewerCertificate",
    "Restrictions", "WebACLId", "HttpVersion", "IsIPV6Enabled", "Staging",
)  # fmt: skip


class ContentDelivery(PolicyOperations):
    """CloudFront of the local region; one edge process serves every distribution.

    Attributes:
        locate: Resolves origins' names; Route 53, which builds on this service, puts itself here.
    """

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.locate: desired.Locate = lambda _host, _port: ()
        self._edge: BalancerOwner | None = None
        self._told: list[Record] = []
        self._follower: asyncio.Task[Any] | None = None

    # -- life

    async def start(self) -> None:
        """Start the edge if there is anything to serve."""
        if len(self.distributions()):
            self._start_edge()
        self._follower = self.runtime.spawn("cloudfront/names", self._follow_names())

    async def stop(self) -> None:
        """Stop the edge."""
        if self._follower is not None:
            self._follower.cancel()
        edge, self._edge = self._edge, None
        if edge is not None:
            await edge.stop()

    def _start_edge(self) -> BalancerOwner:
        if self._edge is None:
            self._edge = BalancerOwner(
                self.runtime, "cloudfront/edge", self._configuration, _ignore, ["--edge"]
            )
            self._edge.start()
        return self._edge

    def _configuration(self) -> dict[str, Any]:
        self._told = self._desired()
        return {
            "access_key": environment.ACCESS_KEY,
            "secret_key": environment.SECRET_KEY,
            "distributions": self._told,
        }

    def _desired(self) -> list[Record]:
        """Return every distribution as the edge is told it now."""
        return [
            desired.distribution(record, self.find, self.runtime.endpoint, self.locate)
            for record in self.distributions().values()
        ]

    async def _follow_names(self) -> None:
        """Tell the edge when names of origins lead elsewhere: after a change, or a failover."""
        while True:
            await asyncio.sleep(_RESOLVE_SECONDS)
            if self._edge is not None and self._desired() != self._told:
                await self.changed()

    async def changed(self) -> None:
        """Bring the edge in line, and wait until it is."""
        if not await self._start_edge().apply():
            log.warning("the edge has not confirmed its configuration yet")

    async def policies_changed(self) -> None:
        """Bring the edge in line with a changed policy."""
        if self._edge is not None:
            await self.changed()

    # -- distributions

    def distributions(self) -> Table:
        """Return the distributions by id."""
        return self.runtime.store.table(self.name, PARTITION, "distributions")

    def distribution(self, identity: str) -> Record:
        """Return one distribution.

        Raises:
            ServiceError: There is none.
        """
        record = self.distributions().get(identity)
        if record is None:
            raise ServiceError(
                "NoSuchDistribution", "The specified distribution does not exist.", 404
            )
        return record

    async def create_distribution(self, call: Call) -> dict[str, Any]:
        """Create a distribution; it serves when this returns."""
        return await self._create(call, call.parameters["DistributionConfig"], {})

    async def create_distribution_with_tags(self, call: Call) -> dict[str, Any]:
        """Create a distribution with tags."""
        given = call.parameters["DistributionConfigWithTags"]
        tags = {item["Key"]: item.get("Value") or "" for item in desired.items(given["Tags"])}
        return await self._create(call, given["DistributionConfig"], tags)

    async def _create(
        self, call: Call, given: Mapping[str, Any], tags: Mapping[str, str]
    ) -> dict[str, Any]:
        config = self._checked(given)
        for other in self.distributions().values():
            if other["Config"]["CallerReference"] == config["CallerReference"]:
                raise ServiceError(
                    "DistributionAlreadyExists",
                    "The caller reference that you are using to create a distribution is "
                    "associated with another distribution.",
                    409,
                )
        identity = new_id()
        owner = f"cloudfront/{identity}"
        address = self.runtime.addresses.allocate(owner, PREFERRED_PORT, shared=True)
        record: Record = {
            "Id": identity,
            "ARN": f"arn:aws:cloudfront::{call.account}:distribution/{identity}",
            "Modified": self.runtime.now(),
            "DomainName": str(address),
            "Config": config,
            "ETag": new_id(),
            "Tags": dict(tags),
            "Invalidations": [],
        }
        self.distributions()[identity] = record
        await self.changed()
        return {
            "Distribution": self._described(record),
            "ETag": record["ETag"],
            "Location": f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{identity}",
        }

    def get_distribution(self, call: Call) -> dict[str, Any]:
        """Return a distribution."""
        record = self.distribution(call.parameters["Id"])
        return {"Distribution": self._described(record), "ETag": record["ETag"]}

    def get_distribution_config(self, call: Call) -> dict[str, Any]:
        """Return a distribution's configuration."""
        record = self.distribution(call.parameters["Id"])
        return {"DistributionConfig": record["Config"], "ETag": record["ETag"]}

    def list_distributions(self, call: Call) -> dict[str, Any]:
        """List distributions."""
        found = [
            {
                **{key: value for key, value in self._described(record).items() if key in _SHOWN},
                "ETag": record["ETag"],
                **{key: record["Config"][key] for key in _SUMMARY},
            }
            for record in self.distributions().values()
        ]
        listing = {
            "Marker": call.parameters.get("Marker") or "",
            "MaxItems": 100,
            "IsTruncated": False,
            "Quantity": len(found),
            "Items": found,
        }
        return {"DistributionList": listing}

    async def update_distribution(self, call: Call) -> dict[str, Any]:
        """Replace a distribution's configuration; it is in force when this returns."""
        record = self.distribution(call.parameters["Id"])
        check_version(record, call.parameters)
        config = self._checked(call.parameters["DistributionConfig"])
        if config["CallerReference"] != record["Config"]["CallerReference"]:
            raise ServiceError("IllegalUpdate", "The caller reference cannot be changed", 400)
        changed = {
            **record,
            "Config": config,
            "ETag": new_id(),
            "Modified": self.runtime.now(),
        }
        self.distributions()[record["Id"]] = changed
        await self.changed()
        return {"Distribution": self._described(changed), "ETag": changed["ETag"]}

    async def delete_distribution(self, call: Call) -> dict[str, Any]:
        """Delete a distribution that is disabled."""
        record = self.distribution(call.parameters["Id"])
        check_version(record, call.parameters)
        if record["Config"]["Enabled"]:
            raise ServiceError(
                "DistributionNotDisabled",
                "The distribution you are trying to delete has not been disabled.",
                409,
            )
        del self.distributions()[record["Id"]]
        self.runtime.addresses.release(f"cloudfront/{record['Id']}")
        if len(self.distributions()):
            await self.changed()
        else:
            await self.stop()
        return {}

    def _checked(self, given: Mapping[str, Any]) -> Record:
        """Fill in what AWS fills in, and refuse references to what does not exist."""
        config = {
            **_DEFAULTS,
            **{key: value for key, value in given.items() if value is not None},
        }
        origins = {item["Id"] for item in desired.items(config["Origins"])}
        behaviors = [config["DefaultCacheBehavior"], *desired.items(config["CacheBehaviors"])]
        for behavior in behaviors:
            if behavior["TargetOriginId"] not in origins:
                raise ServiceError(
                    "NoSuchOrigin",
                    f"One or more of your origins do not exist: {behavior['TargetOriginId']}",
                    404,
                )
            for name in ("cache_policy", "origin_request_policy", "response_headers_policy"):
                if identity := behavior.get(KINDS[name].reference):
                    self.find(KINDS[name], identity)
        for origin in desired.items(config["Origins"]):
            if identity := origin.get("OriginAccessControlId"):
                self.find(KINDS["origin_access_control"], identity)
        return config

    def _described(self, record: Record) -> Record:
        error = self._edge.errors.get(record["Id"], "") if self._edge else ""
        if error:
            log.warning("distribution %s: %s", record["Id"], error)
        signers = {"Enabled": False, "Quantity": 0}
        return {
            "Id": record["Id"],
            "ARN": record["ARN"],
            # As on AWS, not "Deployed" until viewers are really served.
            "Status": "InProgress" if error else "Deployed",
            "LastModifiedTime": timestamp(record["Modified"]),
            "InProgressInvalidationBatches": 0,
            "DomainName": record["DomainName"],
            "ActiveTrustedSigners": signers,
            "ActiveTrustedKeyGroups": signers,
            "DistributionConfig": record["Config"],
        }

    def referring(self, kind: Kind, identity: str) -> list[str]:
        """Return the ids of the distributions that refer to a policy or access control."""
        users: list[str] = []
        for record in self.distributions().values():
            config = record["Config"]
            holders = [config["DefaultCacheBehavior"], *desired.items(config["CacheBehaviors"])]
            holders += desired.items(config["Origins"])
            if any(holder.get(kind.reference) == identity for holder in holders):
                users.append(record["Id"])
        return users

    # -- invalidations

    async def create_invalidation(self, call: Call) -> dict[str, Any]:
        """Forget cached answers; they are gone when this returns."""
        record = self.distribution(call.parameters["DistributionId"])
        given = call.parameters["InvalidationBatch"]
        batch = {
            "Id": new_id(),
            "Created": self.runtime.now(),
            "Paths": desired.items(given["Paths"]),
            "CallerReference": given["CallerReference"],
        }
        for present in record["Invalidations"]:
            if present["CallerReference"] == batch["CallerReference"]:
                return _invalidation(record, present)
        kept = [*record["Invalidations"], batch][-100:]
        self.distributions()[record["Id"]] = {**record, "Invalidations": kept}
        await self.changed()
        return _invalidation(record, batch)

    def get_invalidation(self, call: Call) -> dict[str, Any]:
        """Return an invalidation."""
        record = self.distribution(call.parameters["DistributionId"])
        for batch in record["Invalidations"]:
            if batch["Id"] == call.parameters["Id"]:
                return {"Invalidation": _invalidation(record, batch)["Invalidation"]}
        raise ServiceError("NoSuchInvalidation", "The invalidation does not exist.", 404)

    def list_invalidations(self, call: Call) -> dict[str, Any]:
        """List the invalidations of a distribution, the latest first."""
        record = self.distribution(call.parameters["DistributionId"])
        found = [
            {"Id": item["Id"], "CreateTime": timestamp(item["Created"]), "Status": "Completed"}
            for item in reversed(record["Invalidations"])
        ]
        return {
            "InvalidationList": {
                "Marker": "",
                "MaxItems": 100,
                "IsTruncated": False,
                "Quantity": len(found),
                "Items": found,
            }
        }

    # -- tags

    def _tagged(self, call: Call) -> Record:
        return self.distribution(call.parameters["Resource"].rpartition("/")[2])

    def tag_resource(self, call: Call) -> dict[str, Any]:
        """Add or overwrite tags."""
        record = self._tagged(call)
        given = desired.items(call.parameters["Tags"])
        tags = {item["Key"]: item.get("Value") or "" for item in given}
        self.distributions()[record["Id"]] = {**record, "Tags": {**record["Tags"], **tags}}
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags by key."""
        record = self._tagged(call)
        gone = desired.items(call.parameters["TagKeys"])
        kept = {key: value for key, value in record["Tags"].items() if key not in gone}
        self.distributions()[record["Id"]] = {**record, "Tags": kept}
        return {}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """List tags."""
        tags = self._tagged(call)["Tags"]
        return {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}}


_SHOWN = ("Id", "ARN", "Status", "LastModifiedTime", "DomainName")


def _invalidation(record: Record, batch: Mapping[str, Any]) -> dict[str, Any]:
    paths = batch["Paths"]
    location = f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{record['Id']}"
    return {
        "Location": f"{location}/invalidation/{batch['Id']}",
        "Invalidation": {
            "Id": batch["Id"],
            "Status": "Completed",
            "CreateTime": timestamp(batch["Created"]),
            "InvalidationBatch": {
                "Paths": {"Quantity": len(paths), "Items": paths},
                "CallerReference": batch["CallerReference"],
            },
        },
    }


def _ignore(_: dict[str, Any]) -> None:
    """Take no notice: the edge reports nothing but what `BalancerOwner` keeps."""
