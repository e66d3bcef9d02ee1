"""Run ministack on an inherited socket: `python -m platformctl.region.emulator FD MARKER`.

MARKER is a file that exists while the emulator's state on disk is complete. It is removed once the
emulator serves and written when it has stopped in order; state is saved only then.
"""

import asyncio
import logging
import sys
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app


def main() -> None:
    """Serve until SIGTERM, save the state, write the marker."""
    descriptor, marker = int(sys.argv[1]), Path(sys.argv[2])
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 2
    config.loglevel = "WARNING"
    config.accesslog = None
    logging.getLogger("hypercorn.access").disabled = True
    marker.unlink(missing_ok=True)
    asyncio.run(serve(app, config))
    marker.write_text("state saved\n")


if __name__ == "__main__":
    main()
