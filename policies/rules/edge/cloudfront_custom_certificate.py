"""CloudFront answers under a domain of its own."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import given

RULE = Rule(
    id="cloudfront-custom-certificate",
    title="CloudFront answers under a domain of its own",
    why="The shared certificate of CloudFront allows old versions of TLS.",
    fix="give StaticSite a `domain` and a `certificate_arn`",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:cloudfront/distribution:Distribution",),
    judge=given("viewerCertificate.acmCertificateArn", "viewerCertificate.iamCertificateId"),
    before={"viewerCertificate": {"cloudfrontDefaultCertificate": True}},
    after={
        "viewerCertificate": {
            "acmCertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1"
        }
    },
)
