"""What AWS allows, as data."""

import pytest

from platformctl.config.tables import max_connections


@pytest.mark.parametrize(
    ("instance_class", "connections"),
    [
        ("db.t3.micro", 112),
        ("db.t3.medium", 450),
        ("db.r5.large", 1802),
        ("db.r5.xlarge", 3604),
        ("db.r5.24xlarge", 5000),
    ],
)
def test_an_instance_takes_a_connection_for_each_9_5_million_bytes(instance_class, connections):
    assert max_connections(instance_class) == connections
