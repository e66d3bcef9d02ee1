"""The rule of a composite alarm: `ALARM("a") AND NOT (OK("b") OR INSUFFICIENT_DATA("c"))`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from platformctl.region.services.cloudwatch.alarms import ALARM, INSUFFICIENT, OK

StateOf = Callable[[str], str]
"""From an alarm's name to its state."""

TOKEN = re.compile(
    r"""\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*
    (?:"(?P<double>[^"]+)"|'(?P<single>[^']+)'|(?P<bare>[^\s()"']+))\s*\)
    |(?P<word>AND|OR|NOT|TRUE|FALSE)\b
    |(?P<symbol>[()]))""",
    re.VERBOSE,
)
STATES = {"ALARM": ALARM, "OK": OK, "INSUFFICIENT_DATA": INSUFFICIENT}
MAX_DEPTH = 30


class RuleError(ValueError):
    """A rule that cannot be read; the message says why."""


@dataclass(frozen=True)
class Is:
    """An alarm is in a state."""

    state: str
    alarm: str

    def holds(self, state_of: StateOf) -> bool:
        """Say whether the alarm is in that state."""
        return state_of(self.alarm) == self.state


@dataclass(frozen=True)
class Constant:
    """TRUE or FALSE."""

    value: bool

    def holds(self, _: StateOf) -> bool:
        """Return the constant."""
        return self.value


@dataclass(frozen=True)
class Not:
    """The opposite of a rule."""

    rule: "Rule"

    def holds(self, state_of: StateOf) -> bool:
        """Say whether the inner rule does not hold."""
        return not self.rule.holds(state_of)


@dataclass(frozen=True)
class Every:
    """All of several rules (AND)."""

    rules: tuple["Rule", ...]

    def holds(self, state_of: StateOf) -> bool:
        """Say whether all of them hold."""
        return all(rule.holds(state_of) for rule in self.rules)


@dataclass(frozen=True)
class Some:
    """One of several rules (OR)."""

    rules: tuple["Rule", ...]

    def holds(self, state_of: StateOf) -> bool:
        """Say whether one of them holds."""
        return any(rule.holds(state_of) for rule in self.rules)


Rule = Is | Constant | Not | Every | Some


def alarm_name(reference: str) -> str:
    """Return the name in a rule's reference, which is a name or an ARN."""
    return reference.split(":alarm:", 1)[1] if ":alarm:" in reference else reference


def references(rule: Rule) -> Iterator[str]:
    """Yield the name of every alarm a rule looks at."""
    match rule:
        case Is(_, alarm):
            yield alarm
        case Not(inner):
            yield from references(inner)
        case Every(inner) | Some(inner):
            for one in inner:
                yield from references(one)


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[Is | str] = []
        position = 0
        text = text.rstrip()
        while position < len(text):
            match = TOKEN.match(text, position)
            if match is None:
                raise RuleError(f"unexpected {text[position : position + 20].strip()!r}")
            position = match.end()
            if match["state"]:
                reference = match["double"] or match["single"] or match["bare"]
                self.tokens.append(Is(STATES[match["state"]], alarm_name(reference)))
            else:
                self.tokens.append(match["word"] or match["symbol"])
        self.position = 0
        self.depth = 0

    def take(self, token: str) -> bool:
        if self.position < len(self.tokens) and self.tokens[self.position] == token:
            self.position += 1
            return True
        return False

    def parse(self) -> Rule:
        rule = self.either()
        if self.position < len(self.tokens):
            raise RuleError(f"unexpected {self.tokens[self.position]!s}")
        return rule

    def either(self) -> Rule:
        rules = [self.both()]
        while self.take("OR"):
            rules.append(self.both())
        return rules[0] if len(rules) == 1 else Some(tuple(rules))

    def both(self) -> Rule:
        rules = [self.single()]
        while self.take("AND"):
            rules.append(self.single())
        return rules[0] if len(rules) == 1 else Every(tuple(rules))

    def single(self) -> Rule:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise RuleError("the rule is nested too deeply")
        try:
            return self.term()
        finally:
            self.depth -= 1

    def term(self) -> Rule:
        if self.take("NOT"):
            return Not(self.single())
        if self.take("("):
            rule = self.either()
            if not self.take(")"):
                raise RuleError("a closing bracket is missing")
            return rule
        if self.take("TRUE"):
            return Constant(value=True)
        if self.take("FALSE"):
            return Constant(value=False)
        token = self.tokens[self.position] if self.position < len(self.tokens) else "end"
        if isinstance(token, Is):
            self.position += 1
            return token
        raise RuleError(f"unexpected {token}")


def parse(text: str) -> Rule:
    """Read a rule.

    Raises:
        RuleError: It is not one.
    """
    return _Parser(text).parse()
