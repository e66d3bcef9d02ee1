"""Services and their sides, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["balanced", "consumer", "function", "kubernetes"]
SOLE, BLUE, GREEN = "sole", "blue", "green"
OTHER = {BLUE: GREEN, GREEN: BLUE}


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric without dimensions.

    Attributes:
        namespace: CloudWatch namespace.
        name: Its name.
        statistic: Statistic that says something.
    """

    namespace: str
    name: str
    statistic: str


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a service.

    Attributes:
        key: `sole`, `blue` or `green`.
        name: Its ECS service; in Kubernetes its Deployment.
        target_group_arn: Its target group; None where nothing is balanced.
        target_group: That target group as CloudWatch's dimension.
        scalable_target: Resource id of its scalable target; in Kubernetes its autoscaler. None
            where its number of tasks is fixed.
        minimum_tasks: Fewest tasks while it serves.
        maximum_tasks: Most tasks while it serves.
        alarms: Alarms about this side alone.
    """

    key: str
    name: str
    target_group_arn: str | None = None
    target_group: str | None = None
    scalable_target: str | None = None
    minimum_tasks: int = 1
    maximum_tasks: int = 1
    alarms: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Balancing:
    """How requests reach a service.

    Attributes:
        rule_arn: Rule of the listener, whose weights say which side serves.
        test_rule_arn: Rule of the test listener; None without sides.
        url: Base URL of the listener.
        test_url: Base URL of the test listener, which reaches the idle side; None without sides.
        load_balancer: The load balancer as CloudWatch's dimension.
        health_path: Path that tells whether a task is well.
        paths: Path patterns of its requests.
        drain_seconds: Seconds that a leaving task may take to finish its requests.
    """

    rule_arn: str
    test_rule_arn: str | None
    url: str
    test_url: str | None
    load_balancer: str
    health_path: str
    paths: Sequence[str]
    drain_seconds: int


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service of an environment; everything in it was read from the checkpoint.

    Attributes:
        name: Its name, unique in the environment, such as `analytics-api`.
        product: Product that it belongs to.
        kind: `balanced` (behind a load balancer), `consumer` (takes work by itself), `function`
            (Lambda) or `kubernetes`.
        region: Region it runs in.
        cluster: Name of its cluster in ECS or EKS; "" for a function.
        sides: `sole`, or `blue` and `green`; none for a function, whose versions are its sides.
        balancing: How requests reach it; None where nobody balances.
        intake_parameter: SSM parameter that says which side takes messages in; None where a
            consumer takes them as soon as it runs.
        backlog: What waits for it, as its number of tasks follows it; None where nothing tells.
        log_group: Where it logs.
        container: Name of its container.
        port: Port of its container; None if it serves none.
        repository: ECR repository of its image; "" for a function.
        task_definition_arn: The newest revision that a deployment of the stack registered; ""
            outside ECS.
        function_name: Name of the function; "" for anything else.
        alias: Alias that is invoked, where cutovers move it; "" for anything else.
        version: The newest version that a deployment of the stack published; "" for anything else
            than a function.
        namespace: Namespace in Kubernetes; "" elsewhere.
        workload: Name of its Service in Kubernetes; "" elsewhere.
        awaiting_release: Whether the stack was deployed before its application had a release.
        alarms: Alarms about all of it, whichever side serves.
        retire_role_arn: Role by which EventBridge Scheduler stops a side; "" where there is none.
    """

    name: str
    product: str
    kind: Kind
    region: str
    cluster: str = ""
    sides: Mapping[str, Side] = field(default_factory=dict)
    balancing: Balancing | None = None
    intake_parameter: str | None = None
    backlog: Metric | None = None
    log_group: str = ""
    container: str = ""
    port: int | None = None
    repository: str = ""
    task_definition_arn: str = ""
    function_name: str = ""
    alias: str = ""
    version: str = ""
    namespace: str = ""
    workload: str = ""
    awaiting_release: bool = False
    alarms: Sequence[str] = ()
    retire_role_arn: str = ""

    @property
    def two_sided(self) -> bool:
        """Whether a cutover can move it: from side to side, or from version to version."""
        return bool(self.alias) or BLUE in self.sides

    @property
    def target(self) -> str:
        """What an operation on it holds while it works."""
        return f"service/{self.name}"


def read_service(document: Mapping[str, Any]) -> Service:
    """Return a service as the document of it says, which is what `asdict` returns."""
    balancing, backlog = document["balancing"], document["backlog"]
    return Service(
        **{
            **document,
            "sides": {key: Side(**side) for key, side in document["sides"].items()},
            "balancing": Balancing(**balancing) if balancing else None,
            "backlog": Metric(**backlog) if backlog else None,
        }
    )
