"""What a user of the running analytics platform sees."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from support.platform import eventually


@pytest.fixture(scope="module")
def urls(platform):
    return platform.outputs()


@pytest.fixture
def ingestion(urls):
    with httpx.Client(base_url=urls["analytics_ingestion_url"], timeout=15) as client:
        yield client


@pytest.fixture
def api(urls):
    with httpx.Client(base_url=urls["analytics_api_url"], timeout=15) as client:
        yield client


def event(user, **changes):
    return {
        "eventId": str(uuid.uuid4()),
        "userId": user,
        "sessionId": f"session-{user}",
        "eventType": "page_view",
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": {"path": "/"},
        **changes,
    }


@pytest.fixture
def user():
    return f"user-{uuid.uuid4()}"


def events_of(api, user, **parameters):
    answer = api.get("/v1/events", params={"userId": user, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_accepted_events_come_out_of_the_api(ingestion, api, user):
    sent = [event(user) for _ in range(25)]
    answer = ingestion.post("/v1/events", json={"events": sent})

    assert answer.status_code == 202
    assert answer.json() == {"accepted": 25}

    found = eventually(
        lambda: (page := events_of(api, user, limit=100))["events"][24:] and page["events"]
    )
    assert {item["eventId"] for item in found} == {item["eventId"] for item in sent}


def test_pages_follow_each_other_without_gap_or_overlap(ingestion, api, user):
    sent = [event(user) for _ in range(12)]
    ingestion.post("/v1/events", json={"events": sent})
    eventually(lambda: len(events_of(api, user, limit=100)["events"]) == 12)

    seen, cursor = [], None
    while True:
        page = events_of(api, user, limit=5, **({"cursor": cursor} if cursor else {}))
        seen += [item["eventId"] for item in page["events"]]
        cursor = page.get("nextCursor")
        if not cursor:
            break

    assert sorted(seen) == sorted(item["eventId"] for item in sent)


def test_the_same_event_sent_twice_counts_once(ingestion, api, user):
    first = event(user)
    second = event(user)
    for body in ([first], [first], [second]):
        assert ingestion.post("/v1/events", json={"events": body}).status_code == 202
    eventually(lambda: len(events_of(api, user)["events"]) >= 2)

    assert len(events_of(api, user)["events"]) == 2


def test_a_bad_event_is_named_and_the_good_ones_of_its_batch_are_kept(ingestion, api, user):
    good, bad = event(user), event(user, timestamp="yesterday")
    answer = ingestion.post("/v1/events", json={"events": [bad, good]})

    assert answer.status_code == 422
    assert "timestamp" in json.dumps(answer.json())
    found = eventually(lambda: events_of(api, user)["events"])
    assert [item["eventId"] for item in found] == [good["eventId"]]


@pytest.mark.parametrize("group", ["eventType", "userId", "hour"])
def test_the_summary_counts_by_each_grouping(ingestion, api, user, group):
    ingestion.post("/v1/events", json={"events": [event(user) for _ in range(3)]})
    now = datetime.now(UTC)
    window = {
        "from": (now - timedelta(hours=2)).isoformat(),
        "to": (now + timedelta(hours=1)).isoformat(),
    }

    def summary():
        answer = api.get("/v1/events/summary", params={**window, "groupBy": group})
        assert answer.status_code == 200, answer.text
        return answer.json()

    eventually(lambda: "3" in json.dumps(summary()) and events_of(api, user)["events"][2:])


def addresses_of(platform, service):
    ecs = platform.client("ecs")
    cluster = ecs.list_clusters()["clusterArns"][0]
    tasks = ecs.list_tasks(cluster=cluster, family=service)["taskArns"]
    return [
        interface["privateIpv4Address"]
        for task in ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"]
        for container in task["containers"]
        for interface in container["networkInterfaces"]
    ]


@pytest.mark.parametrize(
    ("service", "port", "path"),
    [("analytics-ingestion", 8080, "/v1/events"), ("analytics-api", 8000, "/v1/events/summary")],
)
def test_each_service_describes_itself_with_openapi(platform, service, port, path):
    address = eventually(lambda: addresses_of(platform, service))[0]
    described = httpx.get(f"http://{address}:{port}/openapi.json").json()

    assert described["openapi"].startswith("3.")
    assert path in described["paths"]


def test_the_dashboard_page_shows_the_events(platform, urls):
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(urls["analytics_frontend_url"])
        page.wait_for_selector("svg, canvas")
        page.wait_for_function("document.body.innerText.includes('page_view')")
        browser.close()

    assert errors == []
