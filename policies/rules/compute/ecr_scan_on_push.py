"""Images are scanned when they are pushed."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import true

RULE = Rule(
    id="ecr-scan-on-push",
    title="Images are scanned when they are pushed",
    why="Known holes are found before the image runs.",
    fix="make the repository with ImageRepository",
    severity=HIGH,
    types=("aws:ecr/repository:Repository",),
    judge=true("imageScanningConfiguration.scanOnPush"),
    before={"imageScanningConfiguration": {"scanOnPush": False}},
    after={"imageScanningConfiguration": {"scanOnPush": True}},
)
