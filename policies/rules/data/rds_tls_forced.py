"""Databases refuse connections without TLS."""

from collections.abc import Iterator

from platformctl.policies.rule import HIGH, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN, named
from platformctl.policies.view import ResourceView


@judge("family", "parameters[]")
def _forced(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    name = "rds.force_ssl"
    family = resource.get("family")
    if isinstance(family, str) and family.startswith(("mysql", "mariadb")):
        name = "require_secure_transport"
    match = named(resource.each("parameters[]"), name)
    if match.value is UNKNOWN:
        yield Undetermined(path=match.path)
    elif str(match.value).upper() not in ("1", "ON"):
        yield Violation(path=match.path or "parameters", found=match.value, expected=f"{name} = 1")


RULE = Rule(
    id="rds-tls-forced",
    title="Databases refuse connections without TLS",
    why="A client that forgets TLS would send its password in the clear.",
    fix="leave the parameter group to PostgresDatabase (`rds.force_ssl`)",
    severity=HIGH,
    types=("aws:rds/parameterGroup:ParameterGroup",),
    judge=_forced,
    before={"family": "postgres15", "parameters": [{"name": "rds.force_ssl", "value": "0"}]},
    after={"family": "postgres15", "parameters": [{"name": "rds.force_ssl", "value": "1"}]},
)
