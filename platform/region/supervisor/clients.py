"""Calls any AWS operation of the region for its own services, with botocore, in threads."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config

from platformctl.region import environment

_THREADS = 16
_READ_TIMEOUT = 930
"""Seconds: a function may take fifteen minutes, and only then answers who invoked it."""


class Clients:
    """botocore clients by service and region, made when first used."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._session = botocore.session.Session()
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="aws-call")

    async def call(
        self, service: str, region: str, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Call an operation, named as botocore names it in Python or as AWS does.

        Raises:
            botocore.exceptions.ClientError: The service answered with an error.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, self._call, service, region, operation, parameters
        )

    def close(self) -> None:
        """Let running calls end and take no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _call(
        self, service: str, region: str, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        method = botocore.xform_name(operation)
        return getattr(self._client(service, region), method)(**parameters)

    def _client(self, service: str, region: str) -> BaseClient:
        # Making a client is not safe in several threads at once; using one is.
        with self._lock:
            client = self._clients.get((service, region))
            if client is None:
                client = self._session.create_client(
                    service,
                    region_name=region,
                    endpoint_url=self._endpoint,
                    aws_access_key_id=environment.ACCESS_KEY,
                    aws_secret_access_key=environment.SECRET_KEY,
                    config=Config(
                        max_pool_connections=_THREADS,
                        retries={"total_max_attempts": 3, "mode": "standard"},
                        s3={"addressing_style": "path"},
                        inject_host_prefix=False,
                        user_agent_extra=environment.USER_AGENT,
                        read_timeout=_READ_TIMEOUT,
                    ),
                )
                self._clients[service, region] = client
        return client
