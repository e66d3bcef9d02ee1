"""There are no users and access keys."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import never

RULE = Rule(
    id="iam-no-long-lived-users",
    title="There are no users and access keys",
    why="A key that never expires is found years later, in a log or a laptop.",
    fix="give people roles through single sign-on, and pipelines a GithubDeployRole",
    severity=HIGH,
    types=("aws:iam/user:User", "aws:iam/accessKey:AccessKey"),
    judge=never("a role"),
    before={"name": "deploy"},
)
