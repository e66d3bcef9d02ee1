"""What a cutover does at each step, as the stack file says it."""

import pytest

from platformctl.config.cutover import CutoverConfig
from platformctl.config.loader import load_document


@pytest.mark.parametrize(
    ("said", "steps", "seconds"),
    [
        ({}, (5, 100), 600),
        ({"preset": "allAtOnce"}, (100,), 0),
        ({"preset": "linear"}, (10, 20, 30, 40, 50, 60, 70, 80, 90, 100), 360),
        ({"preset": "linear", "stepSeconds": 60}, (10, 20, 30, 40, 50, 60, 70, 80, 90, 100), 60),
        ({"weights": [1, 10, 50, 100]}, (1, 10, 50, 100), 60),
    ],
)
def test_a_preset_is_weights_and_the_time_between_them(said, steps, seconds):
    cutover = CutoverConfig.model_validate(said)

    assert (cutover.steps, cutover.seconds_between) == (steps, seconds)


def test_the_local_region_measures_every_second(local):
    config = load_document(local, "Pulumi.local.yaml")

    assert config.cutover.analysis.period_seconds < 60


def test_the_local_region_sums_up_what_cloudwatch_can(local, mistakes):
    local["platform:cutover"]["analysis"]["periodSeconds"] = 3

    (mistake,) = mistakes(local)
    assert mistake.endswith("periodSeconds is 3: must be 1, 5, 10, 20, 30 or a multiple of 60")


def test_a_rehearsal_measures_every_second_as_well(production, mistakes):
    production["platform:cutover"] = {"analysis": {"periodSeconds": 5}}

    assert len(mistakes(production)) == 1
    assert mistakes({**production, "platform:rehearsal": True}) == []
