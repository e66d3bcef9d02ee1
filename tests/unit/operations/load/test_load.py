"""The load tool against a small real HTTP server that counts what it is told."""

import json
import signal
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from platformctl.errors import ConfigurationError, InvocationError, PlatformError
from platformctl.operations.load import run
from platformctl.operations.load.profile import event_writer, load_profile
from platformctl.operations.load.run import run_load, send_sample
from platformctl.operations.load.traffic import Client

PROFILE = """
send:
  output: in_url
  path: /events
  list: events
  accepted: accepted
  event: {id: "{uuid}", kind: "{choice:a,b}", user: "u-{number:3}", timestamp: "{now}"}
count:
  output: out_url
  path: "/count?from={start}&to={end}"
  total: total
  groups: "groups[].[key, count]"
sample: {file: events.jsonl, secondsAgo: age}
"""


class Counter(ThreadingHTTPServer):
    """Accepts batches of events, keeps their ids and times, and answers how many it has."""

    def __init__(self, *, refuse_every=0, lose=0):
        self.events = {}
        self.requests = 0
        self.refuse_every = refuse_every
        self.lose = lose
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["events"]
        with self.server.lock:
            self.server.requests += 1
            number = self.server.requests
            if self.server.refuse_every and number % self.server.refuse_every == 0:
                events_kept = None
            else:
                events_kept = events[self.server.lose :]
                self.server.events.update({event["id"]: event for event in events_kept})
        if events_kept is None:
            self.answer(503, {})
        else:
            self.answer(202, {"accepted": len(events)})

    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query)
        low, high = (datetime.fromisoformat(asked[name][0]) for name in ("from", "to"))
        with self.server.lock:
            inside = [
                event
                for event in self.server.events.values()
                if low <= datetime.fromisoformat(event["timestamp"]) < high
            ]
        self.answer(200, {"total": len(inside), "groups": [{"key": "all", "count": len(inside)}]})

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def serve():
    servers = []

    def start(**behaviour):
        server = Counter(**behaviour)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def profile(tmp_path):
    folder = tmp_path / "apps" / "shop"
    folder.mkdir(parents=True)
    (folder / "load.yaml").write_text(PROFILE)
    lines = [{"id": f"e{number}", "kind": "a", "age": number * 60} for number in range(1, 251)]
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return load_profile(tmp_path, "shop")


def load(profile, server, **changes):
    wanted = {
        "rate": 500,
        "duration": 1,
        "batch": 10,
        "on_progress": lambda tally: None,
        "on_settling": lambda counted, accepted: None,
        **changes,
    }
    return run_load(profile, {"in_url": server.url, "out_url": server.url}, **wanted)


def test_what_is_accepted_is_what_comes_out(profile, serve):
    server = serve()
    result = load(profile, server)

    assert result.sent == result.accepted == result.counted == 500
    assert result.errors == {}
    assert result.lost == 0
    assert set(result.latency) == {"p50", "p95", "p99", "max"}


def test_a_name_that_only_the_region_knows_is_reached_where_it_leads(profile, serve):
    server = serve()
    result = run_load(
        profile,
        {"in_url": "http://in.shop.test", "out_url": "http://out.shop.test"},
        rate=100,
        duration=1,
        batch=10,
        on_progress=lambda tally: None,
        on_settling=lambda counted, accepted: None,
        connect=lambda url: Client(url, ("127.0.0.1", server.server_port)),
    )

    assert result.accepted == result.counted == 100


def test_a_request_that_is_refused_is_counted_as_an_error_and_not_as_accepted(profile, serve):
    result = load(profile, serve(refuse_every=5))

    assert result.errors == {"HTTP 503": 10}
    assert result.accepted == result.counted == 400


def test_a_server_that_loses_what_it_accepted_is_found_out(profile, serve, monkeypatch):
    monkeypatch.setattr(run, "ARRIVAL_TIMEOUT", 0.5)
    result = load(profile, serve(lose=1))

    assert result.lost == 50


def test_what_others_send_meanwhile_is_not_taken_for_ours(profile, serve):
    server = serve()
    other = {"timestamp": (datetime.now(UTC) + timedelta(seconds=0.5)).isoformat()}
    server.events.update({f"other-{number}": other for number in range(7)})

    assert load(profile, server).lost == -7


def test_control_c_ends_the_sending_and_what_was_sent_is_counted(profile, serve):
    pressed = []

    def interrupt(tally):
        if tally.sent and not pressed:
            pressed.append(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    result = load(profile, serve(), duration=600, on_progress=interrupt)

    assert result.ended_early
    assert 0 < result.sent == result.accepted == result.counted < 300_000


def test_a_server_that_is_away_is_an_error_by_kind(profile, serve):
    server = serve()
    away = serve()
    away.shutdown()
    away.server_close()
    result = run_load(
        profile,
        {"in_url": away.url, "out_url": server.url},
        rate=50,
        duration=0.2,
        batch=1,
        on_progress=lambda tally: None,
        on_settling=lambda counted, accepted: None,
    )

    assert result.errors == {"ConnectionRefusedError": 10}


def test_the_sample_is_sent_once_however_often_it_is_sent(profile, serve):
    server = serve()
    outputs = {"in_url": server.url, "out_url": server.url}
    first = send_sample(profile, outputs)
    again = send_sample(profile, outputs)

    assert first.accepted == 250
    assert first.groups == again.groups == [("all", 250)]


def test_an_environment_that_is_not_deployed_is_named_as_the_reason(profile):
    with pytest.raises(PlatformError, match="in_url"):
        send_sample(profile, {})


def test_generators_give_fresh_values_in_valid_json():
    write = event_writer(
        {"id": "{uuid}", "n": "{number:2}", "at": "{now}", "x": {"y": "{choice:a,b}"}}
    )
    events = [json.loads(write()) for _ in range(50)]

    assert len({event["id"] for event in events}) == 50
    assert {event["n"] for event in events} == {"0", "1"}
    assert {event["x"]["y"] for event in events} == {"a", "b"}
    assert all(datetime.fromisoformat(event["at"]).tzinfo == UTC for event in events)


def test_a_product_without_a_load_names_those_that_have_one(profile, tmp_path):
    with pytest.raises(InvocationError, match="shop"):
        load_profile(tmp_path, "nothing")


def test_a_wrong_profile_names_file_and_key(profile, tmp_path):
    (tmp_path / "apps" / "shop" / "load.yaml").write_text(PROFILE + "extra: 1\n")

    with pytest.raises(ConfigurationError, match=r"load\.yaml.*extra"):
        load_profile(tmp_path, "shop")
