"""Universal targets: from Scheduler's member names to the API's own."""

import json
from typing import Any

import pytest

from platformctl.region.services.scheduler import universal
from platformctl.region.services.scheduler.universal import Request


def read(action: str, **document: Any) -> Request:
    arn = f"arn:aws:scheduler:::aws-sdk:{action}"
    return universal.request({"Arn": arn, "Input": json.dumps(document)})


@pytest.mark.parametrize(
    ("action", "document", "request_"),
    [
        (
            "ecs:updateService",
            {"Service": "web", "DesiredCount": 0},
            Request("ecs", "UpdateService", {"service": "web", "desiredCount": 0}),
        ),
        (
            "rds:stopDBInstance",
            {"DbInstanceIdentifier": "main"},
            Request("rds", "StopDBInstance", {"DBInstanceIdentifier": "main"}),
        ),
        (
            "elasticloadbalancingv2:modifyRule",
            {"RuleArn": "r", "Actions": [{"Type": "forward", "TargetGroupArn": "t"}]},
            Request(
                "elbv2",
                "ModifyRule",
                {"RuleArn": "r", "Actions": [{"Type": "forward", "TargetGroupArn": "t"}]},
            ),
        ),
        (
            "ecs:runTask",
            {
                "TaskDefinition": "web:1",
                "Overrides": {"ContainerOverrides": [{"Name": "web", "Command": ["Run"]}]},
            },
            Request(
                "ecs",
                "RunTask",
                {
                    "taskDefinition": "web:1",
                    "overrides": {"containerOverrides": [{"name": "web", "command": ["Run"]}]},
                },
            ),
        ),
        (
            "applicationautoscaling:registerScalableTarget",
            {
                "ServiceNamespace": "ecs",
                "ResourceId": "service/c/web",
                "ScalableDimension": "ecs:service:DesiredCount",
                "MinCapacity": 0,
            },
            Request(
                "application-autoscaling",
                "RegisterScalableTarget",
                {
                    "ServiceNamespace": "ecs",
                    "ResourceId": "service/c/web",
                    "ScalableDimension": "ecs:service:DesiredCount",
                    "MinCapacity": 0,
                },
            ),
        ),
    ],
)
def test_members_get_the_apis_own_names_at_every_depth(
    action: str, document: dict[str, Any], request_: Request
) -> None:
    assert read(action, **document) == request_
