"""Objects in buckets, from files, archives or text."""

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from platformctl.plugin.provider import ResourceOperationError
from platformctl.plugin.values import Archive, Asset
from platformctl.provider.context import Context
from platformctl.provider.identity import joined
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

OBJECT = {"Bucket": "{bucket}", "Key": "{key}"}
PUT = Send("put_object", OBJECT)
CONTENT = ("source", "content", "contentBase64", "etag", "sourceHash")


def _body(context: Context) -> bytes:
    """Return what is to be stored."""
    source = context.inputs.get("source")
    if isinstance(source, Asset):
        if source.text is not None:
            return source.text.encode()
        if source.path is not None:
            return Path(source.path).read_bytes()
        raise ResourceOperationError(f"an object cannot come from {source.uri}")
    if isinstance(source, Archive):
        if source.path is None or not Path(source.path).is_file():
            raise ResourceOperationError("an object can only come from an archive that is a file")
        return Path(source.path).read_bytes()
    if isinstance(source, str):
        return Path(source).read_bytes()
    if context.inputs.get("contentBase64"):
        return base64.b64decode(context.inputs["contentBase64"])
    return str(context.inputs.get("content") or "").encode()


def _put(context: Context) -> Any:
    """Store the object; S3 has no way to change one but to store it again."""
    tags = {"Tagging": urlencode(context.tags)} if context.tags else {}
    return context.send(PUT, Body=_body(context), **tags)


def _read(context: Context) -> Any:
    """Describe an object; changed content shows as another source."""
    bucket, _, key = context.id.partition("/")
    context.inputs.setdefault("bucket", bucket)
    context.inputs.setdefault("key", key)
    found = context.find(Ask("head_object", OBJECT))
    if found is None:
        return None
    recorded = context.outputs.get("etag")
    actual = found["ETag"].strip('"')
    described = {**found, "ETag": actual, "Bucket": bucket, "Key": key}
    if recorded and recorded != actual and context.inputs.get("source") is not None:
        described["Source"] = Asset(hash=actual, text="")
    if recorded and recorded != actual and context.inputs.get("content") is not None:
        body = context.ask(Ask("get_object", OBJECT))["Body"].read()
        described["Content"] = body.decode(errors="replace")
    return described


def _delete(context: Context) -> None:
    """Delete an object, every version of it."""
    bucket, key = context.inputs["bucket"], context.inputs["key"]
    pages = context.client().get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=bucket, Prefix=key):
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if entry["Key"] == key:
                version = entry["VersionId"]
                context.call("delete_object", Bucket=bucket, Key=key, VersionId=version)
    context.call("delete_object", Bucket=bucket, Key=key)


def _set_tags(context: Context) -> None:
    """Make the tags of an object what they should be."""
    tags = [{"Key": key, "Value": value} for key, value in context.tags.items()]
    bucket, key = context.inputs["bucket"], context.inputs["key"]
    context.call("put_object_tagging", Bucket=bucket, Key=key, Tagging={"TagSet": tags})


SPECS = (
    ResourceSpec(
        type="aws:s3/bucketObjectv2:BucketObjectv2",
        service="s3",
        identity=joined("bucket", "key", separator="/"),
        fidelity=Fidelity.LIVE,
        create=_put,
        sends=(PUT,),
        read=_read,
        updates=(
            Update(
                _put,
                (
                    *CONTENT,
                    "acl",
                    "bucketKeyEnabled",
                    "cacheControl",
                    "checksumAlgorithm",
                    "contentDisposition",
                    "contentEncoding",
                    "contentLanguage",
                    "contentType",
                    "kmsKeyId",
                    "metadata",
                    "objectLockLegalHoldStatus",
                    "objectLockMode",
                    "objectLockRetainUntilDate",
                    "serverSideEncryption",
                    "storageClass",
                    "websiteRedirect",
                ),
            ),
        ),
        delete=_delete,
        names={"kmsKeyId": "SSEKMSKeyId", "websiteRedirect": "WebsiteRedirectLocation"},
        unread=(
            "acl",
            "checksumAlgorithm",
            "storageClass",
            "kmsKeyId",
            "bucketKeyEnabled",
            "objectLockRetainUntilDate",
        ),
        outputs={"arn": "arn:aws:s3:::{bucket}/{key}"},
        defaults={"contentType": "application/octet-stream"},
        handled=CONTENT,
        replace=("bucket", "key"),
        no_local_effect=("forceDestroy", "overrideProvider.*"),
        tags=Tagging(
            member="Tagging",
            form="query",
            add=_set_tags,
            remove="",
            resource={},
            read=Ask("get_object_tagging", OBJECT, "TagSet"),
        ),
    ),
)
