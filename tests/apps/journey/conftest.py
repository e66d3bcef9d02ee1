"""The event processor's folder is where its modules find each other, as in Lambda."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.region import RunningRegion, running_region

sys.path.insert(0, str(Path(__file__).parents[3] / "apps" / "journey" / "event-processor"))
# boto3 wants to know where it is, as it does in Lambda.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running
