"""Which releases can run on which schema."""

import pytest

from platformctl.operations.migration.compatible import behind, incompatible


def schema(**states):
    """Return migrations: expansions 0001 and 0002, and 0003, which contracts 0002."""
    found = {"0001": "done", "0002": "ready", "0003": "pending", **states}
    return [
        {
            "number": number,
            "name": "change",
            "phase": "contract" if number == "0003" else "expand",
            "state": state,
        }
        for number, state in found.items()
    ]


@pytest.mark.parametrize("head", ["", "0001", "0002", "0003"])
def test_after_an_expansion_old_and_new_releases_run(head):
    assert incompatible(head, schema()) == ""


@pytest.mark.fault(35)
@pytest.mark.parametrize("state", ["contract", "done"])
@pytest.mark.parametrize("head", ["", "0001", "0002"])
def test_once_a_contract_has_begun_no_release_runs_that_does_not_know_it(head, state):
    reason = incompatible(head, schema(**{"0003": state}))

    assert reason == "the contract 0003 change took away what it needs"


def test_a_release_that_knows_the_contract_runs_before_and_after_it():
    assert incompatible("0003", schema(**{"0003": "done"})) == ""
    assert incompatible("0003", schema()) == ""


@pytest.mark.parametrize("state", ["pending", "expand", "backfill", "failed"])
def test_a_release_does_not_run_before_its_expansions_are_complete(state):
    reason = incompatible("0002", schema(**{"0002": state}))

    assert reason == "the expansion 0002 change has not run"
    assert incompatible("0001", schema(**{"0002": state})) == ""


@pytest.mark.parametrize(
    ("head", "known", "wanted"),
    [
        ("0003", schema(), False),
        ("0001", schema(**{"0002": "pending"}), False),
        ("0002", schema(**{"0002": "failed"}), True),
        ("0004", schema(), True),
        ("0001", [], True),
    ],
    ids=["all-there", "not-needed-yet", "failed-before", "newer", "never-told"],
)
def test_a_schema_is_behind_a_release_that_brings_what_has_not_expanded(head, known, wanted):
    assert behind(head, known) is wanted
