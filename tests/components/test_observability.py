"""Logs and what is counted in them, alarms and who hears them, traces, metrics, Grafana."""

import pytest
from support.component_examples import EXAMPLES, SCHEDULED
from support.paper import document

from platformctl.plugin.values import Secret

FILTERED = """
LogGroup("it", LogGroupArgs(name="/it", metric_filters={{"errors": MetricFilter(
    pattern='{{ $.level = "error" }}', namespace="Shop", metric="Errors", {more})}}))
"""
ALARMS = """
Alarms("it", AlarmsArgs(prefix="it", topic_arn="arn:t", alarms={{
    "slow": Alarm(description="It is slow.", namespace="N", metric="M", threshold=1, {more}),
    "down": Alarm(description="It is down.", namespace="N", metric="Up", threshold=1, below=True)}},
    any_of={{"ill": AnyAlarm(description="It is ill.", alarms=["slow", "down"])}}))
"""


def test_matching_lines_are_counted_and_silence_counts_nothing(paper):
    plan = paper.up(FILTERED.format(more="default=0"))
    inputs = plan.one("LogMetricFilter", "it-counts-errors").inputs

    assert inputs["name"] == "errors"
    assert inputs["pattern"] == '{ $.level = "error" }'
    assert inputs["metricTransformation"] == {
        "name": "Errors",
        "namespace": "Shop",
        "value": "1",
        "unit": "Count",
        "defaultValue": "0",
    }


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('default=0, dimensions={"Route": "$.route"}', "default and dimensions exclude each other"),
        ('unit="Count", value="1", dimensions={}', None),
    ],
)
def test_a_default_has_no_dimensions(more, sentence, paper):
    if sentence is None:
        assert paper.up(FILTERED.format(more=more)).names("LogMetricFilter") == ["it-counts-errors"]
        return
    with pytest.raises(Exception, match=sentence):
        paper.up(FILTERED.format(more=more))


def test_percentiles_and_alarms_below_have_cloudwatchs_own_names(paper):
    plan = paper.up(ALARMS.format(more='statistic="p95"'))
    slow, down = (plan.one("MetricAlarm", f"it-{key}").inputs for key in ("slow", "down"))

    assert slow["extendedStatistic"] == "p95"
    assert "statistic" not in slow
    assert down["comparisonOperator"] == "LessThanThreshold"


def test_an_alarm_on_alarms_goes_off_with_any_of_them(paper):
    plan = paper.up(ALARMS.format(more=""))

    assert plan.one("CompositeAlarm", "it-ill").inputs["alarmRule"] == (
        'ALARM("it-slow") OR ALARM("it-down")'
    )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('statistic="p101"', "alarm 'slow' has statistic 'p101'"),
        ("period=45", "alarm 'slow' has period 45"),
        ('missing_data="good"', "alarm 'slow' has missing_data 'good'"),
    ],
)
def test_what_cloudwatch_cannot_evaluate_is_refused(more, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(ALARMS.format(more=more))


def test_urls_that_alarms_are_sent_to_are_secret(paper):
    plan = paper.up("""
    Alerts("it", AlertsArgs(topic_name="it", publishers=["b.amazonaws.com", "a.amazonaws.com"],
        pagerduty_url="https://events.example.com/key", webhooks={"chat": "https://c.example.com"}))
    """)
    duty = plan.one("TopicSubscription", "it-to-pagerduty").inputs
    policy = document(plan.one("TopicPolicy", "it-policy").inputs["policy"])

    assert (duty["protocol"], duty["endpoint"]) == ("https", "https://events.example.com/key")
    assert plan.one("TopicSubscription", "it-to-chat").inputs["protocol"] == "https"
    assert policy["Statement"][0]["Principal"] == {
        "Service": ["a.amazonaws.com", "b.amazonaws.com"]
    }
    secrets = [each for each in paper.stack.read().resources if each.name == "it-to-pagerduty"]
    assert isinstance(secrets[0].inputs["endpoint"], Secret)


def test_plain_http_is_no_place_for_alarms(paper):
    with pytest.raises(Exception, match="chat has a URL that does not begin with https://"):
        paper.up('Alerts("it", AlertsArgs(topic_name="it", webhooks={"chat": "http://c"}))')


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ('"a" * 33: SamplingRule(priority=1, rate=0.1)', "is no name"),
        ('"a": SamplingRule(priority=0, rate=0.1)', "rule 'a' has priority 0"),
        ('"a": SamplingRule(priority=1, rate=5)', "rule 'a' has rate 5"),
    ],
)
def test_sampling_rules_that_x_ray_refuses_are_refused(rule, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(f'Tracing("it", TracingArgs(rules={{{rule}}}))')


def test_traces_are_encrypted_with_the_key_that_is_given(paper):
    source = EXAMPLES["Tracing"].replace("rules=", 'key_arn="arn:k", rules=')
    plan = paper.up(source)

    assert plan.one("EncryptionConfig", "it-encryption").inputs == {"type": "KMS", "keyId": "arn:k"}


def test_prometheus_tells_the_topic(paper):
    plan = paper.up(EXAMPLES["MetricsWorkspace"])
    definition = document(
        plan.one("AlertManagerDefinition", "it-alert-manager").inputs["definition"]
    )
    configuration = document(definition["alertmanager_config"])
    rules = document(plan.one("RuleGroupNamespace", "it-rules-services").inputs["data"])

    assert configuration["receivers"][0]["sns_configs"][0]["topic_arn"] == "arn:t"
    assert rules["groups"][0]["rules"][0]["alert"] == "Down"
    assert rules["groups"][0]["rules"][0]["for"] == "5m"


def test_grafana_reads_and_changes_nothing(paper):
    plan = paper.up(EXAMPLES["GrafanaWorkspace"])
    policy = document(plan.one("RolePolicy", "it-reader-policy").inputs["policy"])
    verbs = {
        action.partition(":")[2]
        for statement in policy["Statement"]
        for action in statement["Action"]
    }

    assert all(verb.startswith(("BatchGet", "Describe", "Get", "List", "Query")) for verb in verbs)
    assert plan.one("RoleAssociation", "it-members-admin").inputs["groupIds"] == ["group-1"]


def test_the_scheduler_may_start_this_task_in_this_cluster_and_nothing_else(paper):
    plan = paper.up(SCHEDULED.format(more=""))
    policy = document(plan.one("RolePolicy", "it-scheduler-policy").inputs["policy"])
    run, hand_over, report = policy["Statement"]

    assert run["Action"] == ["ecs:RunTask"]
    assert run["Resource"] == ["TaskDefinition/it-task-definition/arnWithoutRevision:*"]
    assert run["Condition"] == {"ArnEquals": {"ecs:cluster": "arn:cluster/c"}}
    assert hand_over["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert report["Resource"] == ["arn:aws:Queue/it-dead-letters"]


def test_starts_that_failed_are_tried_again_and_kept(paper):
    target = paper.up(SCHEDULED.format(more="retries=5")).one("Schedule", "it").inputs["target"]

    assert target["retryPolicy"] == {
        "maximumRetryAttempts": 5,
        "maximumEventAgeInSeconds": 3600,
    }
    assert target["deadLetterConfig"] == {"arn": "arn:aws:Queue/it-dead-letters"}
    assert target["ecsParameters"]["networkConfiguration"]["assignPublicIp"] is False


def test_a_task_without_a_release_is_never_started(paper):
    plan = paper.up(SCHEDULED.format(more="awaiting_release=True"))

    assert plan.one("Schedule", "it").inputs["state"] == "DISABLED"


@pytest.mark.parametrize(
    ("schedule", "wrong"),
    [
        ("rate(1 hours)", "singular"),
        ("rate(2 hour)", "plural"),
        ("cron(0 3 * * *)", "six fields"),
        ("cron(0 3 * * * *)", "exactly one of day of month and day of week"),
        ("daily", "must be at"),
    ],
)
def test_expressions_that_the_scheduler_refuses_are_refused(schedule, wrong, paper):
    with pytest.raises(Exception, match=wrong):
        paper.up(SCHEDULED.format(more="").replace("rate(2 hours)", schedule))


def test_images_are_copied_to_the_regions_that_are_named(paper):
    inputs = paper.up(EXAMPLES["RegistryReplication"]).one("ReplicationConfiguration", "it").inputs
    (rule,) = inputs["replicationConfiguration"]["rules"]

    assert rule["destinations"] == [{"region": "us-west-2", "registryId": "000000000000"}]
