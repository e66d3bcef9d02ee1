"""What AWS allows, as data."""

# Fargate: CPU units → MiB of memory that go with them.
FARGATE_MEMORY: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}

# Days that CloudWatch Logs can keep events.
LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

POSTGRES_MAJORS = ("14", "15", "16", "17", "18")
REDIS_VERSIONS = ("6.2", "7.0", "7.1")
KAFKA_VERSIONS = ("3.5.1", "3.6.0", "3.7.x", "3.8.x", "3.9.x", "4.0.x")
KUBERNETES_VERSIONS = ("1.33", "1.34", "1.35")
"""What EKS supports; the newest is the default."""

DATABASE_SIZES = (
    *("micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge"),
    *("12xlarge", "16xlarge", "24xlarge"),
)

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_BYTES_A_CONNECTION = 9_531_392
_MOST_CONNECTIONS = 5000


def max_connections(instance_class: str) -> int:
    """Return how many connections RDS lets a PostgreSQL instance take by default.

    That is one for each 9,531,392 bytes of memory, 5,000 at most (RDS user guide, "Quotas and
    constraints"). Memory doubles with each size, from 1 GiB for `micro`; families of `r` have twice
    as much.
    """
    _, family, size = instance_class.split(".")
    gib = 2 ** DATABASE_SIZES.index(size) if size in DATABASE_SIZES[:8] else 2**8
    if family.startswith("r"):
        gib *= 2
    return min(gib * 2**30 // _BYTES_A_CONNECTION, _MOST_CONNECTIONS)
