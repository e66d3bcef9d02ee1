"""boto3 clients of the local region, one for each service and region, shared by all threads.

The local region accepts any credentials, so nothing here reads a profile or the environment: a
client made here cannot reach AWS, and `local_clients` refuses an endpoint that is not loopback.
"""

import ipaddress
import os
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from platformctl.errors import RegionError

ACCOUNT = "000000000000"
"""The account of everything in the local region."""
POOL = 32
"""Connections that a client keeps open: as many as the engine works in parallel, twice over."""

Clients = Callable[[str, str], Any]


def require_loopback(endpoint_url: str) -> None:
    """Make sure that an endpoint is on this machine.

    Raises:
        RegionError: It is not, so a call could reach real AWS.
    """
    host = urlsplit(endpoint_url).hostname or ""
    if host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass  # a name, and no name but localhost is certain to be this machine
    raise RegionError(
        f"refused to use {endpoint_url or 'an empty endpoint'} as the local region",
        why="it is not a loopback address, so a call could reach real AWS",
        remedy="unset AWS_ENDPOINT_URL, or start the local region: platformctl region start",
    )


def local_clients(endpoint_url: str) -> Clients:
    """Return a function (service, region) → boto3 client of the local region.

    Args:
        endpoint_url: URL of the region's AWS endpoint, such as `http://127.0.0.1:4566`.

    Raises:
        RegionError: The endpoint is not on loopback.
    """
    require_loopback(endpoint_url)
    lock = threading.Lock()
    made: dict[tuple[str, str], Any] = {}
    session: list[Any] = []

    def client(service: str, region: str) -> Any:
        with lock:
            if (service, region) not in made:
                if not session:
                    session.append(_session())
                made[service, region] = _make(session[0], service, region, endpoint_url)
            return made[service, region]

    return client


def _session() -> Any:
    """Return a session that reads no profile and no shared file of the person at the keyboard."""
    import boto3.session  # noqa: PLC0415  # half a second that commands without AWS save
    import botocore.session  # noqa: PLC0415

    unread = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.session.Session(botocore_session=botocore.session.Session(session_vars=unread))


def _make(session: Any, service: str, region: str, endpoint_url: str) -> Any:
    from botocore.config import Config  # noqa: PLC0415  # as above

    config = Config(
        max_pool_connections=POOL,
        retries={"mode": "adaptive", "total_max_attempts": 6},
        connect_timeout=5,
        read_timeout=120,
        parameter_validation=True,
        proxies={},
        s3={"addressing_style": "path"},
        inject_host_prefix=False,
        account_id_endpoint_mode="disabled",
    )
    return session.client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106  # the local region checks no signature
        config=config,
        use_ssl=not endpoint_url.startswith("http:"),
    )
