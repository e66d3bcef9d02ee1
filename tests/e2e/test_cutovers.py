"""Cutovers, rollbacks and aborts of the analytics platform, under traffic, by the command line."""

import json
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from support import versions
from support.platform import Platform, eventually
from support.proofs import RATE, acts
from support.traffic import Mix, Report, Traffic

SERVICES = ("analytics-api", "analytics-ingestion", "analytics-consumer")
CANCELLED = 8
UNDONE = (4, 9)
"""Exit status where a limit was not kept, or a deadline."""
QUICK = {"weights": [50, 100], "stepSeconds": 2, "bakeSeconds": 2, "readySeconds": 1}
# Other tests share the machine: how fast a good version answers then says nothing about it.
PATIENT = {
    "periodSeconds": 1,
    "p50Milliseconds": None,
    "p99Milliseconds": None,
    "relativeLatencyPercent": None,
    "successPercent": 99,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The analytics platform in a folder of its own, and two good versions of it."""
    shop = Analytics(tmp_path_factory.mktemp("cutovers"))
    shop.platform.run("up", "local", timeout=300)
    shop.send_first_events()
    yield shop
    shop.platform.run("destroy", "local", "--yes")


class Analytics:
    """The platform, what can be deployed to it, and what is known of it.

    Args:
        folder: For the project and its other checkouts.
    """

    def __init__(self, folder):
        project = folder / "project"
        project.mkdir()
        self.folder = folder
        self.platform = Platform.create(project)
        self.cut_over_like()
        self.sources = [self.checkout(versions.good(marker)) for marker in "ab"]
        # Which of the two sources; none of them is what `up` deployed.
        self.running = dict.fromkeys(SERVICES, -1)
        self.previous = dict(self.running)
        self.sides = dict.fromkeys(SERVICES, "blue")

    def checkout(self, version):
        return versions.checkout(self.folder / version.name, version)

    def cut_over_like(self, *, analysis=(), **timing):
        """Say how cutovers are done from now on."""

        def change(config):
            cutover = config["platform:cutover"]
            cutover.update({**QUICK, **timing})
            cutover["analysis"].update({**PATIENT, **dict(analysis)})

        self.platform.configure(change)

    def require_serving(self, service, *, moved):
        """Make sure that `status` tells the side of before, or the other one if it has moved."""
        if moved:
            self.sides[service] = {"blue": "green", "green": "blue"}[self.sides[service]]
        found = self.platform.json("status", "local")["services"]
        serving = {each["name"]: each["active"] for each in found}
        assert serving == self.sides

    @contextmanager
    def traffic(self, *, posts=True):
        """Send reads to the API and events to ingestion; yield what tells what became of them."""
        urls = self.platform.outputs()
        mixes = [Mix(url=urls["analytics_api_url"], get="/v1/events?limit=1", post="", rate=RATE)]
        if posts:
            mixes = [
                Mix(**{**vars(mixes[0]), "rate": RATE / 2}),
                Mix(
                    url=urls["analytics_ingestion_url"],
                    get="",
                    post="/v1/events",
                    posts=1,
                    body="events",
                    rate=RATE / 2,
                ),
            ]
        with ExitStack() as stack:
            flows = [stack.enter_context(Traffic(mix)) for mix in mixes]
            eventually(lambda: all(flow.report().records for flow in flows))
            yield flows

    def events(self):
        """Return the number of every event that the API lists, as often as it does."""
        url, found, cursor = self.platform.outputs()["analytics_api_url"], [], {}
        with httpx.Client(base_url=url, timeout=30) as client:
            while cursor is not None:
                page = client.get("/v1/events", params={"limit": 500, **cursor}).json()
                found += [event["eventId"] for event in page["events"]]
                cursor = {"cursor": page["nextCursor"]} if page.get("nextCursor") else None
        return found

    def send_first_events(self):
        """Send some events: of nothing at all, wrong sums are right."""
        moment = datetime.now(UTC).isoformat()
        events = [
            {
                "eventId": f"first-{number}",
                "userId": "ada",
                "sessionId": "session-ada",
                "eventType": "page_view",
                "timestamp": moment,
                "properties": {"path": "/"},
            }
            for number in range(20)
        ]
        url = self.platform.outputs()["analytics_ingestion_url"]
        httpx.post(f"{url}/v1/events", json={"events": events}, timeout=30).raise_for_status()
        eventually(lambda: len(self.events()) == len(events))

    # What is done.

    def cutover(self, number):
        service, source = self._next(number)
        self.platform.run("deploy", "local", service, "--source", str(self.sources[source]))
        self.require_serving(service, moved=True)
        self.previous[service], self.running[service] = self.running[service], source

    def rollback(self, number):
        service = SERVICES[number % len(SERVICES)]
        self.platform.run("rollback", "local", service, "--message", "a proof")
        self.require_serving(service, moved=True)
        self.running[service] = self.previous[service]

    def abort(self, number):
        """Abort a cutover while both sides work, or of a consumer the new one does."""
        service, source = self._next(number)
        self.cut_over_like(stepSeconds=120, bakeSeconds=120)
        arguments = ("--source", str(self.sources[source]), "--keep-green", "0", "--json")
        deploy = self.platform.start("deploy", "local", service, *arguments)
        said = []
        for line in deploy.stdout:
            said.append(line)
            step = json.loads(line).get("step")
            if isinstance(step, dict) and step["name"] in ("analyse-50", "bake"):
                break
        else:
            pytest.fail(f"{''.join(said)}\n{deploy.stderr.read()}")
        undone = self.platform.run("cutover", "abort", "local", service, "-m", "a proof")
        assert f"✓ deploy of {service}" in undone.stderr
        assert ": cancelled" in undone.stderr
        said = deploy.communicate(timeout=60)
        self.cut_over_like()
        assert deploy.returncode == CANCELLED, said
        self.require_serving(service, moved=False)

    def _next(self, number):
        service = SERVICES[number % len(SERVICES)]
        return service, (self.running[service] + 1) % 2


def joined(flows):
    """Return what every flow sent."""
    return Report(tuple(record for flow in flows for record in flow.report().records))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_request_fails_and_every_event_comes_out_once_whatever_is_deployed(shop):
    done = Counter()
    with shop.traffic() as flows:
        for act in acts():
            getattr(shop, act.kind)(act.number)
            done[act.kind] += 1
            failed = joined(flows)
            assert failed.failures == [], f"by {act} at the latest: {failed.explain()}"
        for flow in flows:
            flow.stop()
        report = joined(flows)

    assert report.failures == [], report.explain()
    balance = eventually(lambda: _even(report, shop), seconds=600, interval=1)
    print(f"\n{dict(done)}: {len(report.records)} requests, none failed; answered by")
    print(f"{dict(report.releases)}; {len(report.acknowledged)} events, {balance}")


def _even(report, shop):
    balance = report.balance(each for each in shop.events() if not each.startswith("first-"))
    assert not balance.phantom
    assert not balance.duplicate
    return balance if balance.even else None


BAD = [
    pytest.param(versions.errors(0.05), {}, "success", id="5 % errors"),
    # The limit that a local environment has by itself.
    pytest.param(versions.slow(300), {"p50Milliseconds": 300}, "p50", id="+300 ms"),
    pytest.param(versions.leaks(25), {}, "memory", id="leaks until it dies"),
    pytest.param(versions.wrong(), {}, "smoke", id="healthy but wrong"),
]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("version", "limits", "reason"), BAD)
def test_a_bad_version_is_reversed_without_a_person(shop, version, limits, reason):
    shop.cut_over_like(analysis=limits, stepSeconds=40, bakeSeconds=40)
    source = str(shop.checkout(version))
    with shop.traffic(posts=False) as (flow,):
        good = set(flow.report().releases) - {""}
        deploy = shop.platform.start("deploy", "local", "analytics-api", "--source", source)
        said = "".join(deploy.communicate(timeout=200))
        after = len(flow.report().records)
        eventually(lambda: len(flow.report().records) > after + 2 * RATE)
        report = flow.stop()

    assert deploy.returncode in UNDONE, said
    assert reason in said
    shop.require_serving("analytics-api", moved=False)
    assert not good & {failure.release for failure in report.failures}, report.explain()
    clean = Report(report.records[after:])
    assert clean.failures == [], clean.explain()
    assert set(clean.releases) == good
    print(f"\n{version.name}: {len(report.failures)} of {len(report.records)} failed")
