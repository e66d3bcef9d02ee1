"""Commands in messages, as whoever reads them has to type them.

Whoever raises an error knows which command helps, rarely for which environment it was run, and
never whether that is a rehearsal. So a remedy may say `ENV`; what the command was given is put in
here, at the one place where errors become text.
"""

import re
from dataclasses import dataclass

NEVER_REHEARSED = frozenset({"bootstrap", "cost", "doctor", "graph", "init", "policy", "state"})
"""Commands about an environment that know nothing of its rehearsal."""
REHEARSAL = "--target local"
_COMMAND = (
    r"(?P<words>platformctl (?P<name>[a-z-]+)(?: [a-z-]+)*?) (?:ENV|{})(?![\w-])(?! --target)"
)


@dataclass
class Given:
    """What a command was given: filled in as its command line is read.

    Attributes:
        environment: The environment; "" for a command about none.
        rehearsed: Whether its rehearsal is meant.
    """

    environment: str = ""
    rehearsed: bool = False

    def completed(self, remedy: str) -> str:
        """Return a remedy whose commands are about the same environment, or its rehearsal."""
        if not self.environment:
            return remedy
        command = re.compile(_COMMAND.format(re.escape(self.environment)))
        return command.sub(self._command, remedy)

    def _command(self, found: re.Match[str]) -> str:
        command = f"{found['words']} {self.environment}"
        if not self.rehearsed or found["name"] in NEVER_REHEARSED:
            return command
        return f"{command} {REHEARSAL}"
