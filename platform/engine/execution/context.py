"""What one operation is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Context:
    """What one operation is about; the same for everything that takes part in it.

    Attributes:
        root: The folder of the project file.
        program: The folder of the program; paths of assets are relative to it.
        configuration: Values by full key (`aws:region`); objects as JSON text.
        secret_keys: Keys whose values are secret.
        preview: Nothing may be changed.
        before_change: Called before anything is changed, each time; may refuse by raising.
    """

    stack: str
    project: str
    root: Path
    program: Path
    configuration: Mapping[str, str] = field(default_factory=dict)
    secret_keys: Sequence[str] = ()
    preview: bool = False
    before_change: Callable[[], None] = lambda: None
    parallel: int = 16
    organization: str = "organization"
