"""Columns of a table as days, numbers, text and identifiers; single bad cells are told, many refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from experiments.caselist.quality import Reason
from experiments.caselist.reading_cells import (
    DATES_ALLOWED,
    NO_IDENTIFIERS,
    NUMBERS_ALLOWED,
    day,
    end_day,
    number,
    serial_day,
)
from experiments.caselist.reading_problems import date_shown, problem, rows_in_words, shape
from experiments.caselist.reading_text import Table

T = TypeVar("T")
UNREADABLE_DATE = Reason("unreadable_date", "dropped", "a date that cannot be read")
UNREADABLE_NUMBER = Reason("unreadable_number", "dropped", "a number that cannot be read")

MOST_UNREADABLE = 0.2
"""Share of a column's filled cells that may be unreadable; beyond, column or date form are wrong."""
_BIRTHS = ("birth_date", "DOB")


@dataclass
class Numbers:
    """Numbers instead of identifiers, in the order in which these are met; kept in memory only."""

    known: dict[str, int] = field(default_factory=dict)

    def of(self, identifier: str) -> int:
        """Return the number of an identifier, a new one where it is new; -1 where it is blank."""
        return self.known.setdefault(identifier, len(self.known)) if identifier else -1

    def find(self, identifier: str) -> int:
        """Return the number of an identifier, -1 where it was never met."""
        return self.known.get(identifier, -1)


def _is_whole(cell: str) -> bool:
    return cell.isascii() and cell.isdecimal()


class Cells:
    """The cells of a table by our names of its columns.

    A cell that cannot be read is None; where that is more than a fifth of those in a column that are not
    empty, the column is refused with a CaseListError.
    """

    def __init__(self, table: Table, columns: Mapping[str, int]) -> None:
        """Hold a table and where our columns stand in it."""
        self.table, self.columns = table, columns

    def text(self, name: str) -> list[str]:
        """Return a column's cells, blank where there is no such column."""
        at = self.columns.get(name)
        return [""] * len(self.table.rows) if at is None else [row[at] for row in self.table.rows]

    def ids(self, name: str) -> list[str]:
        """Return a column of identifiers, blank where a spreadsheet has its sign of an error."""
        return ["" if cell in NO_IDENTIFIERS else cell for cell in self.text(name)]

    def days(self, name: str) -> list[int | None]:
        """Return a column of days, `MISSING` where empty."""
        return self._read(name, self._day(day), DATES_ALLOWED, shape if name in _BIRTHS else date_shown)

    def ends(self, name: str) -> list[int | None]:
        """Return a column of days on which something ended, `OPEN_END` where it has not."""
        return self._read(name, self._day(end_day), DATES_ALLOWED, date_shown)

    def numbers(self, name: str, least: float, most: float) -> list[float | None]:
        """Return a column of numbers from `least` to `most`, NaN where empty."""

        def within(cell: str) -> float | None:
            value = number(cell)
            return None if value is None or value < least or value > most else value

        return self._read(name, within, f"{NUMBERS_ALLOWED}, from {least:g} to {most:g}", shape)

    def refuse_many(
        self, name: str, bad: Sequence[int], filled: int, allowed: str,
        shown: Callable[[str], str] = shape,
    ) -> None:  # fmt: skip
        """Raise CaseListError where `bad` rows are more than a fifth of those that are `filled`."""
        if not bad or len(bad) <= MOST_UNREADABLE * filled:
            return
        cell = self.text(name)[bad[0]]
        found = f"found {shown(cell)}" if cell else "found nothing"
        if len(bad) > 1:
            where = rows_in_words(self.table.numbers[i] for i in bad)
            found += f" (and more such cells: {where}; {len(bad)} of {filled})"
        at = self.columns.get(name)
        raise problem(
            self.table.file, found, allowed, self.table.numbers[bad[0]],
            name if at is None else self.table.columns[at],
        )  # fmt: skip

    def _day(self, read: Callable[[str], int | None]) -> Callable[[str], int | None]:
        """Return how to read a day: in a workbook it may be a number too."""
        zero: date | None = self.table.serial_0
        if zero is None:
            return read
        return lambda cell: serial_day(cell, zero) if _is_whole(cell) else read(cell)

    def _read(
        self, name: str, read: Callable[[str], T | None], allowed: str, shown: Callable[[str], str]
    ) -> list[T | None]:  # fmt: skip
        cells = self.text(name)
        of = {cell: read(cell) for cell in set(cells)}
        values = [of[cell] for cell in cells]
        if None in of.values():
            bad = [i for i, value in enumerate(values) if value is None]
            self.refuse_many(name, bad, sum(1 for cell in cells if cell), allowed, shown)
        return values
