"""Where the names of an environment in a local region lead: no public name server knows them."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from platformctl.operations.load.traffic import Client

Connect: TypeAlias = "Callable[[str], Client]"
"""Makes a client for a URL."""


def local(dns: Callable[[], Any], authorities: str) -> Connect:
    """Return what connects to names that the region's Route 53 answers for.

    Args:
        dns: Makes the region's Route 53 client; called when something connects for the first time.
        authorities: File with the certificate of the region's authority.
    """

    @cache
    def names() -> tuple[Any, Mapping[str, str]]:
        """Return the client, and zone → id."""
        client = dns()
        zones = client.list_hosted_zones()["HostedZones"]
        return client, {zone["Name"].rstrip("."): zone["Id"] for zone in zones}

    def connect(url: str) -> "Client":
        # Every command that changes something knows how to connect; few of them do.
        from platformctl.operations.load.traffic import Client  # noqa: PLC0415
        from platformctl.region.ports import reachable  # noqa: PLC0415

        parts = urlsplit(url)
        name = parts.hostname or ""
        client, zones = names()
        holding = [zone for zone in zones if name == zone or name.endswith(f".{zone}")]
        if not holding:
            return Client(url)
        answer = client.test_dns_answer(
            HostedZoneId=zones[max(holding, key=len)], RecordName=name, RecordType="A"
        )
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = [reachable(host, port) for host in answer["RecordData"]]
        place = (found[0].host, found[0].port) if found else None
        return Client(url, place, authorities)

    return connect
