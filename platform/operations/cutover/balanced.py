"""How requests are spread between the sides of a service: the weights of its rule.

Both target groups always stay in the rule, the unused one with weight 0, so that its targets are
probed before the first request reaches them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.errors import ResourceError
from platformctl.operations.services.model import Balancing, Service, Side
from platformctl.operations.services.traffic import shares_of

HEALTHY = "healthy"
WRONG_CODE = "Target.ResponseCodeMismatch"
ALL = 100


@dataclass(frozen=True, kw_only=True)
class TargetHealth:
    """What a target group says about one target.

    Attributes:
        state: `initial`, `healthy`, `unhealthy`, `draining`, …
        why: AWS's explanation; "" where there is nothing to explain.
        answers: Whether it answers health checks, though wrongly.
    """

    state: str
    why: str = ""
    answers: bool = False


class Weights:
    """The weights of a service's sides.

    Args:
        service: The service.
        clients: Makes boto3 clients.
    """

    def __init__(self, service: Service, clients: Clients) -> None:
        self._service = service
        self._elb = clients("elbv2", service.region)

    @property
    def balancing(self) -> Balancing:
        """How requests reach the service.

        Raises:
            ResourceError: Nobody balances it.
        """
        if self._service.balancing is None:
            raise ResourceError(f"{self._service.name} is not behind a load balancer")
        return self._service.balancing

    def shares(self) -> dict[str, float]:
        """Return the percentage of the requests that each side gets."""
        return shares_of(self._service, self._actions(self.balancing.rule_arn))

    def shift(self, shares: Mapping[str, int]) -> None:
        """Spread requests: side → percent."""
        self._spread(self.balancing.rule_arn, shares)

    def point_tests(self, side: str) -> None:
        """Send the test listener's requests to a side."""
        arn = self.balancing.test_rule_arn
        wanted = {key: ALL * (key == side) for key in self._service.sides}
        if arn and shares_of(self._service, self._actions(arn)) != wanted:
            self._spread(arn, wanted)

    def health(self, side: Side) -> dict[str, TargetHealth]:
        """Return what a side's target group says about each of its targets, by address."""
        found = self._elb.describe_target_health(TargetGroupArn=side.target_group_arn)
        return {
            each["Target"]["Id"]: TargetHealth(
                state=each["TargetHealth"]["State"],
                why=each["TargetHealth"].get("Description", ""),
                answers=each["TargetHealth"].get("Reason") == WRONG_CODE,
            )
            for each in found["TargetHealthDescriptions"]
        }

    def healthy(self, side: Side) -> int:
        """Return how many targets of a side take requests."""
        return sum(each.state == HEALTHY for each in self.health(side).values())

    def sticky_seconds(self) -> int:
        """Return for how long the rule sends a client to the same side; 0 where it does not."""
        config = _forward(self._actions(self.balancing.rule_arn)).get("ForwardConfig") or {}
        stickiness = config.get("TargetGroupStickinessConfig") or {}
        return int(stickiness.get("DurationSeconds") or 0) if stickiness.get("Enabled") else 0

    def _actions(self, rule_arn: str) -> list[dict[str, Any]]:
        rules = self._elb.describe_rules(RuleArns=[rule_arn])["Rules"]
        return rules[0]["Actions"]

    def _spread(self, rule_arn: str, shares: Mapping[str, int]) -> None:
        action = _forward(self._actions(rule_arn))
        config = {
            **(action.get("ForwardConfig") or {}),
            "TargetGroups": [
                {"TargetGroupArn": side.target_group_arn, "Weight": shares[key]}
                for key, side in self._service.sides.items()
            ],
        }
        self._elb.modify_rule(
            RuleArn=rule_arn, Actions=[{"Type": "forward", "ForwardConfig": config}]
        )


def _forward(actions: list[dict[str, Any]]) -> dict[str, Any]:
    return next((each for each in actions if each["Type"] == "forward"), {})


def told(shares: Mapping[str, float]) -> str:
    """Return shares as people read them: `blue 90 %, green 10 %`."""
    return ", ".join(f"{side} {share:g} %" for side, share in shares.items())
