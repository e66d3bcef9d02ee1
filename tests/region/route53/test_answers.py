"""What name servers would answer: routing, aliases, wildcards, query logs."""

import pytest
from support.ecs import wait_for
from support.names import ask, change, record


def test_a_record_answers_with_its_values(dns, zone):
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}", "A", "10.0.0.1", "10.0.0.2")))

    assert ask(dns, zone, f"a.{zone[1]}") == ["10.0.0.1", "10.0.0.2"]


def test_a_name_that_does_not_exist_is_told_from_one_without_the_type(dns, zone):
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}")))

    def code(name, kind):
        answer = dns.test_dns_answer(HostedZoneId=zone[0], RecordName=name, RecordType=kind)
        return answer["ResponseCode"], answer["RecordData"]

    assert code(f"b.{zone[1]}", "A") == ("NXDOMAIN", [])
    assert code(f"a.{zone[1]}", "TXT") == ("NOERROR", [])


def test_a_wildcard_answers_for_names_that_nothing_else_answers_for(dns, zone):
    change(
        dns,
        zone,
        ("CREATE", record(f"*.{zone[1]}", "A", "10.0.0.9")),
        ("CREATE", record(f"a.{zone[1]}", "TXT", '"here"')),
    )

    assert ask(dns, zone, f"b.{zone[1]}") == ["10.0.0.9"]
    assert ask(dns, zone, f"a.{zone[1]}") == []


def test_a_cname_answers_for_every_type(dns, zone):
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}", "CNAME", "elsewhere.test")))

    assert ask(dns, zone, f"a.{zone[1]}") == ["elsewhere.test"]


def alias(zone, name, target, **more):
    place = {"HostedZoneId": zone[0], "DNSName": target, "EvaluateTargetHealth": True}
    return record(name, AliasTarget=place, **more)


def test_an_alias_answers_with_its_targets_values(dns, zone):
    change(
        dns,
        zone,
        ("CREATE", record(f"b.{zone[1]}", "A", "10.0.0.3")),
        ("CREATE", alias(zone, f"a.{zone[1]}", f"b.{zone[1]}")),
    )

    assert ask(dns, zone, f"a.{zone[1]}") == ["10.0.0.3"]


def test_weights_decide_how_often_a_record_answers(dns, zone):
    name = f"a.{zone[1]}"
    for identifier, weight in (("10.0.0.1", 100), ("10.0.0.2", 100), ("10.0.0.3", 0)):
        entry = record(name, "A", identifier, SetIdentifier=identifier, Weight=weight)
        change(dns, zone, ("CREATE", entry))

    answers = {ask(dns, zone, name)[0] for _ in range(60)}

    assert answers == {"10.0.0.1", "10.0.0.2"}


def test_the_nearest_region_answers(dns, zone):
    name = f"a.{zone[1]}"
    for address, region in (("10.0.0.2", "us-west-2"), ("10.0.0.1", "us-east-1")):
        entry = record(name, "A", address, SetIdentifier=region, Region=region)
        change(dns, zone, ("CREATE", entry))

    assert ask(dns, zone, name) == ["10.0.0.1"]


def test_several_values_answer_together(dns, zone):
    name = f"a.{zone[1]}"
    for number in range(10):
        entry = record(
            name, "A", f"10.0.0.{number}", SetIdentifier=str(number), MultiValueAnswer=True
        )
        change(dns, zone, ("CREATE", entry))

    found = dns.test_dns_answer(HostedZoneId=zone[0], RecordName=name, RecordType="A")

    assert len(found["RecordData"]) == 8


def calculated(dns, name, *, healthy):
    """Make a health check that is healthy or not without probing anything."""
    config = {"Type": "CALCULATED", "HealthThreshold": 0, "Inverted": not healthy}
    made = dns.create_health_check(CallerReference=name, HealthCheckConfig=config)
    return made["HealthCheck"]["Id"]


def failover(name, side, address, check):
    more = {} if check is None else {"HealthCheckId": check}
    return record(name, "A", address, SetIdentifier=side, Failover=side, **more)


@pytest.mark.parametrize(
    ("primary", "secondary", "answer"),
    [
        (True, None, "10.0.0.1"),
        (False, None, "10.0.0.2"),
        (False, True, "10.0.0.2"),
        (False, False, "10.0.0.1"),
    ],
    ids=["all is well", "primary down", "secondary watched", "everything down"],
)
def test_failover_follows_the_health_checks(primary, secondary, answer, dns, zone):
    name = f"a.{zone[1]}"
    first = calculated(dns, f"{name}-1", healthy=primary)
    second = None if secondary is None else calculated(dns, f"{name}-2", healthy=secondary)
    change(
        dns,
        zone,
        ("CREATE", failover(name, "PRIMARY", "10.0.0.1", first)),
        ("CREATE", failover(name, "SECONDARY", "10.0.0.2", second)),
    )

    assert ask(dns, zone, name) == [answer]


def test_unhealthy_records_are_left_out_of_weighted_answers(dns, zone):
    name = f"a.{zone[1]}"
    down = calculated(dns, name, healthy=False)
    change(
        dns,
        zone,
        (
            "CREATE",
            record(name, "A", "10.0.0.1", SetIdentifier="1", Weight=255, HealthCheckId=down),
        ),
        ("CREATE", record(name, "A", "10.0.0.2", SetIdentifier="2", Weight=0)),
    )

    assert {ask(dns, zone, name)[0] for _ in range(10)} == {"10.0.0.2"}


def test_an_alias_of_records_that_are_all_down_gives_way(dns, zone):
    name, inner = f"a.{zone[1]}", f"inner.{zone[1]}"
    down = calculated(dns, name, healthy=False)
    change(
        dns,
        zone,
        (
            "CREATE",
            record(inner, "A", "10.0.0.1", SetIdentifier="1", Weight=1, HealthCheckId=down),
        ),
        ("CREATE", alias(zone, name, inner, SetIdentifier="1", Failover="PRIMARY")),
        ("CREATE", failover(name, "SECONDARY", "10.0.0.2", None)),
    )

    assert ask(dns, zone, name) == ["10.0.0.2"]


def test_queries_are_written_to_the_log_group_of_their_zone(dns, zone, region):
    logs = region.client("logs")
    group = f"/aws/route53/{zone[1]}"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    made = dns.create_query_logging_config(HostedZoneId=zone[0], CloudWatchLogsLogGroupArn=arn)
    with pytest.raises(dns.exceptions.QueryLoggingConfigAlreadyExists):
        dns.create_query_logging_config(HostedZoneId=zone[0], CloudWatchLogsLogGroupArn=arn)

    ask(dns, zone, f"unknown.{zone[1]}")

    def messages():
        events = logs.filter_log_events(logGroupName=group)["events"]
        return [event["message"] for event in events]

    (line,) = wait_for(messages)
    assert f"{zone[0]} unknown.{zone[1]} A NXDOMAIN UDP" in line
    dns.delete_query_logging_config(Id=made["QueryLoggingConfig"]["Id"])
    assert dns.list_query_logging_configs(HostedZoneId=zone[0])["QueryLoggingConfigs"] == []


def test_the_logs_of_a_zone_need_a_group_that_exists_in_us_east_1(dns, zone):
    place = "000000000000:log-group:/aws/route53/none"
    with pytest.raises(dns.exceptions.NoSuchCloudWatchLogsLogGroup):
        dns.create_query_logging_config(
            HostedZoneId=zone[0], CloudWatchLogsLogGroupArn=f"arn:aws:logs:us-east-1:{place}"
        )
    with pytest.raises(dns.exceptions.InvalidInput):
        dns.create_query_logging_config(
            HostedZoneId=zone[0], CloudWatchLogsLogGroupArn=f"arn:aws:logs:us-west-2:{place}"
        )
