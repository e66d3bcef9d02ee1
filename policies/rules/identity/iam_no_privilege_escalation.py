"""Roles cannot give themselves more."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.statements import Statement, each_statement

# Source: Rhino Security Labs, "AWS IAM privilege escalation: methods and mitigation".
_ACTIONS = (
    *("iam:PassRole", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
    *("iam:AttachUserPolicy", "iam:AttachGroupPolicy", "iam:AttachRolePolicy"),
    *("iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:AddUserToGroup"),
    *("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy"),
    *("lambda:UpdateFunctionCode", "sts:AssumeRole"),
)


def _escalates(statement: Statement) -> list[str]:
    if not statement.everywhere:
        return []
    return [action for action in _ACTIONS if statement.allows_action(action)]


RULE = Rule(
    id="iam-no-privilege-escalation",
    title="Roles cannot give themselves more",
    why="With one of these actions on every resource, a role is an administrator in two steps.",
    fix="name the resources of these actions in the `statements` of the role",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"),
    judge=each_statement("policy", _escalates, "named resources"),
    before={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["iam:PassRole", "lambda:CreateFunction"],
                    "Resource": "*",
                }
            ]
        }
    },
    after={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "iam:PassRole",
                    "Resource": "arn:aws:iam::000000000000:role/web",
                }
            ]
        }
    },
)
