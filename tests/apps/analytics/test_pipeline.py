"""From the request to the answer: ingestion, consumer and API together."""

import signal
import threading

import pytest
from support.analytics import event
from support.platform import eventually


@pytest.fixture
def ingestion(product):
    return product.start("ingestion")


@pytest.fixture
def consumer(product):
    return product.start("consumer")


@pytest.fixture
def api(product):
    return product.start("api", ready=False)


def test_accepted_events_come_out_of_the_api_as_they_went_in(ingestion, consumer, api):
    sent = [event(properties={"path": "/ü", "price": 12.5, "tags": ["a", None]}), event()]
    answer = ingestion.post(*sent)

    assert answer.status_code == 202
    assert answer.json() == {"accepted": 2}

    page = eventually(lambda: (got := api.get("/v1/events").json()).get("events", [])[1:] and got)
    found = {item["eventId"]: item for item in page["events"]}
    first = found[sent[0]["eventId"]]
    assert first["properties"] == sent[0]["properties"]
    assert first["timestamp"].replace("Z", "+00:00") == sent[0]["timestamp"]
    assert page["nextCursor"] is None


def test_the_same_event_twice_counts_once(product, ingestion, consumer):
    same, other = event(), event()
    ingestion.post(same, same)
    ingestion.post(same)
    ingestion.post(other)

    eventually(lambda: product.stored() == {same["eventId"], other["eventId"]})
    eventually(lambda: consumer.metric("consumer_events_duplicate_total") == 2)


def test_a_killed_consumer_loses_and_doubles_nothing(product, ingestion):
    sent = set()
    first = product.start("consumer", BATCH_EVENTS="50")
    for _ in range(20):
        events = [event() for _ in range(100)]
        assert ingestion.post(*events).status_code == 202
        sent |= {item["eventId"] for item in events}
    eventually(lambda: len(product.stored()) > 100, interval=0.01)
    first.signal(signal.SIGKILL)

    product.start("consumer")

    eventually(lambda: product.stored() == sent, seconds=60)


def test_two_consumers_share_the_work_and_one_takes_over(product, ingestion):
    first, second = product.start("consumer"), product.start("consumer")
    sent = set()

    def send():
        events = [event(userId=f"user-{number}") for number in range(200)]
        assert ingestion.post(*events).status_code == 202
        sent.update(item["eventId"] for item in events)

    send()
    eventually(lambda: product.stored() == sent, seconds=60)

    def both_work():
        send()
        return all(item.metric("consumer_events_stored_total") for item in (first, second))

    eventually(both_work, seconds=60, interval=0.5)
    status, _ = first.end()
    assert status == 0

    send()
    eventually(lambda: product.stored() == sent, seconds=60)


def test_sigterm_under_load_loses_no_accepted_event(product):
    ingestion = product.start("ingestion")
    accepted, refused = set(), threading.Event()

    def send():
        while not refused.is_set():
            events = [event() for _ in range(20)]
            try:
                answer = ingestion.post(*events)
            except OSError:
                break
            except Exception:  # noqa: BLE001  # any refusal ends this sender
                break
            if answer.status_code == 202:
                accepted.update(item["eventId"] for item in events)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    eventually(lambda: len(accepted) > 1000, interval=0.01)
    status, records = ingestion.end()
    refused.set()
    for sender in senders:
        sender.join(30)

    assert status == 0
    assert records[-1]["message"] == "stopped"
    assert {"unacknowledged": 0}.items() <= records[-2].items()
    product.start("consumer")
    eventually(lambda: accepted <= product.stored(), seconds=60)
