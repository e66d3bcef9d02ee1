"""Every target group is routed to and registered in."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import tags_of
from platformctl.policies.rule import ADVISORY, LOW, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView

_ATTACHMENTS = (tokens.SERVICE, "aws:lb/targetGroupAttachment:TargetGroupAttachment")
_BINDING = ":TargetGroupBinding"


def _attached(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for group in stack.all(tokens.TARGET_GROUP):
        if not stack.users(group, tokens.LISTENER, tokens.LISTENER_RULE):
            yield Violation(expected="a listener or rule that forwards to it", urn=group.urn)
        elif not _registered_in(group, stack):
            yield Violation(expected="a service that registers in it", urn=group.urn)


def _registered_in(group: ResourceView, stack: StackView) -> bool:
    """Tell whether a service registers targets, or Kubernetes does for a binding or by tags."""
    users = stack.users(group)
    if any(each.type in _ATTACHMENTS or each.type.endswith(_BINDING) for each in users):
        return True
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
