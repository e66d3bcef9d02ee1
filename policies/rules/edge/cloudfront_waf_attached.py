"""CloudFront stands behind a web firewall."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import given

RULE = Rule(
    id="cloudfront-waf-attached",
    title="CloudFront stands behind a web firewall",
    why="Without it, nothing limits how often and with what one address may ask.",
    fix="give StaticSite the `web_acl_arn` of a WebFirewall in us-east-1",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:cloudfront/distribution:Distribution",),
    judge=given("webAclId"),
    before={"enabled": True},
    after={"webAclId": "arn:aws:wafv2:us-east-1:000000000000:global/webacl/web/1"},
)
