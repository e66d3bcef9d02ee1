"""Document stores speak TLS only."""

from collections.abc import Iterator

from platformctl.policies.rule import HIGH, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN, named
from platformctl.policies.view import ResourceView


@judge("parameters[]")
def _tls(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    """TLS is on where nothing is said."""
    del settings
    match = named(resource.each("parameters[]"), "tls")
    if match.value is UNKNOWN:
        yield Undetermined(path=match.path)
    elif match.value == "disabled":
        yield Violation(path=match.path, found=match.value, expected="enabled")


RULE = Rule(
    id="docdb-tls",
    title="Document stores speak TLS only",
    why="Passwords and documents would travel in the clear.",
    fix="leave the parameter group to DocumentDatabase",
    severity=HIGH,
    types=("aws:docdb/clusterParameterGroup:ClusterParameterGroup",),
    judge=_tls,
    before={"family": "docdb5.0", "parameters": [{"name": "tls", "value": "disabled"}]},
    after={"family": "docdb5.0", "parameters": [{"name": "tls", "value": "enabled"}]},
)
