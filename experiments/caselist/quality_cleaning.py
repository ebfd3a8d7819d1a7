"""Cleaning: the rules one after the other, and the spells that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.caselist import quality_rules as rules
from experiments.caselist.quality import Note, Place, Quality
from experiments.caselist.rows import OPEN_END, Known, Row
from experiments.caselist.spells import Days, Ints, Spells

ORDER: tuple[rules.Rule, ...] = (
    rules.without_child,
    rules.without_start,
    rules.unknown_stairs,
    rules.one_birth_date,
    rules.ends_before_starts,
    rules.future_dates,
    rules.births_after_starts,
    rules.duplicates,
    rules.repeated_by_later_returns,
    rules.same_stay,
    rules.not_closed,
    rules.over_the_leaving_age,
    rules.overlaps,
)
"""The order of the rules: first what is wrong with one row, then what rows of a child say together.

Births come before ages, which go by them; dates before duplicates, so that rows made equal are merged;
what is one stay is joined before overlaps are shared out; ages come after the rows that were never
ended, which a move ends sooner than a birthday, and before the overlaps, so that none of the pieces of
a row is dropped."""


@dataclass(frozen=True)
class Cleaning:
    """Clean spells, and what became of every row.

    `row` [spell] is the row a spell comes from, `district` [spell] a position or -1, `price` [spell]
    DKK per year or NaN, `number` [child] the child's number among the rows read.
    """

    spells: Spells
    row: Ints
    district: Ints
    price: NDArray[np.float64]
    number: Ints
    quality: Quality


def cleaned(
    rows: Sequence[Row], known: Known, places: Sequence[Place], read: Sequence[Note] = (),
    what: str = "spells",
) -> Cleaning:  # fmt: skip
    """Return the spells in rows and the account of all of them: rows in = rows used + rows explained.

    `read`: what became of rows when they were read; `rows` is without those that could not be.
    """
    left = list(rows)
    notes: list[Note] = list(read)
    for rule in ORDER:
        left, more = rule(left, known)
        notes += more
    left.sort(key=lambda r: (r.child, r.start))
    number, child = np.unique(_ints([r.child for r in left]), return_inverse=True)
    births = {r.child: r.birth for r in left}
    spells = Spells(
        stairs=tuple(known.staircase.keys),
        child=child.astype(np.int64),
        stair=_ints([r.stair for r in left]),
        start=_days([r.start for r in left]),
        end=_days([r.end for r in left]),
        birth=_days([births[int(n)] for n in number]),
        until=np.datetime64(known.until, "D"),
    )
    return Cleaning(
        spells, _ints([r.id for r in left]), _ints([r.district for r in left]),
        np.array([r.price for r in left], dtype=np.float64), number, Quality(what, places, notes),
    )  # fmt: skip


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _days(values: list[int]) -> Days:
    days = _ints(values)
    found = days.astype("datetime64[D]")
    found[days == OPEN_END] = np.datetime64("NaT", "D")
    return found
