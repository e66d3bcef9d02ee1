"""The Kubernetes API is not open to the internet."""

from collections.abc import Iterator

from platformctl.policies.ports import is_world
from platformctl.policies.rule import ADVISORY, HIGH, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN
from platformctl.policies.view import ResourceView


@judge(
    "vpcConfig.endpointPublicAccess", "vpcConfig.publicAccessCidrs", "vpcConfig.publicAccessCidrs[]"
)
def _restricted(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    if resource.get("vpcConfig.endpointPublicAccess") is False:
        return
    path = "vpcConfig.publicAccessCidrs"
    if resource.get(path) is MISSING:
        yield Violation(path=path, expected="the addresses that need it")
    for match in resource.each(f"{path}[]"):
        if match.value is UNKNOWN:
            yield Undetermined(path=match.path)
        elif is_world(match.value):
            yield Violation(
                path=match.path, found=match.value, expected="the addresses that need it"
            )


RULE = Rule(
    id="eks-endpoint-restricted",
    title="The Kubernetes API is not open to the internet",
    why="Anonymous requests reach the API server, and its next hole is everybody's.",
    fix=(
        "list the offices and runners in `public_access_cidrs`, or switch the public endpoint off"
    ),
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:eks/cluster:Cluster",),
    judge=_restricted,
    before={"vpcConfig": {"endpointPublicAccess": True}},
    after={"vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}},
)
