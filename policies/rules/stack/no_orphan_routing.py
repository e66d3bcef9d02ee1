"""Every target group is routed to and registered in."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import tags_of
from platformctl.policies.rule import ADVISORY, LOW, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView

_ATTACHMENTS = (tokens.SERVICE, "aws:lb/targetGroupAttachment:TargetGroupAttachment")


def _attached(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for group in stack.all(tokens.TARGET_GROUP):
        if not stack.users(group, tokens.LISTENER, tokens.LISTENER_RULE):
            yield Violation(expected="a listener or rule that forwards to it", urn=group.urn)
        elif not stack.users(group, *_ATTACHMENTS) and not _by_controller(group):
            yield Violation(expected="a service that registers in it", urn=group.urn)


def _by_controller(group: ResourceView) -> bool:
    """Tell whether something outside of the stack registers its targets, as Kubernetes does."""
    return any(str(tag).startswith(("elbv2.k8s.aws/", "kubernetes.io/")) for tag in tags_of(group))


RULE = StackRule(
    id="no-orphan-routing",
    title="Every target group is routed to and registered in",
    why="A target group that nobody asks, or nobody answers in, is a mistake in a rule.",
    fix="remove the target group, or give its service a Route",
    severity=LOW,
    staging=ADVISORY,
    production=ADVISORY,
    judge=_attached,
    before="a TargetGroup without listener rule",
    after="a TargetGroup with a rule and a service",
)
