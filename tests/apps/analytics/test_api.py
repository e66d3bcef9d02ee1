"""The API over HTTP: its answers, and what it does when a store is away."""

import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.types.json import Jsonb
from support.platform import eventually

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0) - timedelta(hours=3)
NEW_YEAR = "2026-01-01T00:00:00Z"
ROWS = [
    # id, user, session, type, hours before NOW
    ("e1", "ada", "s1", "page_view", 0),
    ("e2", "ada", "s1", "page_view", 0),
    ("e3", "ada", "s2", "click", 1),
    ("e4", "grace", "s3", "page_view", 1),
    ("e5", "grace", "s3", "purchase", 5),
    ("e6", "alan", "s4", "page_view", 24 * 40),
]


def fill(product, rows=ROWS):
    with product.postgres.connect(product.name) as connection:
        for identifier, user, session, kind, hours in rows:
            connection.execute(
                "INSERT INTO events VALUES (%s, %s, %s, %s, %s, now(), %s)",
                [identifier, user, session, kind, NOW - timedelta(hours=hours), Jsonb({"a": 1})],
            )


@pytest.fixture
def api(product):
    fill(product)
    return product.start("api")


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("eventType", [("page_view", 3), ("click", 1), ("purchase", 1)]),
        ("userId", [("ada", 3), ("grace", 2)]),
        (
            "hour",
            [
                ((NOW - timedelta(hours=hours)).replace(minute=0), count)
                for hours, count in ((0, 2), (1, 2), (5, 1))
            ],
        ),
        ("minute", [(NOW - timedelta(hours=h), count) for h, count in ((0, 2), (1, 2), (5, 1))]),
    ],
)
def test_a_summary_counts_the_last_day_by_each_grouping(api, group, expected):
    body = api.get("/v1/events/summary", groupBy=group).json()

    read = datetime.fromisoformat if group in {"hour", "minute"} else str
    assert [(read(item["key"]), item["count"]) for item in body["groups"]] == expected
    assert body["total"] == 5
    assert body["groupBy"] == group


def test_a_period_includes_its_begin_and_not_its_end(api):
    window = {"from": (NOW - timedelta(hours=1)).isoformat(), "to": NOW.isoformat()}

    assert api.get("/v1/events/summary", **window).json()["total"] == 2


def test_a_summary_can_be_of_one_user_session_or_type(api):
    def total(**filters):
        return api.get("/v1/events/summary", **filters).json()["total"]

    assert total(userId="grace") == 2
    assert total(sessionId="s1") == 2
    assert total(eventType="page_view", userId="ada") == 2
    assert total(userId="nobody") == 0


def test_the_total_counts_groups_beyond_the_limit_too(api):
    body = api.get("/v1/events/summary", groupBy="eventType", limit=1).json()

    assert [item["key"] for item in body["groups"]] == ["page_view"]
    assert body["total"] == 5


def test_pages_follow_each_other_though_events_share_a_time(api):
    seen, cursor = [], None
    while True:
        page = api.get("/v1/events", limit=1, **({"cursor": cursor} if cursor else {})).json()
        seen += [item["eventId"] for item in page["events"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break

    assert seen == ["e2", "e1", "e4", "e3", "e5", "e6"]
    of_ada = api.get("/v1/events", userId="ada").json()["events"]
    assert [item["eventId"] for item in of_ada] == ["e2", "e1", "e3"]
    assert of_ada[0]["properties"] == {"a": 1}


@pytest.mark.parametrize(
    ("path", "parameters", "field"),
    [
        ("/v1/events/summary", {"from": "yesterday"}, "from"),
        ("/v1/events/summary", {"from": "2026-01-01T00:00:00"}, "from"),
        (
            "/v1/events/summary",
            {"to": NEW_YEAR, "from": "2026-02-01T00:00:00Z"},
            "from",
        ),
        (
            "/v1/events/summary",
            {"to": NEW_YEAR, "from": "2020-01-01T00:00:00Z"},
            "from",
        ),
        ("/v1/events/summary", {"groupBy": "colour"}, "groupBy"),
        ("/v1/events/summary", {"limit": 0}, "limit"),
        ("/v1/events/summary", {"userId": "a\0b"}, "userId"),
        ("/v1/events", {"limit": 501}, "limit"),
        ("/v1/events", {"userId": "u" * 129}, "userId"),
        ("/v1/events", {"cursor": "x"}, "cursor"),
        ("/v1/events", {"cursor": "WzEsMl0"}, "cursor"),
        ("/v1/events", {"cursor": "é"}, "cursor"),
        ("/v1/events", {"cursor": "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwgImEiXQ"}, "cursor"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(api, path, parameters, field):
    answer = api.get(path, **parameters)

    assert answer.status_code == 422
    assert [item["field"] for item in answer.json()["error"]["details"]] == [field]


def test_the_same_question_again_is_answered_from_the_cache(product, api):
    window = {"from": (NOW - timedelta(hours=9)).isoformat(), "to": datetime.now(UTC).isoformat()}
    first = api.get("/v1/events/summary", **window).json()
    with product.postgres.connect(product.name) as connection:
        connection.execute("DELETE FROM events")

    assert api.get("/v1/events/summary", **window).json() == first
    assert 'cache_lookups_total{result="hit"}' in api.client.get("/metrics").text
    eventually(lambda: api.get("/v1/events/summary", **window).json()["total"] == 0)


def test_without_redis_the_database_answers_and_redis_may_come_back(fragile):
    fill(fragile)
    api = fragile.start("api")
    fragile.redis.stop()

    for _ in range(3):
        answer = api.get("/v1/events/summary", userId="ada")
        assert answer.json()["total"] == 3
    assert api.status("/ready") == 200
    started = time.monotonic()
    for _ in range(20):
        api.get("/v1/events/summary")
    assert time.monotonic() - started < 3

    fragile.redis.start()

    def hits():
        api.get("/v1/events/summary")
        return 'result="hit"' in api.client.get("/metrics").text

    eventually(hits)


def test_a_redis_that_hangs_delays_one_answer_only_a_little(fragile):
    fill(fragile)
    api = fragile.start("api")
    api.get("/v1/events/summary")
    fragile.redis.signal(signal.SIGSTOP)

    started = time.monotonic()
    answers = [api.get("/v1/events/summary").status_code for _ in range(5)]
    took = time.monotonic() - started

    fragile.redis.signal(signal.SIGCONT)
    assert answers == [200] * 5
    assert took < 2


def test_without_its_database_it_says_so_and_recovers_by_itself(fragile):
    fill(fragile)
    api = fragile.start("api")
    fragile.postgres.stop()

    answer = api.get("/v1/events", userId="ada")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["error"]["code"] == "database_unavailable"
    eventually(lambda: api.status("/ready") == 503)
    assert api.status("/health") == 200
    # Long enough for the pool to have given up its first series of attempts.
    until = time.monotonic() + 6
    eventually(lambda: time.monotonic() > until and api.status("/ready") == 503)

    fragile.postgres.start()
    eventually(lambda: api.get("/v1/events", userId="ada").status_code == 200)
    eventually(lambda: api.status("/ready") == 200)


def test_before_there_are_tables_it_answers_503(unmigrated):
    api = unmigrated.start("api")

    answer = api.get("/v1/events")

    assert answer.status_code == 503
    unmigrated.migrate()
    eventually(lambda: api.get("/v1/events").json() == {"events": [], "nextCursor": None})


def test_the_openapi_document_names_the_parameters_as_the_wire_does(api):
    document = api.client.get("/openapi.json").json()

    names = {item["name"] for item in document["paths"]["/v1/events/summary"]["get"]["parameters"]}
    assert {"from", "to", "groupBy"} <= names
    assert api.client.get("/docs").status_code == 200
