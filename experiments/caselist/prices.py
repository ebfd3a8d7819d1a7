"""Prices of a case list: what a place on each stair costs a year, as far as the list says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.caselist.quality import SMALLEST
from experiments.caselist.reading import CaseList
from experiments.caselist.standing import day_after


@dataclass(frozen=True)
class Prices:
    """Mean prices in DKK per child and year, by key of the stair; None where too few children have one.

    `today`: of the spells that go on on the last day known. `last_year`: of all spells in the 12 months
    before it, weighted by their days in them.
    """

    today: dict[str, float | None]
    last_year: dict[str, float | None]


def prices_of(cases: CaseList, internal: bool = False) -> Prices:
    """Return the mean price of each stair, of the spells that have a price.

    A mean of fewer than 5 children is None unless `internal`; one of none is None always.
    """
    s = cases.spells
    begins = np.maximum(s.start, day_after(s.until, -1.0))
    days = np.maximum((np.minimum(s.last, s.until) - begins).astype(np.int64), 0)
    return Prices(
        _means(cases, np.isnat(s.end).astype(np.float64), internal),
        _means(cases, days.astype(np.float64), internal),
    )


def _means(cases: CaseList, weight: NDArray[np.float64], internal: bool) -> dict[str, float | None]:
    s = cases.spells
    counts = (weight > 0.0) & ~np.isnan(cases.price)
    found: dict[str, float | None] = {}
    for i, key in enumerate(s.stairs):
        own = counts & (s.stair == i)
        children = len(np.unique(s.child[own]))
        shown = children >= (1 if internal else SMALLEST)
        found[key] = float(np.average(cases.price[own], weights=weight[own])) if shown else None
    return found
