"""CloudFront asks its origins over HTTPS."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import all_of, none_of, one_of

RULE = Rule(
    id="cloudfront-origin-https",
    title="CloudFront asks its origins over HTTPS",
    why="Between CloudFront and the origin lies the internet.",
    fix="set the origin's `origin_protocol_policy` to `https-only` with `TLSv1.2`",
    severity=MEDIUM,
    types=("aws:cloudfront/distribution:Distribution",),
    judge=all_of(
        one_of(
            "origins[].customOriginConfig.originProtocolPolicy",
            "https-only",
            "match-viewer",
            missing=True,
        ),
        none_of("origins[].customOriginConfig.originSslProtocols[]", "SSLv3", "TLSv1", "TLSv1.1"),
    ),
    before={
        "origins": [
            {
                "originId": "alb",
                "customOriginConfig": {
                    "originProtocolPolicy": "http-only",
                    "originSslProtocols": ["TLSv1.2"],
                },
            }
        ]
    },
    after={
        "origins": [
            {
                "originId": "alb",
                "customOriginConfig": {
                    "originProtocolPolicy": "https-only",
                    "originSslProtocols": ["TLSv1.2"],
                },
            }
        ]
    },
)
