"""The children of the last day known as the first day of a simulation: ages, stairs, clocks, prices.

The model counts in months: month of birth, of the move, of the last follow-up. So does this, by calendar
months up to the month in which the simulation begins.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from experiments.caselist.reading import CaseList
from experiments.caselist.reading_extras import FollowUps
from experiments.caselist.spells import Days, Ints, Spells
from simulation.accounts import MONTHS_IN_YEAR
from simulation.first_day import UNKNOWN, FirstDay

MIDDLE = 15
"""A list that ends after this day of a month starts a simulation in the next one."""


def first_month(until: np.datetime64) -> date:
    """Return the month nearest to the day of the export, in which the simulation begins."""
    day = until.astype("datetime64[D]").item()
    year, month = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 + (day.day > MIDDLE), MONTHS_IN_YEAR)
    return date(year, month + 1, 1)


def first_day_of(cases: CaseList, leave_age: int) -> FirstDay:
    """Return the children of the last day known, in the order of the list.

    Who comes of age (`leave_age`, years) before the first month begins is left out, as the model would
    have let the child go. Months since the last follow-up are those of the present stay; where the list
    has follow-ups and none in this stay, it is the months on the stair; without any list of
    follow-ups they are unknown.
    """
    spells = cases.spells
    begin = _month(np.datetime64(first_month(spells.until)))
    there = np.flatnonzero(np.isnat(spells.end))
    age = begin - _month(spells.birth[spells.child[there]])
    young = age < leave_age * MONTHS_IN_YEAR
    there, age = there[young], age[young]
    on_stair = np.maximum(begin - _month(spells.start[there]), 1)
    return FirstDay(
        districts=cases.districts or ("all",),
        stairs=spells.stairs,
        district=np.maximum(cases.district[there], 0),
        stair=spells.stair[there],
        age=np.maximum(age, on_stair - 1),
        on_stair=on_stair,
        since=_since(cases.follow_ups, spells, there, on_stair, begin),
        price=cases.price[there],
    )


def _month(days: Days | np.datetime64) -> Ints:
    return np.asarray(days).astype("datetime64[M]").astype(np.int64)


def _since(
    follow_ups: FollowUps | None, spells: Spells, there: Ints, on_stair: Ints, begin: Ints
) -> Ints:
    """Return [child there] months since the last follow-up of the present stay."""
    if follow_ups is None:
        return np.full(len(there), UNKNOWN, np.int64)
    held = ~np.isnat(follow_ups.held)
    last = np.full(len(spells.birth), np.datetime64("0000-01-01", "D"))
    np.maximum.at(last, follow_ups.child[held], follow_ups.held[held])
    of_child = last[spells.child[there]]
    since = np.maximum(begin - _month(of_child), 1)
    return np.where(of_child > spells.start[there], np.minimum(since, on_stair), on_stair)
