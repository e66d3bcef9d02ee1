"""Public zones log what they are asked."""

from collections.abc import Iterator

from platformctl.policies.rule import ADVISORY, LOW, OFF, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView


def _logged(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for zone in stack.all("aws:route53/zone:Zone"):
        private = bool(zone.each("vpcs[]"))
        if not private and not stack.users(zone, "aws:route53/queryLog:QueryLog"):
            yield Violation(expected="a query log", urn=zone.urn)


RULE = StackRule(
    id="public-zone-query-logging",
    title="Public zones log what they are asked",
    why="Who looks for names that should not exist shows there first.",
    fix="make the zone with HostedZone",
    severity=LOW,
    staging=OFF,
    production=ADVISORY,
    judge=_logged,
    before='aws.route53.Zone("shop.example.com")',
    after="HostedZone(…)",
)
