"""Problems of given files: one message with file, row, column, what was found, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simulation.reading import ScenarioError

_MOST_ROWS = 5
_DATE_LIKE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}")


class CaseListError(ScenarioError):
    """A case list that cannot be read; the message names rows and columns, never a child."""


def problem(
    file: str, found: str, allowed: str, row: int | None = None, column: str = ""
) -> CaseListError:
    """Return the error for one thing that is wrong in a file."""
    place = ", ".join([file, *([f"row {row}"] if row else []), *([f"column {column}"] if column else [])])
    return CaseListError(f"{place}: {found}; {allowed}")


def shape(cell: str) -> str:
    """Return a cell's shape for a message, digits as 0, letters as x: nobody can be known by it."""
    short = cell if len(cell) <= 20 else cell[:20]
    masked = "".join(
        "0" if c.isdigit() else "x" if c.isalpha() else c if c.isprintable() else "?" for c in short
    )
    return f"'{masked}'" + (f" and {len(cell) - 20} characters more" if len(cell) > 20 else "")


def date_shown(cell: str) -> str:
    """Return a cell that is no date, for a message: in full where it looks like one, or its shape."""
    return f"'{cell}'" if _DATE_LIKE.fullmatch(cell) else f"something of the shape {shape(cell)}"


def rows_in_words(rows: Iterable[int]) -> str:
    """Return row numbers in words: 'row 3', 'rows 3, 4 and 9', 'rows 3, 4, 5, 6, 7 and 12 more'."""
    numbers = list(rows)
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    shown = [str(n) for n in numbers[:_MOST_ROWS]]
    more = len(numbers) - len(shown)
    last = f"{more} more" if more else shown.pop()
    return f"rows {', '.join(shown)} and {last}"
