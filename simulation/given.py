"""Given children: those of a case list as the records from which both engines begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.first_day import FirstDay, Ints
from simulation.layout import GIVEN
from simulation.remembered import remembered
from simulation.scenario import Scenario

Records = NDArray[np.void]


@remembered
def given_children(s: Scenario) -> Records:
    """Return the children of the case list who live in the scenario's districts, as GIVEN."""
    day = s.first_day
    if day is None:
        return np.zeros(0, GIVEN)
    chosen = _in_order(s, day)
    rows = np.zeros(len(chosen), GIVEN)
    for name in ("age", "on_stair", "since"):
        rows[name] = getattr(day, name)[chosen]
    paid = np.array([x.kind in ("home", "care") for x in s.staircase])[day.stair]
    rows["price"] = np.where(paid, day.price / 12.0, np.nan)[chosen]
    return rows


def _in_order(s: Scenario, day: FirstDay) -> Ints:
    """Return the children in the scenario's districts, by district, stair and place in the list."""
    here = {d.name: i for i, d in enumerate(s.districts)}
    district = np.array([here.get(name, -1) for name in day.districts], np.int64)[day.district]
    order = np.lexsort((day.stair, district))
    return np.asarray(order[district[order] >= 0])


def first_given(s: Scenario) -> Ints:
    """Return [district, stair]: the first row of `given_children`; -1 where children are drawn."""
    keys = s.staircase.keys
    first = np.full((len(s.districts), len(keys)), -1, np.int64)
    if s.first_day is not None:
        found = [s.first_day.counts.get(d.name, {}) for d in s.districts]
        counts = np.array([[of.get(key, 0) for key in keys] for of in found])
        first = np.where(counts > 0, (counts.cumsum() - counts.ravel()).reshape(counts.shape), -1)
    return first
