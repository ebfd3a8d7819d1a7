"""A note as plain data: sections of sentences, tables of numbers and figures. No number is text yet."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.results import Estimate
from experiments.words import Language, between, number


@dataclass(frozen=True)
class Number:
    """A number of a table, with what 90 of 100 histories lie between where it has such an interval.

    `scale`: what it is divided by on the page (1e6 for kroner in millions); a workbook has it undivided.
    `shown`: how the page writes it where that is more than digits ("27 %").
    """

    mean: float
    low: float | None = None
    high: float | None = None
    digits: int = 0
    scale: float = 1.0
    signed: bool = False
    shown: str = ""

    def on_page(self, language: Language) -> tuple[str, str]:
        """Return the number and, where it has one, its interval as the language writes them."""
        if self.shown:
            return self.shown, ""
        mean = number(self.mean / self.scale, language, self.digits, self.signed)
        if self.low is None or self.high is None or self.low != self.low:
            return mean, ""
        low, high = self.low / self.scale, self.high / self.scale
        return mean, f"({between(low, high, language, self.digits)})"


def with_interval(e: Estimate, digits: int = 0, scale: float = 1.0, signed: bool = False) -> Number:
    """Return an estimate as a number of a table."""
    return Number(e.mean, e.low, e.high, digits, scale, signed)


Cell = str | Number


@dataclass(frozen=True)
class Column:
    """A column: its head, its unit on the page, and its unit in a workbook where that is another.

    `parts`: whether its numbers have intervals, so that a workbook gives it three columns.
    """

    head: str
    unit: str = ""
    in_book: str = ""
    parts: bool = False


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its head. `name`: of its sheet. `last_is_total`: set it off."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    last_is_total: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture (PNG) with what it shows in words."""

    name: str
    png: bytes
    alt: str
    caption: str


@dataclass(frozen=True)
class Points:
    """A list; with `numbered` a numbered one, whose entries tables refer to."""

    points: tuple[str, ...]
    numbered: bool = False
    head: str = ""


@dataclass(frozen=True)
class Pairs:
    """What is told in short: (what, how much), as a box."""

    head: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Small:
    """A sentence in smaller print: how to read what stands above it."""

    text: str


Part = str | Table | Figure | Points | Pairs | Small
"""A paragraph is a plain string."""


@dataclass(frozen=True)
class Section:
    """A section under a heading of its own. `key` names it in the page."""

    key: str
    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Note:
    """The whole note. `warnings` stand above everything else."""

    language: Language
    kind: str
    title: str
    dated: str
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: str

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        return tuple(p for s in self.sections for p in s.parts if isinstance(p, Table))
