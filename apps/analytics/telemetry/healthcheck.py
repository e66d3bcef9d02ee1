"""`python -m telemetry.healthcheck`: exit 0 while this container's `/health` answers 200."""

import http.client
import os
import sys


def healthy(host: str, port: int, seconds: float = 3.0) -> bool:
    """Ask `/health` once; anything but an answer of 200 in time is a no."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if healthy(os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"])) else 1)
