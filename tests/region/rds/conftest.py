"""One database that the tests of this folder share; those that break things make their own."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.databases import make_database, query, unique
from support.region import RunningRegion


@pytest.fixture(scope="session")
def database(region: RunningRegion) -> Iterator[dict[str, Any]]:
    """Yield an instance with a table `items` of three rows."""
    shape = make_database(region, unique("shared"), BackupRetentionPeriod=7)
    query(region, shape, "CREATE TABLE items AS SELECT generate_series(1, 3) AS number")
    yield shape
    region.client("rds").delete_db_instance(
        DBInstanceIdentifier=shape["DBInstanceIdentifier"], SkipFinalSnapshot=True
    )
