"""Data stores stand in subnets without a way to the internet."""

from collections.abc import Iterator

from platformctl.policies.relations import SUBNETS_OF, internet_route, subnets
from platformctl.policies.rule import CRITICAL, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView


def _private(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for kind, path in SUBNETS_OF.items():
        for group in stack.all(kind):
            if stack.undecided(group, path):
                yield Undetermined(path=path, urn=group.urn)
            for subnet in subnets(group, path, stack):
                route = internet_route(subnet, stack)
                if route is not None:
                    found = f"{subnet.name} with {route.name}"
                    expected = "subnets without a route to an internet gateway"
                    yield Violation(path=path, found=found, expected=expected, urn=group.urn)


RULE = StackRule(
    id="data-store-subnets-private",
    title="Data stores stand in subnets without a way to the internet",
    why="With a route to the internet gateway, one public address is enough to be reachable.",
    fix="give the store the `data_subnet_ids` of Network",
    severity=CRITICAL,
    judge=_private,
    before="PostgresDatabaseArgs(subnet_ids=network.public_subnet_ids, …)",
    after="PostgresDatabaseArgs(subnet_ids=network.data_subnet_ids, …)",
)
