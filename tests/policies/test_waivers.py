"""Waivers: who may waive what, for how long, and what is told about them."""

import datetime as dt

import pytest
from support.policies import STACK, Program, records, resource, urn

from platformctl.errors import ConfigurationError
from platformctl.policies.check import check
from platformctl.policies.packs import rule
from platformctl.policies.view import stack_view
from platformctl.policies.waivers import TYPE, Waiver, load

TODAY = dt.date(2026, 11, 21)
SUBNET = resource("aws:ec2/subnet:Subnet", "public", inputs={"mapPublicIpOnLaunch": True})
RULE = "subnet-no-auto-public-ip"


def waiver(**changes):
    said = {
        "rule": RULE,
        "resource": SUBNET["urn"],
        "reason": "the bastion needs one",
        "owner": "network",
        "until": TODAY + dt.timedelta(days=90),
    }
    return Waiver(**(said | changes))


def report(*waivers, resources=(SUBNET,), environment="production", today=TODAY):
    stack = stack_view(records(*resources))
    return check(stack, environment, waivers, rules=[rule(RULE)], today=today)


def told(checked):
    return [(each.rule, str(each.level), each.waiver is not None) for each in checked.findings]


def test_a_waived_finding_does_not_count_but_stays_in_the_report():
    checked = report(waiver())

    assert told(checked) == [(RULE, "mandatory", True)]
    assert checked.blocking == []
    assert checked.counts["waived"] == 1
    assert checked.document()["findings"][0]["waiver"]["reason"] == "the bastion needs one"


def test_an_expired_waiver_waives_nothing_and_is_told():
    checked = report(waiver(until=TODAY - dt.timedelta(days=1)))

    assert told(checked) == [(RULE, "mandatory", False), ("waiver-expired", "advisory", False)]
    assert len(checked.blocking) == 1


@pytest.mark.parametrize(("days", "warned"), [(15, False), (14, True), (0, True)])
def test_the_end_of_a_waiver_is_told_two_weeks_before(days, warned):
    checked = report(waiver(until=TODAY + dt.timedelta(days=days)))

    assert ("waiver-expires-soon" in [each.rule for each in checked.findings]) is warned
    assert checked.counts["waived"] == 1


@pytest.mark.parametrize(
    ("environment", "level"), [("production", "mandatory"), ("staging", "advisory")]
)
def test_a_waiver_that_matches_nothing_is_a_finding(environment, level):
    unneeded = {**SUBNET, "inputs": {}}

    checked = report(waiver(), resources=[unneeded], environment=environment)

    assert told(checked) == [("waiver-unused", level, False)]


def test_a_waiver_of_a_component_covers_everything_in_it():
    component = resource("platformctl:network:Network", "network")
    inner = {**SUBNET, "parent": component["urn"]}

    checked = report(waiver(resource=component["urn"]), resources=[component, inner])

    assert checked.counts["waived"] == 1


@pytest.mark.parametrize(
    ("pattern", "covers"), [("network/pub*", True), ("public", False), ("network/*", True)]
)
def test_a_waiver_of_a_file_names_the_way_to_a_resource(pattern, covers):
    component = resource("platformctl:network:Network", "network")
    inner = {**SUBNET, "parent": component["urn"]}

    checked = report(waiver(resource=pattern), resources=[component, inner])

    assert (checked.counts["waived"] == 1) is covers


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rule": "subnet-*"}, "there is no rule 'subnet-*'"),
        ({"resource": "*"}, "its resource is everything"),
        ({"until": TODAY + dt.timedelta(days=181)}, "longer than 180 days"),
    ],
)
def test_a_waiver_that_is_too_broad_is_itself_a_mandatory_finding(changes, sentence):
    checked = report(waiver(**changes))

    invalid = [each for each in checked.findings if each.rule == "waiver-invalid"]
    assert sentence in invalid[0].found
    assert invalid[0].blocks


def test_a_program_waives_by_a_component_below_the_resource():
    said = {
        "rule": RULE,
        "reason": "the bastion needs one",
        "owner": "network",
        "until": "2027-01-31",
    }
    made = resource(TYPE, "public-waiver", parent=SUBNET["urn"], inputs=said)

    checked = report(resources=[SUBNET, made])

    assert checked.counts["waived"] == 1
    assert checked.waivers[0].source == "program"


def test_a_waiver_written_by_hand_without_a_reason_is_refused():
    made = resource(TYPE, "w", parent=urn("a", "b"), inputs={"rule": RULE, "until": "2027-01-31"})

    with pytest.raises(ConfigurationError, match="it says no reason; it says no owner"):
        report(resources=[SUBNET, made])


def test_a_file_of_waivers_is_read_for_its_environment(tmp_path):
    file = tmp_path / "waivers.yaml"
    file.write_text(
        f"""
        waivers:
          - rule: {RULE}
            resource: network/public
            reason: the bastion needs one
            owner: network
            until: 2027-01-31
            environments: [staging]
        """
    )

    assert [each.until for each in load(file, "staging")] == [dt.date(2027, 1, 31)]
    assert report(*load(file, "staging")).findings[0].rule == RULE
    assert load(file, "production") == []
    assert load(tmp_path / "none.yaml", "production") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- rule: a", "it must be a list"),
        ("waivers:\n  - rule: a", "it says no resource; it says no reason"),
        (
            "waivers:\n  - {rule: a, resource: b, reason: c, owner: d, until: soon}",
            "'soon' is not a day",
        ),
        (
            "waivers:\n  - {rule: a, resource: b, reason: c, owner: d, until: 2027-01-01, x: 1}",
            "'x', which means nothing",
        ),
    ],
)
def test_a_file_that_does_not_say_what_it_must_is_refused(tmp_path, text, why):
    file = tmp_path / "waivers.yaml"
    file.write_text(text)

    with pytest.raises(ConfigurationError, match=why):
        load(file, "production")


def test_waive_refuses_what_may_not_be_waived_when_the_program_runs(tmp_path):
    source = """
    topic = aws.sns.Topic("orders")
    try:
        waive(topic, "sns-*", reason="", owner="shop", until="2099-01-01")
    except Exception as error:
        pulumi.export("told", str(error))
    """

    made = Program(tmp_path).run(source)

    (root,) = [each for each in made if each["type"] == "pulumi:pulumi:Stack"]
    assert "there is no rule 'sns-*'; it says no reason; it holds until" in root["outputs"]["told"]
    assert STACK.endswith("shop-production")
