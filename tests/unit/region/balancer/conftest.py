"""Fixtures of the load balancer's own tests."""

from collections.abc import AsyncIterator

import pytest
from support.balancer import Bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.close()
