"""User journeys have the keys, names and figures of their design documents."""

import pytest
from support.environments import environment
from support.paper import document
from support.stacks import dashboard_metrics, dig, only, security_chain


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("journey"), "production", only("journey"))


@pytest.fixture(scope="module")
def journey_staging(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("journey"), "staging", only("journey"))


MAPPING = "journey-event-processor-from-events"
TABLE, STREAM = "dynamodb/table:Table", "kinesis/stream:Stream"
FIRST = "globalSecondaryIndexes.0.keySchemas"
SECOND = "globalSecondaryIndexes.1.keySchemas"
FIGURES = [
    (TABLE, "journey-events", "name", "prod-UserEvents"),
    (TABLE, "journey-events", "hashKey", "userId"),
    (TABLE, "journey-events", "rangeKey", "timestamp"),
    (TABLE, "journey-events", f"{FIRST}.0.attributeName", "eventType"),
    (TABLE, "journey-events", f"{FIRST}.1.attributeName", "timestamp"),
    (TABLE, "journey-events", f"{SECOND}.0.attributeName", "sessionId"),
    (TABLE, "journey-events", "ttl.attributeName", "ttl"),
    (TABLE, "journey-events", "pointInTimeRecovery.enabled", True),
    (TABLE, "journey-sessions", "name", "prod-UserSessions"),
    (TABLE, "journey-sessions", "hashKey", "sessionId"),
    (TABLE, "journey-sessions", "rangeKey", "userId"),
    (TABLE, "journey-sessions", f"{FIRST}.0.attributeName", "userId"),
    (TABLE, "journey-sessions", f"{FIRST}.1.attributeName", "startTime"),
    (TABLE, "journey-summary", "name", "prod-AnalyticsSummary"),
    (TABLE, "journey-summary", "hashKey", "date"),
    (TABLE, "journey-summary", "rangeKey", "metricType"),
    (STREAM, "journey-events-stream", "name", "user-events-prod"),
    (STREAM, "journey-events-stream", "retentionPeriod", 168),
    (STREAM, "journey-events-stream", "encryptionType", "KMS"),
    (STREAM, "journey-events-stream", "streamModeDetails.streamMode", "ON_DEMAND"),
    ("EventSourceMapping", MAPPING, "batchSize", 100),
    ("EventSourceMapping", MAPPING, "bisectBatchOnFunctionError", True),
    ("EventSourceMapping", MAPPING, "functionResponseTypes.0", "ReportBatchItemFailures"),
    ("EventSourceMapping", MAPPING, "maximumRetryAttempts", 3),
    ("sqs/queue:Queue", "journey-failures", "name", "user-events-prod-dlq"),
    ("sqs/queue:Queue", "journey-failures", "messageRetentionSeconds", 1_209_600),
    ("TaskDefinition", "journey-api-task-definition", "cpu", "1024"),
    ("TaskDefinition", "journey-api-task-definition", "memory", "2048"),
    ("ReplicationGroup", "journey-cache", "numCacheClusters", 2),
]


@pytest.mark.parametrize(
    ("kind", "name", "path", "figure"), FIGURES, ids=[f"{f[1]} {f[2]}" for f in FIGURES]
)
def test_a_figure_of_the_document(kind, name, path, figure, journey):
    assert dig(journey.one(kind, name).inputs, path) == figure


def test_staging_has_names_of_its_own_and_a_shard_that_is_paid_for(journey_staging):
    stream = journey_staging.one(STREAM, "journey-events-stream").inputs

    assert stream["name"] == "user-events-staging"
    assert stream["shardCount"] == 1
    assert stream["streamModeDetails"] == {"streamMode": "PROVISIONED"}


def test_the_lake_lets_raw_events_cool_down_and_logs_go(journey):
    lifecycle = journey.one("BucketLifecycleConfiguration", "journey-lake-lifecycle")
    rules = {rule["id"]: rule for rule in lifecycle.inputs["rules"]}

    assert rules["raw-events"]["filter"]["prefix"] == "raw-events/"
    assert rules["raw-events"]["expiration"]["days"] == 730
    assert rules["logs"]["filter"]["prefix"] == "logs/application-logs/"
    assert rules["exports"]["filter"]["prefix"] == "backups/dynamodb-exports/"
    assert rules["aggregations"]["filter"]["prefix"] == "processed-data/aggregations/"


def test_services_wait_for_their_first_release_on_their_ports(journey):
    ports = {
        each.name: each.inputs["port"]
        for each in journey.all("TargetGroup")
        if each.name.endswith("-blue")
    }

    assert ports == {
        "journey-api-blue": 8080,
        "journey-websocket-blue": 8081,
        "journey-user-app-blue": 80,
        "journey-dashboard-blue": 80,
    }
    for service in journey.all("ecs/service:Service"):
        assert service.inputs["desiredCount"] == 0


def test_nothing_but_api_and_websocket_reaches_the_cache(journey):
    into, _ = security_chain(journey, "journey")

    assert {source for source, group, _ in into if group == "redis"} == {"api", "websocket"}
    assert {group for source, group, _ in into if source == "internet"} == {"balancer"}


def test_the_api_may_ask_exactly_the_configured_intelligence(journey):
    rights = {
        action: statement["Resource"]
        for statement in document(
            journey.one("RolePolicy", "journey-api-task-policy").inputs["policy"]
        )["Statement"]
        for action in statement["Action"]
    }

    assert rights["kinesis:PutRecords"] == ["arn:aws:Stream/journey-events-stream"]
    assert rights["bedrock:InvokeModel"] == [
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"
    ]
    assert rights["sagemaker:InvokeEndpoint"] == [
        "arn:aws:sagemaker:us-east-1:000000000000:endpoint/journey-predictions"
    ]
    assert "dynamodb:PutItem" not in rights


def test_people_are_told_of_dead_letters_and_waiting_events(journey):
    alarms = {
        alarm.name.removeprefix("journey-alarms-"): alarm.inputs
        for alarm in journey.all("MetricAlarm")
    }

    assert alarms["dead-letters"]["threshold"] == 0
    assert alarms["dead-letters"]["dimensions"]["QueueName"]
    assert alarms["prod-UserEvents-writes-throttled"]["metricName"] == "WriteThrottleEvents"
    assert alarms["stream-iterator-age"]["threshold"] == 60_000
    assert ("AWS/Lambda", "Errors", "Sum") in dashboard_metrics(journey, "journey")
