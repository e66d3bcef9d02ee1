"""CloudFront's standard logs go to a bucket."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import empty, given

RULE = Rule(
    id="cloudfront-logging",
    title="CloudFront's standard logs go to a bucket",
    why="Without them nobody can tell afterwards who asked for what.",
    fix="keep the access logs of StaticSite",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:cloudfront/distribution:Distribution",),
    judge=given("loggingConfig.bucket"),
    unless=empty("loggingConfig"),
    before={"loggingConfig": {"includeCookies": False}},
    after={"loggingConfig": {"bucket": "logs.s3.amazonaws.com"}},
)
