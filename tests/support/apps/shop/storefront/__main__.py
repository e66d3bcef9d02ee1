"""`python -m storefront`: serve until SIGTERM, then finish what was begun."""

import os
import signal
import sys

import uvicorn

from storefront.application import create_storefront


def main() -> int:
    """Serve; return the exit status."""
    host, port = os.environ["HOST"], int(os.environ["PORT"])
    server = uvicorn.Server(
        uvicorn.Config(
            create_storefront(os.environ.get("RELEASE", ""), os.environ.get("ORDERS", "")),
            host=host,
            port=port,
            ws="websockets-sansio",
            lifespan="off",
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=20,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
