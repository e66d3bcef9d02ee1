"""Application Auto Scaling as the region serves it."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from platformctl.region.runtime import Table
from platformctl.region.services.application_autoscaling import policies, schedules, tracking
from platformctl.region.services.application_autoscaling.acting import Scaling, target_key
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.cloudwatch.service import Monitoring
from platformctl.region.services.paging import page

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

MEMBERS = ("ServiceNamespace", "ResourceId", "ScalableDimension")
DIMENSION = "ecs:service:DesiredCount"
RECORDED = (
    "dynamodb:table:ReadCapacityUnits",
    "dynamodb:table:WriteCapacityUnits",
    "dynamodb:index:ReadCapacityUnits",
    "dynamodb:index:WriteCapacityUnits",
    "kafka:broker-storage:VolumeSize",
)
"""What is recorded only: tables and brokers of the local region have no capacity to run out of."""
SERVICE_ROLES = {
    "ecs": "ecs.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_ECSService",
    "dynamodb": "dynamodb.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
    "kafka": "kafka.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_KafkaCluster",
}


def invalid(message: str) -> ServiceError:
    """Return the service's error for a parameter that cannot be."""
    return ServiceError("ValidationException", message)


class ApplicationAutoScaling(Service):
    """Scalable targets, policies, scheduled actions and what came of them."""

    name = "application-autoscaling"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self.scaling = Scaling(runtime)

    async def start(self) -> None:
        """Begin to act on alarms and schedules."""
        self._working = self.runtime.spawn("application-autoscaling/work", self._work())

    async def _work(self) -> None:
        # Every service exists by the time this runs; during `start` they may not.
        self.runtime.service(Monitoring).on_action("arn:aws:autoscaling:", self.scaling.alarmed)
        await self.scaling.run()

    async def stop(self) -> None:
        """Act no more."""
        self._working.cancel()

    def _targets(self, region: str) -> Table:
        return self.runtime.store.table(self.name, region, "targets")

    def _policies(self, region: str) -> Table:
        return self.runtime.store.table(self.name, region, "policies")

    def _actions(self, region: str) -> Table:
        return self.runtime.store.table(self.name, region, "scheduled-actions")

    def _target(self, call: Call) -> dict[str, Any]:
        record = self._targets(call.region).get(target_key(call.parameters))
        if record is None:
            raise ServiceError(
                "ObjectNotFoundException",
                f"No scalable target registered for service namespace: "
                f"{call.parameters['ServiceNamespace']}, resource ID: "
                f"{call.parameters['ResourceId']}, scalable dimension: "
                f"{call.parameters['ScalableDimension']}",
            )
        return record

    def register_scalable_target(self, call: Call) -> dict[str, Any]:
        """Register a scalable target or change it; its capacity is brought within its limits."""
        asked = call.parameters
        acted_on = asked["ScalableDimension"] == DIMENSION and asked["ResourceId"].count("/") == 2
        if not acted_on and asked["ScalableDimension"] not in RECORDED:
            raise invalid(
                f"{asked['ScalableDimension']} of {asked['ResourceId']} is not in the local "
                f"region; it has {DIMENSION} of service/<cluster>/<service>, and records "
                f"{', '.join(RECORDED)}."
            )
        before = self._targets(call.region).get(target_key(asked))
        if before is None and not {"MinCapacity", "MaxCapacity"} <= asked.keys():
            raise invalid("MinCapacity and MaxCapacity must be given.")
        record: dict[str, Any] = {
            "CreationTime": self.runtime.now(),
            "RoleARN": (
                f"arn:aws:iam::{self.runtime.account}:role/aws-service-role/"
                f"{SERVICE_ROLES[asked['ServiceNamespace']]}"
            ),
            "SuspendedState": {},
            "ScalableTargetARN": (
                f"arn:aws:application-autoscaling:{call.region}:{self.runtime.account}:"
                f"scalable-target/{uuid.uuid4().hex}"
            ),
            "Tags": {},
            **(before or {}),
            **{key: value for key, value in asked.items() if key != "Tags" and value is not None},
        }
        suspended = {
            f"{name}Suspended": False
            for name in ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")
        }
        record["SuspendedState"] = {**suspended, **record["SuspendedState"]}
        record["Tags"] = {**record["Tags"], **(asked.get("Tags") or {})}
        if not 0 <= record["MinCapacity"] <= record["MaxCapacity"]:
            raise invalid("MinCapacity must be between 0 and MaxCapacity.")
        if acted_on and self.scaling.capacity(call.region, record) is None:
            raise invalid(f"ECS service doesn't exist: {asked['ResourceId']}")
        self._targets(call.region)[target_key(asked)] = record
        self.scaling.enforce_limits(call.region, record)
        return {"ScalableTargetARN": record["ScalableTargetARN"]}

    def deregister_scalable_target(self, call: Call) -> dict[str, Any]:
        """Forget a scalable target with its policies, their alarms and its scheduled actions."""
        self._target(call)
        key = target_key(call.parameters)
        for table in (self._policies(call.region), self._actions(call.region)):
            for name, record in zip(table.keys(), table.values(), strict=True):
                if target_key(record) == key:
                    self._delete_alarms(call, record)
                    del table[name]
        del self._targets(call.region)[key]
        return {}

    def describe_scalable_targets(self, call: Call) -> dict[str, Any]:
        """Describe scalable targets."""
        ids = call.parameters.get("ResourceIds")
        found = [
            _without(record, "Tags")
            for record in self._targets(call.region).values()
            if _of(record, call) and (not ids or record["ResourceId"] in ids)
        ]
        return self._paged("ScalableTargets", found, call)

    def put_scaling_policy(self, call: Call) -> dict[str, Any]:
        """Create or change a policy; target tracking makes its alarms anew."""
        asked = dict(call.parameters)
        self._target(call)
        key = f"{target_key(asked)}|{asked['PolicyName']}"
        before = self._policies(call.region).get(key)
        kind = asked.get("PolicyType") or (before["PolicyType"] if before else "StepScaling")
        if before is not None and before["PolicyType"] != kind:
            raise invalid("The type of a policy cannot be changed.")
        asked = {**(before or {}), **asked, "PolicyType": kind}
        if wrong := policies.mistakes(kind, asked):
            raise invalid(" ".join(wrong))
        arn = before["PolicyARN"] if before else self._policy_arn(call)
        alarms: list[dict[str, Any]] = []
        acted_on = asked["ScalableDimension"] not in RECORDED
        if kind == "TargetTrackingScaling" and acted_on:
            configuration = asked["TargetTrackingScalingPolicyConfiguration"]
            alarms = tracking.alarms(configuration, asked["ResourceId"], arn)
        if before is not None:
            self._delete_alarms(call, before)
        monitoring = self.runtime.service(Monitoring)
        for alarm in alarms:
            monitoring.put_metric_alarm(Call(call.region, call.account, "PutMetricAlarm", alarm))
        named = [
            {
                "AlarmName": alarm["AlarmName"],
                "AlarmARN": monitoring.alarm_arn(call.region, alarm["AlarmName"]),
            }
            for alarm in alarms
        ]
        self._policies(call.region)[key] = {
            "CreationTime": self.runtime.now(),
            **asked,
            "PolicyARN": arn,
            "Alarms": named,
        }
        return {"PolicyARN": arn, "Alarms": named}

    def _policy_arn(self, call: Call) -> str:
        asked = call.parameters
        return (
            f"arn:aws:autoscaling:{call.region}:{self.runtime.account}:scalingPolicy:"
            f"{uuid.uuid4()}:resource/{asked['ServiceNamespace']}/{asked['ResourceId']}:"
            f"policyName/{asked['PolicyName']}"
        )

    def _delete_alarms(self, call: Call, record: Mapping[str, Any]) -> None:
        monitoring = self.runtime.service(Monitoring)
        table = monitoring.alarms(call.region)
        for alarm in record.get("Alarms") or ():
            if alarm["AlarmName"] in table:
                del table[alarm["AlarmName"]]

    def delete_scaling_policy(self, call: Call) -> dict[str, Any]:
        """Delete a policy with the alarms it made."""
        table = self._policies(call.region)
        key = f"{target_key(call.parameters)}|{call.parameters['PolicyName']}"
        record = table.get(key)
        if record is None:
            raise ServiceError(
                "ObjectNotFoundException",
                f"No scaling policy found for {call.parameters['PolicyName']}",
            )
        self._delete_alarms(call, record)
        del table[key]
        return {}

    def describe_scaling_policies(self, call: Call) -> dict[str, Any]:
        """Describe policies."""
        names = call.parameters.get("PolicyNames")
        found = [
            record
            for record in self._policies(call.region).values()
            if _of(record, call) and (not names or record["PolicyName"] in names)
        ]
        return self._paged("ScalingPolicies", found, call)

    def put_scheduled_action(self, call: Call) -> dict[str, Any]:
        """Create or change a scheduled action."""
        asked = dict(call.parameters)
        self._target(call)
        key = f"{target_key(asked)}|{asked['ScheduledActionName']}"
        before = self._actions(call.region).get(key)
        now = self.runtime.now()
        record: dict[str, Any] = {"CreationTime": now, **(before or {}), **asked, "DoneUntil": now}
        for moment in ("StartTime", "EndTime"):
            if moment in asked:
                record[moment] = asked[moment].timestamp()
        if not record.get("Schedule") or not record.get("ScalableTargetAction"):
            raise invalid("Schedule and ScalableTargetAction must be given.")
        try:
            schedules.due(
                record["Schedule"], record.get("Timezone") or "UTC", now, now, created=now
            )
        except schedules.ScheduleError as error:
            raise invalid(f"Schedule is not valid: {error}.") from error
        record.setdefault("ScheduledActionARN", self._action_arn(call))
        self._actions(call.region)[key] = record
        return {}

    def _action_arn(self, call: Call) -> str:
        asked = call.parameters
        return (
            f"arn:aws:autoscaling:{call.region}:{self.runtime.account}:scheduledAction:"
            f"{uuid.uuid4()}:resource/{asked['ServiceNamespace']}/{asked['ResourceId']}:"
            f"scheduledActionName/{asked['ScheduledActionName']}"
        )

    def delete_scheduled_action(self, call: Call) -> dict[str, Any]:
        """Delete a scheduled action."""
        table = self._actions(call.region)
        key = f"{target_key(call.parameters)}|{call.parameters['ScheduledActionName']}"
        if key not in table:
            raise ServiceError("ObjectNotFoundException", "No scheduled action found.")
        del table[key]
        return {}

    def describe_scheduled_actions(self, call: Call) -> dict[str, Any]:
        """Describe scheduled actions."""
        names = call.parameters.get("ScheduledActionNames")
        found = [
            _without(record, "DoneUntil")
            for record in self._actions(call.region).values()
            if _of(record, call) and (not names or record["ScheduledActionName"] in names)
        ]
        return self._paged("ScheduledActions", found, call)

    def describe_scaling_activities(self, call: Call) -> dict[str, Any]:
        """Return what was scaled and why, newest first."""
        found = [record for record in self.scaling.activities(call.region) if _of(record, call)]
        return self._paged("ScalingActivities", found, call)

    def _paged(self, member: str, found: list[Any], call: Call) -> dict[str, Any]:
        size = call.parameters.get("MaxResults") or 50
        token = call.parameters.get("NextToken")
        shown, more = page(found, size, token, error="InvalidNextTokenException")
        return {member: shown, "NextToken": more} if more else {member: shown}

    def tag_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to a scalable target or change them."""
        key, record = self._tagged(call)
        tags = {**record["Tags"], **call.parameters["Tags"]}
        self._targets(call.region)[key] = {**record, "Tags": tags}
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags from a scalable target."""
        key, record = self._tagged(call)
        gone = set(call.parameters["TagKeys"])
        tags = {name: value for name, value in record["Tags"].items() if name not in gone}
        self._targets(call.region)[key] = {**record, "Tags": tags}
        return {}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """Return the tags of a scalable target."""
        return {"Tags": self._tagged(call)[1]["Tags"]}

    def _tagged(self, call: Call) -> tuple[str, dict[str, Any]]:
        arn = call.parameters["ResourceARN"]
        for record in self._targets(call.region).values():
            if record["ScalableTargetARN"] == arn:
                return target_key(record), record
        raise ServiceError("ResourceNotFoundException", f"There is no scalable target {arn}.")


def _of(record: Mapping[str, Any], call: Call) -> bool:
    """Say whether a record is of the namespace, resource and dimension of a request."""
    return all(call.parameters.get(member) in {None, record[member]} for member in MEMBERS)


def _without(record: Mapping[str, Any], *members: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in members}
