"""What happened to an alarm: its newest entries, kept in its record."""

import json
from collections.abc import Mapping
from typing import Any

KEPT = 50


def entry(
    at: float, kind: str, summary: str, data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return one entry: kind is `ConfigurationUpdate`, `StateUpdate` or `Action`."""
    return {
        "Timestamp": at,
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": json.dumps({"type": kind, "version": "1.0", **(data or {})}),
    }


def remember(record: dict[str, Any], item: dict[str, Any]) -> None:
    """Append an entry to an alarm's record and drop what is too old."""
    record["History"] = [*record["History"], item][-KEPT:]
