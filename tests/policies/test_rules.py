"""Every rule about single resources: passing, failing, unknown and not applicable.

The examples that a rule carries are its first two cases; `cases/` has the others, as data.
"""

import importlib
import json
import runpy
from pathlib import Path

import pytest
from support.policies import UNKNOWN, resource, verdict, view

from platformctl.policies.check import judge_one
from platformctl.policies.packs import GROUPS, everything, rule
from platformctl.policies.rule import Rule
from platformctl.policies.settings import settings_for
from platformctl.policies.view import ResourceView

PRODUCTION = settings_for("production")
SINGLE = [each for each in everything() if isinstance(each, Rule)]
CASES = [
    case
    for group in GROUPS
    if group != "stack"
    for case in runpy.run_path(str(Path(__file__).parent / "cases" / f"{group}.py"))["CASES"]
]
DOCUMENTS = ("policy", "assumeRolePolicy", "containerDefinitions", "redrivePolicy")
"""Properties that AWS takes as JSON text."""

# A value that comes later is a value: nothing but its absence breaks these rules.
SATISFIED_BY_ANY_VALUE = {"waf-acl-has-rules", "rds-logs-exported", "alarm-has-actions"}


def answer(identity, properties, token="", *, as_text=False, environment="production"):
    found = rule(identity)
    assert isinstance(found, Rule)
    if as_text:
        properties = {
            key: json.dumps(value) if key in DOCUMENTS and not isinstance(value, str) else value
            for key, value in properties.items()
        }
    token = token or found.example_type or found.types[0]
    seen = view(resource(token, inputs=properties)).resources[-1]
    if seen.type not in found.types and f"{seen.type.split(':')[0]}:*" not in found.types:
        return "not applicable"
    return verdict(judge_one(found, seen, settings_for(environment)))


@pytest.mark.parametrize("each", SINGLE, ids=lambda each: each.id)
@pytest.mark.parametrize("as_text", [False, True], ids=["as object", "as text"])
def test_the_examples_of_a_rule_break_and_keep_it(each, as_text):
    assert answer(each.id, each.before, as_text=as_text) == "violates"
    if each.after is not None:
        assert answer(each.id, each.after, as_text=as_text) == "complies"


@pytest.mark.parametrize(
    ("identity", "expected", "properties", "token"),
    CASES,
    ids=[f"{case[0]}-{number}-{case[1]}" for number, case in enumerate(CASES)],
)
def test_a_rule_answers_as_its_table_says(identity, expected, properties, token):
    assert answer(identity, properties, token) == expected


@pytest.mark.parametrize("each", SINGLE, ids=lambda each: each.id)
def test_what_is_not_known_is_never_a_violation(each):
    for path in leaves(each.after or {}):
        properties = replaced(each.after, path, UNKNOWN)
        assert answer(each.id, properties) in ("complies", "unknown", "not applicable"), path


@pytest.mark.parametrize("each", SINGLE, ids=lambda each: each.id)
def test_what_breaks_a_rule_is_not_taken_for_good_when_it_is_not_known(each):
    answers = {
        answer(each.id, replaced(each.before, path, UNKNOWN)) for path in leaves(each.before)
    }

    if each.before and each.id not in SATISFIED_BY_ANY_VALUE:
        assert answers & {"unknown", "violates"}


@pytest.mark.parametrize("each", SINGLE, ids=lambda each: each.id)
def test_a_rule_is_not_about_other_types(each):
    if each.types[0] != "aws:*":
        assert answer(each.id, each.before, "aws:ec2/eip:Eip") == "not applicable"
    else:
        assert answer(each.id, each.before, "random:index/randomId:RandomId") == "not applicable"


@pytest.mark.parametrize("each", SINGLE, ids=lambda each: each.id)
def test_a_rule_reads_nothing_that_it_does_not_declare(each):
    read = set()

    class Watched(ResourceView):
        def each(self, path):
            read.add(path)
            return super().each(path)

    for token in each.types:
        for properties in (each.before, each.after or {}, {}):
            judge_one(
                each,
                Watched(urn="urn:pulumi:a::b::c::d", type=token, properties=properties),
                PRODUCTION,
            )

    assert read <= set(each.reads)


def test_rules_read_properties_through_the_view_only():
    folder = Path(importlib.import_module("platformctl.policies").__file__).parent / "rules"
    direct = [
        file.name
        for file in folder.rglob("*.py")
        for word in (".properties[", ".properties.get", ".inputs", ".outputs[")
        if word in file.read_text()
    ]

    assert direct == []


def leaves(value, path=()):
    """Yield the path of every value inside an example."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from leaves(member, (*path, index))


def replaced(value, path, by):
    """Return a copy of an example with the value at a path replaced."""
    if not path:
        return by
    head, *rest = path
    if isinstance(value, dict):
        return {**value, head: replaced(value[head], rest, by)}
    return [replaced(each, rest, by) if n == head else each for n, each in enumerate(value)]
