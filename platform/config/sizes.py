"""Staging is never larger than production: it would cost more and prove less."""

from collections.abc import Iterator

from platformctl.config.checks import Mistake, services
from platformctl.config.environment import EnvironmentConfig
from platformctl.config.tables import DATABASE_SIZES


def not_larger(staging: EnvironmentConfig, production: EnvironmentConfig) -> Iterator[Mistake]:
    """Yield a mistake for every size of staging that exceeds production's."""
    theirs = dict(_sizes(production))
    for key, value in _sizes(staging):
        limit = theirs.get(key)
        if limit is not None and _rank(value) > _rank(limit):
            yield Mistake(key, value, f"must not exceed production, which has {limit}")


def _sizes(config: EnvironmentConfig) -> Iterator[tuple[str, int | str]]:
    for key, service in services(config):
        yield f"{key}.cpu", service.cpu
        yield f"{key}.memory", service.memory
        yield f"{key}.desiredCount", service.desired_count
        if service.max_count is not None:
            yield f"{key}.maxCount", service.max_count
    if config.analytics is None:
        return
    product, key = config.analytics, "platform:analytics"
    yield f"{key}.database.instanceClass", product.database.instance_class
    yield f"{key}.database.allocatedStorage", product.database.allocated_storage
    if product.database.replica is not None:
        yield f"{key}.database.replica.instanceClass", product.database.replica.instance_class
    yield f"{key}.cache.nodeType", product.cache.node_type
    yield f"{key}.cache.nodes", product.cache.nodes
    yield f"{key}.kafka.brokers", product.kafka.brokers
    yield f"{key}.kafka.instanceType", product.kafka.instance_type
    yield f"{key}.kafka.volumeSize", product.kafka.volume_size


def _rank(value: int | str) -> int:
    """Return how large a size is; instance classes are compared by their size, not their family."""
    if isinstance(value, int):
        return value
    size = value.rpartition(".")[2]
    return DATABASE_SIZES.index(size)
