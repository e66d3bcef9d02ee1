"""Application Auto Scaling: what may be scaled, and why it is."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import joined
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

SCALED = {
    "ServiceNamespace": "{serviceNamespace}",
    "ResourceId": "{resourceId}",
    "ScalableDimension": "{scalableDimension}",
}


def _read_target(context: Context) -> Any:
    """Describe a scalable target; its id holds all that names it."""
    if not context.inputs.get("resourceId"):
        namespace, resource, dimension = context.id.split("/", 1)[0], "", ""
        resource, _, dimension = context.id.partition("/")[2].rpartition("/")
        context.inputs.update(
            serviceNamespace=namespace, resourceId=resource, scalableDimension=dimension
        )
    asked = {
        "ServiceNamespace": "{serviceNamespace}",
        "ResourceIds": ["{resourceId}"],
        "ScalableDimension": "{scalableDimension}",
    }
    return context.find(Ask("describe_scalable_targets", asked, "ScalableTargets[0]"))


SPECS = (
    ResourceSpec(
        type="aws:appautoscaling/target:Target",
        service="application-autoscaling",
        identity=joined("serviceNamespace", "resourceId", "scalableDimension", separator="/"),
        fidelity=Fidelity.LIVE,
        create=Send("register_scalable_target"),
        read=_read_target,
        updates=(Update(Send("register_scalable_target", SCALED)),),
        delete=Ask("deregister_scalable_target", SCALED),
        names={"roleArn": "RoleARN"},
        reads={"arn": "ScalableTargetARN"},
        unread=("roleArn",),
        tags=Tagging(
            member="Tags",
            form="map",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceARN": "{arn}"},
            read=Ask("list_tags_for_resource", {"ResourceARN": "{arn}"}, "Tags"),
        ),
        note="desired counts really move",
    ),
    ResourceSpec(
        type="aws:appautoscaling/policy:Policy",
        service="application-autoscaling",
        identity=joined(
            "serviceNamespace", "resourceId", "scalableDimension", "name", separator="/"
        ),
        fidelity=Fidelity.LIVE,
        create=Send("put_scaling_policy"),
        read=Ask(
            "describe_scaling_policies",
            {**SCALED, "PolicyNames": ["{name}"]},
            "ScalingPolicies[0]",
        ),
        updates=(Update(Send("put_scaling_policy", {**SCALED, "PolicyName": "{name}"})),),
        delete=Ask("delete_scaling_policy", {**SCALED, "PolicyName": "{name}"}),
        names={
            "name": "PolicyName",
            **{
                f"targetTrackingScalingPolicyConfiguration.{key}": member
                for key, member in (
                    (
                        "customizedMetricSpecification.metrics.metricStat.metric.dimensions",
                        "Dimensions",
                    ),
                )
            },
        },
        reads={"arn": "PolicyARN", "alarmArns": "Alarms[].AlarmARN"},
        defaults={"policyType": "StepScaling"},
        name=Name("name", 255),
    ),
    ResourceSpec(
        type="aws:appautoscaling/scheduledAction:ScheduledAction",
        service="application-autoscaling",
        identity=joined("name", "serviceNamespace", "resourceId", separator="-"),
        fidelity=Fidelity.LIVE,
        create=Send("put_scheduled_action"),
        read=Ask(
            "describe_scheduled_actions",
            {**SCALED, "ScheduledActionNames": ["{name}"]},
            "ScheduledActions[0]",
        ),
        updates=(
            Update(Send("put_scheduled_action", {**SCALED, "ScheduledActionName": "{name}"})),
        ),
        delete=Ask("delete_scheduled_action", {**SCALED, "ScheduledActionName": "{name}"}),
        names={"name": "ScheduledActionName"},
        reads={"arn": "ScheduledActionARN"},
        defaults={"timezone": "UTC"},
        replace=("name", "serviceNamespace", "resourceId", "scalableDimension"),
        name=Name("name", 256),
        note="bounds really move when their moment has come",
    ),
)
