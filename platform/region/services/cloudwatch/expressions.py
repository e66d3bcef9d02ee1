"""Metric math: a parser and an evaluator for CloudWatch's expressions, nothing else executed.

A value is a scalar (float), a time series (`{timestamp: value}`) or a list of time series
(`METRICS()`, `[m1, m2]`). Grammar, loosest binding first::

    or      = and (("OR" | "||") and)*
    and     = compare (("AND" | "&&") compare)*
    compare = sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)*
    sum     = product (("+" | "-") product)*
    product = unary (("*" | "/") unary)*
    unary   = "-" unary | power
    power   = atom ("^" unary)?
    atom    = number | string | name | name "(" or, … ")" | "[" or, … "]" | "(" or ")"
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TimeSeries = dict[float, float]
Value = float | TimeSeries | list[TimeSeries] | str

MAX_DEPTH = 50


class ExpressionError(ValueError):
    """An expression that cannot be read or evaluated; the message says why."""


@dataclass(frozen=True)
class Number:
    """A literal number."""

    value: float


@dataclass(frozen=True)
class Text:
    """A literal string, as in `METRICS("errors")`."""

    value: str


@dataclass(frozen=True)
class Name:
    """The id of another query, or a word such as REPEAT."""

    value: str


@dataclass(frozen=True)
class Binary:
    """An operator between two operands."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Negative:
    """A minus sign before an operand."""

    operand: "Node"


@dataclass(frozen=True)
class Function:
    """A function with its arguments."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Array:
    """Several series in square brackets."""

    items: tuple["Node", ...]


Node = Number | Text | Name | Binary | Negative | Function | Array

TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<symbol><=|>=|==|!=|&&|\|\||[-+*/^()\[\],<>]))""",
    re.VERBOSE,
)
WORDS = {"AND": "&&", "OR": "||"}
LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("<", "<=", ">", ">=", "==", "!="),
    ("+", "-"),
    ("*", "/"),
)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(f"unexpected {text[position:].strip()[:1]!r} in {text!r}")
        position = match.end()
        kind = match.lastgroup or ""
        token = match[kind]
        if kind == "name" and token.upper() in WORDS:
            kind, token = "symbol", WORDS[token.upper()]
        tokens.append((kind, token))
    return tokens


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.position = 0
        self.depth = 0

    def parse(self) -> Node:
        node = self.level(0)
        if self.position < len(self.tokens):
            raise ExpressionError(f"unexpected {self.tokens[self.position][1]!r} in {self.text!r}")
        return node

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "")

    def take(self, symbol: str) -> bool:
        if self.peek() == ("symbol", symbol):
            self.position += 1
            return True
        return False

    def expect(self, symbol: str) -> None:
        if not self.take(symbol):
            raise ExpressionError(f"expected {symbol!r} in {self.text!r}")

    def level(self, index: int) -> Node:
        if index == len(LEVELS):
            return self.unary()
        node = self.level(index + 1)
        while self.peek()[0] == "symbol" and self.peek()[1] in LEVELS[index]:
            sign = self.peek()[1]
            self.position += 1
            node = Binary(sign, node, self.level(index + 1))
        return node

    def unary(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError("the expression is nested too deeply")
        try:
            if self.take("-"):
                return Negative(self.unary())
            node = self.atom()
            if self.take("^"):
                return Binary("^", node, self.unary())
            return node
        finally:
            self.depth -= 1

    def atom(self) -> Node:
        kind, token = self.peek()
        self.position += 1
        if kind == "number":
            return Number(float(token))
        if kind == "text":
            return Text(token[1:-1])
        if kind == "name":
            if self.take("("):
                return Function(token.upper(), self.sequence(")"))
            return Name(token)
        if (kind, token) == ("symbol", "["):
            return Array(self.sequence("]"))
        if (kind, token) == ("symbol", "("):
            node = self.level(0)
            self.expect(")")
            return node
        raise ExpressionError(f"unexpected {token or 'end'!r} in {self.text!r}")

    def sequence(self, closing: str) -> tuple[Node, ...]:
        if self.take(closing):
            return ()
        items = [self.level(0)]
        while self.take(","):
            items.append(self.level(0))
        self.expect(closing)
        return tuple(items)


def parse(text: str) -> Node:
    """Read an expression.

    Raises:
        ExpressionError: It is not one.
    """
    return _Parser(text).parse()


def names(node: Node) -> set[str]:
    """Return the ids an expression refers to (and words such as REPEAT)."""
    match node:
        case Name(value):
            return {value}
        case Binary(_, left, right):
            return names(left) | names(right)
        case Negative(operand):
            return names(operand)
        case Function(_, arguments) | Array(arguments):
            return set().union(*map(names, arguments)) if arguments else set()
        case _:
            return set()


def _divide(left: float, right: float) -> float | None:
    return left / right if right else None


def _power(left: float, right: float) -> float | None:
    try:
        result = left**right
    except (OverflowError, ZeroDivisionError):
        return None
    return result if isinstance(result, float) else None


Operation = Callable[[float, float], float | None]
OPERATIONS: Mapping[str, Operation] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "^": _power,
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "&&": lambda left, right: float(bool(left) and bool(right)),
    "||": lambda left, right: float(bool(left) or bool(right)),
}


def _kept(pairs: list[tuple[float, float | None]]) -> TimeSeries:
    return {moment: value for moment, value in pairs if value is not None}


def apply(sign: str, left: Value, right: Value) -> Value:
    """Apply an operator pointwise; series meet where both have a value.

    Raises:
        ExpressionError: An operand is neither a number nor a series.
    """
    work = OPERATIONS[sign]
    if isinstance(left, list):
        return [_as_series(apply(sign, item, right)) for item in left]
    if isinstance(right, list):
        return [_as_series(apply(sign, left, item)) for item in right]
    if isinstance(left, str) or isinstance(right, str):
        raise ExpressionError(f"{sign} needs numbers or metrics")
    if isinstance(left, dict) and isinstance(right, dict):
        return _kept([(at, work(value, right[at])) for at, value in left.items() if at in right])
    if isinstance(left, dict):
        assert not isinstance(right, dict)  # noqa: S101  # the case above has taken it
        return _kept([(at, work(value, right)) for at, value in left.items()])
    if isinstance(right, dict):
        return _kept([(at, work(left, value)) for at, value in right.items()])
    result = work(left, right)
    if result is None:
        raise ExpressionError("division by zero")
    return result


def _as_series(value: Value) -> TimeSeries:
    if not isinstance(value, dict):
        raise ExpressionError("expected a metric")
    return value
