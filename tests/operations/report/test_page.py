"""The report in a real browser, on a phone and on a desk, light and dark."""

import shutil

import pytest
from support.operation_story import Story, told

from platformctl.operations.report.write import write_file

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
def opened(browser, tmp_path):
    """Return a function that opens the report of a story; nothing may be loaded or go wrong."""
    pages = []

    def open_page(story, width=1400, scheme="light"):
        path = write_file(told(story), tmp_path / "report.html")
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True
        )
        page.requested, page.problems = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto(path.as_uri())
        assert page.requested == [path.as_uri()], "the page needs nothing else"
        assert page.problems == []
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def box(page, selector):
    return page.locator(selector).first.bounding_box()


def test_the_page_says_what_happened_and_shows_it(opened):
    page = opened(Story(fails="analyse-50"))

    assert page.locator(".state").inner_text() == "rolled back"
    assert page.locator("h1").inner_text() == "deploy analytics-api"
    assert "r6 → r7" in page.locator("header").inner_text()
    assert "green fails too often: 5.2 % of its requests" in page.locator(".outcome").inner_text()
    assert page.locator(".timeline svg").count() == 5
    assert page.locator("svg .curve.new").count() == 4
    assert page.locator(".step").count() == 10
    text = page.locator("main").inner_text()
    for each in ("analyse-50", "at least 99 %", "12 of 12", "grouping by page", "Audit log"):
        assert each in text


def test_steps_stand_above_the_curves_of_the_same_seconds(opened):
    page = opened(Story())
    plot, strip = box(page, ".plot svg"), box(page, ".plot.steps")
    step = page.locator(".step", has_text="bake").bounding_box()
    measured = page.locator("svg .hover").nth(30).bounding_box()

    assert (strip["x"], strip["width"]) == (plot["x"], plot["width"])
    assert step["x"] < measured["x"] < step["x"] + step["width"]


@pytest.mark.parametrize("width", [360, 400, 768, 1400])
def test_nothing_is_wider_than_the_screen(opened, width):
    page = opened(Story(fails="bake"), width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert box(page, ".plot svg")["width"] > width / 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_paper(opened, scheme):
    page = opened(Story(fails="bake"), scheme=scheme)

    def luminance(colour):
        values = [int(value) / 255 for value in colour.strip("rgb()").split(",")]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        return sum(v * share for v, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    def colour(selector, what):
        script = f"element => getComputedStyle(element).{what}"
        return luminance(page.locator(selector).first.evaluate(script))

    paper = colour("body", "backgroundColor")
    assert (paper > 0.5) == (scheme == "light")
    for selector in ("h1", "dt", ".state", ".quiet", ".level", "th", ".bad", ".muted"):
        ink = colour(selector, "color")
        contrast = (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
        assert contrast >= 4.5, f"{selector} in {scheme}"


def test_what_people_wrote_is_text_and_never_markup(opened):
    reason = "<img src=x onerror='window.broken = 1'><script>window.broken = 1</script>"
    page = opened(Story(reason=reason))

    assert reason in page.locator(".facts").inner_text()
    assert page.evaluate("window.broken") is None


def test_pointing_at_a_moment_tells_its_numbers(opened):
    page = opened(Story())
    title = page.locator("svg .hover title").first.text_content()

    assert "blue r6, 90 % of the traffic, 2/2 tasks, 270 req/s, 0.0 % errors" in title
