"""Events from request to table through real processes, without a region around them.

One ingestion, two consumers and one API on PostgreSQL, Redis and librdkafka's mock brokers; the
load tool sends what `apps/analytics/load.yaml` says. The whole platform is measured by
`benchmarks/platform.py`.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from platformctl.operations.load.profile import load_profile
from platformctl.operations.load.run import run_load

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the servers the tests start are the ones measured

from support.analytics import Product, event  # noqa: E402  # found by the line above
from support.platform import eventually  # noqa: E402  # found by the line above
from support.stores import Kafka, Postgres, RedisServer  # noqa: E402  # found by the line above

SECONDS = 15.0
PROBES = 100


def measure() -> Iterator[Figure]:
    """Measure throughput in batches and one by one, and the time from 202 to visible."""
    with tempfile.TemporaryDirectory() as folder:
        kafka, postgres, redis = Kafka(), Postgres(Path(folder)), RedisServer()
        product = Product(kafka=kafka, postgres=postgres, redis=redis)
        try:
            yield from _measure(product)
        finally:
            product.close()
            kafka.stop()
            postgres.stop()
            redis.stop()


def _measure(product: Product) -> Iterator[Figure]:
    ingestion = product.start("ingestion")
    for _ in range(2):
        product.start("consumer")
    api = product.start("api")
    eventually(lambda: api.get("/v1/events").status_code == 200)
    outputs = {
        "analytics_ingestion_url": str(ingestion.client.base_url),
        "analytics_api_url": str(api.client.base_url),
    }
    profile = load_profile(ROOT, "analytics")
    for batch, rate, reach in ((100, 12_000, "≥ 10,000"), (1, 1_200, "≥ 1,000")):
        result = run_load(
            profile,
            outputs,
            rate=rate,
            duration=SECONDS,
            batch=batch,
            on_progress=lambda _: None,
            on_settling=lambda *_: None,
        )
        kind = f"events in batches of {batch}" if batch > 1 else "single events"
        rate_seen = result.counted / (result.seconds + result.settled)
        yield Figure(f"{kind}, sent to stored", rate_seen, "/s", reach)
        yield Figure(f"{kind}: p99 of the answer", result.latency["p99"], "ms")
        yield Figure(f"{kind}: lost", result.lost, "", "0")
        yield Figure(f"{kind}: failed requests", sum(result.errors.values()), "", "0")
    yield Figure("from 202 to visible: p99", _visible(ingestion, api) * 1000, "ms", "≤ 1,000")


def _visible(ingestion, api) -> float:
    """Return the 99th percentile, in seconds, of the time from the answer to the API's."""
    times = []
    for number in range(PROBES):
        user = f"probe-{number}"
        ingestion.post(event(userId=user))
        accepted = time.monotonic()
        while not api.get("/v1/events", userId=user).json()["events"]:
            pass
        times.append(time.monotonic() - accepted)
    return sorted(times)[int(PROBES * 0.99) - 1]
