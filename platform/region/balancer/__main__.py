"""`python -m platformctl.region.balancer --socket PATH`: the data plane of one load balancer."""

import argparse
import asyncio
import gc
import sys
from pathlib import Path

from platformctl.region.balancer.control import serve


def main() -> None:
    """Run until the supervisor hangs up."""
    parser = argparse.ArgumentParser(prog="platformctl.region.balancer", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="unix socket of the supervisor")
    arguments = parser.parse_args()
    # Requests make no cycles; collecting the youngest generation rarely keeps the tail short.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    if sys.platform == "win32":
        asyncio.run(serve(arguments.socket))
    else:
        import uvloop  # noqa: PLC0415  # not on Windows

        uvloop.run(serve(arguments.socket))


if __name__ == "__main__":
    main()
