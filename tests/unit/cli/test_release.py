"""What `platformctl release` prints: data for programs, words for people, never a secret."""

import json
from dataclasses import replace

import pytest
from support.operations import ACTOR

from platformctl.cli.views.release import Row, show_differences, show_release, show_releases
from platformctl.operations.cutover.standing import Standing
from platformctl.operations.cutover.version import Version
from platformctl.operations.releases.compare import compare
from platformctl.operations.releases.model import Release
from platformctl.operations.services.model import Service

SERVICE = Service(
    name="shop-api", product="shop", kind="balanced", region="us-east-1", container="api"
)
FIRST = Release(
    service="shop-api",
    number=1,
    version="1.4.0",
    image="1.dkr.ecr/shop-api@sha256:a",
    digest="sha256:a",
    definition={
        "family": "shop-api",
        "cpu": "256",
        "containerDefinitions": [
            {
                "name": "api",
                "image": "1.dkr.ecr/shop-api@sha256:a",
                "environment": [{"name": "LOG_LEVEL", "value": "info"}],
                "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:secret:one:password::"}],
            }
        ],
    },
    configuration="c0ffee",
    commit="0123456789abcdef",
    dirty=True,
    actor=ACTOR,
    reason="the first",
    created="2026-11-21T12:00:00.000Z",
)
SECOND = replace(
    FIRST,
    number=2,
    version="1.5.0",
    digest="sha256:b",
    definition={
        **FIRST.definition,
        "cpu": "512",
        "containerDefinitions": [
            {
                **FIRST.definition["containerDefinitions"][0],
                "environment": [{"name": "LOG_LEVEL", "value": "debug"}],
                "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:secret:two:password::"}],
            }
        ],
    },
    overrides={"LOG_LEVEL": "debug"},
)
STANDING = Standing(
    service="shop-api",
    side="green",
    running=Version(release="r2"),
    other=Version(release="r1"),
    desired="r2",
)
ROWS = [Row(SECOND, STANDING), Row(FIRST, STANDING)]


def test_a_list_says_which_release_serves_and_which_a_rollback_goes_to(capsys):
    show_releases("production", ROWS, as_json=False)
    _, second, first = capsys.readouterr().out.splitlines()

    assert second.split()[:4] == ["shop-api", "r2", "1.5.0", "serves"]
    assert "served before" in first
    assert "0123456789 + changes" in first


def test_a_list_without_releases_says_how_to_make_one(capsys):
    show_releases("production", [], as_json=False)

    assert "platformctl deploy production SERVICE" in capsys.readouterr().err


def test_programs_get_releases_as_json(capsys):
    show_releases("production", ROWS, as_json=True)
    document = json.loads(capsys.readouterr().out)

    assert document["version"] == 1
    assert [(each["name"], each["state"]) for each in document["releases"]] == [
        ("r2", "serves (green)"),
        ("r1", "served before"),
    ]


@pytest.mark.parametrize("row", ROWS)
def test_a_release_is_shown_with_its_variables_and_where_its_secrets_are(row, capsys):
    show_release(SERVICE, row, as_json=False)
    shown = " ".join(capsys.readouterr().out.split())

    assert "DB_PASSWORD secret of arn:secret:" in shown
    assert ("LOG_LEVEL debug (given with it)" in shown) == (row.release is SECOND)


def test_a_difference_has_each_thing_once_and_secrets_as_references(capsys):
    differences = compare(SERVICE, FIRST, SECOND)
    show_differences(FIRST, SECOND, differences, as_json=False)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]

    assert lines[0] == ["r1", "r2"]
    assert ["variable", "LOG_LEVEL", "info", "debug"] in lines
    assert ["cpu", "256", "512"] in lines
    assert [
        "secret",
        "DB_PASSWORD",
        "arn:secret:one:password::",
        "arn:secret:two:password::",
    ] in lines
    assert len(lines) == 6


def test_two_releases_that_are_the_same_say_so(capsys):
    show_differences(FIRST, FIRST, compare(SERVICE, FIRST, FIRST), as_json=False)

    assert "are the same" in capsys.readouterr().err
