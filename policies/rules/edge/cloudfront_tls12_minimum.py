"""CloudFront accepts TLS 1.2 and newer only."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import must, true

RULE = Rule(
    id="cloudfront-tls12-minimum",
    title="CloudFront accepts TLS 1.2 and newer only",
    why="Older versions have known breaks.",
    fix="leave the viewer certificate to StaticSite (`TLSv1.2_2021`)",
    severity=HIGH,
    types=("aws:cloudfront/distribution:Distribution",),
    judge=must(
        "viewerCertificate.minimumProtocolVersion",
        lambda version: version.startswith(("TLSv1.2", "TLSv1.3")),
        "TLSv1.2_2021 or newer",
    ),
    unless=true("viewerCertificate.cloudfrontDefaultCertificate"),
    before={"viewerCertificate": {"minimumProtocolVersion": "TLSv1"}},
    after={"viewerCertificate": {"minimumProtocolVersion": "TLSv1.2_2021"}},
)
