"""Small pure parts of the agent: images, secrets, health counts, logs, sizes."""

import asyncio

import pytest

from platformctl.region.services.base import ServiceError
from platformctl.region.services.ecr.references import ImageReference
from platformctl.region.services.ecs import fargate, logs, validation
from platformctl.region.services.ecs.health import (
    HEALTHY,
    UNHEALTHY,
    UNKNOWN,
    HealthCheck,
    HealthCount,
)
from platformctl.region.services.ecs.secret_values import SecretReference

SECRET = "arn:aws:secretsmanager:us-west-2:000000000000:secret:db-AbCdEf"


@pytest.mark.parametrize(
    ("value_from", "reference"),
    [
        (SECRET, SecretReference("secretsmanager", "us-west-2", SECRET)),
        (f"{SECRET}:key::", SecretReference("secretsmanager", "us-west-2", SECRET, "key")),
        (
            f"{SECRET}:key:AWSPREVIOUS:v1",
            SecretReference("secretsmanager", "us-west-2", SECRET, "key", "AWSPREVIOUS", "v1"),
        ),
        ("/app/token", SecretReference("ssm", "us-east-1", "/app/token")),
        (
            "arn:aws:ssm:us-west-2:000000000000:parameter/app/token",
            SecretReference("ssm", "us-west-2", "/app/token"),
        ),
        (
            "arn:aws:ssm:us-west-2:000000000000:parameter/token",
            SecretReference("ssm", "us-west-2", "token"),
        ),
    ],
)
def test_a_value_from_names_its_service_region_and_key(
    value_from: str, reference: SecretReference
) -> None:
    assert SecretReference.parse(value_from, "us-east-1") == reference


ECR = "000000000000.dkr.ecr.us-west-2.amazonaws.com"


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        (f"{ECR}/web:1a", ("us-west-2", "web", "1a", "")),
        (f"{ECR}/team/web:1a", ("us-west-2", "team/web", "1a", "")),
        (f"{ECR}/web@sha256:ab", ("us-west-2", "web", "", "sha256:ab")),
        (f"{ECR}/web:1a@sha256:ab", ("us-west-2", "web", "1a", "sha256:ab")),
        ("localhost:5000/team/web:1a", ("", "web", "1a", "")),
        ("web", ("", "web", "latest", "")),
    ],
)
def test_an_image_reference_has_region_repository_tag_and_digest(
    reference: str, parts: tuple[str, ...]
) -> None:
    read = ImageReference.parse(reference)

    assert (read.region, read.repository, read.tag, read.digest) == parts
    assert read.name == "web"


def test_failures_count_only_after_the_start_period_and_in_a_row() -> None:
    count = HealthCount(HealthCheck(("true",), retries=2, start_period=10))
    assert [count.add(passed=False, age=age) for age in (1, 5, 9)] == [UNKNOWN] * 3
    assert count.add(passed=True, age=9.5) == HEALTHY
    assert count.add(passed=False, age=9.8) == HEALTHY
    assert count.add(passed=True, age=9.9) == HEALTHY
    assert [count.add(passed=False, age=age) for age in (11, 12)] == [HEALTHY, UNHEALTHY]
    assert count.add(passed=True, age=13) == HEALTHY


def test_probes_are_frequent_until_the_first_success() -> None:
    check = HealthCheck(("true",), interval=30)
    assert check.pause(0, ever_healthy=False) < 1
    assert check.pause(3, ever_healthy=True) == 30
    assert check.pause(100, ever_healthy=False) == 30


def test_a_full_buffer_drops_the_oldest_lines_and_says_how_many() -> None:
    stream = logs.Stream("us-east-1", "group", "name")
    for number in range(logs.BUFFERED_LINES + 5):
        stream.add(float(number), str(number))
    events = stream.batch()
    assert events[0]["message"].startswith("5 lines were dropped")
    assert events[1]["message"] == "5"
    assert len(events) == logs.BATCH_LINES


def test_a_batch_stays_within_what_one_call_takes() -> None:
    stream = logs.Stream("us-east-1", "group", "name")
    for _ in range(10):
        stream.add(0.0, "x" * 200_000)
    sizes = [len(stream.batch()) for _ in range(3)]
    assert sizes == [4, 4, 2]


async def test_a_line_longer_than_a_log_event_arrives_in_pieces(tmp_path) -> None:
    reader = logs.new_reader()
    reader.feed_data(b"x" * 600_000 + b"\nshort\n")
    reader.feed_eof()
    stream = logs.Stream("us-east-1", "group", "name")

    class Clock:
        def now(self) -> float:
            return 1.0

    file = logs.OutputFile(tmp_path / "log")
    await asyncio.wait_for(logs.pump(reader, file, stream, Clock()), 5)  # pyright: ignore[reportArgumentType]
    texts = [text for _, text in stream.lines]
    assert "".join(texts[:-1]) == "x" * 600_000
    assert texts[-1] == "short"
    assert file.path.stat().st_size == 600_007


@pytest.mark.parametrize(
    ("cpu", "memory", "exists"),
    [
        ("256", "512", True),
        (".25 vCPU", "0.5 GB", True),
        ("1024", "1024", False),
        ("3", "9", False),
    ],
)
def test_fargate_has_certain_sizes(cpu: str, memory: str, exists: bool) -> None:
    assert fargate.exists(fargate.units(cpu) or 0, fargate.mebibytes(memory) or 0) is exists


WEB = {"name": "web", "image": "web:1"}


@pytest.mark.parametrize(
    ("containers", "message"),
    [
        ([{**WEB, "essential": False}], "At least one container must be essential"),
        ([WEB, WEB], "used more than once"),
        ([{"name": "web"}], "image should not be null"),
        ([{**WEB, "dependsOn": [{"containerName": "x", "condition": "START"}]}], "depends on 'x'"),
        (
            [{**WEB, "dependsOn": [{"containerName": "web", "condition": "START"}]}],
            "form a cycle: web",
        ),
        ([{**WEB, "healthCheck": {"command": ["curl"]}}], "must start with CMD"),
        (
            [{**WEB, "healthCheck": {"command": ["CMD", "x"], "interval": 1}}],
            "interval must be between 5 and 300",
        ),
        (
            [
                {
                    **WEB,
                    "environment": [{"name": "A", "value": "1"}],
                    "secrets": [{"name": "A", "valueFrom": "/a"}],
                }
            ],
            "such as 'A'",
        ),
    ],
)
def test_a_container_that_cannot_be_is_refused(containers: list[dict], message: str) -> None:
    with pytest.raises(ServiceError, match=message):
        validation.check({"family": "web", "containerDefinitions": containers})
