"""Everything stands in enough zones."""

from collections.abc import Iterator, Mapping

from platformctl.policies import tokens
from platformctl.policies.relations import SUBNETS_OF, in_recovery, subnets
from platformctl.policies.rule import ADVISORY, HIGH, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView

_PLACES: Mapping[str, str] = {**SUBNETS_OF, tokens.BALANCER: "subnets[]"}


def _spread(stack: StackView, settings: Settings) -> Iterator[Problem]:
    for kind, path in _PLACES.items():
        for resource in stack.all(kind):
            if stack.undecided(resource, path):
                yield Undetermined(path=path, urn=resource.urn)
                continue
            least = 2 if in_recovery(resource, settings) else settings.zones
            places = [each.get("availabilityZone") for each in subnets(resource, path, stack)]
            zones = {zone for zone in places if isinstance(zone, str)}
            if places and len(zones) == len(set(map(str, places))) and len(zones) < least:
                expected = f"at least {least} zones"
                found = sorted(zones)
                yield Violation(path=path, found=found, expected=expected, urn=resource.urn)


RULE = StackRule(
    id="zones-spread",
    title="Everything stands in enough zones",
    why="What stands in one zone fails with it.",
    fix="give the component the subnets of all zones of Network",
    severity=HIGH,
    staging=ADVISORY,
    judge=_spread,
    before="subnet_ids=[one]",
    after="subnet_ids=network.data_subnet_ids",
)
