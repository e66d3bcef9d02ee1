"""Only CloudFront reads its buckets."""

from collections.abc import Iterator

from platformctl.policies.rule import MEDIUM, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN, peek
from platformctl.policies.view import ResourceView


@judge("origins[]")
def _controlled(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    for match in resource.each("origins[]"):
        if match.value is UNKNOWN:
            yield Undetermined(path=match.path)
            continue
        said = {key: peek(match.value, key)[0].value for key in _KEYS}
        if (
            said["originAccessControlId"] is not MISSING
            or said["customOriginConfig"] is not MISSING
        ):
            continue
        domain = said["domainName"]
        if domain is UNKNOWN:
            yield Undetermined(path=f"{match.path}.domainName")
        elif isinstance(domain, str) and ".s3" in domain:
            path = f"{match.path}.originAccessControlId"
            yield Violation(path=path, expected="an origin access control")


_KEYS = ("originAccessControlId", "customOriginConfig", "domainName")


RULE = Rule(
    id="cloudfront-s3-origin-access-control",
    title="Only CloudFront reads its buckets",
    why="Without origin access control the bucket must be public.",
    fix="serve the bucket with StaticSite, which makes the origin access control",
    severity=MEDIUM,
    types=("aws:cloudfront/distribution:Distribution",),
    judge=_controlled,
    before={"origins": [{"originId": "site", "domainName": "site.s3.us-east-1.amazonaws.com"}]},
    after={
        "origins": [
            {
                "originId": "site",
                "domainName": "site.s3.us-east-1.amazonaws.com",
                "originAccessControlId": "E1",
            }
        ]
    },
)
