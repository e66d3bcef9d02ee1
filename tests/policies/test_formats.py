"""Reports for other programs."""

import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from support.policies import UNKNOWN, records, resource

from platformctl.policies.check import check
from platformctl.policies.formats.junit import junit
from platformctl.policies.formats.markdown import markdown
from platformctl.policies.formats.sarif import sarif
from platformctl.policies.packs import pack
from platformctl.policies.view import stack_view
from platformctl.policies.waivers import Waiver

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def report():
    database = "aws:rds/instance:Instance"
    resources = [
        resource(
            database,
            "open",
            inputs={"publiclyAccessible": True},
            sourcePosition="file:///shop/stacks/main.py#12,4",
        ),
        resource(database, "waived | <b>", inputs={"publiclyAccessible": True}),
        resource(database, "unclear", inputs={"publiclyAccessible": UNKNOWN}),
    ]
    waiver = Waiver(
        rule="rds-not-public",
        resource="waived*",
        reason="for the demonstration",
        owner="shop",
        until=TODAY + dt.timedelta(days=30),
        source="waivers.yaml",
    )
    rules = [each for each in pack("production") if each.id.startswith("rds-")]
    stack = stack_view(records(*resources))
    return check(stack, "production", [waiver], rules=rules, today=TODAY)


def test_sarif_has_an_entry_for_every_rule_and_points_to_it(report):
    (run,) = sarif(report, "/shop")["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    assert {each["level"] for each in run["results"]} == {"error", "note", "warning"}
    assert all(0 <= float(each["properties"]["security-severity"]) <= 10 for each in rules)


def test_sarif_says_where_a_resource_is_made_if_that_is_known(report):
    (run,) = sarif(report, "/shop")["runs"]
    places = {
        each["locations"][0]["logicalLocations"][0]["name"]: each["locations"][0][
            "physicalLocation"
        ]
        for each in run["results"]
    }

    assert places["open"]["artifactLocation"]["uri"] == "stacks/main.py"
    assert places["open"]["region"]["startLine"] == 12
    assert places["unclear"]["artifactLocation"]["uri"] == "Pulumi.yaml"


def test_sarif_suppresses_what_is_waived_and_says_why(report):
    (run,) = sarif(report, "/shop")["runs"]
    suppressed = [each for each in run["results"] if "suppressions" in each]

    assert [each["ruleId"] for each in suppressed] == ["rds-not-public"]
    assert suppressed[0]["suppressions"][0]["kind"] == "external"
    assert "for the demonstration (shop" in suppressed[0]["suppressions"][0]["justification"]


def test_sarif_fingerprints_tell_findings_apart_and_stay_the_same(report):
    first, second = (sarif(report, "/shop")["runs"][0]["results"] for _ in range(2))
    prints = [each["partialFingerprints"]["platformctlFinding/v1"] for each in first]

    assert prints == [each["partialFingerprints"]["platformctlFinding/v1"] for each in second]
    assert len(set(prints)) == len(prints)


def test_junit_has_a_case_for_every_rule_and_resource_it_is_about(report):
    suites = ET.fromstring(junit(report).encode())
    cases = {(each.get("classname"), each.get("name")): each for each in suites.iter("testcase")}

    assert cases["rds-not-public", "open"].find("failure") is not None
    waived = cases["rds-not-public", "waived | <b>"].find("skipped")
    assert "waived until 2026-12-21 by shop" in waived.get("message")
    assert "not yet known" in cases["rds-not-public", "unclear"].find("skipped").get("message")
    assert len(list(cases["rds-auto-minor-upgrade", "open"])) == 0
    for key, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suites.get(key)) == len(list(suites.iter(kind)))
    assert int(suites.get("tests")) == len(cases)


def test_markdown_lists_what_blocks_and_counts_the_rest(report):
    text = markdown(report)

    assert "| critical | `rds-not-public` | open |" in text
    assert "waived \\|" in text
    assert "- `rds-iam-auth`: 3 advisory" in text
    assert "for the demonstration" in text
