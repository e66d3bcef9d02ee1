"""The ingestion service over HTTP, with Kafka there, slow and away."""

import asyncio
import json
import subprocess
import sys
import threading
import time

import httpx
import pytest
from support.analytics import APPS, Product, event
from support.platform import eventually


@pytest.fixture
def ingestion(product):
    return product.start("ingestion")


def test_messages_carry_user_as_key_and_the_correlation_id(product, ingestion):
    sent = event(userId="user-grace")
    answer = ingestion.client.post(
        "/v1/events", json={"events": [sent]}, headers={"X-Correlation-Id": "abc-1"}
    )

    assert answer.headers["X-Correlation-Id"] == "abc-1"
    message = product.read("events", 1)[0]
    assert message.key() == b"user-grace"
    assert message.headers() == [("correlation-id", b"abc-1")]
    assert json.loads(message.value())["eventId"] == sent["eventId"]


def test_one_user_s_events_stay_in_order(product, ingestion):
    for number in range(50):
        ingestion.post(event(userId="user-ada", properties={"number": number}))

    messages = product.read("events", 50)

    assert len({message.partition() for message in messages}) == 1
    assert [json.loads(m.value())["properties"]["number"] for m in messages] == list(range(50))


def test_bad_events_are_named_and_the_good_ones_are_accepted(product, ingestion):
    good, bad = event(), event(timestamp="yesterday", userId="")
    answer = ingestion.post(bad, good)

    assert answer.status_code == 422
    body = answer.json()
    assert body["accepted"] == 1
    assert {(item["index"], item["field"]) for item in body["rejected"]} == {
        (0, "timestamp"),
        (0, "userId"),
    }
    assert {item["eventId"] for item in body["rejected"]} == {bad["eventId"]}
    value = product.read("events", 1)[0].value()
    assert json.loads(value)["eventId"] == good["eventId"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, "body"),
        (b"[]", 400, "body"),
        (b"{}", 400, "events"),
        (b'{"events": 1}', 400, "events"),
        (b'{"events": []}', 400, "events"),
        (b'{"events": [1], "more": 1}', 400, "more"),
        (b'{"events": [' + b",".join([b"{}"] * 1001) + b"]}", 413, "events"),
        (b" " * (1024 * 1024 + 1), 413, "body"),
    ],
    ids=["no JSON", "list", "no events", "no list", "none", "unknown member", "many", "large"],
)
def test_a_body_that_is_no_batch_is_refused_with_its_fault(kafka_only, body, status, field):
    answer = kafka_only.client.post("/v1/events", content=body)

    assert answer.status_code == status
    error = answer.json()["error"]
    assert [item["field"] for item in error["details"]] == [field]
    assert error["correlationId"] == answer.headers["X-Correlation-Id"]


@pytest.fixture(scope="module")
def kafka_only(kafka):
    product = Product(kafka=kafka, postgres=None, redis=None)
    yield product.start("ingestion")
    product.close()


def test_the_load_balancer_s_trace_id_serves_as_correlation_id(kafka_only):
    trace = "Root=1-67891233-abcdef012345678912345678"
    answer = kafka_only.client.get("/health", headers={"X-Amzn-Trace-Id": trace})

    assert answer.headers["X-Correlation-Id"] == trace


def test_a_correlation_id_that_could_forge_log_lines_is_replaced(kafka_only):
    answer = kafka_only.client.get("/health", headers={"X-Correlation-Id": 'a"} {'})

    assert answer.headers["X-Correlation-Id"].isalnum()


def test_metrics_count_accepted_and_rejected_events(kafka_only):
    before = kafka_only.metric("ingestion_events_accepted_total")
    kafka_only.post(event(), event(), event(timestamp=1))

    assert kafka_only.metric("ingestion_events_accepted_total") == before + 2
    assert kafka_only.metric("ingestion_events_rejected_total") >= 1
    assert 'route="/v1/events",status="422"' in kafka_only.client.get("/metrics").text


def test_the_openapi_document_describes_the_batch(kafka_only):
    document = kafka_only.client.get("/openapi.json").json()

    operation = document["paths"]["/v1/events"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    members = schema["properties"]["events"]["items"]
    assert set(members["required"]) == {"eventId", "userId", "sessionId", "eventType", "timestamp"}
    assert {"202", "400", "413", "422", "503"} <= set(operation["responses"])


def test_an_unknown_path_answers_in_the_shape_of_all_errors(kafka_only):
    answer = kafka_only.client.get("/v2/events")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_missing_settings_end_the_process_and_are_all_named(product):
    run = subprocess.run(
        [sys.executable, "-m", "consumer"],
        cwd=APPS,
        env={"DB_PORT": "many", "KAFKA_SECURITY_PROTOCOL": "SSH"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    for name in ("KAFKA_BROKERS", "KAFKA_SECURITY_PROTOCOL", "DB_HOST", "DB_PORT", "DB_PASSWORD"):
        assert name in run.stderr


def test_kafka_away_from_the_start_means_not_ready_and_503(product):
    product.kafka = None
    ingestion = product.start("ingestion", ready=False)

    answer = ingestion.post(event())

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["error"]["code"] == "kafka_unavailable"
    assert ingestion.status("/ready") == 503
    assert ingestion.status("/health") == 200


def test_kafka_that_stops_answering_means_503_and_it_comes_back_by_itself(fragile):
    ingestion = fragile.start("ingestion", DELIVERY_TIMEOUT_SECONDS="2")
    assert ingestion.post(event()).status_code == 202

    fragile.kafka.pause()
    answer = ingestion.post(event())
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    eventually(lambda: ingestion.status("/ready") == 503)
    started = time.monotonic()
    assert ingestion.post(event()).status_code == 503
    assert time.monotonic() - started < 1

    fragile.kafka.resume()
    eventually(lambda: ingestion.status("/ready") == 200)
    assert ingestion.post(event()).status_code == 202


def test_more_than_may_wait_is_refused_while_kafka_is_slow(fragile):
    ingestion = fragile.start("ingestion", MAX_EVENTS_IN_FLIGHT="1000")
    fragile.kafka.pause()
    first = threading.Thread(target=ingestion.post, args=[event() for _ in range(900)])
    first.start()
    eventually(lambda: ingestion.metric("kafka_events_in_flight") == 900)

    answer = httpx.post(
        f"{ingestion.client.base_url}/v1/events", json={"events": [event() for _ in range(200)]}
    )

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "busy"
    assert answer.headers["Retry-After"] == "1"
    fragile.kafka.resume()
    first.join(30)


def test_health_checks_are_answered_while_more_arrives_than_can_be_worked_on(kafka_only):
    """A load balancer checks over new connections and waits two seconds at most."""
    url = str(kafka_only.client.base_url)
    body = json.dumps({"events": [event() for _ in range(500)]})
    answers, waits = [], []

    async def send_until(client, end):
        while time.monotonic() < end:
            answers.append(await client.post("/v1/events", content=body))

    async def check_until(end):
        while time.monotonic() < end:
            began = time.monotonic()
            async with httpx.AsyncClient(base_url=url, timeout=30) as fresh:
                assert (await fresh.get("/health")).status_code == 200
            waits.append(time.monotonic() - began)

    async def overload():
        end = time.monotonic() + 3
        limits = httpx.Limits(max_connections=96)
        async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
            senders = [send_until(client, end) for _ in range(96)]
            await asyncio.gather(check_until(end), *senders)

    asyncio.run(overload())

    assert max(waits) < 2
    assert {answer.status_code for answer in answers} <= {202, 503}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code == 503)
