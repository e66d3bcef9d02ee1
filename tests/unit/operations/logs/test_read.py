"""Which log groups an environment has, and what of them is read."""

import pytest

from platformctl.errors import InvocationError
from platformctl.operations.logs.read import LogGroup, log_groups, read_events


def group(name, region):
    arn = f"arn:aws:logs:{region}:000000000000:log-group:{name}"
    return {
        "type": "aws:cloudwatch/logGroup:LogGroup",
        "id": name,
        "outputs": {"name": name, "arn": arn},
    }


CHECKPOINT = {
    "deployment": {
        "resources": [
            {"type": "pulumi:pulumi:Stack"},
            group("/ecs/shop-api", "us-east-1"),
            group("/ecs/shop-worker", "us-east-1"),
            group("/ecs/shop-api", "us-west-2"),
        ]
    }
}


class Pages:
    """A client that knows one line of each group."""

    def __init__(self, region):
        self.region = region

    def get_paginator(self, _):
        return self

    def paginate(self, logGroupName, startTime):  # noqa: N803  # boto3's names
        at = {"us-east-1": 2000, "us-west-2": 1000}[self.region]
        line = {"timestamp": at, "logStreamName": "s", "message": f"{self.region} {logGroupName}\n"}
        return [{"events": [line] if at >= startTime else []}]


def test_a_service_is_read_in_every_region_it_is_in_oldest_first():
    groups = log_groups(CHECKPOINT, "shop-api")
    assert groups == [
        LogGroup("us-east-1", "/ecs/shop-api"),
        LogGroup("us-west-2", "/ecs/shop-api"),
    ]
    lines = [event.message for event in read_events(Pages, groups, 0.0)]
    assert lines == ["us-west-2 /ecs/shop-api", "us-east-1 /ecs/shop-api"]


def test_without_a_service_all_groups_are_read():
    assert len(log_groups(CHECKPOINT)) == 3


def test_an_unknown_service_is_answered_with_those_there_are():
    with pytest.raises(InvocationError, match="no log of 'shop'") as caught:
        log_groups(CHECKPOINT, "shop")
    assert "shop-api, shop-worker" in str(caught.value.why)
