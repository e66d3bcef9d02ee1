"""The bucket that keeps the states: versioned, encrypted, private, reached over TLS only."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from platformctl.errors import PlatformError
from platformctl.operations.bootstrap.keys import Key
from platformctl.operations.bootstrap.part import Action, Difference
from platformctl.operations.bootstrap.policies import bucket_policy
from platformctl.operations.bootstrap.target import Target

KEPT_DAYS = 365
"""Days that a former version of a state is kept."""
BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
ABSENT = (
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
)


class StateBucket:
    """The bucket.

    Args:
        target: What the bootstrap is about.
        s3: Client of S3.
        key: The key it is encrypted with.
    """

    name = "state bucket"

    def __init__(self, target: Target, s3: Any, key: Key) -> None:
        self._target = target
        self._s3 = s3
        self._key = key

    def look(self) -> Sequence[Difference]:
        """Find out whether it is there and as safe as it must be."""
        if not self._exists():
            detail = f"{self._target.bucket}, versioned, encrypted, private, TLS only"
            return [self._difference(Action.CREATE, detail, self._create)]
        return [
            self._difference(Action.REPAIR, detail, mend)
            for detail, good, mend in self._properties()
            if not good
        ]

    def _exists(self) -> bool:
        try:
            self._s3.head_bucket(Bucket=self._target.bucket)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return False
            raise PlatformError(
                f"cannot use the bucket {self._target.bucket}",
                why="somebody else owns it, or your credentials may not see it",
            ) from error
        return True

    def _properties(self) -> Iterator[tuple[str, bool, Callable[[], Any]]]:
        """Yield what must be true of it: what is wrong otherwise, whether it is, how to mend it."""
        bucket = self._target.bucket
        yield (
            "its versions are not kept",
            self._s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled",
            self._keep_versions,
        )
        yield (
            "it is not encrypted with its key",
            self._key.arn is not None and self._key.arn in self._said("encryption"),
            self._encrypt,
        )
        access = self._get("public_access_block").get("PublicAccessBlockConfiguration", {})
        yield "public access is not blocked", access == BLOCKED, self._block_public_access
        yield (
            "its access lists are not switched off",
            "BucketOwnerEnforced" in self._said("ownership_controls"),
            self._switch_off_access_lists,
        )
        policy = json.loads(self._get("policy").get("Policy", "{}"))
        yield "it can be reached without TLS", policy == self._policy, self._require_tls
        yield (
            "former versions are kept for ever",
            str(KEPT_DAYS) in self._said("lifecycle_configuration"),
            self._expire_versions,
        )

    @property
    def _policy(self) -> dict[str, Any]:
        return bucket_policy(self._target)

    def _get(self, what: str) -> dict[str, Any]:
        get = {
            "encryption": self._s3.get_bucket_encryption,
            "public_access_block": self._s3.get_public_access_block,
            "ownership_controls": self._s3.get_bucket_ownership_controls,
            "policy": self._s3.get_bucket_policy,
            "lifecycle_configuration": self._s3.get_bucket_lifecycle_configuration,
        }[what]
        try:
            return get(Bucket=self._target.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                return {}
            raise

    def _said(self, what: str) -> str:
        return json.dumps(self._get(what), default=str)

    def _difference(self, action: Action, detail: str, mend: Callable[[], Any]) -> Difference:
        return Difference(part=self.name, action=action, detail=detail, mend=mend)

    def _create(self) -> None:
        place = {"CreateBucketConfiguration": {"LocationConstraint": self._target.region}}
        us_east_1 = self._target.region == "us-east-1"  # the one that must not be named
        self._s3.create_bucket(Bucket=self._target.bucket, **({} if us_east_1 else place))
        tags = [{"Key": key, "Value": value} for key, value in self._target.tags.items()]
        self._s3.put_bucket_tagging(Bucket=self._target.bucket, Tagging={"TagSet": tags})
        for mend in (
            self._block_public_access,
            self._switch_off_access_lists,
            self._require_tls,
            self._encrypt,
            self._keep_versions,
            self._expire_versions,
        ):
            mend()

    def _keep_versions(self) -> None:
        self._s3.put_bucket_versioning(
            Bucket=self._target.bucket, VersioningConfiguration={"Status": "Enabled"}
        )

    def _encrypt(self) -> None:
        rule = {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": self._key.arn,
            },
            "BucketKeyEnabled": True,
        }
        self._s3.put_bucket_encryption(
            Bucket=self._target.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
        )

    def _block_public_access(self) -> None:
        self._s3.put_public_access_block(
            Bucket=self._target.bucket, PublicAccessBlockConfiguration=BLOCKED
        )

    def _switch_off_access_lists(self) -> None:
        self._s3.put_bucket_ownership_controls(
            Bucket=self._target.bucket,
            OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        )

    def _require_tls(self) -> None:
        self._s3.put_bucket_policy(Bucket=self._target.bucket, Policy=json.dumps(self._policy))

    def _expire_versions(self) -> None:
        rule = {
            "ID": "former-versions",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": KEPT_DAYS},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
        self._s3.put_bucket_lifecycle_configuration(
            Bucket=self._target.bucket, LifecycleConfiguration={"Rules": [rule]}
        )
