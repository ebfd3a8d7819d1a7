"""Events and exposure: what a window of a case list has counted, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from experiments.caselist.spells import Ints, Spells
from experiments.caselist.standing import (
    DAYS_A_YEAR,
    Standing,
    day_after,
    in_window,
    joined,
    moves_on,
    standing,
    years,
)
from simulation.accounts import Floats

BIRTHDAY = 7 / DAYS_A_YEAR
"""Who leaves within these years before the age at which care ends is taken to leave by age."""


@dataclass(frozen=True)
class Cells:
    """How children in care are divided: least age and time on the stair of each band, years."""

    ages: tuple[float, ...] = (0.0, 4.0, 12.0, 15.0)
    on_stair: tuple[float, ...] = (0.0, 1.0, 3.0)
    leave_age: float = 18.0

    def __post_init__(self) -> None:
        """Raise ValueError where bands do not begin at 0 and rise, or begin after care ends."""
        for name, edges in (("ages", self.ages), ("on_stair", self.on_stair)):
            if not edges or edges[0] != 0.0 or any(b <= a for a, b in pairwise(edges)):
                raise ValueError(f"{name} = {edges}: bands begin at 0 and rise, as in (0, 4, 12, 15)")
        if self.ages[-1] >= self.leave_age:
            raise ValueError(f"ages = {self.ages}: the last band must begin before {self.leave_age:g}")

    @property
    def widths(self) -> Floats:
        """[band]: years of age in each band."""
        return np.diff([*self.ages, self.leave_age])


@dataclass(frozen=True)
class Counts:
    """What a window of `years` has counted.

    `exposure` [stair, age, time on the stair] child-years; `left` and `moved` events there (not those who
    leave by age, `aged_out` [stair]); `to` [stair, age, stair] moves; `entered` [stair, age] entries;
    `began` the children on the window's first day.
    """

    stairs: tuple[str, ...]
    cells: Cells
    years: float
    exposure: Floats
    left: Ints
    moved: Ints
    to: Ints
    entered: Ints
    aged_out: Ints
    began: Standing


def counted(spells: Spells, cells: Cells, window: float) -> Counts:
    """Return what the last `window` years before the export have counted.

    Raises ValueError where the window is not positive.
    """
    if not window > 0.0:
        raise ValueError(f"window = {window:g} years: must be above 0; 3 is usual")
    spells = joined(spells)
    begin = day_after(spells.until, -window)
    n = len(spells.stairs)
    ended, aged, moved, entered = _events(spells, cells, begin)
    left = ended & ~moved & ~aged
    age, stay = _bands(spells, cells)
    by_stay = (n, len(cells.ages), len(cells.on_stair))
    source, target = moves_on(spells)
    in_time = moved[source]
    source, target = source[in_time], target[in_time]
    led = (spells.stair[source], age[source], spells.stair[target])
    age_in = _band(years(spells.start - spells.birth[spells.child]), cells.ages, "right")
    return Counts(
        spells.stairs,
        cells,
        float(years(spells.until - begin)),
        _exposure(spells, cells, begin),
        _count(by_stay, left, spells.stair, age, stay),
        _count(by_stay, moved, spells.stair, age, stay),
        _count((n, len(cells.ages), n), slice(None), *led),
        _count(by_stay[:2], entered, spells.stair, age_in),
        _count((n,), aged & ~moved & ended, spells.stair),
        standing(spells, begin),
    )


def _events(
    spells: Spells, cells: Cells, begin: np.datetime64
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return which spells ended in the window, ended by age, by a move in it, and began as entries."""
    source, target = moves_on(spells)
    ended = in_window(spells.end, begin, spells.until)
    moved, entered = np.zeros(len(spells), bool), in_window(spells.start, begin, spells.until)
    moved[source] = True
    entered[target] = False
    aged = years(spells.last - spells.birth[spells.child]) >= cells.leave_age - BIRTHDAY
    return ended, aged, moved & ended, entered


def _bands(spells: Spells, cells: Cells) -> tuple[Ints, Ints]:
    """Return the band of age and of time on the stair at the end of each spell."""
    age = years(spells.last - spells.birth[spells.child])
    return _band(age, cells.ages, "left"), _band(
        years(spells.last - spells.start), cells.on_stair, "left"
    )


def _band(value: Floats, edges: tuple[float, ...], side: str) -> Ints:
    place = np.searchsorted(edges, value, "left" if side == "left" else "right") - 1
    return np.clip(place, 0, len(edges) - 1)


def _count(shape: tuple[int, ...], which: np.ndarray | slice, *places: Ints) -> Ints:
    """Return how many of `which` lie in each cell."""
    flat = np.ravel_multi_index(tuple(p[which] for p in places), shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)


def _exposure(spells: Spells, cells: Cells, begin: np.datetime64) -> Floats:
    """Return [stair, age, time on the stair] child-years in the window, none after care ends by age."""
    start = years(np.maximum(spells.start, begin) - begin)
    end = years(np.minimum(spells.last, spells.until) - begin)
    born = years(spells.birth[spells.child] - begin)
    came = years(spells.start - begin)
    n = len(spells.stairs)
    out = np.zeros((n, len(cells.ages), len(cells.on_stair)))
    for i, (young, old) in enumerate(zip(cells.ages, (*cells.ages[1:], cells.leave_age), strict=True)):
        for j, (short, long) in enumerate(
            zip(cells.on_stair, (*cells.on_stair[1:], np.inf), strict=True)
        ):
            low = np.maximum(start, np.maximum(born + young, came + short))
            high = np.minimum(end, np.minimum(born + old, came + long))
            out[:, i, j] = np.bincount(spells.stair, np.maximum(0.0, high - low), n)
    return out
