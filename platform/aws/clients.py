"""boto3 clients, one for each service and region, shared by all threads.

The local region accepts any credentials, so `local_clients` reads no profile and no environment:
its clients cannot reach AWS, and it refuses an endpoint that is not loopback. `account_clients`
are those of an AWS account, with the credentials of whoever is at the keyboard.
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
    return _kept(
        _isolated_session,
        lambda session, service, region: _make(session, service, region, endpoint_url),
    )


def account_clients() -> Clients:
    """Return a function (service, region) → boto3 client of the AWS account in use.

    Credentials come from where boto3 looks for them: environment, profile, single sign-on, role.
    `AWS_ENDPOINT_URL` is not followed: it would send to another place what is meant for AWS.
    """
    return _kept(_account_session, _make_for_account)


def has_credentials() -> bool:
    """Tell whether there are AWS credentials on this machine, without using them."""
    import botocore.session  # noqa: PLC0415  # as below
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        return botocore.session.Session().get_credentials() is not None
    except BotoCoreError:
        return False  # a profile that does not exist, a login that has expired


def _kept(session: Callable[[], Any], make: Callable[[Any, str, str], Any]) -> Clients:
    """Return a function (service, region) → client that makes each one once."""
    lock = threading.Lock()
    made: dict[tuple[str, str], Any] = {}
    opened: list[Any] = []

    def client(service: str, region: str) -> Any:
        with lock:
            if (service, region) not in made:
                if not opened:
                    opened.append(session())
                made[service, region] = make(opened[0], service, region)
            return made[service, region]

    return client


def _account_session() -> Any:
    import boto3.session  # noqa: PLC0415  # as below

    return boto3.session.Session()


def _make_for_account(session: Any, service: str, region: str) -> Any:
    from botocore.config import Config  # noqa: PLC0415  # as below

    config = Config(
        max_pool_connections=POOL,
        retries={"mode": "adaptive", "total_max_attempts": 6},
        connect_timeout=5,
        ignore_configured_endpoint_urls=True,
    )
    return session.client(service, region_name=region, config=config)


def _isolated_session() -> Any:
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
