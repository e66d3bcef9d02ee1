"""Fixtures of the kernel's tests."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from support.operations import Console, MakeSteps, SetStep, World, create_table
from support.region import RunningRegion

Consoles = Callable[..., Console]


@pytest.fixture(scope="module")
def dynamodb(region: RunningRegion) -> Any:
    """Return a DynamoDB client of the region."""
    return region.client("dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> str:
    """Return the name of a new operations table."""
    name = f"operations-{uuid.uuid4()}"
    create_table(dynamodb, name)
    return name


@pytest.fixture
def world() -> World:
    """Return what operations change."""
    return World()


@pytest.fixture
def console(dynamodb: Any, table: str, world: World) -> Consoles:
    """Return a function that makes a console for steps; three that set values by default."""

    def make(steps: MakeSteps | None = None) -> Console:
        names = ("one", "two", "three")
        return Console(
            dynamodb,
            table,
            steps or (lambda killer: [SetStep(world, killer, name) for name in names]),
        )

    return make
