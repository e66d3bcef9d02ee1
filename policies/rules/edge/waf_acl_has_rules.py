"""Web ACLs have rules."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import given

RULE = Rule(
    id="waf-acl-has-rules",
    title="Web ACLs have rules",
    why="An ACL without rules lets everything through and looks as if it did not.",
    fix="keep the managed rule sets of WebFirewall",
    severity=MEDIUM,
    types=("aws:wafv2/webAcl:WebAcl",),
    judge=given("rules", "ruleJson"),
    before={"rules": []},
    after={"rules": [{"name": "common", "priority": 1}]},
)
