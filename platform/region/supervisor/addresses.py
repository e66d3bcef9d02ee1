"""Who listens where on loopback: one host of 127.0.0.0/8 per owner, kept over restarts.

Every region folder draws one 127.N.0.0/16 at random, and every owner a random host in it, so two
regions on one machine do not meet; a port is still tried before it is given away. Systems that
have only 127.0.0.1 get free ports there instead.
"""

import random
import socket

from platformctl.errors import RegionError
from platformctl.region.runtime import Address, Store

LOOPBACK = "127.0.0.1"
_SLOTS = range(16, 250)
_ATTEMPTS = 200


class LoopbackAddresses:
    """Gives out addresses; see `platformctl.region.runtime.Addresses`.

    Args:
        store: Where they are kept.
        several: Whether the system has more than one loopback address; by default it is tried.
    """

    def __init__(self, store: Store, *, several: bool | None = None) -> None:
        self._owners = store.table("region", "", "addresses")
        self._several = is_free("127.16.0.1", 0) if several is None else several
        settings = store.table("region", "", "settings")
        slot = settings.get("slot")
        if slot is None:
            slot = {"number": random.choice(_SLOTS)}
            settings["slot"] = slot
        self._slot: int = slot["number"]

    def allocate(self, owner: str, port: int, *, shared: bool = False) -> Address:
        """Return where `owner` may listen for `port`; the same answer every time.

        Port 0 asks for any port; it too is answered the same every time.

        Raises:
            RegionError: No address is free.
        """
        record = self._owners.get(owner) or {"host": "", "ports": {}}
        known = record["ports"].get(str(port))
        if known is not None:
            return Address(known[0], known[1])
        if shared and port and self._unused(LOOPBACK, port):
            address = Address(LOOPBACK, port)
        elif self._several:
            address = self._on_own_host(record, port)
        else:
            address = Address(LOOPBACK, self._free_port(LOOPBACK, port))
        record["ports"][str(port)] = [address.host, address.port]
        self._owners[owner] = record
        return address

    def release(self, owner: str) -> None:
        """Give back everything an owner has."""
        if owner in self._owners:
            del self._owners[owner]

    def of(self, owner: str) -> list[Address]:
        """Return everything an owner has."""
        record = self._owners.get(owner)
        return [Address(host, port) for host, port in record["ports"].values()] if record else []

    def _on_own_host(self, record: dict, port: int) -> Address:
        if record["host"]:
            host = record["host"]
            return Address(host, port if self._unused(host, port) else self._free_port(host, port))
        taken = {other["host"] for other in self._owners.values()}
        for _ in range(_ATTEMPTS):
            host = f"127.{self._slot}.{random.randint(0, 255)}.{random.randint(1, 254)}"
            if host not in taken and is_free(host, port):
                record["host"] = host
                return Address(host, port or self._free_port(host, 0))
        raise RegionError(
            f"no loopback address is free for port {port}",
            why=f"{_ATTEMPTS} hosts of 127.{self._slot}.0.0/16 were tried",
            remedy="ss -ltn shows what listens; platformctl region reset draws new addresses",
        )

    def _free_port(self, host: str, near: int) -> int:
        for port in range(near + 1, near + _ATTEMPTS) if near else []:
            if port < 65536 and self._unused(host, port):
                return port
        for _ in range(_ATTEMPTS):
            port = random.randint(20000, 32000)
            if self._unused(host, port):
                return port
        raise RegionError(
            f"no port is free on {host}",
            why=f"{_ATTEMPTS} ports were tried",
            remedy="ss -ltn shows what listens",
        )

    def _unused(self, host: str, port: int) -> bool:
        """Say whether nobody listens there and nobody was promised it."""
        promised = any([host, port] in record["ports"].values() for record in self._owners.values())
        return bool(port) and not promised and is_free(host, port)


def is_free(host: str, port: int) -> bool:
    """Say whether a TCP port can be listened on right now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of an earlier listener that still fade away do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
