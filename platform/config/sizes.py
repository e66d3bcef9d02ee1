"""Staging is never larger than production: it would cost more and prove less."""

from collections.abc import Iterator

from platformctl.config.aura import DocumentsConfig, NodeGroupConfig, WorkloadConfig
from platformctl.config.base import Section
from platformctl.config.checks import Mistake, sections
from platformctl.config.compute import ServiceConfig
from platformctl.config.data import CacheConfig, DatabaseConfig, KafkaConfig, ReplicaConfig
from platformctl.config.environment import EnvironmentConfig
from platformctl.config.journey import EventStreamConfig, ProcessorConfig, TablesConfig
from platformctl.config.tables import DATABASE_SIZES

Size = int | str | tuple[str, ...]

# Section → fields that say how large something is.
SIZES: dict[type[Section], tuple[str, ...]] = {
    ServiceConfig: ("cpu", "memory", "desired_count", "max_count"),
    DatabaseConfig: ("instance_class", "allocated_storage"),
    ReplicaConfig: ("instance_class",),
    CacheConfig: ("node_type", "nodes"),
    KafkaConfig: ("brokers", "instance_type", "volume_size"),
    EventStreamConfig: ("shards",),
    ProcessorConfig: ("memory",),
    TablesConfig: ("read_maximum", "write_maximum"),
    NodeGroupConfig: ("instance_types", "desired", "maximum"),
    WorkloadConfig: ("replicas", "maximum", "cpu_limit", "memory_limit"),
    DocumentsConfig: ("instance_class", "instances"),
}


def not_larger(staging: EnvironmentConfig, production: EnvironmentConfig) -> Iterator[Mistake]:
    """Yield a mistake for every size of staging that exceeds production's."""
    theirs = dict(_sizes(production))
    for key, value in _sizes(staging):
        limit = theirs.get(key)
        if limit is not None and _rank(value) > _rank(limit):
            yield Mistake(key, value, f"must not exceed production, which has {limit}")


def _sizes(config: EnvironmentConfig) -> Iterator[tuple[str, Size]]:
    for kind, names in SIZES.items():
        for key, section in sections(config, kind):
            for name in names:
                value = getattr(section, name)
                if value is not None:
                    yield f"{key}.{type(section).model_fields[name].alias or name}", value


def _rank(value: Size) -> int:
    """Return how large a size is; instance classes are compared by their size, not their family.

    A class of no known size is no larger than any: who judges the class itself says so.
    """
    if isinstance(value, int):
        return value
    if isinstance(value, tuple):
        return max(map(_rank, value))
    size = value.rpartition(".")[2]
    return DATABASE_SIZES.index(size) if size in DATABASE_SIZES else -1
