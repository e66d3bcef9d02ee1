"""Every call that is made of AWS, and what AWS would have against it.

botocore judges the names and types of parameters by itself. This judges what it leaves to AWS: the
lengths, patterns, enumerations and ranges of its own models, and rules that only the documentation
tells.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

PERIODS = (1, 5, 10, 30)
"""Of metrics of high resolution; of all others multiples of 60 (CloudWatch, GetMetricData)."""


class Recorder:
    """Makes clients whose calls are recorded.

    Args:
        clients: Makes boto3 clients that nobody else has.

    Attributes:
        calls: Each call: service, operation, parameters.
    """

    def __init__(self, clients: Callable[[str, str], Any]) -> None:
        self._clients = clients
        self._known: set[int] = set()
        self.calls: list[tuple[str, str, Mapping[str, Any]]] = []
        self.mistakes: list[str] = []

    def __call__(self, service: str, region: str) -> Any:
        """Return a client."""
        client = self._clients(service, region)
        if id(client) not in self._known:
            self._known.add(id(client))
            client.meta.events.register_last("before-parameter-build.*.*", self._record)
        return client

    def _record(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        self.calls.append((service, model.name, dict(params)))
        where = f"{service}.{model.name}"
        if model.input_shape is not None:
            self.mistakes += [f"{where}: {text}" for text in by_model(model.input_shape, params)]
        rule = RULES.get(where)
        if rule is not None:
            self.mistakes += [f"{where}: {text}" for text in rule(params)]

    def named(self) -> set[str]:
        """Return the calls that were made, by service and operation."""
        return {f"{service}.{operation}" for service, operation, _ in self.calls}


def by_model(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """Yield what a value has against its shape in botocore's model."""
    kind, metadata = shape.type_name, shape.metadata
    if kind == "structure":
        for name, part in value.items():
            yield from by_model(shape.members[name], part, f"{path}.{name}")
    elif kind == "list":
        yield from _sized(metadata, len(value), path, "elements")
        for number, part in enumerate(value):
            yield from by_model(shape.member, part, f"{path}[{number}]")
    elif kind == "map":
        yield from _sized(metadata, len(value), path, "entries")
        for name, part in value.items():
            yield from by_model(shape.key, name, f"{path} key")
            yield from by_model(shape.value, part, f"{path}.{name}")
    elif kind == "string":
        yield from _sized(metadata, len(value), path, "characters")
        if shape.enum and value not in shape.enum:
            yield f"{path} is {value!r}, not one of {shape.enum}"
        pattern = metadata.get("pattern")
        if pattern and not re.search(_in_python(pattern), value):
            yield f"{path} is {value!r}, which does not match {pattern}"
    elif kind in ("integer", "long", "float", "double"):
        yield from _sized(metadata, value, path, "")


def _sized(metadata: Mapping[str, Any], size: float, path: str, what: str) -> Iterator[str]:
    low, high = metadata.get("min"), metadata.get("max")
    if low is not None and size < low:
        yield f"{path} has {size} {what}, at least {low} are needed"
    if high is not None and size > high:
        yield f"{path} has {size} {what}, at most {high} are allowed"


def _in_python(pattern: str) -> str:
    r"""Return a pattern of the models as Python has it.

    POSIX classes are Java's `\p{…}`, characters beyond 16 bits are pairs.
    """
    for theirs, ours in (
        (r"\p{L}", "A-Za-z"),
        (r"\p{N}", "0-9"),
        (r"\p{Z}", r"\s"),
        (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"),
    ):
        pattern = pattern.replace(theirs, ours)
    return pattern


# What only the documentation tells.


def _metric_data(asked: Mapping[str, Any]) -> Iterator[str]:
    for query in asked["MetricDataQueries"]:
        if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", query["Id"]):
            yield f"Id {query['Id']!r} must begin with a small letter"
        period = query["MetricStat"]["Period"]
        if period % 60 and period not in PERIODS:
            yield f"Period {period} is neither one of {PERIODS} nor a multiple of 60"
        if not re.fullmatch(
            r"Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?", query["MetricStat"]["Stat"]
        ):
            yield f"Stat {query['MetricStat']['Stat']!r} is none"
    if asked["EndTime"] <= asked["StartTime"]:
        yield "EndTime must be after StartTime"


def _rule(asked: Mapping[str, Any]) -> Iterator[str]:
    for action in asked["Actions"]:
        groups = action["ForwardConfig"]["TargetGroups"]
        weights = [group["Weight"] for group in groups]
        if not 1 <= len(groups) <= 5:
            yield f"{len(groups)} target groups: a rule has 1 to 5"
        if any(not isinstance(weight, int) or not 0 <= weight <= 999 for weight in weights):
            yield f"weights {weights}: must be 0 to 999"


def _schedule(asked: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)", asked["ScheduleExpression"]):
        yield f"ScheduleExpression {asked['ScheduleExpression']!r}"
    target = asked["Target"]
    if not re.fullmatch(r"arn:aws:scheduler:::aws-sdk:[a-z0-9]+:[a-z][A-Za-z]+", target["Arn"]):
        yield f"Target.Arn {target['Arn']!r} is no universal target"
    if any(not name[0].isupper() for name in json.loads(target["Input"])):
        yield f"Input {target['Input']}: names begin with a capital letter"


def _parameter(asked: Mapping[str, Any]) -> Iterator[str]:
    name = asked["Name"]
    if not re.fullmatch(r"/[A-Za-z0-9_.\-/]+", name) or name.count("/") > 15:
        yield f"Name {name!r}: letters, digits, '_.-', at most 15 levels"
    if re.match(r"/?(aws|ssm)", name, re.IGNORECASE):
        yield f"Name {name!r} must not begin with aws or ssm"
    if asked.get("Overwrite") and asked.get("Tags"):
        yield "Tags cannot be given with Overwrite"
    if not 1 <= len(asked["Value"]) <= 4096:
        yield "Value has 1 to 4096 characters"


def _alias(asked: Mapping[str, Any]) -> Iterator[str]:
    weights = asked["RoutingConfig"]["AdditionalVersionWeights"]
    versions = [asked["FunctionVersion"], *weights]
    if len(weights) > 1:
        yield "an alias has at most one further version"
    if len(set(versions)) < len(versions) or ("$LATEST" in versions and weights):
        yield f"versions {versions}: two different published ones"
    if any(not 0 <= weight <= 1 for weight in weights.values()):
        yield f"weights {weights}: must be 0 to 1"


def _scalable_target(asked: Mapping[str, Any]) -> Iterator[str]:
    if asked["MinCapacity"] > asked["MaxCapacity"]:
        yield f"MinCapacity {asked['MinCapacity']} is more than MaxCapacity"


def _described_services(asked: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(asked["services"]) <= 10:
        yield f"{len(asked['services'])} services: 1 to 10 at a time"


def _listed_tasks(asked: Mapping[str, Any]) -> Iterator[str]:
    others = asked.keys() - {"cluster", "maxResults", "nextToken", "startedBy"}
    if "startedBy" in asked and others:
        yield f"startedBy must be the only filter, and {', '.join(sorted(others))} was given"
    if {"family", "serviceName"} <= asked.keys():
        yield "family and serviceName cannot both be given"


def _described_tasks(asked: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(asked["tasks"]) <= 100:
        yield f"{len(asked['tasks'])} tasks: 1 to 100 at a time"


def _expressions(asked: Mapping[str, Any]) -> Iterator[str]:
    """Check that names and values are just those of the expressions: DynamoDB refuses others."""
    said = " ".join(str(asked[key]) for key in asked if key.endswith("Expression"))
    for kind, mark in (("Names", "#"), ("Values", ":")):
        given = set(asked.get(f"ExpressionAttribute{kind}") or ())
        used = set(re.findall(rf"{mark}[A-Za-z0-9_]+", said))
        if given != used:
            yield f"{kind} {sorted(given ^ used)} are given or used, not both"


def _transaction(asked: Mapping[str, Any]) -> Iterator[str]:
    actions = [part for action in asked["TransactItems"] for part in action.values()]
    if not 1 <= len(actions) <= 100:
        yield f"{len(actions)} actions: 1 to 100 at a time"
    keys = []
    for action in actions:
        yield from _expressions(action)
        key = action.get("Key") or {name: action["Item"][name] for name in ("pk", "sk")}
        keys.append(json.dumps([action["TableName"], key], sort_keys=True))
    if len(set(keys)) < len(keys):
        yield "an item may be named once in a transaction"


RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "application-autoscaling.RegisterScalableTarget": _scalable_target,
    "cloudwatch.GetMetricData": _metric_data,
    "dynamodb.DeleteItem": _expressions,
    "dynamodb.PutItem": _expressions,
    "dynamodb.Query": _expressions,
    "dynamodb.TransactWriteItems": _transaction,
    "ecs.DescribeServices": _described_services,
    "ecs.DescribeTasks": _described_tasks,
    "ecs.ListTasks": _listed_tasks,
    "elbv2.ModifyRule": _rule,
    "lambda.UpdateAlias": _alias,
    "scheduler.CreateSchedule": _schedule,
    "scheduler.UpdateSchedule": _schedule,
    "ssm.PutParameter": _parameter,
}
"""Call → what AWS asks of its parameters besides the model."""
