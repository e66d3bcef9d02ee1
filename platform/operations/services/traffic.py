"""Which side of a service serves, read from AWS at this moment and never remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.errors import ResourceError
from platformctl.operations.services.model import BLUE, GREEN, SOLE, Balancing, Service

Clients = Callable[[str, str], Any]
"""Makes a boto3 client from service and region name."""
ALL = 100.0
NOBODY = "none"
"""What an intake parameter says while no side takes messages in."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """How the work of a service is spread.

    Attributes:
        shares: Percent by side; of a function by version.
    """

    shares: Mapping[str, float]

    @property
    def side(self) -> str | None:
        """The side that gets everything; None where several share it, or nobody gets any."""
        whole = [side for side, share in self.shares.items() if share == ALL]
        return whole[0] if whole else None

    @property
    def mixed(self) -> bool:
        """Whether more than one side serves."""
        return sum(share > 0 for share in self.shares.values()) > 1


def active(service: Service, clients: Clients) -> Traffic:
    """Return which side of a service serves.

    Raises:
        ResourceError: What says so is not there, or says what nobody could follow.
    """
    if SOLE in service.sides:
        return Traffic(shares={SOLE: ALL})
    if service.kind == "function":
        return _by_alias(service, clients) if service.alias else Traffic(shares={SOLE: ALL})
    if service.kind == "kubernetes":
        return _by_selector(service, clients)
    if service.balancing is not None:
        return _by_weights(service, service.balancing, clients)
    if service.intake_parameter is not None:
        return _by_intake(service, service.intake_parameter, clients)
    return _by_tasks(service, clients)


def _by_weights(service: Service, balancing: Balancing, clients: Clients) -> Traffic:
    elb = clients("elbv2", service.region)
    rules = elb.describe_rules(RuleArns=[balancing.rule_arn])["Rules"]
    return Traffic(shares=shares_of(service, rules[0]["Actions"]))


def shares_of(service: Service, actions: list[dict[str, Any]]) -> dict[str, float]:
    """Return what a rule's actions mean for the sides of a service, in percent.

    Raises:
        ResourceError: The rule sends requests to a target group that is none of its sides'.
    """
    sides = {side.target_group_arn: key for key, side in service.sides.items()}
    shares = dict.fromkeys(service.sides, 0.0)
    forward = next((each for each in actions if each["Type"] == "forward"), {})
    groups = (forward.get("ForwardConfig") or {}).get("TargetGroups") or []
    if not groups and forward.get("TargetGroupArn"):
        groups = [{"TargetGroupArn": forward["TargetGroupArn"], "Weight": 1}]
    total = sum(group.get("Weight", 0) for group in groups)
    for group in groups:
        side, weight = sides.get(group["TargetGroupArn"]), group.get("Weight", 0)
        if side is None:
            if not weight:
                continue
            raise ResourceError(
                f"requests of {service.name} go to a target group that is not its own",
                why=group["TargetGroupArn"],
                remedy="give the rule the weights back that it had, or deploy the stack",
            )
        shares[side] = ALL * weight / total if total else 0.0
    return shares


def _by_intake(service: Service, parameter: str, clients: Clients) -> Traffic:
    ssm = clients("ssm", service.region)
    said = ssm.get_parameter(Name=parameter)["Parameter"]["Value"]
    if said not in (*service.sides, NOBODY):
        raise ResourceError(
            f"{parameter} says {said!r}",
            why=f"only {', '.join((*service.sides, NOBODY))} can take messages in",
            remedy=f"aws ssm put-parameter --overwrite --name {parameter} --value {BLUE}",
        )
    return Traffic(shares={key: ALL * (key == said) for key in service.sides})


def _by_tasks(service: Service, clients: Clients) -> Traffic:
    """Return which side is wanted: a worker that takes work by itself works where it runs."""
    names = {side.name: key for key, side in service.sides.items()}
    found = clients("ecs", service.region).describe_services(
        cluster=service.cluster, services=list(names)
    )
    wanted = {names[each["serviceName"]]: each["desiredCount"] for each in found["services"]}
    total = sum(wanted.values())
    return Traffic(
        shares={key: ALL * wanted.get(key, 0) / total if total else 0.0 for key in service.sides}
    )


def _by_alias(service: Service, clients: Clients) -> Traffic:
    alias = clients("lambda", service.region).get_alias(
        FunctionName=service.function_name, Name=service.alias
    )
    further = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    shares = {version: round(ALL * weight, 6) for version, weight in further.items()}
    return Traffic(shares={alias["FunctionVersion"]: ALL - sum(shares.values()), **shares})


def _by_selector(service: Service, clients: Clients) -> Traffic:
    from platformctl.aws.kubernetes import Cluster  # noqa: PLC0415  # only where it is needed

    cluster = Cluster(clients, service.cluster, service.region)
    path = f"/api/v1/namespaces/{service.namespace}/services/{service.workload}"
    selector = cluster.get(path)["spec"].get("selector") or {}
    if selector.get("side") not in (BLUE, GREEN):
        return Traffic(shares=dict.fromkeys(service.sides, ALL / len(service.sides)))
    return Traffic(shares={key: ALL * (key == selector["side"]) for key in service.sides})
