"""Blue and green are wired alike."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import HIGH, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView

_ALIKE = ("port", "protocol", "vpcId", "targetType", "healthCheck")
_GROUPS = "actions[].forward.targetGroups[]"


def _wired(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for rule in stack.all(tokens.LISTENER_RULE):
        forwards = rule.each(_GROUPS)
        groups = stack.sources(rule, "actions", tokens.TARGET_GROUP)
        if len(forwards) < 2 or len(groups) < 2:
            continue
        first, *others = groups
        for other in others:
            for path in _ALIKE:
                if first.get(path) != other.get(path):
                    expected = f"the same as {first.name}"
                    yield Violation(
                        path=path, found=other.get(path), expected=expected, urn=other.urn
                    )
        if not any(each.split(".")[0].split("[")[0] == "actions" for each in rule.ignore_changes):
            yield Violation(
                path="actions",
                found="weights that the next update would reset",
                expected="ignore_changes on actions: the cutover moves the weights",
                urn=rule.urn,
            )
        if len(groups) != 2:
            found = [each.name for each in groups]
            yield Violation(path=_GROUPS, found=found, expected="exactly two", urn=rule.urn)


RULE = StackRule(
    id="bluegreen-wiring-complete",
    title="Blue and green are wired alike",
    why="A side with another port or check goes wrong at the very moment of the switch.",
    fix="leave both sides to FargateService with `deployment=BlueGreen(…)`",
    severity=HIGH,
    judge=_wired,
    before="two target groups with different health checks",
    after="FargateServiceArgs(deployment=BlueGreen(…), …)",
)
