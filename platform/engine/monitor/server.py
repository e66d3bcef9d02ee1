"""The gRPC server on loopback that the program talks to."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from platformctl.engine.monitor.callbacks import CHANNEL_OPTIONS
from platformctl.engine.monitor.engine_log import EngineLog
from platformctl.engine.monitor.resource_monitor import ResourceMonitor

# The SDK sends four times `parallel` requests at once, and each waits here for its answer.
THREADS_PER_PLACE = 4
SPARE_THREADS = 8


@contextlib.contextmanager
def serving(monitor: ResourceMonitor, log: EngineLog, parallel: int) -> Iterator[str]:
    """Serve both services for the length of a `with` block; yields the address."""
    threads = parallel * THREADS_PER_PLACE + SPARE_THREADS
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="monitor")
    server = grpc.server(pool, options=CHANNEL_OPTIONS)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
        pool.shutdown()
