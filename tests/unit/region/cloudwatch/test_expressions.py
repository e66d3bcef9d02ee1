"""Metric math: what it computes, and that nothing but metric math is understood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformctl.region.services.cloudwatch import expressions
from platformctl.region.services.cloudwatch.expressions import ExpressionError, Value
from platformctl.region.services.cloudwatch.functions import Scope, evaluate

M1 = {0.0: 10.0, 60.0: 20.0, 180.0: 40.0}
M2 = {0.0: 1.0, 60.0: 0.0, 120.0: 5.0}
MOMENTS = (0.0, 60.0, 120.0, 180.0)


def value(text: str) -> Value:
    scope = Scope(values={"m1": M1, "m2": M2}, metrics=["m1", "m2"], moments=MOMENTS, period=60)
    return evaluate(expressions.parse(text), scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("10 - 2 - 3", 5.0),
        ("1 < 2 AND 2 < 1 OR 3 == 3", 1.0),
        ("m1 + m2", {0.0: 11.0, 60.0: 20.0}),
        ("m1 / m2", {0.0: 10.0}),
        ("m1 * 2", {0.0: 20.0, 60.0: 40.0, 180.0: 80.0}),
        ("100 * m2 / SUM([m1, m2])", {0.0: 100 / 11, 60.0: 0.0, 120.0: 100.0}),
        ("SUM(m1)", 70.0),
        ("SUM(METRICS())", {0.0: 11.0, 60.0: 20.0, 120.0: 5.0, 180.0: 40.0}),
        ("AVG(METRICS('1'))", {0.0: 10.0, 60.0: 20.0, 180.0: 40.0}),
        ("MIN(m1)", 10.0),
        ("MAX([m1, m2])", {0.0: 10.0, 60.0: 20.0, 120.0: 5.0, 180.0: 40.0}),
        ("FILL(m1, 0)", {0.0: 10.0, 60.0: 20.0, 120.0: 0.0, 180.0: 40.0}),
        ("FILL(m1, REPEAT)", {0.0: 10.0, 60.0: 20.0, 120.0: 20.0, 180.0: 40.0}),
        ("FILL(m1, LINEAR)", {0.0: 10.0, 60.0: 20.0, 120.0: 30.0, 180.0: 40.0}),
        ("FILL(m1, m2)", {0.0: 10.0, 60.0: 20.0, 120.0: 5.0, 180.0: 40.0}),
        ("IF(m2 > 0, m2, 7)", {0.0: 1.0, 60.0: 7.0, 120.0: 5.0}),
        ("IF(m1 > 15, m1)", {60.0: 20.0, 180.0: 40.0}),
        ("IF(1 > 2, m1, m2)", M2),
        ("RATE(m1)", {60.0: 10 / 60, 180.0: 20 / 120}),
        ("DIFF(m1)", {60.0: 10.0, 180.0: 20.0}),
        ("RUNNING_SUM(m1)", {0.0: 10.0, 60.0: 30.0, 180.0: 70.0}),
        ("m1 / PERIOD(m1)", {0.0: 1 / 6, 60.0: 1 / 3, 180.0: 2 / 3}),
        ("CEIL(m1 / 3)", {0.0: 4.0, 60.0: 7.0, 180.0: 14.0}),
        ("LAST(m1) - FIRST(m1)", 30.0),
        ("METRIC_COUNT(METRICS())", 2.0),
        ("DATAPOINT_COUNT(m1)", 3.0),
        ("TIME_SERIES(3)", dict.fromkeys(MOMENTS, 3.0)),
    ],
)
def test_an_expression_has_its_value(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m1 +",
        "(m1",
        "m1 m2",
        "SUM(m1",
        "unknown + 1",
        "NOPE(m1)",
        "SUM()",
        "1 / 0",
        "'text' + 1",
        "__import__('os')",
        "m1; m2",
        "m1.__class__",
        "(" * 500 + "1" + ")" * 500,
        "-" * 500 + "1",
    ],
)
def test_what_is_no_metric_math_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        value(text)


@settings(deadline=None)  # a busy machine is no failure
@given(text=st.text(alphabet="m12+-*/^()[],<>=&|\"' SUMFILIF.", max_size=40))
def test_any_text_either_has_a_value_or_is_refused(text: str) -> None:
    try:
        value(text)
    except ExpressionError:
        return
