"""Fixtures of the reports' tests: operations in a real table."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from support.operations import Console, MakeSteps, create_table
from support.region import RunningRegion

Consoles = Callable[[MakeSteps], Console]


@pytest.fixture
def console(region: RunningRegion) -> Consoles:
    """Return a function that makes a console for steps, with a table of its own."""
    client: Any = region.client("dynamodb")
    table = f"operations-{uuid.uuid4()}"
    create_table(client, table)
    return lambda make: Console(client, table, make)
