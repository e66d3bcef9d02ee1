"""The process that a policy pack runs in: Pulumi's own executor, tied to the engine's life.

Run as `python -m platformctl.engine.policy.child PACK`. Standard input is a pipe that the engine
holds open: when it closes, the engine is gone and so is this process.
"""

import os
import runpy
import sys
import threading

LIFELINE = 0


def main() -> None:
    """Run the pack; it prints the port that it listens on."""
    threading.Thread(target=_end_with_the_engine, daemon=True).start()
    pack = sys.argv[1]
    # The executor wants the address of an engine, which Python packs never call.
    sys.argv = ["pulumi.policy", "", pack]
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)


def _end_with_the_engine() -> None:
    while os.read(LIFELINE, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
