"""Reports of operations that really ran, in a real table."""

import json
from importlib import resources

import jsonschema
import pytest
from support.operations import SetStep, World, plan

from platformctl.errors import LockedError
from platformctl.operations.kernel.failures import InconclusiveError, StepFailedError
from platformctl.operations.kernel.step import Step
from platformctl.operations.report.measurement import Gate, Measurement, SideNumbers
from platformctl.operations.report.report import read_report
from platformctl.operations.report.write import write_file, write_report

SCHEMA = json.loads(
    resources.files("platformctl.operations.report").joinpath("schema.json").read_text()
)


class Judge(Step):
    """Measures three times, and says no the third time."""

    name, title = "analyse-10", "compare both sides"

    def apply(self, context):
        for seconds, errors in enumerate((0.0, 0.5, 5.0), 1):
            gate = Gate(name="errors", value=errors, limit=1, unit="%", passed=errors <= 1)
            sides = [
                SideNumbers(key="blue", role="old", version="r6", weight=90, errors=0.0, p95=40),
                SideNumbers(
                    key="green", role="new", version="r7", weight=10, errors=errors, p95=41
                ),
            ]
            context.pause(seconds, "requests")
            context.sample(**Measurement(sides=sides, gates=[gate]).document())
        raise StepFailedError("green fails too often", why="5 % of its requests")


def test_a_rolled_back_operation_is_told_with_its_steps_limits_and_audit_log(console, tmp_path):
    world = World()
    made = console(lambda killer: [SetStep(world, killer, "one"), Judge()])
    ended = made.runner().run(plan(after={"release": "r7"}), reason="a new version")

    page = write_report(made.journal, ended.id, tmp_path / "reports")
    document = json.loads(page.with_suffix(".json").read_text())

    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["operation"]["state"] == "rolled_back"
    assert document["operation"]["seconds"] >= 3
    assert [step["undone"] is not None for step in document["steps"]] == [True, True]
    (gate,) = document["gates"]
    assert (gate["worst"], gate["refused"], gate["measured"]) == (5.0, 1, 3)
    assert len(document["measurements"]) == 3
    outcomes = [entry["outcome"] for entry in document["audit"]]
    assert sorted(outcomes) == ["cancelling", "pending", "rolled_back", "running"]
    assert "green fails too often: 5 % of its requests" in page.read_text()


def test_who_was_refused_meanwhile_is_in_the_report_and_others_are_not(console, tmp_path):
    class Doubtful(Step):
        name, title = "doubtful", "find out"

        def apply(self, context):
            raise InconclusiveError("no requests came")

    made = console(lambda killer: [Doubtful()])
    paused = made.runner().run(plan())
    with pytest.raises(LockedError):
        made.runner().run(plan(after={"release": "r8"}))
    other = made.runner().run(plan(target="service/other"))

    report = read_report(made.journal, paused.id)
    assert sorted(entry.outcome for entry in report.entries) == [
        "paused_by_failed_step",
        "pending",
        "refused",
        "running",
    ]
    assert other.id not in write_file(report, tmp_path / "page.html").read_text()
