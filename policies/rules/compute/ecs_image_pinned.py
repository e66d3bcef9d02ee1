"""Images are pinned."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import must


def _pinned(image: str) -> bool:
    if "@sha256:" in image:
        return True
    tag = image.rpartition("/")[2].partition(":")[2]
    return bool(tag) and tag != "latest"


RULE = Rule(
    id="ecs-image-pinned",
    title="Images are pinned",
    why=(
        "With `latest`, two tasks of one deployment can run different code, and a "
        "rollback brings nothing back."
    ),
    fix="give FargateService an `image` with a version tag or a digest",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:ecs/taskDefinition:TaskDefinition",),
    judge=must("containerDefinitions[].image", _pinned, "a digest, or a tag other than latest"),
    before={"containerDefinitions": [{"name": "web", "image": "shop/web:latest"}]},
    after={"containerDefinitions": [{"name": "web", "image": "shop/web:1.4.2"}]},
)
