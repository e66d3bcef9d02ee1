"""The standby runs what production runs."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery, known
from platformctl.policies.rule import ADVISORY, MEDIUM, OFF, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView


def _same(stack: StackView, settings: Settings) -> Iterator[Problem]:
    if not settings.recovery_region:
        return
    services = stack.all(tokens.SERVICE)
    home = {each.get("name"): each for each in services if not in_recovery(each, settings)}
    for standby in (each for each in services if in_recovery(each, settings)):
        service = home.get(standby.get("name"))
        if service is None:
            continue
        ours, theirs = _images(standby, stack), _images(service, stack)
        if ours and theirs and ours != theirs:
            yield Violation(found=sorted(ours), expected=" and ".join(theirs), urn=standby.urn)


def _images(service: ResourceView, stack: StackView) -> set[str]:
    """Return its images without the registry, which is another in each region."""
    return {
        str(image).partition("/")[2]
        for definition in stack.targets(service, "taskDefinition", tokens.TASK_DEFINITION)
        for image in known(definition.each("containerDefinitions[].image"))
    }


RULE = StackRule(
    id="dr-standby-service-matches",
    title="The standby runs what production runs",
    why="A standby of last month's version meets this month's database.",
    fix="make both sides from the same configuration",
    severity=MEDIUM,
    staging=OFF,
    production=ADVISORY,
    judge=_same,
    before="image shop/web:1.4 here and shop/web:1.2 there",
    after="one image, both sides",
)
