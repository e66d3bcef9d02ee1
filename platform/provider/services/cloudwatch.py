"""Alarms and dashboards."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import name, parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)
from platformctl.provider.tags import on_create

PUT_ALARM = Send("put_metric_alarm")
ALARM = "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"


def _put_alarm(context: Context) -> Any:
    """Create or replace an alarm; CloudWatch has one call for both."""
    extra: dict[str, Any] = {} if context.id else on_create(context)
    dimensions = context.inputs.get("dimensions")
    if dimensions:
        extra["Dimensions"] = [{"Name": k, "Value": v} for k, v in dimensions.items()]
    queries = [_query(query) for query in context.inputs.get("metricQueries") or ()]
    if queries:
        extra["Metrics"] = queries
    return context.send(PUT_ALARM, **extra)


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """Return one metric query as the API wants it."""
    members = {
        "Id": query.get("id"),
        "AccountId": query.get("accountId"),
        "Expression": query.get("expression"),
        "Label": query.get("label"),
        "ReturnData": query.get("returnData"),
        "Period": query.get("period"),
    }
    metric = query.get("metric")
    if metric:
        dimensions = metric.get("dimensions") or {}
        members["MetricStat"] = {
            "Metric": {
                "Namespace": metric.get("namespace", ""),
                "MetricName": metric["metricName"],
                "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
            },
            "Period": int(metric["period"]),
            "Stat": metric["stat"],
            **({"Unit": metric["unit"]} if metric.get("unit") else {}),
        }
    return {key: value for key, value in members.items() if value is not None}


def _read_alarm(context: Context) -> Any:
    """Describe an alarm, its dimensions as a map and its queries under Pulumi's names."""
    asked = {"AlarmNames": ["{id}"], "AlarmTypes": ["MetricAlarm"]}
    alarm = context.find(Ask("describe_alarms", asked, "MetricAlarms[0]"))
    if alarm is None:
        return None
    alarm["Dimensions"] = {d["Name"]: d["Value"] for d in alarm.get("Dimensions", ())}
    alarm["MetricQueries"] = [_described(query) for query in alarm.pop("Metrics", None) or ()]
    return alarm


def _described(query: dict[str, Any]) -> dict[str, Any]:
    stat = query.get("MetricStat")
    if not stat:
        return query
    metric = stat["Metric"]
    dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}
    return {**query, "Metric": {**stat, **metric, "Dimensions": dimensions}}


SPECS = (
    ResourceSpec(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        service="cloudwatch",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=_put_alarm,
        sends=(PUT_ALARM,),
        read=_read_alarm,
        updates=(
            Update(
                _put_alarm,
                (
                    "actionsEnabled",
                    "alarmActions",
                    "alarmDescription",
                    "comparisonOperator",
                    "datapointsToAlarm",
                    "dimensions",
                    "evaluateLowSampleCountPercentiles",
                    "evaluationPeriods",
                    "extendedStatistic",
                    "insufficientDataActions",
                    "metricName",
                    "metricQueries",
                    "namespace",
                    "okActions",
                    "period",
                    "statistic",
                    "threshold",
                    "thresholdMetricId",
                    "treatMissingData",
                    "unit",
                ),
            ),
        ),
        delete=Ask("delete_alarms", {"AlarmNames": ["{id}"]}),
        names={
            "name": "AlarmName",
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
            "okActions": "OKActions",
        },
        outputs={"arn": ALARM},
        defaults={"actionsEnabled": True, "treatMissingData": "missing"},
        name=Name("name", 255),
        handled=("dimensions", "metricQueries"),
        replace=("name",),
        no_local_effect=(
            "evaluationCriteria.*",
            "evaluationInterval",
            "evaluationWindow.*",
            "warmUpConfiguration.*",
        ),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceARN": ALARM},
            read=Ask("list_tags_for_resource", {"ResourceARN": ALARM}, "Tags"),
        ),
        note="evaluated on the region's metrics; returns to OK",
    ),
    ResourceSpec(
        type="aws:cloudwatch/dashboard:Dashboard",
        service="cloudwatch",
        identity=parameter("dashboardName"),
        fidelity=Fidelity.API,
        create=Send("put_dashboard"),
        read=Ask("get_dashboard", {"DashboardName": "{id}"}),
        updates=(Update(Send("put_dashboard")),),
        delete=Ask("delete_dashboards", {"DashboardNames": ["{id}"]}),
        outputs={"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{id}"},
        replace=("dashboardName",),
        note="recorded; its metrics are there, no page draws them",
    ),
    ResourceSpec(
        type="aws:cloudwatch/compositeAlarm:CompositeAlarm",
        service="cloudwatch",
        identity=parameter("alarmName"),
        fidelity=Fidelity.LIVE,
        create=Send("put_composite_alarm"),
        read=Ask(
            "describe_alarms",
            {"AlarmNames": ["{id}"], "AlarmTypes": ["CompositeAlarm"]},
            "CompositeAlarms[0]",
        ),
        updates=(Update(Send("put_composite_alarm", {"AlarmName": "{id}"})),),
        delete=Ask("delete_alarms", {"AlarmNames": ["{id}"]}),
        names={"okActions": "OKActions"},
        outputs={"arn": ALARM},
        defaults={"actionsEnabled": True},
        replace=("alarmName",),
        no_local_effect=("actionsSuppressor.*",),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceARN": ALARM},
            read=Ask("list_tags_for_resource", {"ResourceARN": ALARM}, "Tags"),
        ),
        note="evaluated whenever one of its alarms changes",
    ),
)
