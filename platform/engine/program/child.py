"""The process that a Pulumi program runs in: what `pulumi-language-python-exec` does.

Run as `python -m platformctl.engine.program.child PROGRAM [MODULES]`. What the run is about comes
as one line on standard input: the `PULUMI_*` environment variables, as JSON. The engine then holds
standard input open: when it closes, the engine is gone and so is this process. MODULES is the file
in which it keeps what the program imports.
"""

# ruff: noqa: E402  # the first lines are about everything that is imported after them
import atexit
import gc
import os
import sys

# Nearly everything that a program makes stays until its end: classes, resources, outputs. Looking
# through it again and again for garbage takes a quarter of all its time. Never looking could take
# all memory; with so many new objects in between, garbage is about 100 MB at most.
gc.set_threshold(2_000_000, 50, 100)

_status: list[int] = []


@atexit.register
def _leave() -> None:
    """End a process that has come to its end as it is; as the first registered, this runs last.

    Taking a million objects apart one by one takes a second; the system takes all at once.
    """
    if _status:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])


import asyncio
import json
import logging
import runpy
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import config, settings, stack

from platformctl.engine.program import modules, shortcuts

# The status with which the official executor says that the user has been told everything.
EXPLAINED = 32
THREADS_PER_PLACE = 4
LIFELINE = 0


def main() -> int:
    """Run the program and return the exit status."""
    program, *kept = (Path(argument).resolve() for argument in sys.argv[1:])
    known = set(sys.modules)
    for file in kept:
        modules.import_again(file, LIFELINE)
    run = sys.stdin.buffer.readline()
    if not run:
        return 1  # prepared, but never used
    os.environ.update(json.loads(run))
    threading.Thread(target=_end_with_the_engine, daemon=True).start()
    parallel = int(os.environ["PULUMI_PARALLEL"])
    config.set_all_config(config.get_config_env(), config.get_config_secret_keys_env())
    settings.configure(
        settings.Settings(
            project=os.environ["PULUMI_PROJECT"],
            stack=os.environ["PULUMI_STACK"],
            monitor=os.environ["PULUMI_MONITOR"],
            engine=os.environ["PULUMI_ENGINE"],
            parallel=parallel,
            dry_run=os.environ["PULUMI_DRY_RUN"] == "true",
            organization=os.environ["PULUMI_ORGANIZATION"],
            root_directory=os.environ["PULUMI_ROOT_DIRECTORY"],
        )
    )
    sys.argv = [str(program)]
    # A program that fails leaves futures unobserved; that is no news worth a message each.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    shortcuts.take()
    status = _run(program, parallel)
    for file in kept if status == 0 else ():
        modules.keep(file, known, program)
    return status


def _run(program: Path, parallel: int) -> int:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(parallel, 1) * THREADS_PER_PLACE)
    loop.set_default_executor(executor)
    try:
        loop.run_until_complete(stack.run_in_stack(lambda: _program(program)))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception:  # noqa: BLE001  # whatever a program raises is shown to its author
        what = "Program failed with an unhandled exception:\n" + _traceback(program)
        pulumi.log.error(what)
        return EXPLAINED
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


async def _program(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")
    await _quiet()


async def _quiet() -> None:
    """Wait until every output is known, or one has failed.

    The SDK waits, too, but looks at all outputs anew whenever one is done: for a thousand resources
    that takes longer than everything else it does. What is left for it after this is nothing.
    """
    known: Any = settings.SETTINGS  # its attributes are made at run time
    while True:
        with known.lock:
            outputs = list(known.outputs)
        if not outputs or any(map(_has_failed, outputs)):
            return
        await asyncio.wait(outputs, return_when=asyncio.FIRST_EXCEPTION)
        await asyncio.sleep(0)  # what is done leaves the set by a callback


def _has_failed(output: asyncio.Future[Any]) -> bool:
    return output.done() and (output.cancelled() or output.exception() is not None)


def _traceback(program: Path) -> str:
    """Return the traceback from the user's own program on."""
    error = sys.exception()
    frames = traceback.extract_tb(error.__traceback__) if error else []
    own = (program, program / "__main__.py")
    for index, frame in enumerate(frames):
        if Path(frame.filename) in own:
            return traceback.format_exc(limit=index - len(frames))
    return traceback.format_exc()


def _end_with_the_engine() -> None:
    while os.read(LIFELINE, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    _status.append(main())
    sys.exit(_status[0])
