"""What may go through a VPC endpoint: requests of the own account's identities.

Without a policy an endpoint also carries requests with somebody else's credentials, which is how
data leaves a network that has no other way out.
"""

from typing import Any

import pulumi


def endpoint_policy(service: str, region: str, account: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return the policy of one service's endpoint.

    Args:
        service: The service as in the endpoint's name: `s3`, `ecr.api`.
        region: Region of the endpoint.
        account: The account whose identities are served.
    """
    return account.apply(
        lambda number: pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [_own_identities(number), *_exceptions(service, region, number)],
            }
        )
    )


def _own_identities(account: str) -> dict[str, Any]:
    return {
        "Sid": "OwnIdentities",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": account}},
    }


def _exceptions(service: str, region: str, account: str) -> list[dict[str, Any]]:
    """Return what a service does without an identity of the account."""
    if service == "s3":
        # ECR keeps layers in a bucket of its own and hands out links signed by itself
        # (ECR User Guide, Minimum Amazon S3 bucket permissions for Amazon ECR).
        return [
            {
                "Sid": "ImageLayers",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*",
            }
        ]
    if service == "sts":
        # Who takes a role with a token of Kubernetes or GitHub has no identity before.
        return [
            {
                "Sid": "TakeRolesWithTokens",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Resource": f"arn:aws:iam::{account}:role/*",
            }
        ]
    return []
