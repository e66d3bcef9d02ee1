"""The traffic of the proofs notices every request that fails and every event that is lost."""

import json
import signal
import time

import pytest
from support import versions
from support.platform import eventually
from support.storefront import Storefront
from support.traffic import Balance, Mix, Record, Report, Traffic
from support.versions import STOREFRONT, checkout


@pytest.fixture
def project(tmp_path):
    return checkout(tmp_path / "checkout", versions.good("red", STOREFRONT))


def orders(path):
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


def test_requests_flow_at_their_rate_and_every_order_comes_out_once(project, tmp_path):
    path = tmp_path / "orders"
    with Storefront(project, RELEASE="r1", ORDERS=str(path)) as storefront:
        mix = Mix(url=storefront.url, rate=100, sockets=5, long=2, slow="/slow?seconds=1")
        with Traffic(mix) as traffic:
            eventually(lambda: len(traffic.report().of("GET", "POST")) >= 300)
            report = traffic.stop()

    requests = report.of("GET", "POST")
    span = max(record.started for record in requests) - min(record.started for record in requests)
    assert report.failures == [], report.explain()
    assert 80 <= len(requests) / span <= 120
    assert 0.3 <= len(report.of("POST")) / len(requests) <= 0.7
    assert len(report.of("socket")) == 5
    assert {record.seconds >= 1 for record in report.of("slow")} == {True}
    assert set(report.releases) == {"r1", ""}
    assert {record.release for record in report.of("GET", "POST", "slow", "message")} == {"r1"}
    assert report.balance(orders(path)) == Balance((), (), (), ())


def test_a_killed_server_is_on_the_record(project, tmp_path):
    path = tmp_path / "orders"
    with Storefront(project, ORDERS=str(path)) as first:
        mix = Mix(url=first.url, rate=100, sockets=3, long=1, slow="/slow?seconds=1")
        with Traffic(mix) as traffic:
            eventually(lambda: len(traffic.report().records) >= 100)
            killed = time.time()
            first.process.kill()
            eventually(lambda: traffic.report().failures)
            with Storefront(project, port=first.port, ORDERS=str(path), RELEASE="r2"):
                eventually(lambda: traffic.report().releases["r2"] >= 100)
                report = traffic.stop()

    assert {"GET", "POST", "socket"} <= {record.kind for record in report.failures}
    assert all(record.started + record.seconds >= killed for record in report.failures)
    assert report.balance(orders(path)).even
    assert "closed with 1006" in {record.error for record in report.of("socket")}


def test_a_server_that_stops_in_due_form_closes_sockets_without_loss(project):
    with (
        Storefront(project) as first,
        Traffic(Mix(url=first.url, rate=0, sockets=10)) as traffic,
    ):
        eventually(lambda: len(traffic.report().of("message")) >= 20)
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(30) == 0
        refused = traffic.report()
        with Storefront(project, port=first.port, RELEASE="r2"):
            eventually(lambda: traffic.report().releases["r2"] >= 20)
            report = traffic.stop()

    # Between the two there is nobody to connect to, and that is all that may have failed.
    assert {record.kind for record in report.failures} <= {"socket"}
    assert "1006" not in refused.explain()
    assert [record for record in report.of("message") if record.error] == []


def test_errors_and_their_release_are_on_the_record(tmp_path):
    project = checkout(tmp_path, versions.errors(0.1, STOREFRONT))
    with (
        Storefront(project, RELEASE="r9") as storefront,
        Traffic(Mix(url=storefront.url, rate=100, posts=0)) as traffic,
    ):
        eventually(lambda: len(traffic.report().records) >= 200)
        report = traffic.stop()

    share = len(report.failures) / len(report.records)
    assert 0.09 <= share <= 0.11
    assert {(record.status, record.release) for record in report.failures} == {(500, "r9")}
    assert "GET 500" in report.explain()


def test_a_balance_tells_lost_phantom_duplicate_and_unsure_events():
    def post(event, error=""):
        return Record("POST", 0, 0.1, 0 if error else 202, error=error, event=event)

    report = Report((post("a"), post("b"), post("c"), post("d", "no answer"), post("e", "refused")))

    balance = report.balance(["a", "b", "b", "d", "x"])

    assert balance == Balance(lost=("c",), phantom=("x",), duplicate=("b",), unsure=("d",))
    assert not balance.even
    assert report.balance(["a", "b", "c", "e"]).even


def test_percentiles_are_of_answers_only():
    records = [Record("GET", 0, number / 100, 200) for number in range(1, 101)]
    report = Report((*records, Record("GET", 0, 30, error="ReadTimeout")))

    assert report.percentile(50, "GET") == pytest.approx(0.51)
    assert report.percentile(99, "GET") == pytest.approx(1.0)
