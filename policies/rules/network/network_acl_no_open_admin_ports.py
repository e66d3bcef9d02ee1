"""Network ACLs keep SSH and remote desktop closed to the internet."""

from collections.abc import Iterator

from platformctl.policies.ports import ADMIN_PORTS, READS, openings
from platformctl.policies.rule import HIGH, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView


@judge(*READS)
def _open(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    for each in openings(resource, settings):
        if isinstance(each, Undetermined):
            yield each
        elif any(map(each.holds, ADMIN_PORTS)):
            yield Violation(
                path=each.path, found=str(each), expected="ports 22 and 3389 closed to the internet"
            )


RULE = Rule(
    id="network-acl-no-open-admin-ports",
    title="Network ACLs keep SSH and remote desktop closed to the internet",
    why=(
        "The ACL is the second line of defence: it holds when somebody opens a security "
        "group by mistake."
    ),
    fix="leave the access lists to Network; add rules for single addresses only",
    severity=HIGH,
    types=("aws:ec2/networkAcl:NetworkAcl", "aws:ec2/networkAclRule:NetworkAclRule"),
    judge=_open,
    before={
        "ingress": [
            {
                "protocol": "tcp",
                "fromPort": 22,
                "toPort": 22,
                "cidrBlock": "0.0.0.0/0",
                "action": "allow",
                "ruleNo": 100,
            }
        ]
    },
    after={
        "ingress": [
            {
                "protocol": "tcp",
                "fromPort": 22,
                "toPort": 22,
                "cidrBlock": "0.0.0.0/0",
                "action": "deny",
                "ruleNo": 100,
            }
        ]
    },
)
