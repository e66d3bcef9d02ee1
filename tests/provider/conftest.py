"""One region for each worker, and in it a provider."""

from collections.abc import Iterator
from itertools import count

import pytest
from support.provider_cases import World
from support.region import RunningRegion, running_region

from platformctl.aws.clients import local_clients
from platformctl.provider.aws import AwsProvider

NUMBERS = count()


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


@pytest.fixture(scope="session")
def provider(region: RunningRegion) -> AwsProvider:
    tags = '{"tags": {"ManagedBy": "platformctl"}}'  # as Pulumi writes nested configuration
    return AwsProvider(local_clients(region.endpoint), {"region": "us-east-1", "defaultTags": tags})


@pytest.fixture
def world(provider: AwsProvider, region: RunningRegion) -> Iterator[World]:
    made = World(provider, region.client, f"t{next(NUMBERS)}")
    yield made
    made.destroy()
