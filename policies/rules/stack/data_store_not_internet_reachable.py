"""No path leads from the internet to a data store."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.ports import openings
from platformctl.policies.relations import NETWORK_STORES, entrances, open_to_world
from platformctl.policies.rule import CRITICAL, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView


def _closed(stack: StackView, settings: Settings) -> Iterator[Problem]:
    fronts = _fronts(stack)
    for kind, path in NETWORK_STORES.items():
        for store in stack.all(kind):
            if stack.undecided(store, path):
                yield Undetermined(path=path, urn=store.urn)
            for group in stack.targets(store, path, tokens.SECURITY_GROUP):
                yield from _entered(store, path, group, fronts, stack, settings)


def _fronts(stack: StackView) -> set[str]:
    """Return the groups of load balancers that the internet may reach."""
    return {
        group.urn
        for balancer in stack.all(tokens.BALANCER)
        if balancer.get("internal") is not True
        for group in stack.targets(balancer, "securityGroups[]", tokens.SECURITY_GROUP)
    }


def _entered(  # what a path through the groups is made of
    store: ResourceView,
    path: str,
    group: ResourceView,
    fronts: set[str],
    stack: StackView,
    settings: Settings,
) -> Iterator[Problem]:
    expected = "groups of services only"
    for rule, _, sources in entrances(group, stack):
        for opening in openings(rule, settings):
            if isinstance(opening, Undetermined):
                yield Undetermined(path=opening.path, urn=rule.urn)
            else:
                found = f"{group.name} lets in {opening}"
                yield Violation(path=path, found=found, expected=expected, urn=store.urn)
        for source in sources:
            if source.urn in fronts or open_to_world(source, stack, settings):
                found = f"internet → {source.name} → {group.name}"
                yield Violation(path=path, found=found, expected=expected, urn=store.urn)


RULE = StackRule(
    id="data-store-not-internet-reachable",
    title="No path leads from the internet to a data store",
    why=(
        "A store that the load balancer, or the internet itself, may enter is one hole in"
        " one service away from being copied."
    ),
    fix=(
        "name the security group of the service in the rule of SecurityGroups; never a "
        "CIDR, never the load balancer's group"
    ),
    severity=CRITICAL,
    judge=_closed,
    before="group of the database: ingress 5432 from the load balancer's group",
    after="group of the database: ingress 5432 from the group of the service",
)
