"""The engine's own time: a program of many resources against a provider that only remembers.

What remains is the program's child process, Pulumi's SDK in it, gRPC, planning and the journal on
the disk. The child alone, with a program of no resources, is measured, too.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure
from platformctl.engine import Backend, Engine
from platformctl.engine.execution.builtins import Recorded

SIZES = (500, 5_000)
PROGRAM = """
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts, **inputs):
        super().__init__("bench:index:Thing", name, {"arn": None, **inputs}, opts)


group, before = None, None
for index in range(COUNT):
    if index % 20 == 0:
        group = pulumi.ComponentResource("bench:index:Group", f"group-{index // 20}")
    before = Thing(
        f"thing-{index}",
        pulumi.ResourceOptions(parent=group),
        text="x" * 50,
        tags={"Environment": "bench", "Product": "none"},
        source=before.id if index % 5 else "none",
    )
"""


def measure() -> list[Figure]:
    """Measure up, no-op, preview and destroy for each size."""
    figures = [Figure("engine: a program without resources", *_program(0)["up"], "")]
    for size in SIZES:
        reach = {"up": "≤ 3 s", "no-op": "≤ 2 s"} if size == SIZES[0] else {}
        figures += [
            Figure(f"engine: {name}, {size:,} resources", *figure, reach.get(name, ""))
            for name, figure in _program(size).items()
        ]
    return figures


def _program(size: int) -> dict[str, tuple[float, str]]:
    with tempfile.TemporaryDirectory(prefix="bench-engine-") as name:
        folder = Path(name)
        (folder / "program").mkdir()
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        (folder / "program" / "__main__.py").write_text(PROGRAM.replace("COUNT", str(size)))
        stack = Backend(folder / "state", "bench").stack("bench")
        provider = Recorded()
        engine = Engine(stack, "bench", folder / "program", lambda *_: provider)
        runs: dict[str, Callable[[], object]] = {
            "up": engine.up,
            "no-op": engine.up,
            "preview": engine.preview,
            "destroy": engine.destroy,
        }
        return {what: _timed(run) for what, run in runs.items()}


def _timed(run: Callable[[], object]) -> tuple[float, str]:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start, "s"


if __name__ == "__main__":
    from benchmarks.figures import table

    print(table(measure()))
    sys.exit()
