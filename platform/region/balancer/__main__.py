"""`python -m platformctl.region.balancer --socket PATH`: the data plane of one load balancer.

With `--edge` it is that of every CloudFront distribution instead.
"""

import argparse
import asyncio
import gc
import sys
from pathlib import Path

from platformctl.region.balancer.control import Plane, Report, serve


def _load_balancer(report: Report) -> Plane:
    from platformctl.region.balancer.balancer import Balancer  # noqa: PLC0415  # only one is needed

    return Balancer(report)


def _edge(report: Report) -> Plane:
    from platformctl.region.balancer.edge.edge import Edge  # noqa: PLC0415  # only one is needed

    return Edge(report)


def main() -> None:
    """Run until the supervisor hangs up."""
    parser = argparse.ArgumentParser(prog="platformctl.region.balancer", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="unix socket of the supervisor")
    parser.add_argument("--edge", action="store_true", help="serve CloudFront distributions")
    arguments = parser.parse_args()
    make = _edge if arguments.edge else _load_balancer
    # Requests make no cycles; collecting the youngest generation rarely keeps the tail short.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    if sys.platform == "win32":
        asyncio.run(serve(arguments.socket, make))
    else:
        import uvloop  # noqa: PLC0415  # not on Windows

        uvloop.run(serve(arguments.socket, make))


if __name__ == "__main__":
    main()
