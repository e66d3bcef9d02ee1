"""The part of librdkafka's C interface that `confluent_kafka` does not offer: its mock cluster.

The library is the one that `confluent_kafka` brings along.
"""

import ctypes
import ctypes.util
from collections.abc import Callable
from functools import cache
from pathlib import Path

import confluent_kafka

from platformctl.errors import RegionError

_POINTER = ctypes.c_void_p
_LOG_CALLBACK = ctypes.CFUNCTYPE(None, _POINTER, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p)
_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "rd_kafka_conf_new": (_POINTER, []),
    "rd_kafka_conf_set": (
        ctypes.c_int,
        [_POINTER, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t],
    ),
    "rd_kafka_conf_set_log_cb": (None, [_POINTER, _LOG_CALLBACK]),
    "rd_kafka_new": (_POINTER, [ctypes.c_int, _POINTER, ctypes.c_char_p, ctypes.c_size_t]),
    "rd_kafka_destroy": (None, [_POINTER]),
    "rd_kafka_mock_cluster_new": (_POINTER, [_POINTER, ctypes.c_int]),
    "rd_kafka_mock_cluster_destroy": (None, [_POINTER]),
    "rd_kafka_mock_cluster_bootstraps": (ctypes.c_char_p, [_POINTER]),
    "rd_kafka_mock_topic_create": (
        ctypes.c_int,
        [_POINTER, ctypes.c_char_p, ctypes.c_int, ctypes.c_int],
    ),
    "rd_kafka_mock_topic_delete": (ctypes.c_int, [_POINTER, ctypes.c_char_p]),
    "rd_kafka_mock_broker_set_host_port": (
        ctypes.c_int,
        [_POINTER, ctypes.c_int32, ctypes.c_char_p, ctypes.c_int],
    ),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [_POINTER, ctypes.c_int32]),
    "rd_kafka_err2str": (ctypes.c_char_p, [ctypes.c_int]),
}
_PRODUCER = 0
_REBALANCE_MILLISECONDS = 200
"""How long a new group waits for more members; Kafka's three seconds only slow starts down."""


@cache
def _library() -> ctypes.CDLL:
    """Load the library that `confluent_kafka` has loaded already."""
    package = Path(confluent_kafka.__file__).parent
    bundled = [
        *package.parent.glob("confluent_kafka.libs/librdkafka*"),
        *package.glob(".dylibs/librdkafka*"),
    ]
    system = ctypes.util.find_library("rdkafka")
    for place in [*map(str, bundled), *([system] if system else [])]:
        library = ctypes.CDLL(place)
        if all(hasattr(library, name) for name in _SIGNATURES):
            for name, (result, arguments) in _SIGNATURES.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
            return library
    raise RegionError(
        "there is no Kafka",
        why="no librdkafka with a mock cluster was found beside confluent_kafka",
        remedy="pip install 'confluent-kafka>=2.16'",
    )


class MockCluster:
    """A mock cluster in this process.

    Args:
        brokers: Number of brokers; their ids count from 1.
        log: Gets every line the brokers log, on one of the library's threads.
    """

    def __init__(self, brokers: int, log: Callable[[bytes], None]) -> None:
        self._library = _library()
        # Kept here, because the library calls it for as long as it lives.
        self._callback = _LOG_CALLBACK(lambda _rk, _level, _facility, line: log(line))
        configuration = self._library.rd_kafka_conf_new()
        reason = ctypes.create_string_buffer(512)
        for name, value in ((b"debug", b"mock"), (b"log_level", b"7")):
            if self._library.rd_kafka_conf_set(configuration, name, value, reason, len(reason)):
                raise RegionError("cannot configure librdkafka", why=reason.value.decode())
        self._library.rd_kafka_conf_set_log_cb(configuration, self._callback)
        self._client = self._library.rd_kafka_new(_PRODUCER, configuration, reason, len(reason))
        if not self._client:
            raise RegionError("cannot start librdkafka", why=reason.value.decode())
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._client, brokers)
        if not self._cluster:
            raise RegionError("cannot start the brokers", why="librdkafka does not say why")
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(
            self._cluster, _REBALANCE_MILLISECONDS
        )

    @property
    def bootstraps(self) -> list[tuple[str, int]]:
        """Where the brokers listen, in the order of their ids."""
        text = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        pairs = (place.rpartition(":") for place in text.split(","))
        return [(host, int(port)) for host, _, port in pairs]

    def advertise(self, broker: int, host: str, port: int) -> None:
        """Have clients told that a broker is at another address."""
        self._check(
            self._library.rd_kafka_mock_broker_set_host_port(
                self._cluster, broker, host.encode(), port
            ),
            f"advertise broker {broker}",
        )

    def create_topic(self, name: str, partitions: int, replication: int) -> None:
        """Create a topic.

        Raises:
            RegionError: There is one of that name.
        """
        self._check(
            self._library.rd_kafka_mock_topic_create(
                self._cluster, name.encode(), partitions, replication
            ),
            f"create topic {name}",
        )

    def delete_topic(self, name: str) -> None:
        """Delete a topic with its messages.

        Raises:
            RegionError: There is none of that name.
        """
        self._check(
            self._library.rd_kafka_mock_topic_delete(self._cluster, name.encode()),
            f"delete topic {name}",
        )

    def close(self) -> None:
        """Stop the brokers."""
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._client)

    def _check(self, code: int, doing: str) -> None:
        if code:
            raise RegionError(f"cannot {doing}", why=self._library.rd_kafka_err2str(code).decode())
