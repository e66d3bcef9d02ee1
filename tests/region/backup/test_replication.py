"""Buckets that replicate: what is written in one region is read in the other."""

from typing import Any

from botocore.exceptions import ClientError
from support.databases import eventually, unique
from support.region import RunningRegion


def make_bucket(region: RunningRegion, name: str, where: str) -> Any:
    """Create a versioned bucket and return the client of its region."""
    s3 = region.client("s3", where)
    place = {} if where == "us-east-1" else {"LocationConstraint": where}
    s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return s3


def test_new_objects_and_delete_markers_arrive_in_the_other_region(region):
    name = unique("events")
    east = make_bucket(region, name, "us-east-1")
    west = make_bucket(region, f"{name}-west", "us-west-2")
    role = region.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    rule = {
        "ID": "copy",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{name}-west"},
    }
    east.put_bucket_replication(
        Bucket=name,
        ReplicationConfiguration={"Role": role["Role"]["Arn"], "Rules": [rule]},
    )

    east.put_object(Bucket=name, Key="2026/one.json", Body=b"{}")

    def copied() -> bytes | None:
        try:
            return west.get_object(Bucket=f"{name}-west", Key="2026/one.json")["Body"].read()
        except ClientError:
            return None

    assert eventually(copied) == b"{}"
    east.delete_object(Bucket=name, Key="2026/one.json")
    eventually(lambda: copied() is None)
