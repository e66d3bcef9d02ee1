"""Settings come from environment variables; all mistakes are reported at once, by name."""

from collections.abc import Mapping


class SettingsError(Exception):
    """Environment variables are missing or cannot be used; the message names each of them."""


class Environment:
    """Reads typed values out of environment variables and remembers every mistake.

    Call `check` when everything has been read: nothing may be used before.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._mistakes: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """Return a variable's text; without a default it must be there and not be empty."""
        value = self._values.get(name, "") or default
        if value is None:
            self._mistakes.append(f"{name} is not set")
            return ""
        return value

    def integer(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """Return a variable as a whole number of at least `least`."""
        text = self.text(name, None if default is None else str(default))
        try:
            value = int(text)
        except ValueError:
            if text:
                self._mistakes.append(f"{name} is {text!r}, not a whole number")
            return least
        if value < least:
            self._mistakes.append(f"{name} is {value}, less than {least}")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return a variable that must be one of `allowed`."""
        value = self.text(name, default)
        if value and value not in allowed:
            self._mistakes.append(f"{name} is {value!r}, not one of {', '.join(allowed)}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a variable that says `true` or `false`."""
        return self.choice(name, ("true", "false"), "true" if default else "false") == "true"

    def check(self) -> None:
        """Insist that everything read so far was usable.

        Raises:
            SettingsError: Something is missing or wrong; names every such variable.
        """
        if self._mistakes:
            raise SettingsError("; ".join(self._mistakes))
