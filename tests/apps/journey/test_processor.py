"""What an event must be, and what the processor answers for those that are none."""

import base64
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processor.event import PoisonError, parse
from processor.handler import process
from processor.settings import Settings
from processor.store import BusyError, Store
from support.functions import unique
from support.journeys import DAY, event, make_tables


def encoded(document) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.b64encode(text.encode()).decode()


def record(number, document):
    return {
        "eventID": f"shardId-0:{number}",
        "kinesis": {"sequenceNumber": str(number), "data": encoded(document)},
    }


@pytest.fixture
def settings(region):
    tables = make_tables(region)
    return Settings(
        events_table=tables["EVENTS_TABLE"],
        sessions_table=tables["SESSIONS_TABLE"],
        summary_table=tables["SUMMARY_TABLE"],
        event_days=30,
        namespace=unique("Journey"),
    )


@pytest.fixture
def store(region, settings):
    return Store(region.client("dynamodb"), settings, pause=lambda seconds: None)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("no json", "no JSON"),
        ("[1]", "no JSON object"),
        (event(1, userId=""), "userId must be 1 to 256 characters"),
        (event(1, sessionId=7), "sessionId must be 1 to 256 characters"),
        (event(1, eventType="x" * 257), "eventType must be 1 to 256 characters"),
        (event(1, timestamp="yesterday"), "timestamp must be milliseconds"),
        (event(1, timestamp=True), "timestamp must be milliseconds"),
        (event(1, properties=[]), "properties must be an object"),
        (event(1, properties={"n": 10**40}), "a number that DynamoDB cannot hold"),
        ('{"userId": NaN}', "NaN is no number"),
        (event(1, properties={"text": "x" * 400_000}), "at most 350000 fit"),
    ],
)
def test_what_is_no_event_is_poison_and_says_why(document, why):
    with pytest.raises(PoisonError, match=why):
        parse(encoded(document))


@given(moment=st.integers(1, 4_000_000_000_000), first=st.uuids(), second=st.uuids())
def test_keys_keep_the_order_of_time_and_tell_events_of_one_millisecond_apart(
    moment, first, second
):
    def key(moment, name):
        metadata = {"eventId": str(name)}
        return parse(encoded(event(0, timestamp=moment, metadata=metadata))).sort_key

    assert moment < key(moment, first) < moment + 1
    assert (key(moment, first) == key(moment, second)) is (first == second)
    assert not str(key(moment, first)).endswith("0")
    assert isinstance(key(moment, first), Decimal)


def test_an_event_without_an_id_is_known_by_its_content():
    plain = event(1, metadata={})

    assert parse(encoded(plain)).event_id == parse(encoded(plain)).event_id
    assert parse(encoded(plain)).event_id != parse(encoded(event(2, metadata={}))).event_id


def test_good_records_around_poison_are_stored_and_the_poison_is_named(store, settings, capsys):
    records = [record(number, event(number)) for number in range(5)]
    records[2] = record(2, "poison")

    answer = process(records, store, settings, "request-1")

    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    metrics = json.loads(capsys.readouterr().out)
    assert (metrics["EventsStored"], metrics["EventsFailed"]) == (4, 1)
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == settings.namespace


def test_sessions_span_their_events_whatever_order_they_come_in(region, store, settings):
    for number in (5, 1, 9, 1):
        store.save([parse(encoded(event(number)))])

    client = region.client("dynamodb")
    key = {"sessionId": {"S": "session-0"}, "userId": {"S": "user-0"}}
    session = client.get_item(TableName=settings.sessions_table, Key=key)["Item"]
    assert int(session["endTime"]["N"]) - int(session["startTime"]["N"]) == 80
    assert session["eventCount"] == {"N": "3"}
    key = {"date": {"S": DAY}, "metricType": {"S": "sessions"}}
    figure = client.get_item(TableName=settings.summary_table, Key=key)["Item"]
    assert figure["value"] == {"N": "1"}


def test_two_who_store_the_same_at_once_count_it_once(region, store, settings):
    events = [parse(encoded(event(number))) for number in range(30)]

    class Overtaken:
        """DynamoDB, just before somebody else stores the same."""

        exceptions = region.client("dynamodb").exceptions

        def __init__(self):
            self.overtakes = 1

        def batch_get_item(self, **asked):
            return region.client("dynamodb").batch_get_item(**asked)

        def transact_write_items(self, **asked):
            if self.overtakes:
                self.overtakes -= 1
                store.save(events[10:])
            return region.client("dynamodb").transact_write_items(**asked)

    new = Store(Overtaken(), settings, pause=lambda seconds: None).save(events)

    assert new == 10
    key = {"date": {"S": DAY}, "metricType": {"S": "events"}}
    figure = region.client("dynamodb").get_item(TableName=settings.summary_table, Key=key)
    assert figure["Item"]["value"] == {"N": "30"}


def test_a_batch_that_others_keep_changing_is_tried_again_as_a_whole(settings):
    class Busy:
        def save(self, events):
            raise BusyError("others were faster")

    answer = process([record(1, event(1)), record(2, event(2))], Busy(), settings, "request-1")

    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == ["1", "2"]
