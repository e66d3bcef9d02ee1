"""What an application logged is told as people read it, whatever it is."""

import json

import pytest

from platformctl.operations.logs.lines import readable

TRACEBACK = """Traceback (most recent call last):
  File "main.py", line 3, in main
    connect()
OSError: [Errno 111] Connection refused
"""


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        (
            {"level": "error", "logger": "uvicorn.error", "message": "no port", "timestamp": "now"},
            "error uvicorn.error: no port",
        ),
        (
            {"level": "error", "service": "api", "message": "start", "exception": TRACEBACK},
            "error api: start: OSError: [Errno 111] Connection refused",
        ),
        ({"event": "busy", "error": "too many connections"}, "busy: too many connections"),
        ({"level": "info", "message": "served", "exception": ""}, "info: served"),
        ({"message": "alone", "error": None}, "alone"),
        (
            {
                "level": "error",
                "service": "api",
                "message": "request",
                "method": "POST",
                "path": "/v1/events",
                "status": 500,
                "milliseconds": 0.1,
            },
            "error api: request: POST /v1/events 500",
        ),
    ],
)
def test_a_document_is_told_by_what_it_says(document, shown):
    assert readable(json.dumps(document)) == shown


@pytest.mark.parametrize(
    "line",
    [
        "OSError: [Errno 111] Connection refused",
        "",
        "{broken",
        "[1, 2]",
        "17",
        '"message"',
        '{"count": 3}',
        '{"message": {"nested": true}}',
    ],
)
def test_any_other_line_is_told_as_it_is(line):
    assert readable(line) == line
