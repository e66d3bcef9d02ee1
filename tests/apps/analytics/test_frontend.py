"""The dashboard in a real browser, before the real services."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from support.analytics import event
from support.platform import eventually
from support.site import Site

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def site(product):
    ingestion = product.start("ingestion")
    product.start("consumer")
    api = product.start("api")
    site = Site(str(ingestion.client.base_url), str(api.client.base_url))
    site.post = ingestion.post
    eventually(lambda: api.get("/v1/events").status_code == 200)
    yield site
    site.close()


@pytest.fixture
def page(browser, site):
    page = browser.new_page()
    page.set_default_timeout(20_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(site.url)
    yield page
    page.close()


def text(page, selector):
    return page.locator(selector).inner_text()


def test_the_page_shows_what_happened_and_goes_on_by_itself(page, site):
    page.wait_for_function("document.body.innerText.includes('No events in this period')")

    now = datetime.now(UTC)
    site.post(
        *[event(timestamp=(now - timedelta(minutes=n)).isoformat()) for n in range(5)],
        event(eventType="purchase", userId="user-grace"),
    )

    page.wait_for_function("document.getElementById('total').textContent === '6'")
    assert page.locator("#time svg").count() == 1
    assert "6 events" in page.locator("#time svg").get_attribute("aria-label")
    assert "purchase" in text(page, "#types")
    assert "user-grace" in text(page, "#users")
    assert page.locator("#events tbody tr").count() == 6
    assert page.errors == []


def test_a_sample_event_is_sent_from_the_page_and_appears(page):
    page.wait_for_selector(".state.good")
    page.click("#send")

    page.wait_for_function("document.getElementById('events').innerText.includes('button_click')")
    assert page.errors == []


def test_an_outage_is_told_and_ends_by_itself(page, site):
    page.wait_for_selector(".state.good")
    api, site.api = site.api, "http://127.0.0.1:1"

    page.wait_for_selector(".state.bad")
    assert "Trying again" in text(page, "#state")
    site.api = api

    page.wait_for_selector(".state.good")


def test_names_from_events_are_shown_as_text_never_as_markup(page, site):
    site.post(event(userId="<img src=x onerror='window.broken = 1'>"))

    page.wait_for_function("document.getElementById('users').innerText.includes('<img')")
    assert page.evaluate("window.broken") is None
