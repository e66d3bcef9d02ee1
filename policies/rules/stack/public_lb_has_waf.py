"""Public load balancers stand behind a web firewall."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, HIGH, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN
from platformctl.policies.view import StackView

_ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"


def _walled(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    walled = {
        balancer.urn
        for each in stack.all(_ASSOCIATION)
        for balancer in stack.targets(each, "resourceArn", tokens.BALANCER)
    }
    for balancer in stack.all(tokens.BALANCER):
        kind = balancer.get("loadBalancerType")
        if balancer.urn in walled or balancer.get("internal") is True:
            continue
        if kind in ("network", "gateway"):
            continue
        if balancer.get("internal") is UNKNOWN:
            yield Undetermined(path="internal", urn=balancer.urn)
        else:
            yield Violation(expected="a web ACL association", urn=balancer.urn)


RULE = StackRule(
    id="public-lb-has-waf",
    title="Public load balancers stand behind a web firewall",
    why="Nothing else limits how often and with what one address may ask.",
    fix="give ApplicationLoadBalancer the `web_acl_arn` of a WebFirewall",
    severity=HIGH,
    staging=ADVISORY,
    judge=_walled,
    before="ApplicationLoadBalancer(…)",
    after="ApplicationLoadBalancer(…, web_acl_arn=firewall.arn)",
)
