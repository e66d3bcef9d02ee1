"""Run every benchmark, or those named, and print one table."""

import importlib
import sys

from benchmarks.figures import table

BENCHMARKS = ("engine", "balancer", "events", "platform", "cutovers", "policies")


def main() -> None:
    """Print the table of all figures."""
    figures = []
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"measuring {name} …", file=sys.stderr)
        figures += importlib.import_module(f"benchmarks.{name}").measure()
    print(table(figures))


if __name__ == "__main__":
    main()
