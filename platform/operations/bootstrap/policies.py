"""The policy documents of a bootstrap."""

from typing import Any

from platformctl.operations.bootstrap.target import AUDIENCE, ISSUER, Target

VERSION = "2012-10-17"
REGIONAL = (
    "acm",
    "application-autoscaling",
    "backup",
    "backup-storage",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "eks",
    "elasticache",
    "elasticloadbalancing",
    "events",
    "firehose",
    "grafana",
    "kafka",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "aps",
    "rds",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "tag",
    "wafv2",
    "xray",
)
"""Services that the components make resources in; allowed in the environment's regions only."""
GLOBAL = (
    *("budgets", "cloudfront", "route53"),
    *("servicequotas:Get*", "servicequotas:List*", "sts:GetCallerIdentity"),
)
PASSED_TO = (
    "backup",
    "ec2",
    "ecs",
    "ecs-tasks",
    "eks",
    "events",
    "grafana",
    "kafka",
    "lambda",
    "rds",
    "s3",
    "scheduler",
    "vpc-flow-logs",
)
"""Services that a role may be handed to."""


def bucket_policy(target: Target) -> dict[str, Any]:
    """Refuse everything that does not come over TLS 1.2 or better."""
    arn = f"arn:aws:s3:::{target.bucket}"
    refused = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    return _document(
        {"Sid": "TlsOnly", **refused, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {
            "Sid": "ModernTlsOnly",
            **refused,
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
    )


def trust_policy(target: Target) -> dict[str, Any]:
    """Let workflows of the repository in, and only in the GitHub environment of the same name."""
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": target.arn("iam", f"oidc-provider/{ISSUER}", region=False)},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{ISSUER}:aud": AUDIENCE,
                    f"{ISSUER}:sub": f"repo:{target.repository}:environment:{target.environment}",
                }
            },
        }
    )


def deploy_policy(target: Target) -> dict[str, Any]:
    """Allow what a deployment does; nothing that would widen the role or lose the state.

    A deployment makes roles, so whoever may use this role can in the end do what a role can do.
    That is why it is trusted to one GitHub environment, whose approvals guard it.
    """
    regions = [each for each in (target.region, target.recovery_region) if each]
    bucket = f"arn:aws:s3:::{target.bucket}"
    own = target.arn("iam", f"role/{target.role}", region=False)
    sealing = {
        "ForAnyValue:StringEquals": {
            "kms:ResourceAliases": [target.state_alias, target.secrets_alias]
        }
    }
    return _document(
        {
            "Sid": "Services",
            "Effect": "Allow",
            "Action": [f"{service}:*" for service in REGIONAL],
            "Resource": "*",
            # Certificates and firewalls of CloudFront are in us-east-1 whatever the region.
            "Condition": {"StringEquals": {"aws:RequestedRegion": sorted({*regions, "us-east-1"})}},
        },
        {
            "Sid": "GlobalServices",
            "Effect": "Allow",
            "Action": [name if ":" in name else f"{name}:*" for name in GLOBAL],
            "Resource": "*",
        },
        {
            "Sid": "Roles",
            "Effect": "Allow",
            "Action": [
                "iam:*Role",
                "iam:*RolePolicy",
                "iam:*RolePolicies",
                "iam:*RoleTags",
                "iam:*OpenIDConnectProvider*",
                "iam:*Policy",
                "iam:*PolicyVersion*",
                "iam:ListInstanceProfilesForRole",
                "iam:CreateServiceLinkedRole",
            ],
            "Resource": "*",
        },
        {
            "Sid": "NoRoleForOthers",
            "Effect": "Deny",
            "Action": "iam:PassRole",
            "Resource": "*",
            "Condition": {
                "StringNotEquals": {
                    "iam:PassedToService": [f"{each}.amazonaws.com" for each in PASSED_TO]
                }
            },
        },
        {
            "Sid": "NotItself",
            "Effect": "Deny",
            "Action": ["iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Put*", "iam:Update*"],
            "Resource": own,
        },
        {
            "Sid": "StateStays",
            "Effect": "Deny",
            "Action": [
                "s3:DeleteBucket*",
                "s3:DeleteObjectVersion",
                "s3:PutBucket*",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
            ],
            "Resource": [bucket, f"{bucket}/*"],
        },
        {
            "Sid": "KeysStay",
            "Effect": "Deny",
            "Action": ["kms:DisableKey*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
            "Resource": "*",
            "Condition": sealing,
        },
    )


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": list(statements)}
