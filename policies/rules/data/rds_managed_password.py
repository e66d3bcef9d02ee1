"""Nobody knows the database's password."""

from collections.abc import Iterator

from platformctl.policies.rule import HIGH, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView
from platformctl.policies.vocabulary import given


@judge("manageMasterUserPassword", "password", "passwordWo", "masterPassword")
def _kept(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    if resource.get("manageMasterUserPassword") is True:
        return
    for path in ("password", "masterPassword"):
        (match,) = resource.each(path)
        if isinstance(match.value, str):
            # Where the source cannot tell secrets apart, this may be one.
            if resource.secrets_told:
                yield Violation(path=path, found=match.value, expected="a value marked as secret")
            else:
                yield Undetermined(path=path)


RULE = Rule(
    id="rds-managed-password",
    title="Nobody knows the database's password",
    why="A password written into a program is in its history, its state and its logs.",
    fix="leave the password to PostgresDatabase, which generates it as a secret",
    severity=HIGH,
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    judge=_kept,
    unless=given("replicateSourceDb", "snapshotIdentifier", "replicationSourceIdentifier"),
    before={"username": "shop", "password": "hunter2"},
    after={"username": "shop", "manageMasterUserPassword": True},
)
