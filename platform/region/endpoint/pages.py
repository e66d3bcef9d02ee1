"""Cuts complete answers into pages, so that services return everything and paginators work.

botocore says for every operation where its limit, its marker and its results are. A service that
cuts its answers itself is left alone: its own markers are never ours.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import jmespath

from platformctl.region.endpoint import models

_PREFIX = "page:"


def cut(
    service: str, operation: str, parameters: Mapping[str, Any], result: dict[str, Any]
) -> dict[str, Any]:
    """Return the page of a complete result that the request asks for.

    Args:
        service: botocore's service name.
        operation: Operation name.
        parameters: Request parameters, with limit and marker if the caller gave any.
        result: Everything there is.
    """
    rule = models.paginators(service).get(operation)
    if rule is None or isinstance(rule["input_token"], list):
        return result
    start = _offset(parameters.get(rule["input_token"]))
    limit = parameters.get(rule.get("limit_key", ""))
    ours = start > 0 or not parameters.get(rule["input_token"])
    if not ours or (start == 0 and limit is None) or jmespath.search(rule["output_token"], result):
        return result
    key = rule["result_key"]
    key = key[0] if isinstance(key, list) else key
    items = jmespath.search(key, result)
    if not isinstance(items, list):
        return result
    end = len(items) if limit is None else start + max(int(limit), 1)
    changes: dict[str, Any] = {key: items[start:end]}
    more = end < len(items)
    if more:
        changes[rule["output_token"]] = _token(end)
    if "more_results" in rule:
        changes[rule["more_results"]] = more
    for path, value in changes.items():
        result = _with(result, path.split("."), value)
    return result


def _with(document: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """Return a copy of a document with one value replaced."""
    head, *rest = path
    inner = _with(document.get(head) or {}, rest, value) if rest else value
    return {**document, head: inner}


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"{_PREFIX}{offset}".encode()).decode()


def _offset(token: Any) -> int:
    """Return what one of our markers stands for, 0 for anything else."""
    try:
        text = base64.urlsafe_b64decode(str(token or "")).decode()
        return int(text.removeprefix(_PREFIX)) if text.startswith(_PREFIX) else 0
    except (ValueError, binascii.Error):
        return 0
