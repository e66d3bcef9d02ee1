"""The versions that the proofs deploy do what their names say."""

import compileall
import time

import httpx
import psutil
import pytest
from support import versions
from support.platform import eventually
from support.storefront import Storefront
from support.versions import ANALYTICS, STOREFRONT, checkout

EVERY = [
    lambda of: versions.good("red", of),
    lambda of: versions.errors(0.05, of),
    lambda of: versions.slow(300, of),
    lambda of: versions.slow_above(50, 300, of),
    lambda of: versions.leaks(50, of),
    versions.wrong,
    versions.crashes,
    lambda of: versions.crashes(of, after_seconds=1),
    versions.unhealthy,
    versions.flapping,
    versions.port_taken,
]


@pytest.fixture
def run(tmp_path):
    """Run a version of the storefront."""
    running = []

    def run(version, **options):
        storefront = Storefront(checkout(tmp_path, version), **options)
        running.append(storefront)
        return storefront

    yield run
    for storefront in running:
        storefront.__exit__()


@pytest.mark.parametrize("of", [ANALYTICS, STOREFRONT], ids=["analytics", "storefront"])
@pytest.mark.parametrize("make", EVERY)
def test_each_version_differs_from_the_source_and_is_python(tmp_path, make, of):
    version = make(of)

    project = checkout(tmp_path, version)

    product = project / "apps" / of.folder.name
    changed = {edit.path for edit in version.edits}
    before = {path: (of.folder / path) for path in changed}
    assert all(
        not original.exists() or original.read_text() != (product / path).read_text()
        for path, original in before.items()
    )
    assert compileall.compile_dir(product / of.shared, quiet=2)
    assert all(compileall.compile_file(product / path, quiet=2) for path in changed)


def test_an_edit_that_no_longer_fits_is_noticed(tmp_path):
    edit = versions.Edit("storefront/application.py", "no such line", "anything")

    with pytest.raises(AssertionError, match="does not have 'no such line' once"):
        checkout(tmp_path, versions.Version("stale", STOREFRONT, (edit,)))


def test_good_tells_its_marker(run):
    storefront = run(versions.good("red", STOREFRONT), RELEASE="r2")

    answer = httpx.get(f"{storefront.url}/items/7")

    assert answer.json() == {"item": 7, "price": 107}
    assert (answer.headers["X-Version"], answer.headers["X-Release"]) == ("red", "r2")


def test_errors_answers_that_share_with_500_and_stays_healthy(run):
    storefront = run(versions.errors(0.05, STOREFRONT), RELEASE="r2")

    with httpx.Client(base_url=storefront.url) as client:
        answers = [client.get(f"/items/{number}") for number in range(100)]

    failed = [answer for answer in answers if answer.status_code == 500]
    assert len(failed) == 5
    assert failed[0].headers["X-Release"] == "r2"
    assert httpx.get(f"{storefront.url}/health").status_code == 200


def test_slow_takes_longer_for_requests_and_not_for_health_checks(run):
    storefront = run(versions.slow(300, STOREFRONT))

    assert httpx.get(f"{storefront.url}/items/1").elapsed.total_seconds() >= 0.3
    assert httpx.get(f"{storefront.url}/health").elapsed.total_seconds() < 0.3


def test_slow_above_is_slow_only_under_load(run):
    storefront = run(versions.slow_above(20, 300, STOREFRONT))

    with httpx.Client(base_url=storefront.url) as client:
        took = [client.get("/items/1").elapsed.total_seconds() for _ in range(25)]

    assert max(took[:20]) < 0.3 <= min(took[20:22])


def test_leaks_takes_more_and_more_memory_up_to_its_bound(run):
    storefront = run(versions.leaks(200, STOREFRONT, most=60))
    process = psutil.Process(storefront.process.pid)

    eventually(lambda: process.memory_info().rss > 90 * 2**20)
    peak = process.memory_info().rss
    eventually(lambda: process.memory_info().rss <= peak + 30 * 2**20)

    assert process.memory_info().rss < 180 * 2**20


def test_wrong_is_healthy_and_answers_wrongly(run):
    storefront = run(versions.wrong(STOREFRONT))

    assert httpx.get(f"{storefront.url}/health").status_code == 200
    assert httpx.get(f"{storefront.url}/items/7").json()["price"] == 0


def test_crashes_ends_at_once_and_says_why(run):
    storefront = run(versions.crashes(STOREFRONT), ready=False)

    assert storefront.process.wait(30) != 0
    assert "no such table: prices" in storefront.output()


def test_crashes_may_serve_for_a_while_first(run):
    storefront = run(versions.crashes(STOREFRONT, after_seconds=2))

    assert storefront.process.wait(30) == 70
    assert "cannot go on" in storefront.output()


def test_unhealthy_serves_but_is_not_healthy(run):
    storefront = run(versions.unhealthy(STOREFRONT))

    assert httpx.get(f"{storefront.url}/health").status_code == 503
    assert httpx.get(f"{storefront.url}/items/1").status_code == 200


def test_flapping_is_healthy_and_unhealthy_in_turn(run):
    storefront = run(versions.flapping(STOREFRONT, seconds=0.2))
    seen = []

    def turned_twice():
        status = httpx.get(f"{storefront.url}/health").status_code
        if not seen or seen[-1] != status:
            seen.append(status)
        return len(seen) > 3

    eventually(turned_twice, interval=0.02)
    assert set(seen) == {200, 503}


def test_port_taken_cannot_listen(run):
    began = time.monotonic()
    storefront = run(versions.port_taken(STOREFRONT), ready=False)

    assert storefront.process.wait(30) != 0
    assert "address already in use" in storefront.output()
    assert time.monotonic() - began < 30
