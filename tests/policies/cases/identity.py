"""Rule, answer, properties, and the type where it is not the rule's first."""

import json

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ARN = "arn:aws:s3:::shop/*"
KEY = "arn:aws:kms:us-east-1:000000000000:key/1"
GITHUB = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "token.actions.githubusercontent.com:sub"


def may(action, resource, **more):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def trust(principal, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return {"assumeRolePolicy": json.dumps({"Statement": statement})}


def key(principal, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
    return {"policy": json.dumps({"Statement": [statement | more]})}


ADMIN, WILD = "iam-no-admin-policy", "iam-no-service-wildcards"
ESCALATION, DECRYPT = "iam-no-privilege-escalation", "iam-no-decrypt-all-keys"
TRUST = "iam-trust-scoped"
CASES = [
    (ADMIN, "violates", may(["s3:GetObject", "*"], "*"), ROLE_POLICY),
    (
        ADMIN,
        "violates",
        {
            "policy": json.dumps(
                {"Statement": {"Effect": "Allow", "NotAction": "a", "Resource": "*"}}
            )
        },
        "",
    ),
    (
        ADMIN,
        "violates",
        {
            "policy": json.dumps(
                {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}
            )
        },
        "",
    ),
    (ADMIN, "complies", may("*", ARN), ROLE_POLICY),
    (
        ADMIN,
        "complies",
        {"policy": json.dumps({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})},
        "",
    ),
    (
        ADMIN,
        "violates",
        {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "role": "web"},
        ATTACHMENT,
    ),
    (
        ADMIN,
        "complies",
        {"policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy", "role": "eks"},
        ATTACHMENT,
    ),
    (ADMIN, "unknown", {"policyArn": UNKNOWN}, ATTACHMENT),
    (ADMIN, "unknown", {"policy": UNKNOWN}, ROLE_POLICY),
    (WILD, "violates", may(["s3:GetObject", "sqs:*"], ARN), ""),
    (WILD, "complies", may("s3:Get*", ARN), ""),
    (WILD, "unknown", {"policy": UNKNOWN}, ""),
    (ESCALATION, "violates", may("iam:*", "*"), ""),
    (ESCALATION, "violates", may("iam:Pass*", "*"), ROLE_POLICY),
    (ESCALATION, "violates", may("sts:AssumeRole", "*"), ""),
    (ESCALATION, "complies", may("iam:GetRole", "*"), ""),
    (ESCALATION, "unknown", {"policy": UNKNOWN}, ""),
    (DECRYPT, "violates", may("kms:*", "*"), ""),
    (DECRYPT, "violates", may("kms:Decrypt", "arn:aws:kms:us-east-1:000000000000:key/*"), ""),
    (DECRYPT, "complies", may(["kms:Decrypt", "kms:GenerateDataKey"], [KEY]), ""),
    (DECRYPT, "complies", may("kms:DescribeKey", "*"), ""),
    (DECRYPT, "unknown", {"policy": UNKNOWN}, ""),
    (TRUST, "violates", trust("*"), ""),
    (TRUST, "violates", trust({"Federated": GITHUB}), ""),
    (
        TRUST,
        "violates",
        trust({"Federated": GITHUB}, Condition={"StringLike": {SUBJECT: "*"}}),
        "",
    ),
    (
        TRUST,
        "complies",
        trust({"Federated": GITHUB}, Condition={"StringLike": {SUBJECT: "repo:shop/web:*"}}),
        "",
    ),
    (TRUST, "violates", trust({"Service": "events.amazonaws.com"}), ""),
    (
        TRUST,
        "complies",
        trust(
            {"Service": "events.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceAccount": "000000000000"}},
        ),
        "",
    ),
    (TRUST, "complies", trust({"AWS": "arn:aws:iam::000000000000:root"}), ""),
    (TRUST, "unknown", {"assumeRolePolicy": UNKNOWN}, ""),
    ("iam-no-long-lived-users", "violates", {"user": "ci"}, "aws:iam/accessKey:AccessKey"),
    ("iam-no-long-lived-users", "not applicable", {}, "aws:iam/role:Role"),
    ("kms-rotation", "violates", {}, ""),
    ("kms-rotation", "not applicable", {"customerMasterKeySpec": "RSA_4096"}, ""),
    ("kms-rotation", "unknown", {"enableKeyRotation": UNKNOWN}, ""),
    ("kms-policy-not-public", "violates", key({"AWS": "*"}), "aws:kms/keyPolicy:KeyPolicy"),
    (
        "kms-policy-not-public",
        "complies",
        key("*", Condition={"StringEquals": {"kms:CallerAccount": "000000000000"}}),
        "",
    ),
    (
        "kms-policy-not-public",
        "violates",
        key("*", Condition={"StringNotEquals": {"kms:CallerAccount": "000000000000"}}),
        "",
    ),
    ("kms-policy-not-public", "complies", {}, ""),
    ("kms-policy-not-public", "unknown", {"policy": UNKNOWN}, ""),
    ("kms-deletion-window", "complies", {}, ""),
    ("kms-deletion-window", "unknown", {"deletionWindowInDays": UNKNOWN}, ""),
    (
        "secret-rotation-interval",
        "complies",
        {"rotationRules": {"scheduleExpression": "rate(10 days)"}},
        "",
    ),
    ("secret-rotation-interval", "violates", {}, ""),
    ("secret-rotation-interval", "unknown", {"rotationRules": UNKNOWN}, ""),
    ("secret-recovery-window", "complies", {}, ""),
    ("secret-recovery-window", "unknown", {"recoveryWindowInDays": UNKNOWN}, ""),
]
