"""A load balancer behind CloudFront answers CloudFront only."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import known, open_to_world
from platformctl.policies.rule import ADVISORY, HIGH, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView


def _closed(stack: StackView, settings: Settings) -> Iterator[Problem]:
    for distribution in stack.all(tokens.DISTRIBUTION):
        for balancer in stack.targets(distribution, "origins[].domainName", tokens.BALANCER):
            groups = stack.targets(balancer, "securityGroups[]", tokens.SECURITY_GROUP)
            is_open = any(open_to_world(group, stack, settings) for group in groups)
            if is_open and not _asks_for_header(balancer, stack):
                expected = "CloudFront's prefix list only, or rules that ask for a secret header"
                found = f"a group that is open to the internet, behind {distribution.name}"
                yield Violation(
                    path="securityGroups", found=found, expected=expected, urn=balancer.urn
                )


def _asks_for_header(balancer: ResourceView, stack: StackView) -> bool:
    rules = [
        rule
        for listener in stack.users(balancer, tokens.LISTENER)
        for rule in stack.users(listener, tokens.LISTENER_RULE)
    ]
    return bool(rules) and all(any(known(rule.each("conditions[].httpHeader"))) for rule in rules)


RULE = StackRule(
    id="lb-behind-cdn-is-closed",
    title="A load balancer behind CloudFront answers CloudFront only",
    why="Whoever finds its name goes around the firewall and the cache.",
    fix=(
        "ask for a secret header in the listener's rules, or let in CloudFront's prefix list only"
    ),
    severity=HIGH,
    staging=ADVISORY,
    judge=_closed,
    before="balancer group: ingress 443 from 0.0.0.0/0, rules without a header",
    after="balancer group: ingress 443 from the prefix list of CloudFront",
)
