"""The picture of an operation, from the events of one."""

from dataclasses import replace

import pytest
from rich.console import Console
from support.operation_story import Story

from platformctl.cli.views.operation_picture import OperationPicture
from platformctl.cli.views.operation_progress import OperationProgress
from platformctl.operations.kernel.events import Sampled
from platformctl.operations.kernel.operation import stamp
from platformctl.operations.kernel.states import State
from platformctl.operations.report.measurement import Measurement, SideNumbers

IN_THE_MIDDLE = """\
deploy analytics-api  staging  r6 → r7  running  22s
20261121T120000-deploy-analytics-api-5a3c  ada@console  “grouping by page”

side     release  tasks  traffic           req/s  errors    p95
● blue   r6         2/2  █████████░  90 %    270   0.0 %  42 ms
● green  r7         2/2  █░░░░░░░░░  10 %     30   0.1 %  46 ms

✓ preflight   make sure that it may begin                                   0.4s
✓ expand      add what the new release needs to the schema                  0.4s
✓ start       start the idle side                                           3.0s
✓ ready       wait until every task of it takes requests                    6.0s
✓ smoke       check it on the test listener                                 1.0s
✓ shift-10    give the new side 10 % of the requests                        0.4s
⠋ analyse-10  compare both sides                                             11s
    12 s of requests  █████████░  1.0s left
    ✓ success 99.9 % (at least 99 %)
    ✓ p95 47 ms (at most 500 ms)
    ? requests 12 (at least 50)
· shift-50    give the new side 50 % of the requests
· analyse-50  compare both sides
· shift-100   give the new side all requests
· bake        watch the new side with all requests
· promote     make the new side the one that serves

   next  shift-50: give the new side 50 % of the requests
   undo  platformctl cutover abort staging analytics-api
  leave  Ctrl-C; it stays as it is until it is resumed
"""


def progress_of(story, until=None, before_the_last=0):
    """Return what is known after the events, but for the last few."""
    progress = OperationProgress(clock=story.clock, now=story.now)
    events = [(story.elapsed, event) for event in story.events(until)]
    for elapsed, event in events[: len(events) - before_the_last]:
        story.elapsed = elapsed
        progress.take(event)
    return progress


def drawn(progress, width=80, height=60, **how):
    console = Console(
        width=width, height=height, color_system=None, force_terminal=True, soft_wrap=True
    )
    with console.capture() as capture:
        console.print(OperationPicture(progress, **how))
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def test_both_sides_the_steps_the_gate_and_the_way_out_are_seen():
    progress = progress_of(Story(), until="analyse-10", before_the_last=1)

    assert drawn(progress) == IN_THE_MIDDLE


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("until", ["preflight", "analyse-50", None])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut_that_matters(width, until):
    text = drawn(progress_of(Story(), until), width)

    assert all(len(line) <= width for line in text.splitlines())
    assert "analytics-api" in text
    if until:
        assert "platformctl cutover abort staging analytics-api" in " ".join(text.split())
    if until == "analyse-50":
        assert "50 %" in text
        assert "99.9 %" in text


@pytest.mark.parametrize("height", [20, 22, 26])
def test_a_low_terminal_shows_the_steps_around_the_one_under_way(height):
    text = drawn(progress_of(Story(), "analyse-50"), height=height)

    assert len(text.splitlines()) <= height
    assert "analyse-50" in text
    assert "steps before" in text
    assert "platformctl cutover abort" in text


def test_every_step_is_shown_where_it_is_looked_at_once():
    text = drawn(progress_of(Story(), "analyse-50"), height=20, whole=True)

    assert "preflight" in text
    assert "promote" in text
    assert "Ctrl-C" not in text


def test_who_looks_on_is_told_that_leaving_stops_nothing():
    text = drawn(progress_of(Story(), "bake"), follows=True)

    assert "Ctrl-C; it goes on" in text


def test_what_nobody_works_on_any_more_does_not_look_as_if_it_went_on():
    progress = progress_of(Story(), "analyse-50", before_the_last=1)
    progress.abandoned = True

    picture = drawn(progress, whole=True)

    assert "nobody is at work on it: the process that was is gone" in picture
    assert "go on  platformctl operation resume" in picture
    assert "   next  " not in picture


def test_what_is_to_be_typed_in_a_rehearsal_never_means_the_real_environment():
    text = drawn(progress_of(Story(), "bake"), width=120, rehearsed=True)

    assert "platformctl cutover abort staging analytics-api --target local" in text


def test_a_step_that_failed_says_why_while_everything_is_undone():
    progress = progress_of(Story(fails="analyse-50"), before_the_last=3)
    text = drawn(progress)

    assert progress.operation.state is State.CANCELLING
    assert "green fails too often: 5.2 % of its requests (at most 1 %)" in text
    lines = text.splitlines()
    assert any(line.startswith("✗ analyse-50") for line in lines)
    assert any(line.startswith("↩ shift-10") for line in lines)
    assert any(line.startswith("⠋ start") for line in lines), "it is what is being undone"
    assert any("green being looked at" in line for line in lines)
    assert "undo expand" in text, "what has nothing to undo is passed over"
    assert "cutover abort" not in text, "it is being undone already"


def test_what_was_put_back_is_not_shown_as_if_it_still_were_so():
    text = drawn(progress_of(Story(fails="analyse-50")))

    assert "rolled back" in text
    assert text.count("green fails too often") == 1
    assert "req/s" not in text


def test_why_it_is_undone_is_readable_to_its_end_on_any_terminal():
    text = drawn(progress_of(Story(fails="analyse-50")), width=40)

    assert "green fails too often: 5.2 % of its requests (at most 1 %)" in " ".join(text.split())


def test_numbers_that_are_old_say_so():
    story = Story()
    progress = progress_of(story, "analyse-50")
    story.elapsed += 20

    assert "measured 20s ago" in drawn(progress)


def test_what_is_not_known_is_a_question_mark_and_no_zero():
    progress = progress_of(Story(), "analyse-10")
    old, new = progress.measurement.sides
    sides = (old, replace(new, requests=None, p95=None))
    progress.measurement = replace(progress.measurement, sides=sides)

    line = next(line for line in drawn(progress).splitlines() if "green" in line)
    assert " ".join(line.split()) == "● green r7 2/2 █░░░░░░░░░ 10 % ? 0.1 % ?"


def test_what_is_not_known_of_either_side_takes_no_room():
    progress = progress_of(Story(), "analyse-10")
    unknown = {"requests": None, "errors": None, "p95": None}
    sides = [replace(side, **unknown) for side in progress.measurement.sides]
    progress.measurement = replace(progress.measurement, sides=sides)

    header = next(line for line in drawn(progress).splitlines() if line.startswith("side"))
    assert header.split() == ["side", "release", "tasks", "traffic"]


def test_a_sample_of_the_weights_alone_keeps_what_else_was_just_measured():
    story = Story()
    progress = progress_of(story, "analyse-10")
    old, new = progress.measurement.sides
    shifted = Measurement(
        sides=[
            SideNumbers(key="blue", role="old", weight=50),
            SideNumbers(key="green", role="new", weight=50),
        ]
    )

    def sample():
        return Sampled(
            operation=story.operation,
            step="shift-50",
            numbers=shifted.document(),
            at=stamp(story.now()),
        )

    progress.take(sample())
    assert progress.measurement.sides == (replace(old, weight=50), replace(new, weight=50))

    story.elapsed += 60
    progress.take(sample())
    assert progress.measurement.side("new").requests is None, "that was a minute ago"


def test_markup_in_what_people_wrote_stays_text():
    text = drawn(progress_of(Story(reason="[bold]now[/]"), until="preflight"))

    assert "“[bold]now[/]”" in text
