"""Rule, answer, properties, and the type where it is not the rule's first."""

OLD = "aws:ec2/securityGroupRule:SecurityGroupRule"
NEW = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
WORLD, WORLD_6 = "0.0.0.0/0", "::/0"


def inline(first, last, *blocks, protocol="tcp", **more):
    rule = {"protocol": protocol, "fromPort": first, "toPort": last, "cidrBlocks": list(blocks)}
    return {"ingress": [rule | more]}


def new(first, last, cidr, protocol="tcp"):
    return {"ipProtocol": protocol, "fromPort": first, "toPort": last, "cidrIpv4": cidr}


ADMIN = "security-group-no-open-admin-ports"
DATA = "security-group-no-open-data-ports"
HTTP = "security-group-open-ingress-http-only"
ACL = "network-acl-no-open-admin-ports"
CASES = [
    ("vpc-default-security-group-closed", "violates", {"egress": [{"protocol": "-1"}]}, ""),
    ("vpc-default-security-group-closed", "complies", {}, ""),
    ("vpc-default-security-group-closed", "unknown", {"ingress": UNKNOWN}, ""),
    # Each of the three shapes of a rule.
    (ADMIN, "violates", inline(0, 1024, WORLD), ""),
    (ADMIN, "violates", inline(3389, 3389, ipv6CidrBlocks=[WORLD_6]), ""),
    (ADMIN, "violates", new(22, 22, WORLD), NEW),
    (ADMIN, "violates", {"ipProtocol": "-1", "cidrIpv6": WORLD_6}, NEW),
    (
        ADMIN,
        "violates",
        {"type": "ingress", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [WORLD]},
        OLD,
    ),
    (
        ADMIN,
        "complies",
        {"type": "egress", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [WORLD]},
        OLD,
    ),
    # Everything but a literal 0.0.0.0/0 that means the same.
    (ADMIN, "violates", inline(22, 22, "0.0.0.0/1", "128.0.0.0/1"), ""),
    (ADMIN, "violates", inline(0, 0, WORLD, protocol="-1"), ""),
    (ADMIN, "violates", inline(22, 22, "2000::/3"), ""),
    (ADMIN, "complies", inline(22, 22, "203.0.113.7/32"), ""),
    (ADMIN, "complies", inline(22, 22, "10.0.0.0/8"), ""),
    (ADMIN, "complies", inline(-1, -1, WORLD, protocol="icmp"), ""),
    (ADMIN, "complies", {"ingress": []}, ""),
    (ADMIN, "unknown", inline(22, 22, UNKNOWN), ""),
    (ADMIN, "unknown", inline(UNKNOWN, 22, WORLD), ""),
    (ADMIN, "unknown", {"ingress": UNKNOWN}, ""),
    (ADMIN, "not applicable", {}, "aws:ec2/vpc:Vpc"),
    (DATA, "violates", new(9092, 9098, WORLD), NEW),
    (DATA, "violates", new(2049, 2049, WORLD), NEW),
    (DATA, "violates", inline(27017, 27017, WORLD), ""),
    (DATA, "violates", new(None, None, WORLD, "-1"), NEW),
    (DATA, "complies", new(443, 443, WORLD), NEW),
    (DATA, "complies", {"referencedSecurityGroupId": "sg-1", "ipProtocol": "tcp"}, NEW),
    (DATA, "unknown", new(5432, 5432, UNKNOWN), NEW),
    (HTTP, "violates", new(80, 443, WORLD), NEW),
    (HTTP, "violates", new(8080, 8080, WORLD), NEW),
    (HTTP, "complies", new(80, 80, WORLD), NEW),
    (HTTP, "unknown", new(80, UNKNOWN, WORLD), NEW),
    ("security-group-rule-described", "violates", new(80, 80, WORLD), NEW),
    ("security-group-rule-described", "complies", {"description": "HTTP"}, NEW),
    ("security-group-rule-described", "unknown", {"ingress": [UNKNOWN]}, ""),
    (
        ACL,
        "violates",
        {
            "protocol": "-1",
            "ruleAction": "allow",
            "cidrBlock": WORLD,
            "egress": False,
            "ruleNumber": 100,
        },
        ACL_RULE,
    ),
    (
        ACL,
        "complies",
        {"protocol": "-1", "ruleAction": "allow", "cidrBlock": WORLD, "egress": True},
        ACL_RULE,
    ),
    (
        ACL,
        "unknown",
        {
            "protocol": "tcp",
            "fromPort": 22,
            "toPort": 22,
            "ruleAction": UNKNOWN,
            "cidrBlock": WORLD,
        },
        ACL_RULE,
    ),
    ("subnet-no-auto-public-ip", "complies", {}, ""),
    ("subnet-no-auto-public-ip", "unknown", {"mapPublicIpOnLaunch": UNKNOWN}, ""),
    ("flow-log-captures-rejects", "complies", {"trafficType": "REJECT"}, ""),
    ("flow-log-captures-rejects", "violates", {}, ""),
]
