"""The embedded Pulumi engine: runs a Pulumi program without CLI, account or plugins.

The flow of one `up`, and where to find its stages:

1. `state` locks the stack, reads its checkpoint and replays what a crash left in the journal;
2. `execution.recovery` settles what a killed run had begun, `execution.refresh` reads everything
   anew where that is asked for;
3. `program` starts the Pulumi program in a child process, which talks to `monitor` in Pulumi's own
   protocol;
4. every registration goes through `execution.deployment`: `planning` decides, `policy` judges, a
   provider (`platformctl.plugin`) acts, the journal knows before and after;
5. what the program did not register is deleted, and the journal is folded into a new checkpoint.

The engine knows no cloud: providers come in through `ProviderFactory`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from platformctl.engine.engine import Engine
    from platformctl.engine.program.process import ProgramError
    from platformctl.engine.run import Result
    from platformctl.engine.state.backend import Backend
    from platformctl.engine.state.stack import Stack

__all__ = ["Backend", "Engine", "ProgramError", "Result", "Stack"]

# Imported when first used: gRPC and cryptography take their time.
_HOMES = {
    "Backend": "platformctl.engine.state.backend",
    "Engine": "platformctl.engine.engine",
    "ProgramError": "platformctl.engine.program.process",
    "Result": "platformctl.engine.run",
    "Stack": "platformctl.engine.state.stack",
}


def __getattr__(name: str) -> Any:
    import importlib  # noqa: PLC0415  # only when used

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
