"""Showing: text, tables and pictures as the output of a cell, and how much a notebook runs.

Text comes as Markdown and pictures as PNG with a text for those who cannot see them, so that an output
is small, has no address in it, and is the same at every run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments.estimates import Estimate
from experiments.words import Language, between, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUICK = "TRAPPE_QUICK"
"""The environment variable that asks for few histories: to see that a notebook runs, not to use it."""

DPI = 100
"""Dots per inch of a picture: those its layout was made for, so that no label is cut."""


def is_quick() -> bool:
    """Return whether the environment asks for few histories."""
    return os.environ.get(QUICK, "0") not in ("", "0")


def unless_quick(usual: int, quick: int) -> int:
    """Return how many of something to run: the usual number, or the smaller one if all is to be quick."""
    return min(usual, quick) if is_quick() else usual


def spread(e: Estimate, by: float = 1.0, digits: int = 1, language: Language = "en") -> str:
    """Return a mean and, in brackets, what 90 of 100 histories lie between: 3.9 (−13.9 to 20.0).

    `by` is what the numbers are divided by: 1e6 makes kroner millions.
    """
    mean = number(e.mean / by, language, digits)
    return f"{mean} ({between(e.low / by, e.high / by, language, digits)})"


def exactly(e: Estimate, by: float = 1.0, digits: int = 1, language: Language = "en") -> str:
    """Return a mean and how exactly it is known (half-width, 90 % confidence): 3.9 ± 1.2."""
    return f"{number(e.mean / by, language, digits)} ± {number(e.error / by, language, digits)}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table: the first column to the left, the others to the right."""
    sides = [":--", *("--:" for _ in heads[1:])]
    return "\n".join(_line(cells) for cells in (heads, sides, *rows))


def rows_as_table(rows: Iterable[Mapping[str, Any]], heads: Mapping[str, str]) -> str:
    """Return tidy rows as a Markdown table; `heads` says which columns, and what they are called.

    What is not known (None, NaN, <NA>) is an empty cell.
    """
    return table(list(heads.values()), [[_cell(row[key]) for key in heads] for row in rows])


def _cell(value: Any) -> str:
    import pandas as pd

    return "" if pd.isna(value) else str(value)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', ' ') for cell in cells)} |"


def say(*paragraphs: str) -> None:
    """Write paragraphs of Markdown below the cell."""
    from IPython.display import Markdown, display

    display(Markdown("\n\n".join(paragraphs)))  # type: ignore[no-untyped-call]


def show(picture: Axes | Figure, alt: str) -> None:
    """Draw a picture below the cell; `alt` says what it shows to those who cannot see it.

    Raises ValueError where `alt` is empty.
    """
    from IPython.display import display
    from matplotlib.figure import Figure

    from experiments.plots import as_png

    if not alt.strip():
        raise ValueError("alt is empty: say in a sentence what the picture shows")
    figure = picture if isinstance(picture, Figure) else picture.figure
    data = {"image/png": as_png(figure, DPI), "text/plain": alt}  # type: ignore[arg-type]
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)  # type: ignore[no-untyped-call]
