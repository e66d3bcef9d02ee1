"""Everything good is stored exactly once, everything bad is told, whatever happens meanwhile."""

import os
import signal
import time
from collections import Counter

from support.functions import until
from support.journeys import TYPES, event, make_pipeline
from support.region import processes_of, running_region

COUNT = 2000
"""A full run has 10,000 (`JOURNEY_RECORDS=10000`)."""


def records(count, poison_every=100):
    """Return numbered events, one in a hundred of them poison, and the numbers of the good."""
    made = [event(number) for number in range(count)]
    for number in range(13, count, poison_every):
        made[number]["timestamp"] = "yesterday"
    good = [n for n in range(count) if n % poison_every != 13 % poison_every]
    return made, good


def figures_of(numbers):
    """Return the figures of the day for events by their numbers."""
    by_type = Counter(f"events#{TYPES[number % len(TYPES)]}" for number in numbers)
    return {
        **by_type,
        "events": len(numbers),
        "sessions": len({number // 10 for number in numbers}),
    }


def check(pipeline, good):
    """Check that every event is there, sessions and figures agree, and nothing is there twice."""
    assert pipeline.stored() == good
    assert pipeline.figures() == figures_of(good)
    sessions = {
        item["sessionId"]["S"]: int(item["eventCount"]["N"])
        for item in pipeline.items("SESSIONS_TABLE")
    }
    assert sessions == Counter(f"session-{number // 10}" for number in good)


def test_good_events_are_stored_once_and_poison_is_told(region):
    count = int(os.environ.get("JOURNEY_RECORDS", COUNT))
    made, good = records(count)
    pipeline = make_pipeline(region)

    pipeline.put(made)

    until(lambda: pipeline.dead() == count // 100, "all poison is told", timeout=600)
    until(lambda: len(pipeline.stored()) == len(good), "all else is stored", timeout=600)
    check(pipeline, good)


def test_the_same_events_again_change_nothing(region):
    made, good = records(200, poison_every=1000)
    pipeline = make_pipeline(region, shards=2)
    pipeline.put(made[:150])
    until(lambda: len(pipeline.stored()) == 149, "the first events are stored")

    pipeline.put(made)

    until(lambda: len(pipeline.stored()) == len(good), "the others are stored too")
    check(pipeline, good)


def test_a_region_that_is_killed_meanwhile_loses_and_doubles_nothing(tmp_path):
    with running_region(tmp_path) as region:
        made, good = records(1000)
        pipeline = make_pipeline(region)
        client = region.client("lambda")
        client.update_event_source_mapping(UUID=pipeline.mapping, Enabled=False)
        pipeline.put(made)
        saved(region)
        client.update_event_source_mapping(UUID=pipeline.mapping, Enabled=True)
        until(lambda: len(pipeline.stored()) > 100, "it is in the middle of it")

        os.kill(region.controller.status()["pid"], signal.SIGKILL)
        until(lambda: processes_of(region.root) == [], "nothing of it is left")
        region.start()

        until(lambda: len(pipeline.stored()) == len(good), "all is stored", timeout=120)
        until(lambda: pipeline.dead() >= 10, "all poison is told", timeout=120)
        check(pipeline, good)


def saved(region):
    """Wait until the emulator has everything on disk, which it would otherwise lose."""
    moment, place = time.time(), region.root / "emulator" / "saved-until"
    until(lambda: place.exists() and float(place.read_text()) > moment, "the emulator saves")
