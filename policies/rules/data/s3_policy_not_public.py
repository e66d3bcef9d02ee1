"""Bucket policies let named principals in only."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.statements import each_statement, everybody

RULE = Rule(
    id="s3-policy-not-public",
    title="Bucket policies let named principals in only",
    why="Everybody could read or write the bucket.",
    fix="name principals, or a source account, in the `statements` of Bucket",
    severity=CRITICAL,
    types=("aws:s3/bucketPolicy:BucketPolicy",),
    judge=each_statement("policy", everybody, "named principals, or a condition on who asks"),
    before={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
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
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudfront.amazonaws.com"},
                    "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::shop/*",
                    "Condition": {
                        "StringEquals": {
                            "AWS:SourceArn": "arn:aws:cloudfront::000000000000:distribution/E1"
                        }
                    },
                }
            ]
        }
    },
)
