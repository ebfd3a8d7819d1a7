"""Rounded numbers of a table: whether its parts, as the page shows them, still give the whole."""

from __future__ import annotations

from experiments.report.note import Number, Table
from experiments.report.saying import Saying


def rounded_apart(table: Table, say: Saying, whole: int = -1) -> str:
    """Return that each number is rounded by itself, where those of a column do not sum to row `whole`.

    The rows before `whole` are its parts; "" where all columns of numbers sum to it as shown.
    """
    for column in range(1, len(table.columns)):
        parts = [row[column] for row in table.rows[:whole]]
        total = table.rows[whole][column]
        numbers = [cell for cell in (*parts, total) if isinstance(cell, Number)]
        if len(numbers) < len(parts) + 1:
            continue
        *shown, of_all = (_shown(cell) for cell in numbers)
        if _is_apart(sum(shown), of_all, numbers[-1].digits):
            return say("money.rounded")
    return ""


def differ_as_shown(table: Table, say: Saying) -> str:
    """Return the same where a row's last number is not its third less its second as shown; else ""."""
    for _, *numbers in table.rows:
        before, after, change = (cell for cell in numbers if isinstance(cell, Number))
        if _is_apart(_shown(after) - _shown(before), _shown(change), change.digits):
            return say("money.rounded")
    return ""


def _shown(cell: Number) -> float:
    return round(cell.mean / cell.scale, cell.digits)


def _is_apart(one: float, other: float, digits: int) -> bool:
    return abs(one - other) > 0.5 * 10.0**-digits
