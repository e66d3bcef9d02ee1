"""The report as a document, and what must not be in it."""

import json
from dataclasses import replace
from importlib import resources

import jsonschema
import pytest
from support.operation_story import Story, told

from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.report.html import html
from platformctl.operations.report.measurement import SideNumbers, read_measurement
from platformctl.operations.report.redaction import redacted, redacted_text

SCHEMA = json.loads(
    resources.files("platformctl.operations.report").joinpath("schema.json").read_text()
)
SECRET = "hunter2hunter2"


@pytest.mark.parametrize("fails", [None, "analyse-10", "bake"])
def test_the_document_is_as_its_schema_says(fails):
    document = json.loads(json.dumps(told(Story(fails=fails)).document()))

    jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_the_document_of_an_operation_under_way_is_as_its_schema_says():
    story = Story()
    list(story.events("analyse-10"))
    document = replace(told(Story()), operation=story.operation).document()

    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(document)))
    assert document["operation"]["ended"] is None


def test_the_schema_knows_every_state():
    assert set(SCHEMA["$defs"]["state"]["enum"]) == set(State)
    steps = SCHEMA["properties"]["steps"]["items"]["properties"]
    assert set(steps["state"]["enum"]) == set(StepState)


def test_gates_say_what_decided_and_what_was_worst():
    gates = {(gate.step, gate.name): gate for gate in told(Story(fails="analyse-50")).gates()}

    refused = gates["analyse-50", "success"]
    assert (refused.last, refused.worst, refused.passed) == (94.8, 94.8, False)
    assert (refused.refused, refused.measured) == (12, 12)
    assert gates["analyse-10", "success"].passed is True
    assert gates["analyse-10", "requests"].passed is None


def test_what_a_newer_platformctl_measures_is_left_out():
    sample = {
        "at": "2026-11-21T12:00:00.000Z",
        "step": "bake",
        "sides": {"green": {"role": "new", "weight": 10, "p9999": 1}},
        "gates": [{"name": "x", "value": 1, "limit": 2, "colour": "red"}],
    }

    found = read_measurement(sample)
    assert found is not None
    assert found.sides == (SideNumbers(key="green", role="new", weight=10),)
    assert read_measurement({"at": "…", "step": "expand", "rows": 10}) is None


def leaking():
    """Return a report whose every part holds a secret."""
    story = Story(
        fails="analyse-10",
        parameters={
            "after": {"release": "r7"},
            "configuration": {"DB_PASSWORD": SECRET, "URL": f"postgres://app:{SECRET}@db/app"},
        },
        reason=f"rotated, password={SECRET}",
    )
    report = told(story)
    steps = [
        replace(
            step,
            error=f'FATAL: "password": "{SECRET}" refused',
            facts={"lines": [f"token={SECRET}"], "apiToken": SECRET, "secretArn": "arn:aws:x"},
        )
        for step in report.operation.steps
    ]
    outcome = f"could not log in with secret: {SECRET}"
    operation = replace(report.operation, steps=steps, outcome=outcome)
    entries = [replace(each, details={"why": outcome}) for each in report.entries]
    return replace(report, operation=operation, entries=entries)


def test_no_secret_is_in_a_report():
    report = leaking()

    assert SECRET not in json.dumps(report.document())
    assert SECRET not in html(report)
    assert "arn:aws:x" in html(report), "the name of a secret is none"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=abc next", "password=[secret] next"),
        ('{"apiToken": "abc", "n": 1}', '{"apiToken": "[secret]", "n": 1}'),
        ("postgres://app:abc@db/app is down", "[secret] is down"),
        ("secretArn=arn:aws:secretsmanager:x", "secretArn=arn:aws:secretsmanager:x"),
        ("p95 47 ms (at most 500 ms)", "p95 47 ms (at most 500 ms)"),
    ],
)
def test_a_line_of_a_log_keeps_everything_but_its_secrets(text, expected):
    assert redacted_text(text) == expected


def test_figures_and_flags_that_are_named_like_secrets_stay():
    assert redacted({"usesToken": True, "tokens": None, "note": 5}) == {
        "usesToken": True,
        "tokens": None,
        "note": 5,
    }
