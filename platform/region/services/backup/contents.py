"""What a recovery point holds: how it is taken, copied to another region, removed and restored.

A database's is a snapshot of RDS, with real data behind it. A table's and a bucket's is a file
with every item or object, so that it survives whatever happens to its source.
"""

import asyncio
import gzip
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

from platformctl.errors import RegionError
from platformctl.region.runtime import Runtime

_POLL = 0.1
_BATCH = 25
"""Items that DynamoDB takes in one request."""


@dataclass(frozen=True)
class Content:
    """What was taken.

    Attributes:
        arn: ARN of the recovery point, "" where AWS Backup gives it one of its own.
        size: Bytes.
    """

    arn: str
    size: int


@dataclass(frozen=True)
class Place:
    """Where the content of a recovery point is, or will be."""

    region: str
    file: Path


class Contents(Protocol):
    """Recovery points of one resource type."""

    async def take(self, region: str, resource: str, name: str, file: Path) -> Content:
        """Take the content of a resource; doing it again under the same name is harmless."""
        ...

    async def copy(self, point: Mapping[str, Any], source: Place, target: Place, name: str) -> str:
        """Copy a recovery point to another region; return its ARN as `Content` does."""
        ...

    async def remove(self, region: str, point: Mapping[str, Any], file: Path) -> None:
        """Remove the content of a recovery point."""
        ...

    async def restore(
        self, region: str, point: Mapping[str, Any], file: Path, wanted: Mapping[str, str]
    ) -> str:
        """Make a new resource of it; return the ARN of that."""
        ...


class DatabaseContents:
    """Recovery points of RDS: snapshots."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def _completed(self, region: str, name: str) -> dict[str, Any]:
        asked = {"DBSnapshotIdentifier": name}
        while True:
            answer = await self._runtime.call("rds", region, "describe_db_snapshots", asked)
            snapshot = answer["DBSnapshots"][0]
            if snapshot["Status"] != "creating":
                break
            await asyncio.sleep(_POLL)
        if snapshot["Status"] != "available":
            raise RegionError(f"cannot back up {name}", why="the snapshot failed")
        return snapshot

    async def take(self, region: str, resource: str, name: str, file: Path) -> Content:  # noqa: ARG002  # RDS keeps it
        """Take a snapshot."""
        instance = resource.rpartition(":")[2]
        asked = {"DBSnapshotIdentifier": name, "DBInstanceIdentifier": instance}
        try:
            await self._runtime.call("rds", region, "create_db_snapshot", asked)
        except ClientError as error:
            if error.response["Error"]["Code"] != "DBSnapshotAlreadyExists":
                raise
        snapshot = await self._completed(region, name)
        return Content(snapshot["DBSnapshotArn"], snapshot["AllocatedStorage"] * 2**30)

    async def copy(self, point: Mapping[str, Any], source: Place, target: Place, name: str) -> str:
        """Copy the snapshot."""
        asked = {
            "SourceDBSnapshotIdentifier": point["RecoveryPointArn"],
            "TargetDBSnapshotIdentifier": name,
            **({"SourceRegion": source.region} if source.region != target.region else {}),
        }
        await self._runtime.call("rds", target.region, "copy_db_snapshot", asked)
        return (await self._completed(target.region, name))["DBSnapshotArn"]

    async def remove(self, region: str, point: Mapping[str, Any], file: Path) -> None:  # noqa: ARG002  # RDS keeps it
        """Delete the snapshot; one that is gone already is fine."""
        asked = {"DBSnapshotIdentifier": point["RecoveryPointArn"].rpartition(":")[2]}
        try:
            await self._runtime.call("rds", region, "delete_db_snapshot", asked)
        except ClientError as error:
            if "NotFound" not in error.response["Error"]["Code"]:
                raise

    async def restore(
        self,
        region: str,
        point: Mapping[str, Any],
        file: Path,  # noqa: ARG002  # RDS keeps it
        wanted: Mapping[str, str],
    ) -> str:
        """Restore an instance; `wanted` has members of `RestoreDBInstanceFromDBSnapshot`."""
        named = {key: value for key, value in wanted.items() if key in _RESTORE_MEMBERS}
        asked = {**named, "DBSnapshotIdentifier": point["RecoveryPointArn"]}
        await self._runtime.call("rds", region, "restore_db_instance_from_db_snapshot", asked)
        asked = {"DBInstanceIdentifier": wanted["DBInstanceIdentifier"]}
        while True:
            answer = await self._runtime.call("rds", region, "describe_db_instances", asked)
            instance = answer["DBInstances"][0]
            if instance["DBInstanceStatus"] == "available":
                return instance["DBInstanceArn"]
            if instance["DBInstanceStatus"] in {"failed", "incompatible-restore"}:
                name = instance["DBInstanceIdentifier"]
                raise RegionError(f"cannot restore {name}", why="the instance failed")
            await asyncio.sleep(_POLL)


_RESTORE_MEMBERS = (
    "DBInstanceClass",
    "DBInstanceIdentifier",
    "DBParameterGroupName",
    "DBSubnetGroupName",
)


class FileContents:
    """What recovery points that are files have in common."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def copy(
        self,
        point: Mapping[str, Any],  # noqa: ARG002  # the file says it all
        source: Place,
        target: Place,
        name: str,  # noqa: ARG002  # the file has its name
    ) -> str:
        """Copy the file."""
        target.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        await asyncio.to_thread(shutil.copyfile, source.file, target.file)
        return ""

    async def remove(self, region: str, point: Mapping[str, Any], file: Path) -> None:  # noqa: ARG002  # the file says it all
        """Delete the file."""
        await asyncio.to_thread(file.unlink, missing_ok=True)


class TableContents(FileContents):
    """Recovery points of DynamoDB: description and items of a table.

    The items are read one page after the other, so a table that is written meanwhile is not seen
    at one moment, as AWS would.
    """

    async def take(self, region: str, resource: str, name: str, file: Path) -> Content:  # noqa: ARG002  # the file has its name
        """Read the whole table."""
        table = resource.rpartition("/")[2]
        described = await self._runtime.call(
            "dynamodb", region, "describe_table", {"TableName": table}
        )
        items: list[Any] = []
        start: dict[str, Any] = {}
        while True:
            asked = {"TableName": table, "ConsistentRead": True, **start}
            answer = await self._runtime.call("dynamodb", region, "scan", asked)
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        definition = {key: described["Table"][key] for key in ("KeySchema", "AttributeDefinitions")}
        indexes = [
            {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
            for index in described["Table"].get("GlobalSecondaryIndexes", ())
        ]
        document = {"definition": definition, "indexes": indexes, "items": items}
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        data = gzip.compress(json.dumps(document, default=_encode).encode())
        await asyncio.to_thread(file.write_bytes, data)
        return Content("", len(data))

    async def restore(
        self, region: str, point: Mapping[str, Any], file: Path, wanted: Mapping[str, str]
    ) -> str:
        """Make a table of it; `wanted` has `targetTableName`."""
        _ = point
        data = await asyncio.to_thread(file.read_bytes)
        document = json.loads(gzip.decompress(data), object_hook=_decode)
        name = wanted["targetTableName"]
        indexes = {"GlobalSecondaryIndexes": document["indexes"]} if document["indexes"] else {}
        created = await self._runtime.call(
            "dynamodb",
            region,
            "create_table",
            {
                "TableName": name,
                "BillingMode": "PAY_PER_REQUEST",
                **document["definition"],
                **indexes,
            },
        )
        items = document["items"]
        for start in range(0, len(items), _BATCH):
            puts = [{"PutRequest": {"Item": item}} for item in items[start : start + _BATCH]]
            await self._runtime.call(
                "dynamodb", region, "batch_write_item", {"RequestItems": {name: puts}}
            )
        return created["TableDescription"]["TableArn"]


class BucketContents(FileContents):
    """Recovery points of S3: every object as it is now."""

    async def take(self, region: str, resource: str, name: str, file: Path) -> Content:  # noqa: ARG002  # the file has its name
        """Read every object."""
        bucket = resource.rpartition(":")[2]
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        start: dict[str, Any] = {}
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            while True:
                asked = {"Bucket": bucket, **start}
                page = await self._runtime.call("s3", region, "list_objects_v2", asked)
                for entry in page.get("Contents", ()):
                    key = entry["Key"]
                    found = await self._runtime.call(
                        "s3", region, "get_object", {"Bucket": bucket, "Key": key}
                    )
                    body = await asyncio.to_thread(found["Body"].read)
                    await asyncio.to_thread(archive.writestr, key, body)
                if not page.get("IsTruncated"):
                    break
                start = {"ContinuationToken": page["NextContinuationToken"]}
        return Content("", (await asyncio.to_thread(file.stat)).st_size)

    async def restore(
        self, region: str, point: Mapping[str, Any], file: Path, wanted: Mapping[str, str]
    ) -> str:
        """Write every object to the bucket that `wanted` names (`DestinationBucketName`)."""
        bucket = wanted.get("DestinationBucketName") or point["ResourceArn"].rpartition(":")[2]
        with zipfile.ZipFile(file) as archive:
            for key in archive.namelist():
                body = await asyncio.to_thread(archive.read, key)
                asked = {"Bucket": bucket, "Key": key, "Body": body}
                await self._runtime.call("s3", region, "put_object", asked)
        return f"arn:aws:s3:::{bucket}"


def _encode(value: Any) -> Any:
    """Return binary attributes in a form that JSON knows."""
    if isinstance(value, bytes):
        return {"platformctl:bytes": value.hex()}
    raise TypeError(f"cannot write {type(value).__name__}")


def _decode(value: dict[str, Any]) -> Any:
    if value.keys() == {"platformctl:bytes"}:
        return bytes.fromhex(value["platformctl:bytes"])
    return value


TYPES: Mapping[str, tuple[str, type[DatabaseContents | TableContents | BucketContents]]] = {
    "rds": ("RDS", DatabaseContents),
    "dynamodb": ("DynamoDB", TableContents),
    "s3": ("S3", BucketContents),
}
"""Service in an ARN → its name in AWS Backup, and what handles it."""
