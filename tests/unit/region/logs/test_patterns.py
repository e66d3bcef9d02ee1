"""Filter patterns, as the CloudWatch Logs User Guide describes them."""

import json

import pytest

from platformctl.region.services.logs.conditions import PatternError
from platformctl.region.services.logs.patterns import compiled

EVENT = {
    "level": "error",
    "status": 503,
    "path": "/v1/events",
    "ok": False,
    "user": None,
    "request": {"items": [{"id": "a"}], "a.b": 1},
}
LINE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.level = "error" }', True),
        ('{ $.level = "warn" }', False),
        ('{ $.level != "warn" }', True),
        ('{ $.missing != "warn" }', False),
        ("{ $.status >= 500 && $.status < 600 }", True),
        ("{ $.status = 5* }", False),
        ("{ $.status = 503 }", True),
        ('{ $.path = "/v1/*" }', True),
        ("{ $.path = %^/v[0-9]% }", True),
        ('{ ($.level = "warn" || $.status > 500) && $.ok IS FALSE }', True),
        ("{ $.user IS NULL }", True),
        ("{ $.ok IS TRUE }", False),
        ("{ $.missing NOT EXISTS }", True),
        ("{ $.level NOT EXISTS }", False),
        ('{ $.request.items[0].id = "a" }', True),
        ('{ $.request.items[1].id = "a" }', False),
        ('{ $.request["a.b"] = 1 }', True),
        ("", True),
        ('"error"', True),
        ("error -503", False),
        ("?nothing ?error", True),
        ("?nothing ?never", False),
    ],
)
def test_a_json_event_is_judged_by_its_fields_and_its_text(pattern, matches):
    assert (compiled(pattern).extract(json.dumps(EVENT)) is not None) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("[ip, id, user, timestamp, request, status, size]", True),
        ("[ip, id, user, timestamp, request, status = 4*, size]", True),
        ("[ip, id, user, timestamp, request, status = 5*, size]", False),
        ("[ip, ..., status = 404 || status = 410, size > 1000]", True),
        ("[ip, ..., size > 2000]", False),
        ("[ip, size]", False),
        ('[..., request = "*index*", status, size]', True),
    ],
)
def test_a_line_is_judged_by_its_fields(pattern, matches):
    assert (compiled(pattern).extract(LINE) is not None) is matches


def test_a_field_gives_the_value():
    pattern = compiled("[ip, ..., status, size]")
    found = pattern.extract(LINE)

    assert found is not None
    assert pattern.value(found, "$size") == "1534"


def test_a_line_that_is_no_json_matches_no_json_pattern():
    assert compiled("{ $.a NOT EXISTS }").extract("plain text") is None


@pytest.mark.parametrize(
    "pattern",
    ["{ $.a }", "{ $.a = }", "{ ($.a = 1 }", "{ a = 1 }", "[a", "{ $.a > x }", "[..., ...]"],
)
def test_what_cannot_be_read_is_refused(pattern):
    with pytest.raises(PatternError):
        compiled(pattern)
