"""What every benchmark returns, and how the table of all of them looks."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        name: What was measured.
        value: The measurement.
        unit: Its unit.
        reach: The value to reach, as text; "" where there is none.
    """

    name: str
    value: float
    unit: str
    reach: str = ""


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""
    rows = ["| figure | measured | reach |", "| --- | --- | --- |"]
    rows += [
        f"| {figure.name} | {figure.value:,.3g} {figure.unit} | {figure.reach} |"
        if figure.value < 1000
        else f"| {figure.name} | {figure.value:,.0f} {figure.unit} | {figure.reach} |"
        for figure in figures
    ]
    return "\n".join(rows)
