"""What is read from the brokers' log lines."""

from platformctl.region.servers.kafka.ledger import Ledger


def appended(topic: str, partition: int, count: int, offset: int, start: int, end: int) -> bytes:
    return (
        f"[thrd:mock]: Broker 1: Log append {topic} [{partition}] {count} messages, "
        f"{count * 10} bytes at offset {offset} (log now {start}..{end}, original start 0)"
    ).encode()


def committed(topic: str, partition: int, offset: int, group: str) -> bytes:
    return (
        f"[thrd:mock]: Topic {topic} [{partition}] committing offset {offset} for group {group}"
    ).encode()


def test_traffic_is_counted_from_report_to_report():
    ledger = Ledger()
    ledger.note(b'[thrd:mock]: Created topic "events" with 2 partition(s) and replication-factor 3')
    ledger.note(appended("events", 0, 5, 0, 0, 5))
    ledger.note(appended("events", 1, 3, 0, 0, 3))
    first = ledger.report()["topics"]["events"]
    assert (first["messages"], first["bytes"]) == (8, 80)
    assert (first["partitions"], first["replication"]) == (2, 3)
    assert ledger.report()["topics"]["events"]["messages"] == 0


def test_lag_is_what_a_group_has_not_committed():
    ledger = Ledger()
    ledger.note(appended("events", 0, 5, 0, 0, 5))
    ledger.note(appended("events", 1, 3, 0, 0, 3))
    ledger.note(committed("events", 0, 4, "my readers"))
    assert ledger.report()["lags"] == {"my readers": {"events": [1, 3]}}


def test_what_is_unread_begins_where_the_slowest_group_is():
    ledger = Ledger()
    ledger.note(appended("events", 0, 9, 0, 0, 9))
    ledger.read()
    assert ledger.unread("events", 0) == 0
    ledger.note(committed("events", 0, 7, "fast"))
    ledger.note(committed("events", 0, 4, "slow"))
    ledger.read()
    assert ledger.unread("events", 0) == 4


def test_messages_dropped_before_they_were_read_are_counted():
    ledger = Ledger()
    ledger.note(appended("events", 0, 10, 0, 0, 10))
    ledger.note(committed("events", 0, 4, "readers"))
    ledger.note(appended("events", 0, 10, 10, 6, 20))
    assert ledger.report()["topics"]["events"]["dropped"] == 2
    assert ledger.report()["topics"]["events"]["dropped"] == 0
    ledger.note(committed("events", 0, 20, "readers"))
    ledger.note(appended("events", 0, 10, 20, 15, 30))
    assert ledger.report()["topics"]["events"]["dropped"] == 0


def test_a_deleted_topic_is_forgotten_with_the_positions_in_it():
    ledger = Ledger()
    ledger.note(appended("events", 0, 10, 0, 0, 10))
    ledger.note(committed("events", 0, 4, "readers"))
    ledger.forget("events")
    assert ledger.report() == {"topics": {}, "lags": {"readers": {}}}


def test_other_lines_are_not_kept():
    ledger = Ledger()
    ledger.note(b"[thrd:mock]: Broker 1: Received FetchRequestV11 from 127.0.0.1:1")
    assert ledger.report() == {"topics": {}, "lags": {}}
