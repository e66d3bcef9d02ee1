"""The process of a package's provider, tied to the engine's life.

Run as `python -m platformctl.engine.remote.child FOLDER ENGINE`. Standard input is a pipe that the
engine holds open: when it closes, the engine is gone and so is this process.
"""

import os
import runpy
import sys
import threading

LIFELINE = 0


def main() -> None:
    """Run the provider; it prints the port that it listens on."""
    threading.Thread(target=_end_with_the_engine, daemon=True).start()
    folder, engine = sys.argv[1:3]
    sys.argv = [folder, engine]
    runpy.run_path(folder, run_name="__main__")


def _end_with_the_engine() -> None:
    while os.read(LIFELINE, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
