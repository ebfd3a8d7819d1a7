"""Who stood where on a day, and what was known by then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from experiments.caselist.spells import OPEN, Days, Ints, Spells
from simulation.accounts import Floats

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Standing:
    """Children in care on a day, [child] each.

    `age` and `on_stair` in years, `stair` as in `Spells.stairs`.
    """

    age: Floats
    stair: Ints
    on_stair: Floats

    def __len__(self) -> int:
        """Return the number of children."""
        return len(self.stair)

    def per_stair(self, stairs: int) -> Ints:
        """Return [stair]: children."""
        return np.bincount(self.stair, minlength=stairs)


def years(span: object) -> Floats:
    """Return a span of days in years."""
    return np.asarray(span).astype("timedelta64[D]").astype(float) / DAYS_A_YEAR


def day_after(day: np.datetime64, later: float) -> np.datetime64:
    """Return the day `later` years after another (before it where negative), to the nearest day."""
    return day + np.timedelta64(round(later * DAYS_A_YEAR), "D")


def joined(spells: Spells) -> Spells:
    """Return the spells without moves within a stair: the time on the stair goes on."""
    if not len(spells):
        return spells
    same = (spells.child[1:] == spells.child[:-1]) & (spells.stair[1:] == spells.stair[:-1])
    same &= spells.start[1:] == spells.end[:-1]
    first, last = np.append(True, ~same), np.append(~same, True)
    return replace(
        spells,
        child=spells.child[first],
        stair=spells.stair[first],
        start=spells.start[first],
        end=spells.end[last],
    )


def on_stairs(spells: Spells, stairs: tuple[str, ...]) -> Spells:
    """Return the spells on these stairs alone, numbered as these are; time on others is time away.

    Raises ValueError for a stair that the spells do not name.
    """
    unknown = [key for key in stairs if key not in spells.stairs]
    if unknown:
        raise ValueError(f"no stair {unknown[0]!r} in the case list; it has {', '.join(spells.stairs)}")
    place = np.array([stairs.index(k) if k in stairs else -1 for k in spells.stairs])[spells.stair]
    kept = place >= 0
    return replace(
        spells,
        stairs=stairs,
        child=spells.child[kept],
        stair=place[kept],
        start=spells.start[kept],
        end=spells.end[kept],
    )


def known_at(spells: Spells, day: np.datetime64) -> Spells:
    """Return the spells as an export on an earlier `day` would have had them.

    Raises ValueError for a day after `until`.
    """
    if day > spells.until:
        raise ValueError(f"{day} is after the day of the export, {spells.until}; give an earlier one")
    seen = spells.start < day
    end = spells.end[seen].copy()
    end[end >= day] = OPEN
    return replace(
        spells,
        child=spells.child[seen],
        stair=spells.stair[seen],
        start=spells.start[seen],
        end=end,
        until=day,
    )


def standing(spells: Spells, day: np.datetime64) -> Standing:
    """Return the children in care as `day` begins, before anything of that day has happened."""
    there = (spells.start < day) & (np.isnat(spells.end) | (spells.end >= day))
    return Standing(
        age=years(day - spells.birth[spells.child[there]]),
        stair=spells.stair[there],
        on_stair=years(day - spells.start[there]),
    )


def moves_on(spells: Spells) -> tuple[Ints, Ints]:
    """Return the spells that end in a move, and the spells they move to, as positions."""
    same = spells.child[1:] == spells.child[:-1]
    moved = np.flatnonzero(same & (spells.start[1:] == spells.end[:-1]))
    return moved, moved + 1


def in_window(days: Days, begin: np.datetime64, end: np.datetime64) -> np.ndarray:
    """Return which days lie in [begin, end); NaT does not."""
    return (days >= begin) & (days < end)
