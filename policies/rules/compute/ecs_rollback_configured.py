"""A failed deployment rolls itself back."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, any_of, one_of, true

_ROLLING = all_of(
    true("deploymentCircuitBreaker.enable"), true("deploymentCircuitBreaker.rollback")
)
_BLUE_GREEN = all_of(
    one_of("deploymentConfiguration.strategy", "BLUE_GREEN", "CANARY", "LINEAR"),
    true("alarms.enable"),
    true("alarms.rollback"),
)


RULE = Rule(
    id="ecs-rollback-configured",
    title="A failed deployment rolls itself back",
    why="Without it, a broken version stays half deployed until somebody wakes up.",
    fix="leave the deployment to FargateService, which switches the circuit breaker on",
    severity=HIGH,
    types=("aws:ecs/service:Service",),
    judge=any_of(_ROLLING, _BLUE_GREEN),
    unless=one_of("deploymentController.type", "CODE_DEPLOY", "EXTERNAL"),
    before={"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
    after={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
)
