"""Buckets refuse plain HTTP."""

from collections.abc import Iterator

from platformctl.policies.rule import MEDIUM, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.statements import Statement, statements
from platformctl.policies.view import ResourceView


@judge("policy.Statement[]")
def _tls(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    for each in statements(resource, "policy"):
        if isinstance(each, Undetermined):
            yield each
            return
        if not each.allows and _denies_plain(each):
            return
    yield Violation(path="policy", expected="a denial of everything without TLS")


def _denies_plain(statement: Statement) -> bool:
    everything = any(action in ("*", "s3:*") for action in statement.actions)
    everybody = any(name == "*" for _, name in statement.principals)
    plain = any(
        operator == "Bool"
        and key.lower() == "aws:securetransport"
        and [str(value).lower() for value in values] == ["false"]
        for operator, key, values in statement.conditions
    )
    return everything and everybody and plain


RULE = Rule(
    id="s3-tls-only",
    title="Buckets refuse plain HTTP",
    why="Everybody on the way could read along.",
    fix="keep `own_policy=True` of Bucket, or use its `bucket_policy`",
    severity=MEDIUM,
    types=("aws:s3/bucketPolicy:BucketPolicy",),
    judge=_tls,
    before={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
                    "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::shop/*",
                }
            ]
        }
    },
    after={
        "policy": {
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": "arn:aws:s3:::shop/*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ]
        }
    },
)
