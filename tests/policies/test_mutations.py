"""Switches each security property of the planned production stack off: no rule may sleep."""

import copy
import json
import re
import runpy
from pathlib import Path

import pytest
from support.policies import REPOSITORY

from platformctl.deployment.project import find_project
from platformctl.operations.policy import checking
from platformctl.operations.policy.rehearsal import rehearse
from platformctl.policies.check import check
from platformctl.policies.packs import rule
from platformctl.policies.view import StackView, stack_view

TABLE = runpy.run_path(str(Path(__file__).parent / "cases" / "mutations.py"))
MUTATIONS, REMOVED = TABLE["MUTATIONS"], TABLE["REMOVED"]


@pytest.fixture(scope="module")
def production():
    return rehearse(find_project(REPOSITORY), "production")


@pytest.fixture(scope="module")
def findings(production):
    """Return what finds what refuses a stack: (rule, URN, path, what is there)."""
    costs = checking.estimated_costs(production, "production")

    def found(stack, rules=None):
        report = check(stack, "production", rules=rules, costs=costs)
        return {(each.rule, each.urn, each.path, each.found) for each in report.blocking}

    return found


@pytest.fixture(scope="module")
def whole(production):
    return stack_view(production)


@pytest.fixture(scope="module")
def before(findings, whole):
    return findings(whole)


def mutated(records, whole, changes):
    """Return the stack with some resources changed; what is not there cannot be changed."""
    providers = [each for each in records if each["type"].startswith("pulumi:providers:")]
    views = dict(whole.by_urn)
    for token, name, values in changes:
        (record,) = [
            each for each in records if each["type"] == token and each["urn"].endswith(f"::{name}")
        ]
        del views[record["urn"]]
        if values != REMOVED:
            views |= stack_view([*providers, changed(record, values)]).by_urn
    return StackView(views.values())


def changed(record, values):
    """Return a record with other values, which come from no other resource unless they say so."""
    record = copy.deepcopy(record)
    for path, value in values.items():
        if path.startswith("!"):
            record[path[1:]] = value
            continue
        put(record["inputs"], re.findall(r"[^.\[\]]+", path), value)
        if not str(value).startswith("arn:"):
            record["propertyDependencies"].pop(re.split(r"[.\[]", path)[0], None)
    return record


def put(value, parts, new):
    """Put a value where a path leads to, through objects, lists and JSON text."""
    part, *rest = parts
    if isinstance(value, list):
        if part == "+":
            value.append(new)
            return
        part = int(part)
    if not rest:
        if new is None:
            value.pop(part, None)
        else:
            value[part] = new
        return
    text = isinstance(value[part], str) if isinstance(value, list) or part in value else False
    inner = json.loads(value[part]) if text else _inner(value, part)
    put(inner, rest, new)
    value[part] = json.dumps(inner) if text else inner


def _inner(value, part):
    return value[part] if isinstance(value, list) else value.setdefault(part, {})


@pytest.mark.parametrize(
    ("changes", "rules"),
    [pytest.param(changes, rules, id=what) for _, what, changes, rules in MUTATIONS],
)
def test_a_property_that_is_switched_off_is_caught(
    production, whole, findings, before, changes, rules
):
    found = findings(mutated(production, whole, changes), [rule(each) for each in rules])

    assert {each for each, *_ in found - before} == set(rules)


def test_production_as_it_is_breaks_no_mandatory_rule(before):
    waived = {"elasticache-failover"}

    assert {each for each, *_ in before} <= waived


def test_at_least_sixty_properties_are_switched_off():
    assert len({what for _, what, _, _ in MUTATIONS}) == len(MUTATIONS) >= 60
