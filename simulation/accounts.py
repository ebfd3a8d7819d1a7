"""Ledgers read by name, and the groups of stairs that measures and accounts are about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simulation.ledger import column_names, column_positions
from simulation.remembered import remembered
from simulation.staircase import Staircase

Floats = NDArray[np.float64]
MONTHS_IN_YEAR = 12


@dataclass(frozen=True)
class Ledger:
    """A ledger with its staircase: `ledger["new_entries"]`, `ledger.over("n_", in_care)`."""

    values: Floats
    staircase: Staircase
    months: Floats | float = MONTHS_IN_YEAR  # that each entry of the last axis but one covers

    def __getitem__(self, column: str) -> Floats:
        """Return one column; KeyError where there is none."""
        position = column_positions(self.staircase).get(column)
        if position is None:
            raise KeyError(f"the ledger has no column {column!r}")
        return self.values[..., position]

    def over(self, prefix: str, which: Callable[[Staircase, int], bool]) -> Floats:
        """Return the sum of `prefix` columns over the stairs for which `which` holds."""
        total = np.zeros(self.values.shape[:-1])
        for i, stair in enumerate(self.staircase):
            if which(self.staircase, i):
                total += self[prefix + stair.key]
        return total


def by_year(values: Floats, staircase: Staircase) -> Floats:
    """Return [..., year, column] from [..., month, column]: means of `n_` columns, sums of others.

    A last year of fewer than 12 months is kept as it is: its sums cover the months it has.
    """
    months = values.shape[-2]
    starts = np.arange(0, months, MONTHS_IN_YEAR)
    totals = np.add.reduceat(values, starts, axis=-2)
    lengths = np.diff(np.append(starts, months))
    counts = np.array([name.startswith("n_") for name in column_names(staircase)])
    return np.where(counts, totals / lengths[:, None], totals)


def months_covered(months: int) -> Floats:
    """Return [year]: how many months of a simulation of `months` months fall into each year."""
    starts = np.arange(0, months, MONTHS_IN_YEAR)
    return np.minimum(MONTHS_IN_YEAR, months - starts).astype(float)


def calendar_years(start: date, months: int) -> NDArray[np.int64]:
    """Return [month]: the calendar year of each month of a simulation that begins at `start`."""
    return start.year + (start.month - 1 + np.arange(months)) // MONTHS_IN_YEAR


def by_calendar_year(per_month: Floats, start: date) -> Floats:
    """Return [..., calendar year]: sums of [..., month] amounts; the first and last may be part years."""
    years = calendar_years(start, per_month.shape[-1])
    return np.add.reduceat(per_month, np.unique(years, return_index=True)[1], axis=-1)


# --- which stairs -------------------------------------------------------------------------------


def hidden(stairs: Staircase, i: int) -> bool:
    """Whether children on stair i are not known to the municipality."""
    return stairs[i].kind == "hidden"


def in_care(stairs: Staircase, i: int) -> bool:
    """Whether stair i is a placement outside home (anbragt)."""
    return stairs[i].in_care


def at_home(stairs: Staircase, i: int) -> bool:
    """Whether stair i is help at home."""
    return stairs[i].kind == "home"


def family_like(stairs: Staircase, i: int) -> bool:
    """Whether stair i is care in a family."""
    return stairs[i].family_like


def residential(stairs: Staircase, i: int) -> bool:
    """Whether stair i is an institution or the like.

    Those that the staircase calls `residential`; where it calls none so, care more intrusive than any
    family, hence all care where there are no families.
    """
    return _residential(stairs)[i]


@remembered
def _residential(stairs: Staircase) -> list[bool]:
    if any(s.residential for s in stairs):
        return [s.residential for s in stairs]
    families = [j for j, s in enumerate(stairs) if s.family_like]
    last_family = families[-1] if families else stairs.first("care") - 1
    return [s.in_care and not s.family_like and i > last_family for i, s in enumerate(stairs)]


def home_based(stairs: Staircase, i: int) -> bool:
    """Whether stair i is care in no family and less intrusive than residential, such as an own room."""
    return stairs[i].in_care and not stairs[i].family_like and not residential(stairs, i)
