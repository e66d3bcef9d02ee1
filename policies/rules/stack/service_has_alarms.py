"""Every service has alarms on what its users feel."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery, watched
from platformctl.policies.rule import ADVISORY, HIGH, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView

_OF_SERVICE = ("CPUUtilization", "MemoryUtilization")
_OF_TARGETS = ("HTTPCode_Target_5XX_Count", "TargetResponseTime", "UnHealthyHostCount")


def _watched(stack: StackView, settings: Settings) -> Iterator[Problem]:
    for service in stack.all(tokens.SERVICE):
        if in_recovery(service, settings):
            continue
        absent = set(_OF_SERVICE) - watched(service, stack)
        for group in stack.targets(service, "loadBalancers[].targetGroupArn", tokens.TARGET_GROUP):
            absent |= set(_OF_TARGETS) - watched(group, stack) - _watched_for_all(group, stack)
        if absent:
            found = f"none on {', '.join(sorted(absent))}"
            yield Violation(found=found, expected="an alarm on each", urn=service.urn)


def _watched_for_all(group: ResourceView, stack: StackView) -> set[str]:
    """Return the metrics that the group's load balancer has alarms on, for all groups at once."""
    listeners = [
        *stack.users(group, tokens.LISTENER),
        *(
            listener
            for rule in stack.users(group, tokens.LISTENER_RULE)
            for listener in stack.targets(rule, "listenerArn", tokens.LISTENER)
        ),
    ]
    return {
        metric
        for listener in listeners
        for balancer in stack.targets(listener, "loadBalancerArn", tokens.BALANCER)
        for metric in watched(balancer, stack)
    }


RULE = StackRule(
    id="service-has-alarms",
    title="Every service has alarms on what its users feel",
    why="A service that nobody watches is found broken by its customers.",
    fix=(
        "give Alarms the service's CPU and memory and its target group's errors, latency "
        "and unhealthy hosts"
    ),
    severity=HIGH,
    staging=ADVISORY,
    judge=_watched,
    before="FargateService(…) without Alarms",
    after=(
        "Alarms(…) on CPUUtilization, MemoryUtilization, HTTPCode_Target_5XX_Count, "
        "TargetResponseTime, UnHealthyHostCount"
    ),
)
