"""Synthetic histories: case lists made from rates that are known, to measure methods by.

The municipality has some 430 children in care on four stairs. Its typical rates (`typical`) are made up,
of the size of the English returns: somewhat over a third leave in a year, so that chance alone moves the
total by some 2.9 % a year. Danish children stay longer. The rates of one history deviate from the typical
ones (`varied`), as those of a municipality do from the country's, and are constant over time but for the
variants:

* trend: entries grow by 5 % a year from the first day of the history.
* shock: entries are half as many again in the last year before `forecast_day`, then as before.
* duration: who has just come leaves 1.8 times as fast as the rates say, who has stayed three years half
  as fast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from experiments.caselist.counts import Cells
from experiments.caselist.rates import Rates
from experiments.caselist.spells import OPEN, Spells
from experiments.caselist.standing import DAYS_A_YEAR, day_after
from experiments.caselist.stationary_stock import expected_stock
from experiments.caselist.walks import record_walks
from simulation.accounts import Floats

Variant = Literal["stationary", "trend", "shock", "duration"]

STAIRS = ("own_room", "network_care", "foster_care", "residential_care")
FIRST_DAY = np.datetime64("2015-01-01", "D")
CHILDREN = 430.0
KNOWN, FUTURE = 5.0, 3.0
"""Years of a history before and after `forecast_day`."""

GROWTH, SHOCK = 0.05, 1.5
FASTER_THEN_SLOWER = (1.8, 1.0, 0.5)
"""Factors on leaving by time on the stair, in the variant duration."""

_LEAVE = (
    (0.5, 0.5, 0.5, 0.55),
    (0.45, 0.25, 0.22, 0.35),
    (0.40, 0.16, 0.14, 0.28),
    (0.65, 0.5, 0.45, 0.6),
)
_MOVE = (
    (0.1, 0.1, 0.1, 0.15),
    (0.20, 0.08, 0.08, 0.10),
    (0.18, 0.07, 0.10, 0.12),
    (0.45, 0.30, 0.22, 0.25),
)
_TO = ((0.0, 0.2, 0.4, 0.4), (0.1, 0.0, 0.6, 0.3), (0.1, 0.3, 0.0, 0.6), (0.2, 0.2, 0.6, 0.0))
_ENTRIES = (
    (0.0, 0.0, 0.0, 0.12),
    (0.09, 0.07, 0.03, 0.02),
    (0.14, 0.13, 0.06, 0.05),
    (0.02, 0.06, 0.09, 0.12),
)
"""[stair, age], own room only from 15 years."""


@dataclass(frozen=True)
class History:
    """A synthetic history of `KNOWN` + `FUTURE` years, and the rates it was made from.

    `spells` reaches to the end of the future; `known_at(spells, forecast_day)` is the case list.
    """

    spells: Spells
    truth: Rates
    forecast_day: np.datetime64


def typical(cells: Cells | None = None, children: float = CHILDREN) -> Rates:
    """Return the typical rates, one draw, with entries that hold `children` in care."""
    cells = cells or Cells()
    if len(cells.ages) != len(_LEAVE[0]):
        raise ValueError(f"ages = {cells.ages}: the typical rates have {len(_LEAVE[0])} age bands")
    stays = np.ones(len(cells.on_stair))
    to = np.array(_TO)[:, None, :] * np.ones((1, len(cells.ages), 1))
    young = np.array(cells.ages) < 15.0
    to[:, young, 0] = 0.0
    rates = Rates(
        STAIRS,
        cells,
        np.array(_ENTRIES)[None],
        np.array(_LEAVE)[None, :, :, None] * stays,
        np.array(_MOVE)[None, :, :, None] * stays,
        (to / to.sum(axis=-1, keepdims=True))[None],
    )
    return _holding(rates, children)


def varied(rates: Rates, rng: np.random.Generator, level: float = 0.15, cell: float = 0.15) -> Rates:
    """Return one municipality's rates: those given, times lognormal factors, holding as many children.

    `level` is the spread (standard deviation of the logarithm) of a factor common to all cells of a kind,
    `cell` that of the cells' own.
    """
    children = float(expected_stock(rates).sum())

    def factor(shape: tuple[int, ...]) -> Floats:
        return np.exp(level * rng.standard_normal() + cell * rng.standard_normal(shape))

    shape = rates.entries.shape
    changed = replace(
        rates,
        entries=rates.entries * factor(shape),
        leave=rates.leave * factor(shape)[..., None],
        move=rates.move * factor(shape)[..., None],
    )
    return _holding(changed, children)


def history(
    seed: int,
    variant: Variant = "stationary",
    children: float = CHILDREN,
    rates: Rates | None = None,
) -> History:
    """Return the history of a seed (0 or more); equal seeds give equal histories.

    `rates` (one draw), in place of the typical ones for so many children, are what its own deviate from.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    truth = varied(typical(children=children) if rates is None else rates, rng)
    if variant == "duration":
        stock = float(expected_stock(truth).sum())
        truth = _holding(replace(truth, leave=truth.leave * np.array(FASTER_THEN_SLOWER)), stock)
    return History(_spells(truth, variant, rng), truth, day_after(FIRST_DAY, KNOWN))


def _holding(rates: Rates, children: float) -> Rates:
    """Return the rates with entries scaled to hold `children` in care."""
    return replace(rates, entries=rates.entries * (children / expected_stock(rates).sum()))


def entry_factor(variant: Variant, at: Floats) -> Floats:
    """Return what entries are multiplied with `at` years after the first day."""
    if variant == "trend":
        return (1.0 + GROWTH) ** np.maximum(0.0, at)
    if variant == "shock":
        return np.where((at >= KNOWN - 1.0) & (at < KNOWN), SHOCK, 1.0)
    return np.ones_like(at)


def _spells(rates: Rates, variant: Variant, rng: np.random.Generator) -> Spells:
    """Return the spells that reach into the history, from entries since a childhood before it."""
    end, before = KNOWN + FUTURE, rates.cells.leave_age
    at, age, stair = _entrants(rates, variant, rng, -before, end)
    rows = np.zeros((40 * len(at) + 100, 4))
    cells = rates.cells
    n = record_walks(
        rng, at, age, stair, rates.leave[0], rates.move[0], rates.to[0], np.array(cells.ages),
        np.array(cells.on_stair), cells.leave_age, end, rows,
    )  # fmt: skip
    if n < 0:
        raise ValueError("the rates of moving are too high: a child moves 40 times; give lower rates")
    return _as_spells(rates.stairs, rows[:n], at - age, end)


def _entrants(
    rates: Rates, variant: Variant, rng: np.random.Generator, begin: float, end: float
) -> tuple[Floats, Floats, np.ndarray]:
    """Return time, age and stair of each entry, by thinning a Poisson stream."""
    most = float(entry_factor(variant, np.linspace(begin, end, 1000)).max())
    per_cell = rng.poisson(rates.entries[0] * most * (end - begin))
    stair, band = (np.repeat(i.ravel(), per_cell.ravel()) for i in np.indices(per_cell.shape))
    at = rng.uniform(begin, end, len(stair))
    age = np.array(rates.cells.ages)[band] + rates.cells.widths[band] * rng.random(len(stair))
    kept = rng.random(len(stair)) * most < entry_factor(variant, at)
    return at[kept], age[kept], stair[kept]


def _as_spells(stairs: tuple[str, ...], rows: Floats, born: Floats, end: float) -> Spells:
    """Return rows (child, stair, start, end) in years as spells in days, less those over before day 0."""
    start, stop = (np.floor(rows[:, i] * DAYS_A_YEAR).astype(np.int64) for i in (2, 3))
    kept = (stop > start) & (stop > 0)
    until = day_after(FIRST_DAY, end)
    children, child = np.unique(rows[kept, 0].astype(np.int64), return_inverse=True)
    ends = FIRST_DAY + stop[kept]
    birth = FIRST_DAY + np.floor(born[children] * DAYS_A_YEAR).astype(np.int64)
    return Spells(
        stairs,
        child,
        rows[kept, 1].astype(np.int64),
        FIRST_DAY + start[kept],
        np.where(ends >= until, OPEN, ends),
        birth,
        until,
    )
