"""The parameters of ElastiCache's Redis families that there are, and which reach the server."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: Its name.
        kind: `integer` or `string`.
        default: ElastiCache's default.
        allowed: Allowed values as ElastiCache writes them: `0-100` or `yes,no`.
        applied: It is given to the local server.
        modifiable: It may be changed.
        immediate: A change takes effect at once.
    """

    name: str
    kind: str
    default: str
    allowed: str
    applied: bool = True
    modifiable: bool = True
    immediate: bool = True

    def accepts(self, value: str) -> bool:
        """Say whether a value is allowed."""
        if self.kind == "integer":
            low, _, high = self.allowed.partition("-")
            return value.isdigit() and int(low) <= int(value) <= int(high)
        return not self.allowed or value in self.allowed.split(",")


_MOST = "0-2147483647"
_POLICIES = (
    "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,"
    "volatile-ttl,noeviction"
)
_ROWS = (
    Parameter("activedefrag", "string", "no", "yes,no", applied=False),
    Parameter("activerehashing", "string", "yes", "yes,no", immediate=False),
    Parameter("appendonly", "string", "no", "yes,no", applied=False, modifiable=False),
    Parameter("appendfsync", "string", "everysec", "", applied=False, modifiable=False),
    Parameter("close-on-slave-write", "string", "yes", "yes,no", applied=False),
    Parameter("cluster-enabled", "string", "no", "yes,no", applied=False, immediate=False),
    Parameter("databases", "integer", "16", "1-1200000", applied=False, immediate=False),
    Parameter("hash-max-listpack-entries", "integer", "512", _MOST, applied=False),
    Parameter("hash-max-listpack-value", "integer", "64", _MOST, applied=False),
    Parameter("latency-tracking", "string", "no", "yes,no", applied=False),
    Parameter("lazyfree-lazy-eviction", "string", "no", "yes,no"),
    Parameter("lazyfree-lazy-expire", "string", "no", "yes,no"),
    Parameter("lazyfree-lazy-server-del", "string", "no", "yes,no"),
    Parameter("lazyfree-lazy-user-del", "string", "no", "yes,no"),
    Parameter("lfu-decay-time", "integer", "1", _MOST),
    Parameter("lfu-log-factor", "integer", "10", "1-2147483647"),
    Parameter("list-compress-depth", "integer", "0", _MOST),
    Parameter("maxclients", "integer", "65000", "1-65000", applied=False, modifiable=False),
    Parameter("maxmemory", "integer", "0", _MOST, applied=False, modifiable=False),
    Parameter("maxmemory-policy", "string", "volatile-lru", _POLICIES),
    Parameter("maxmemory-samples", "integer", "3", "1-2147483647"),
    Parameter("min-replicas-max-lag", "integer", "10", _MOST),
    Parameter("min-replicas-to-write", "integer", "0", _MOST),
    Parameter("notify-keyspace-events", "string", "", ""),
    Parameter("repl-backlog-size", "integer", "1048576", "16384-2147483647"),
    Parameter("repl-timeout", "integer", "60", "11-60"),
    Parameter("reserved-memory-percent", "integer", "25", "0-100", applied=False),
    Parameter("set-max-intset-entries", "integer", "512", _MOST),
    Parameter("slowlog-log-slower-than", "integer", "10000", _MOST),
    Parameter("slowlog-max-len", "integer", "128", _MOST),
    Parameter("stream-node-max-bytes", "integer", "4096", _MOST),
    Parameter("stream-node-max-entries", "integer", "100", _MOST),
    Parameter("tcp-keepalive", "integer", "300", _MOST),
    Parameter("timeout", "integer", "0", "0-2147483647"),
    Parameter("tracking-table-max-keys", "integer", "1000000", "1-100000000"),
    Parameter("zset-max-listpack-entries", "integer", "128", _MOST, applied=False),
    Parameter("zset-max-listpack-value", "integer", "64", _MOST, applied=False),
)
PARAMETERS = {parameter.name: parameter for parameter in _ROWS}
"""Every parameter by name."""


def applied(values: dict[str, str]) -> dict[str, str]:
    """Return those values, defaults included, that the local server is given."""
    return {name: values.get(name, one.default) for name, one in PARAMETERS.items() if one.applied}
