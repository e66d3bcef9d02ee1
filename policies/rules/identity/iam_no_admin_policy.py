"""Nobody may do everything."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.statements import Statement, each_statement
from platformctl.policies.vocabulary import all_of, must


def _everything(statement: Statement) -> str:
    whole = any(action in ("*", "*:*") for action in statement.actions)
    return "every action on every resource" if whole and statement.everywhere else ""


def _narrow(arn: str) -> bool:
    return not arn.endswith(("/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess"))


RULE = Rule(
    id="iam-no-admin-policy",
    title="Nobody may do everything",
    why="Whoever gets hold of such a role owns the account.",
    fix="name actions and resources in the `statements` of the role",
    severity=CRITICAL,
    types=(
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    ),
    judge=all_of(
        each_statement("policy", _everything, "named actions and resources"),
        must("policyArn", _narrow, "a policy for this purpose", missing=True),
    ),
    before={"policy": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}},
    after={
        "policy": {
            "Statement": [
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}
            ]
        }
    },
)
