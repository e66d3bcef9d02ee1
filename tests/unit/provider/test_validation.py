"""What AWS refuses is refused by a check, with the property, the value and what is allowed."""

import re
from importlib.resources import files

import pytest
from support.checks import refused

from platformctl.plugin.values import UNKNOWN
from platformctl.provider import registry, schema, validation
from platformctl.provider.check import check
from platformctl.provider.validation import derive, formats
from platformctl.provider.validation.judge import TABLES
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
    Distinct,
    ExactlyOne,
    Follows,
    Length,
    OneOf,
    Pattern,
    Range,
    Requires,
    When,
)

ARN = "arn:aws:sqs:us-east-1:000000000000:events"
TRUST = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'


def told(rule, inputs):
    return [failure.reason for failure in rule.judge(inputs)]


@pytest.mark.parametrize(
    ("rule", "good", "bad", "sentence"),
    [
        (
            OneOf("engine", ("redis", "valkey")),
            {"engine": "redis"},
            {"engine": "memcached"},
            "engine must be one of redis, valkey, not 'memcached'",
        ),
        (
            Pattern("rules[].name", "[a-z]+", "in small letters"),
            {"rules": [{"name": "a"}, {"other": 1}]},
            {"rules": [{"name": "a"}, {"name": "B"}]},
            "rules[1].name must be in small letters, not 'B'",
        ),
        (
            Pattern("name", "^internal-", "a name of another kind", never=True),
            {"name": "edge-internal-1"},
            {"name": "internal-edge"},
            "name must be a name of another kind, not 'internal-edge'",
        ),
        (
            Length("tags{}", 1, 3),
            {"tags": {"a": "123"}},
            {"tags": {"a": "1234"}},
            "tags.a must be between 1 and 3 characters long, not '1234' (4)",
        ),
        (
            Range("port", 1, 65_535),
            {"port": 443},
            {"port": "70000"},
            "port must be between 1 and 65535, not '70000'",
        ),
        (
            Count("subnets", 2),
            {"subnets": ["a", "b"]},
            {"subnets": ["a"]},
            "subnets must have at least 2 entries, not 1",
        ),
        (
            Follows("arn", formats.arn),
            {"arn": ARN},
            {"arn": "events"},
            "arn must be an ARN (arn:aws:service:region:account:resource), not 'events'",
        ),
        (
            AtMostOne(("name", "namePrefix")),
            {"name": "a"},
            {"name": "a", "namePrefix": "b"},
            "name and namePrefix cannot be given together",
        ),
        (
            AtLeastOne(("emails", "topics"), within="alerts[]"),
            {"alerts": [{"emails": ["a"]}]},
            {"alerts": [{"emails": []}]},
            "one of alerts[0].emails or alerts[0].topics must be given",
        ),
        (
            ExactlyOne(("code", "imageUri")),
            {"code": UNKNOWN},
            {},
            "one of code or imageUri must be given",
        ),
        (
            Requires("records", ("ttl",)),
            {"records": ["a"], "ttl": 60},
            {"records": ["a"]},
            "records needs ttl too",
        ),
        (
            When("mode", ("KMS",), needs=("key",)),
            {"mode": "KMS", "key": UNKNOWN},
            {"mode": "KMS"},
            "key must be given with mode 'KMS'",
        ),
        (
            When("skip", (True,), otherwise=True, excludes=("name",)),
            {"skip": True, "name": "a"},
            {"name": "a"},
            "name cannot be given with skip absent",
        ),
        (
            Distinct("rules[].priority"),
            {"rules": [{"priority": 1}, {"priority": 2}]},
            {"rules": [{"priority": 1}, {"priority": 1}]},
            "rules[1].priority is 1, which is there already",
        ),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "judge") else "",
)
def test_a_rule_tells_what_breaks_it_and_lets_the_rest_pass(rule, good, bad, sentence):
    assert told(rule, good) == []
    assert told(rule, bad) == [sentence]


def test_what_is_not_known_yet_breaks_no_rule():
    known = {"name": UNKNOWN, "rules": [{"name": UNKNOWN}], "tags": UNKNOWN}
    rules = (
        Pattern("name", "a"),
        Length("rules[].name", 5),
        Range("name", 1, 2),
        Count("tags", 1, 2),
        When("name", ("b",), otherwise=True, needs=("absent",)),
    )

    assert [sentence for rule in rules for sentence in told(rule, known)] == []


def test_an_empty_block_counts_as_given_and_an_empty_list_does_not():
    rule = ExactlyOne(("allow", "block"), "defaultAction")

    assert told(rule, {"defaultAction": {"allow": {}}}) == []
    assert told(rule, {"defaultAction": {"allow": [], "block": {}}}) == []


def test_a_secret_is_not_said():
    (sentence,) = told(Length("masterPassword", 8), {"masterPassword": "hunter2"})

    assert "hunter2" not in sentence
    assert "at least 8 characters" in sentence


@pytest.mark.parametrize(
    ("format_", "good", "bad"),
    [
        (formats.arn, "arn:aws:s3:::bucket", "arn:aws:s3"),
        (formats.arn, "arn:aws:iam::aws:policy/service-role/A", "arn:t"),
        (formats.cidr, "10.0.0.0/16", "10.0.0.1/16"),
        (formats.cidr, "::/0", "everything"),
        (formats.json_document, '{"a": 1}', '{"a": 1, "a": 2}'),
        (formats.daily_window, "03:00-04:00", "3:00-4:00"),
        (formats.weekly_window, "mon:03:00-mon:04:00", "monday:03:00-monday:04:00"),
        (formats.schedule, "rate(5 minutes)", "every day"),
        (formats.schedule, "cron(0 5 * * ? *)", "cron(0 5 * * * *)"),
        (formats.domain, "*.example.com", "example_.com"),
        (formats.trust_policy, TRUST, TRUST.replace("Principal", "Principals")),
        (formats.resource_policy, TRUST, TRUST.replace('"Principal": "*", ', "")),
        (
            formats.identity_policy,
            '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}',
            '{"Statement": [{"Effect": "Allow", "Action": "s3:*"}]}',
        ),
        (formats.policy, TRUST, TRUST.replace("Allow", "allow")),
    ],
)
def test_a_format_takes_what_follows_it_and_says_what_it_is(format_, good, bad):
    assert format_(good) is None
    assert format_(bad)


@pytest.mark.parametrize(
    ("token", "inputs", "place", "words"),
    [
        ("aws:sqs/queue:Queue", {"delaySeconds": 901}, "delaySeconds", "900"),
        ("aws:sqs/queue:Queue", {"name": "a.fifo"}, "name", ".fifo"),
        ("aws:sqs/queue:Queue", {"tags": {"Team": "a,b"}}, "tags.Team", "'a,b'"),
        ("aws:sqs/queue:Queue", {"tags": {"aws:team": "a"}}, "tags.aws:team", "AWS's own"),
        (
            "aws:sqs/queue:Queue",
            {"redrivePolicy": f'{{"deadLetterTargetArn": "{ARN}", "maxReceiveCount": "5"}}'},
            "redrivePolicy",
            "whole maxReceiveCount",
        ),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/8"}, "cidrBlock", "/16"),
        (
            "aws:route53/record:Record",
            {
                "name": "a.example.com",
                "type": "A",
                "zoneId": "Z1",
                "aliases": [
                    {
                        "name": "d1.cloudfront.net",
                        "zoneId": "Z2FDTNDATAQYW2",
                        "evaluateTargetHealth": True,
                    }
                ],
            },
            "aliases[0].evaluateTargetHealth",
            "must be false for a distribution",
        ),
        (
            "aws:lb/targetGroup:TargetGroup",
            {"healthCheck": {"interval": 5, "timeout": 5}},
            "healthCheck.timeout",
            "below healthCheck.interval 5",
        ),
        (
            "aws:iam/role:Role",
            {"assumeRolePolicy": TRUST, "name": "a" * 65},
            "name",
            "64 characters long",
        ),
        (
            "aws:dynamodb/table:Table",
            {
                "hashKey": "id",
                "billingMode": "PAY_PER_REQUEST",
                "attributes": [{"name": "id", "type": "S"}, {"name": "age", "type": "N"}],
            },
            "attributes",
            "no key has it",
        ),
        (
            "aws:ecs/taskDefinition:TaskDefinition",
            {
                "family": "app",
                "containerDefinitions": '[{"name": "app", "image": "app:1"}]',
                "networkMode": "awsvpc",
                "requiresCompatibilities": ["FARGATE"],
                "cpu": "256",
                "memory": "4096",
            },
            "memory",
            "no tasks of 256 CPU units and 4096 MiB",
        ),
        (
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            {
                "comparisonOperator": "GreaterThanThreshold",
                "evaluationPeriods": 1,
                "metricName": "a",
                "namespace": "b",
                "period": 45,
                "statistic": "Sum",
            },
            "period",
            "n × 60 s",
        ),
    ],
)
def test_a_check_refuses_what_aws_would(token, inputs, place, words):
    assert words in refused(token, inputs)[place]


def test_a_mistake_that_the_type_shows_is_told_once():
    found = check(
        registry.spec("aws:sqs/queue:Queue"), "thing", {}, {"delaySeconds": "soon"}, b"seed"
    ).failures

    assert [failure.property for failure in found] == ["delaySeconds"]


@pytest.mark.parametrize("token", registry.types())
def test_every_type_of_the_table_has_been_judged_by_an_upstream_file(token):
    row = validation.row(token)

    assert row is not None, f"add {token} to platform/provider/validation/services"
    assert re.fullmatch(r"[a-z0-9]+/\w+\.go", row.source)


def test_no_row_is_of_a_type_that_the_table_has_not():
    assert validation.sources().keys() <= set(registry.types())
    assert TABLES.keys() <= registry.SERVICES.keys()


def test_the_constraints_are_what_the_installed_models_say():
    document = files("platformctl.provider.validation").joinpath("constraints.json").read_text()

    assert derive.render() == document, (
        "write it again: .venv/bin/python -m platformctl.provider.validation.derive"
    )


JUNK = ("", "arn:", "a:b:c", "[]", "{}", '{"rules": [{}]}', "cron()", "10.0.0.0/x", "-1")


@pytest.mark.parametrize("token", registry.types())
def test_a_judgement_never_breaks_whatever_an_input_says(token):
    row = registry.spec(token)
    properties = schema.resource(token).inputs

    for junk in (*JUNK, None, -1, True, [], {}, [{}], [None], {"x": [{}]}, UNKNOWN):
        for name in properties:
            check(row, "it", {}, {name: junk}, b"seed")
        check(row, "it", {}, dict.fromkeys(properties, junk), b"seed")
