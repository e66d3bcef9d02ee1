"""Clients that change nothing for a holder who has lost its lease."""

from collections.abc import Callable
from typing import Any

from platformctl.aws.clients import Clients

_READS = (
    "Assume",
    "BatchGet",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "Search",
    "Simulate",
    "Test",
)
"""Beginnings of the names of calls that change nothing."""


def fenced(clients: Clients, confirm: Callable[[], None]) -> Clients:
    """Return clients that call `confirm` before every call that changes something."""
    return lambda service, region: _Fenced(clients(service, region), confirm)


class _Fenced:
    """A boto3 client behind a fence."""

    def __init__(self, client: Any, confirm: Callable[[], None]) -> None:
        self._client = client
        self._confirm = confirm

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        action = self._client.meta.method_to_api_mapping.get(name)
        if action is None or action.startswith(_READS):
            return found

        def call(**arguments: Any) -> Any:
            self._confirm()
            return found(**arguments)

        return call
