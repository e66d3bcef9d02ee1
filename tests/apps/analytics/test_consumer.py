"""The consumer: poison, outages, its lag."""

import json
import uuid

from confluent_kafka import Producer
from support.analytics import event
from support.platform import eventually


def produce(product, *values):
    producer = Producer({"bootstrap.servers": product.kafka.brokers, "log_level": 0})
    for value in values:
        producer.produce(f"{product.name}-events", value, b"key", headers=[("origin", b"test")])
    assert producer.flush(20) == 0


def encoded(item):
    return json.dumps(item).encode()


def test_poison_goes_to_the_dead_letter_topic_and_the_rest_is_stored(product):
    good = [event() for _ in range(20)]
    poison = {
        b"no json": "event",
        b"": "event",
        encoded(event(timestamp="never")): "timestamp",
        encoded(event(properties={"text": "a\0b"})): "properties",
        encoded({**event(), "userId": None}): "userId",
        encoded(event()) + b"," + encoded(event()): "event",
    }
    values = [encoded(item) for item in good]
    produce(product, *values[:10], *poison, *values[10:])

    consumer = product.start("consumer")

    eventually(lambda: product.stored() == {item["eventId"] for item in good})
    letters = product.read("dead", len(poison))
    assert {letter.value() or b"" for letter in letters} == set(poison)
    for letter in letters:
        headers = dict(letter.headers())
        assert headers["dead-letter-reason"].decode().startswith(poison[letter.value() or b""])
        assert headers["dead-letter-topic"].decode() == f"{product.name}-events"
        assert headers["origin"] == b"test"
        assert {"dead-letter-partition", "dead-letter-offset"} <= set(headers)
    assert consumer.metric("consumer_dead_letters_total") == len(poison)


def test_an_event_only_the_database_refuses_is_found_among_the_good_ones(product):
    with product.postgres.connect(product.name) as connection:
        connection.execute("ALTER TABLE events ADD CHECK (user_id <> 'refused')")
    good = [event() for _ in range(7)]
    refused = encoded(event(userId="refused"))
    produce(product, *(encoded(item) for item in good[:3]), refused, *(map(encoded, good[3:])))

    product.start("consumer")

    eventually(lambda: product.stored() == {item["eventId"] for item in good})
    letter = product.read("dead", 1)[0]
    assert letter.value() == refused
    assert b"check constraint" in dict(letter.headers())["dead-letter-reason"]


def test_poison_that_was_buried_is_not_buried_again_after_a_restart(product):
    produce(product, b"poison")
    first = product.start("consumer")
    eventually(lambda: first.metric("consumer_dead_letters_total") == 1)
    first.end()

    second = product.start("consumer")
    last = event()
    produce(product, encoded(last))
    eventually(lambda: product.stored() == {last["eventId"]})

    assert second.metric("consumer_dead_letters_total") == 0


def test_a_database_outage_is_survived_without_loss(fragile):
    ingestion, consumer = fragile.start("ingestion"), fragile.start("consumer")
    before = event()
    ingestion.post(before)
    eventually(lambda: fragile.stored() == {before["eventId"]})

    fragile.postgres.stop()
    during = [event(userId=f"user-{number}") for number in range(300)]
    assert ingestion.post(*during).status_code == 202
    eventually(lambda: consumer.status("/ready") == 503)
    assert consumer.status("/health") == 200

    fragile.postgres.start()
    eventually(lambda: consumer.status("/ready") == 200)
    eventually(lambda: len(fragile.stored()) == 301)
    assert consumer.metric("consumer_suspensions_total") >= 1
    assert consumer.end()[0] == 0


def test_a_consumer_that_starts_before_its_database_waits_for_it(fragile):
    fragile.postgres.stop()
    consumer = fragile.start("consumer", ready=False)
    produce(fragile, encoded(event()))
    assert consumer.status("/ready") == 503

    fragile.postgres.start()

    eventually(lambda: len(fragile.stored()) == 1)


def test_a_consumer_that_waits_for_its_database_can_be_stopped(product):
    product.postgres = None
    consumer = product.start("consumer", ready=False)

    status, records = consumer.end()

    assert status == 0
    assert any(record["message"] == "cannot store events" for record in records)


def test_the_lag_of_the_group_is_published_and_measured(product, emulator):
    namespace = f"Analytics{uuid.uuid4().hex[:8]}"
    produce(product, *(encoded(event()) for _ in range(10)))
    consumer = product.start(
        "consumer",
        METRICS_NAMESPACE=namespace,
        METRICS_INTERVAL_SECONDS="1",
        **emulator.environment,
    )
    eventually(lambda: len(product.stored()) == 10)

    cloudwatch = emulator.client("cloudwatch")
    metrics = eventually(lambda: cloudwatch.list_metrics(Namespace=namespace)["Metrics"])
    cloudwatch.close()

    assert [(item["MetricName"], item["Dimensions"]) for item in metrics] == [("ConsumerLag", [])]
    assert 'consumer_lag_events{partition="0"} 0.0' in consumer.client.get("/metrics").text
