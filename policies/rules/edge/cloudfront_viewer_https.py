"""CloudFront answers over HTTPS."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, one_of

RULE = Rule(
    id="cloudfront-viewer-https",
    title="CloudFront answers over HTTPS",
    why="Plain HTTP lets everybody on the way change what the browser runs.",
    fix="leave the viewer protocol policy to StaticSite (`redirect-to-https`)",
    severity=HIGH,
    types=("aws:cloudfront/distribution:Distribution",),
    judge=all_of(
        one_of("defaultCacheBehavior.viewerProtocolPolicy", "redirect-to-https", "https-only"),
        one_of("orderedCacheBehaviors[].viewerProtocolPolicy", "redirect-to-https", "https-only"),
    ),
    before={"defaultCacheBehavior": {"viewerProtocolPolicy": "allow-all"}},
    after={"defaultCacheBehavior": {"viewerProtocolPolicy": "redirect-to-https"}},
)
