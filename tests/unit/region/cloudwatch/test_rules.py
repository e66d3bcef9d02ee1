"""The rules of composite alarms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformctl.region.services.cloudwatch import rules
from platformctl.region.services.cloudwatch.rules import RuleError

STATES = {"a": "ALARM", "b": "OK", "c d": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ALARM(a)", True),
        ('ALARM("a") AND OK("b")', True),
        ("ALARM(a) AND NOT OK(b)", False),
        ("ALARM(b) OR INSUFFICIENT_DATA('c d')", True),
        ("NOT (ALARM(a) OR ALARM(b))", False),
        ("ALARM(b) AND ALARM(a) OR TRUE", True),
        ("FALSE", False),
        ("ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:a)", True),
    ],
)
def test_a_rule_holds_or_does_not(text: str, holds: bool) -> None:
    assert rules.parse(text).holds(lambda name: STATES[name]) is holds


def test_a_rule_names_the_alarms_it_looks_at() -> None:
    rule = rules.parse("ALARM(a) AND NOT (OK(b) OR ALARM('c d'))")
    assert list(rules.references(rule)) == ["a", "b", "c d"]


@pytest.mark.parametrize("text", ["", "ALARM()", "ALARM(a) ALARM(b)", "(ALARM(a)", "MAYBE(a)"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        rules.parse(text)


@settings(deadline=None)  # a busy machine is no failure
@given(text=st.text(alphabet="ALRMOKNDT()ab \"'", max_size=40))
def test_any_text_is_a_rule_or_is_refused(text: str) -> None:
    try:
        rules.parse(text)
    except RuleError:
        return
