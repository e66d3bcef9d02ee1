"""Every rule about whole stacks, on small stacks: passing, failing, not yet known."""

import runpy
from pathlib import Path

import pytest
from support.policies import judged, resource

from platformctl.policies.packs import everything, rule
from platformctl.policies.rule import StackRule

CASES = runpy.run_path(str(Path(__file__).parent / "cases" / "stack.py"))["CASES"]
WHOLE = [each for each in everything() if isinstance(each, StackRule)]


@pytest.mark.parametrize(
    ("identity", "resources", "expected"),
    [
        pytest.param(identity, resources, expected, id=f"{identity}: {what}")
        for identity, cases in CASES.items()
        for what, resources, expected in cases
    ],
)
def test_a_rule_finds_in_a_stack_what_its_table_says(identity, resources, expected):
    assert judged(rule(identity), *resources, costs={"shop": 900.0, "lake": 500.0}) == expected


@pytest.mark.parametrize("each", WHOLE, ids=lambda each: each.id)
def test_every_rule_has_a_stack_that_breaks_it_and_one_that_keeps_it(each):
    answers = [expected for _, _, expected in CASES[each.id]]

    assert any(answer == "violates" for expected in answers for answer, _, _ in expected)
    assert [] in answers


@pytest.mark.parametrize("each", WHOLE, ids=lambda each: each.id)
def test_a_rule_is_not_about_stacks_without_what_it_judges(each):
    assert judged(each, resource("aws:ec2/eip:Eip")) == []


@pytest.mark.parametrize(
    ("identity", "resources"),
    [
        pytest.param(identity, resources, id=f"{identity}: {what}")
        for identity, cases in CASES.items()
        for what, resources, expected in cases
        if not expected
    ],
)
def test_a_stack_of_which_nothing_is_known_yet_is_never_refused_for_its_values(identity, resources):
    """Properties whose dependencies are recorded may all be unknown: the verdict stays."""
    unknown = [
        {
            **each,
            "inputs": {
                key: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" if sources else value
                for key, value in each["inputs"].items()
                for sources in [each["propertyDependencies"].get(key)]
                if not isinstance(value, (dict, list))
            }
            | {k: v for k, v in each["inputs"].items() if isinstance(v, (dict, list))},
        }
        for each in resources
    ]

    assert judged(rule(identity), *unknown) == []
