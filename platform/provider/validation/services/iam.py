"""Roles, policies, identity providers."""

import json

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, identity_policy, parsed, trust_policy
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Custom,
    Failures,
    Follows,
    Inputs,
    Length,
    Pattern,
    Range,
    Row,
    Rule,
)

NAME = r"[\w+=,.@-]+"
DESCRIPTION = r"[\t\n\r\x20-\x7e\xa1-\xff]*"
TRUST, INLINE, MANAGED = 2048, 10_240, 6144
"""Characters of a policy, white space not counted (IAM quotas; a trust policy's default)."""


def _shorter(path: str, most: int) -> Rule:
    """Return the rule that a policy has no more characters, as IAM counts them."""

    def judge(inputs: Inputs) -> Failures:
        document = parsed(inputs.get(path))
        size = len(json.dumps(document, separators=(",", ":")))
        if size > most:
            yield CheckFailure(path, f"{path} must have at most {most} characters, not {size}")

    return Custom(judge)


ROWS = {
    "aws:iam/role:Role": Row(
        "iam/role.go",
        (
            AtMostOne(("name", "namePrefix")),
            Length("name", 1, 64),
            Length("namePrefix", 1, 38),
            Pattern("namePrefix", NAME),
            Length("path", 1, 512),
            Pattern("name", NAME),
            Length("description", 0, 1000),
            Pattern("description", DESCRIPTION),
            Pattern("path", r"/|/[\x21-\x7e]+/", "a path that starts and ends with /"),
            Range("maxSessionDuration", 3600, 43_200),
            Follows("assumeRolePolicy", trust_policy),
            _shorter("assumeRolePolicy", TRUST),
            Follows("permissionsBoundary", arn),
            Follows("managedPolicyArns[]", arn),
            Count("managedPolicyArns", 0, 20),
            Follows("inlinePolicies[].policy", identity_policy),
            Length("inlinePolicies[].name", 1, 128),
        ),
    ),
    "aws:iam/rolePolicy:RolePolicy": Row(
        "iam/role_policy.go",
        (
            AtMostOne(("name", "namePrefix")),
            Length("name", 1, 128),
            Pattern("name", NAME),
            Length("namePrefix", 1, 102),
            Pattern("namePrefix", NAME),
            Pattern("role", NAME, "the name of a role"),
            Follows("policy", identity_policy),
            _shorter("policy", INLINE),
        ),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Row(
        "iam/role_policy_attachment.go",
        (Follows("policyArn", arn), Pattern("role", NAME, "the name of a role")),
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Row(
        "iam/openid_connect_provider.go",
        (
            Pattern("url", r"https://[^?\s]+", "a URL of https:// without a query"),
            Count("clientIdLists", 1, 100),
            Length("clientIdLists[]", 1, 255),
            Pattern("thumbprintLists[]", "[0-9a-fA-F]{40}"),
            Count("thumbprintLists", 0, 5),
        ),
    ),
}
