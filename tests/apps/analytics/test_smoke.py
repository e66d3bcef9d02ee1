"""The smoke checks of the services: the source passes them, a version that is wrong does not."""

import json
from datetime import UTC, datetime, timedelta

import jmespath
import pytest
from psycopg.types.json import Jsonb
from support import versions
from support.analytics import APPS

from platformctl.config.app import load_app


def mistakes(service):
    """Ask a service its smoke checks; return those it fails."""
    found = []
    for check in load_app(APPS / service.name / "app.yaml").smoke:
        answer = service.client.request(check.method, check.path, content=check.text)
        if answer.status_code != check.status:
            found.append((check.name, answer.status_code))
            continue
        for expression, value in check.expect.items():
            result = jmespath.search(expression, json.loads(answer.content))
            if result != value:
                found.append((check.name, expression, result))
    return found


@pytest.fixture
def filled(product):
    """A product with events of the last hours."""
    with product.postgres.connect(product.name) as connection:
        for number in range(20):
            connection.execute(
                "INSERT INTO events (event_id, user_id, session_id, event_type, occurred_at,"
                " properties) VALUES (%s, 'ada', 's', %s, %s, %s)",
                [
                    f"event-{number}",
                    ("page_view", "click")[number % 2],
                    datetime.now(UTC) - timedelta(minutes=30 * number),
                    Jsonb({}),
                ],
            )
    return product


@pytest.mark.parametrize("name", ["api", "ingestion"])
def test_the_source_passes_its_smoke_checks(filled, name):
    assert mistakes(filled.start(name, RELEASE=filled.name)) == []


def test_the_api_passes_them_without_any_event(product):
    assert mistakes(product.start("api", RELEASE=product.name)) == []


@pytest.mark.parametrize("name", ["api", "ingestion"])
def test_a_version_that_is_healthy_but_wrong_fails_them(filled, tmp_path, name):
    project = versions.checkout(tmp_path, versions.wrong())
    service = filled.start(name, apps=project / "apps" / "analytics", RELEASE=filled.name)

    assert service.status("/health") == 200
    assert mistakes(service) != []


def test_the_checks_of_ingestion_put_nothing_into_the_stream(product):
    ingestion = product.start("ingestion")

    assert mistakes(ingestion) == []

    assert ingestion.metric("ingestion_events_accepted_total") == 0
    assert ingestion.metric("ingestion_events_rejected_total") == 2


def test_what_one_release_has_cached_no_other_one_answers(filled, tmp_path):
    wrong = versions.checkout(tmp_path, versions.wrong()) / "apps" / "analytics"
    path = "/v1/events/summary"
    question = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    with filled.postgres.connect(filled.name) as connection:
        connection.execute(
            "UPDATE events SET occurred_at = '2026-01-01T12:00:00Z', event_type = 'click'"
        )
    blue = filled.start("api", RELEASE="r1")
    green = filled.start("api", RELEASE="r2", apps=wrong)

    assert green.get(path, **question).json()["total"] == 1
    assert blue.get(path, **question).json()["total"] == 20
