"""Rows: what a case list says, row by row, in numbers; before anything is cleaned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from simulation.staircase import Staircase

MISSING = -(2**31)
"""A day that is not known."""

OPEN_END = 2**31
"""The end of a row that has not ended: later than every day."""

UNKNOWN, LEFT_OUT = -1, -2
"""Stairs that are none: a name nobody knows, and one that the names file leaves out on purpose."""

EPOCH = date(1970, 1, 1).toordinal()
"""Days are counted from here, as numpy counts them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A stay as one row has it. Days are counted from 1970; the end is exclusive.

    `id` is the row's position among all rows read (pieces of a row keep it), `child` a number instead
    of the identifier, `stair` a position in the staircase, `place` tells homes apart where the list
    does ("" where it does not), `goes_on` says that only something beside the place changed (such as
    the legal status), `return_no` counts the returns of one source, the latest last. `district`: a
    position, -1 where none is given. `price`: DKK per year, NaN where none is given.
    """

    id: int
    child: int
    stair: int
    start: int
    end: int
    birth: int
    place: str = ""
    goes_on: bool = False
    return_no: int = 0
    district: int = -1
    price: float = float("nan")

    @property
    def is_open(self) -> bool:
        """Whether the stay has not ended."""
        return self.end == OPEN_END


@dataclass(frozen=True)
class Known:
    """What the rules go by: the day of the export, the leaving age, the staircase."""

    until: int
    leave_age: int
    staircase: Staircase

    def birthday(self, birth: int) -> int:
        """Return the day a child reaches the leaving age; 29 February counts as 1 March."""
        born = date.fromordinal(birth + EPOCH)
        year = born.year + self.leave_age
        try:
            return born.replace(year=year).toordinal() - EPOCH
        except ValueError:
            return date(year, 3, 1).toordinal() - EPOCH


def as_day(day: date) -> int:
    """Return the number of a day."""
    return day.toordinal() - EPOCH
