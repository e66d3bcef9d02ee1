"""Bucket ACLs let nobody else in."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.vocabulary import all_of, must, none_of


def _private(uri: str) -> bool:
    return not uri.endswith(("/AllUsers", "/AuthenticatedUsers"))


RULE = Rule(
    id="s3-no-public-acl",
    title="Bucket ACLs let nobody else in",
    why="A public ACL lets everybody list or read the bucket.",
    fix="leave ACLs off, as Bucket does",
    severity=CRITICAL,
    types=("aws:s3/bucketAcl:BucketAcl",),
    judge=all_of(
        none_of("acl", "public-read", "public-read-write", "authenticated-read"),
        must(
            "accessControlPolicy.grants[].grantee.uri",
            _private,
            "no group of strangers",
            missing=True,
        ),
    ),
    before={"acl": "public-read"},
    after={"acl": "private"},
)
