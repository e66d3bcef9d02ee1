"""Ports below 1024, on which most systems let only root listen.

Load balancers listen on 443 and 80 in production. Where this process may not listen there, the port
8000 above takes its place: 8443 for 443, 8080 for 80. Whoever connects follows the same rule.
"""

import socket
from functools import cache

from platformctl.region.runtime import Address

SHIFT = 8000
_FIRST_FREE = 1024


def listening(port: int) -> int:
    """Return the port that is listened on for a port of AWS."""
    return port if port >= _FIRST_FREE or _allowed(port) else port + SHIFT


def reachable(host: str, port: int) -> Address:
    """Return where a port of a host of this region is reached."""
    return Address(host, listening(port))


@cache
def _allowed(port: int) -> bool:
    """Say whether this process may listen on a port, taken or not."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return False
        except OSError:
            pass  # Somebody listens there already: that is asked for only where it is allowed.
        return True
