"""Two sides of the consumer: one takes messages in, the other one stands by."""

import json
import time
import uuid
from contextlib import closing

import pytest
from confluent_kafka import Producer
from support.analytics import event
from support.platform import eventually
from support.stores import Emulator

TAKE_OVER_SECONDS = 2.0


class Switch:
    """The parameter that says which side takes messages in."""

    def __init__(self, systems, side):
        self._systems = systems
        self.name = f"/platform/test/{uuid.uuid4().hex}/intake"
        self.turn(side)

    def turn(self, side):
        self._systems.put_parameter(Name=self.name, Value=side, Type="String", Overwrite=True)


@pytest.fixture
def systems(emulator):
    with closing(emulator.client("ssm")) as client:
        yield client


@pytest.fixture
def start(unmigrated, emulator):
    """Start a side of the consumer that follows a switch; its database may be a migrated one."""

    def start(side, switch, **changes):
        variables = {"SIDE": side, "INTAKE_PARAMETER": switch.name, **emulator.environment}
        return unmigrated.start("consumer", ready=False, **{**variables, **changes})

    return start


def produce(product, *events):
    producer = Producer({"bootstrap.servers": product.kafka.brokers, "log_level": 0})
    for item in events:
        producer.produce(f"{product.name}-events", json.dumps(item).encode(), item["userId"])
    assert producer.flush(20) == 0


def prepare(product):
    """Make the topic, as an environment that is up has it."""
    producer = Producer({"bootstrap.servers": product.kafka.brokers, "log_level": 0})
    eventually(lambda: producer.list_topics(f"{product.name}-events").topics)


def intake(consumer):
    return consumer.get("/health").json()["intake"]


def test_the_side_that_the_parameter_does_not_name_stands_by_and_takes_nothing(
    product, systems, start
):
    produce(product, event())
    standby = start("green", Switch(systems, "blue"))

    eventually(lambda: standby.status("/ready") == 200)

    assert standby.get("/health").json() == {
        "status": "ok",
        "problems": {},
        "side": "green",
        "intake": "standby",
    }
    assert standby.metric("consumer_intake") == 0
    assert product.stored() == set()


def test_a_hand_over_loses_nothing_and_stores_nothing_twice(product, systems, start):
    switch = Switch(systems, "blue")
    blue, expected = start("blue", switch), set()
    eventually(lambda: intake(blue) == "active")
    green = start("green", switch)
    sides = {"blue": blue, "green": green}

    for side, other in (("green", "blue"), ("blue", "green"), ("green", "blue")):
        events = [event(userId=f"user-{number}") for number in range(200)]
        produce(product, *events[:100])
        switch.turn("none")
        eventually(lambda: {intake(blue), intake(green)} == {"standby"})
        produce(product, *events[100:])
        switch.turn(side)
        expected |= {item["eventId"] for item in events}
        eventually(lambda wanted=frozenset(expected): product.stored() == wanted)
        assert (intake(sides[side]), intake(sides[other])) == ("active", "standby")

    duplicates = sum(each.metric("consumer_events_duplicate_total") for each in sides.values())
    assert duplicates == 0
    assert green.metric("consumer_intake_changes_total") >= 4


def test_a_side_takes_over_within_two_seconds(product, systems, start):
    prepare(product)
    switch = Switch(systems, "none")
    green = start("green", switch)
    eventually(lambda: green.status("/ready") == 200)

    turned = time.monotonic()
    switch.turn("green")
    eventually(lambda: intake(green) == "active")

    assert time.monotonic() - turned < TAKE_OVER_SECONDS


def test_each_change_is_in_the_log(product, systems, start):
    switch = Switch(systems, "green")
    green = start("green", switch)
    eventually(lambda: intake(green) == "active")
    switch.turn("blue")
    eventually(lambda: intake(green) == "standby")

    status, records = green.end()

    changes = [record for record in records if record["message"] == "intake changed"]
    assert status == 0
    assert [(record["to"], record["intake"]) for record in changes] == [
        ("active", "green"),
        ("standby", "blue"),
    ]


def test_without_systems_manager_each_side_stays_as_it_is(product, tmp_path, start):
    own = Emulator(tmp_path)
    with closing(own.client("ssm")) as systems:
        switch = Switch(systems, "blue")
        blue = start("blue", switch, **own.environment)
        green = start("green", switch, **own.environment)
        eventually(lambda: (intake(blue), intake(green)) == ("active", "standby"))

    own.stop()
    eventually(lambda: "cannot be read" in blue.output() and "cannot be read" in green.output())
    last = event()
    produce(product, last)

    eventually(lambda: product.stored() == {last["eventId"]})
    assert (intake(blue), intake(green)) == ("active", "standby")
    assert (blue.status("/health"), green.status("/health")) == (200, 200)


def test_a_side_that_cannot_read_the_parameter_does_not_begin_and_is_not_healthy(
    product, systems, start
):
    produce(product, event())
    missing = Switch(systems, "blue")
    systems.delete_parameter(Name=missing.name)
    blue = start("blue", missing)

    answer = eventually(lambda: _refusal(blue, "ParameterNotFound"))

    assert answer["intake"] == "unknown"
    assert product.stored() == set()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"DB_PASSWORD": "wrong"}, "password authentication failed"),
        ({"DB_PORT": "1"}, "onnection refused"),
        ({"KAFKA_BROKERS": "127.0.0.1:1"}, "kafka"),
    ],
)
def test_a_side_that_could_not_take_over_is_not_healthy_and_tells_why(
    product, systems, start, change, reason
):
    prepare(product)
    green = start("green", Switch(systems, "blue"), **change)

    answer = eventually(lambda: _refusal(green, reason))

    assert answer["intake"] == "standby"


def test_a_side_without_its_table_is_not_healthy_and_makes_none(unmigrated, systems, start):
    prepare(unmigrated)
    green = start("green", Switch(systems, "blue"))

    eventually(lambda: _refusal(green, "migration"))

    with unmigrated.postgres.connect(unmigrated.name) as connection:
        found = connection.execute("SELECT to_regclass('events')").fetchone()
    assert found == (None,)


def test_a_value_that_is_no_side_changes_nothing(product, systems, start):
    switch = Switch(systems, "blue")
    blue = start("blue", switch)
    eventually(lambda: intake(blue) == "active")

    switch.turn("purple")
    eventually(lambda: "is 'purple', not one of blue, green, none" in blue.output())

    assert intake(blue) == "active"


def test_a_consumer_that_stands_by_ends_at_once(product, systems, start):
    prepare(product)
    green = start("green", Switch(systems, "blue"))
    eventually(lambda: green.status("/ready") == 200)

    begun = time.monotonic()
    status, _ = green.end()

    assert status == 0
    assert time.monotonic() - begun < 5


def _refusal(consumer, reason):
    """Return the answer to a health check that fails for a reason, once it does."""
    if consumer.status("/health") != 503:
        return None
    answer = consumer.get("/health").json()
    return answer if reason in answer["status"] else None
