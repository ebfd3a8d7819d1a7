"""Forecasts of the children on each stair, from the actual children and draws of the rates.

The pooled Markov forecast with partial pooling: each draw of the rates makes one future of each child,
from its age, stair and time on the stair, and of those who come. So the spread of the futures holds
chance and what is unknown about the rates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from experiments.caselist.balance import balanced
from experiments.caselist.counts import Cells, Counts, counted
from experiments.caselist.pooling import DRAWS, pooled
from experiments.caselist.rates import Rates, counted_rates
from experiments.caselist.spells import Ints, Spells
from experiments.caselist.standing import Standing, joined, standing
from experiments.caselist.walks import count_futures
from simulation.accounts import Floats

COVERED = 0.90
"""What the intervals are made to cover."""


@dataclass(frozen=True)
class Forecast:
    """Futures: counts [draw, horizon, stair] of children, `horizons` years ahead.

    `child_years` [draw, year, stair] in each whole year up to the last horizon. `in_care` [stair]: which
    stairs make up the total; help at home does not.
    """

    stairs: tuple[str, ...]
    horizons: tuple[float, ...]
    counts: Ints
    child_years: Floats
    in_care: np.ndarray

    @property
    def with_total(self) -> Ints:
        """[draw, horizon, stair and last the total in care]."""
        total = self.counts[..., self.in_care].sum(axis=-1, keepdims=True)
        return np.concatenate([self.counts, total], axis=-1)

    @property
    def middle(self) -> Floats:
        """[horizon, stair and last the total in care]: the mean of the futures."""
        return np.asarray(self.with_total.mean(axis=0))

    @property
    def interval(self) -> Floats:
        """[2, horizon, stair and last the total in care]: between these lie 90 % of the futures."""
        return interval(self.with_total)

    def cost(self, prices: Floats) -> Floats:
        """Return [draw, year] DKK: child-years times `prices` [stair], DKK for a child on it for a year.

        A stair whose price is not known (NaN) is left out. What prices will do is not in it. Raises
        ValueError where there is not one price for each stair, or one is negative.
        """
        given = np.asarray(prices, float)
        if given.shape != (len(self.stairs),) or (given < 0.0).any():
            raise ValueError(
                f"prices = {given.tolist()}: one price of 0 or more is needed for each of the stairs "
                f"{', '.join(self.stairs)}, nan where it is not known"
            )
        return np.asarray(self.child_years @ np.nan_to_num(given))


def interval(futures: np.ndarray) -> Floats:
    """Return [2, ...]: the ends of the interval that holds 90 % of the futures [draw, ...]."""
    tail = (1.0 - COVERED) / 2.0
    return np.asarray(np.quantile(futures, [tail, 1.0 - tail], axis=0))


def futures(
    children: Standing,
    rates: Rates,
    horizons: tuple[float, ...],
    rng: np.random.Generator,
    in_care: np.ndarray | None = None,
) -> Forecast:
    """Return one future for each draw of the rates, from these children.

    `in_care` [stair]: which stairs are care; all, if None. Raises ValueError where horizons are not above
    0 and rising, or `in_care` does not say so of each stair.
    """
    if not horizons or horizons[0] <= 0.0 or any(b <= a for a, b in pairwise(horizons)):
        raise ValueError(f"horizons = {horizons}: years ahead, above 0 and rising, as in (1, 3)")
    n = len(rates.stairs)
    care = _care(in_care, n)
    counts = np.zeros((len(rates), len(horizons), n), np.int64)
    child_years = np.zeros((len(rates), int(horizons[-1]), n))
    cells, ahead = rates.cells, np.array(horizons, float)
    count_futures(
        rng, children.age, children.stair, children.on_stair, rates.entries, rates.growth, rates.leave,
        rates.move, rates.to, np.array(cells.ages), np.array(cells.on_stair), cells.leave_age, ahead,
        counts, child_years,
    )  # fmt: skip
    return Forecast(rates.stairs, horizons, counts, child_years, care)


def _care(in_care: np.ndarray | None, stairs: int) -> np.ndarray:
    """Return [stair] of bool, as given or all; ValueError where it does not fit."""
    care = np.ones(stairs, bool) if in_care is None else np.asarray(in_care, bool)
    if care.shape != (stairs,):
        raise ValueError(f"in_care has {care.size} entries; one is needed for each of {stairs} stairs")
    return care


def repeated(rates: Rates, draws: int) -> Rates:
    """Return known rates (one draw) as so many equal draws: their futures differ by chance alone."""
    parts: dict[str, Any] = {
        kind: np.broadcast_to(getattr(rates, kind), (draws, *getattr(rates, kind).shape[1:])).copy()
        for kind in ("entries", "leave", "move", "to", "growth")
    }
    return replace(rates, **parts)


def learnt(counts: Counts, prior: Rates, rng: np.random.Generator, draws: int = DRAWS) -> Rates:
    """Return draws of the rates given a window: partially pooled and held near balance, as of today."""
    rates = pooled(counts, prior, rng, draws).rates
    return balanced(rates, counts, rng)


def forecast(
    spells: Spells,
    prior: Rates,
    window: float,
    horizons: tuple[float, ...],
    rng: np.random.Generator,
    draws: int = DRAWS,
    in_care: np.ndarray | None = None,
) -> Forecast:
    """Return the forecast from a case list, with rates from its last `window` years and the prior.

    `in_care` [stair]: which stairs are care; all, if None. Who is elsewhere in the list (help at home,
    under assessment) may come into care, but is not in the total.
    """
    spells = joined(spells)
    rates = learnt(counted(spells, prior.cells, window), prior, rng, draws)
    return futures(standing(spells, spells.until), rates, horizons, rng, in_care)


def plain_markov(
    spells: Spells,
    window: float,
    horizons: tuple[float, ...],
    rng: np.random.Generator,
    draws: int = DRAWS,
    in_care: np.ndarray | None = None,
) -> Forecast:
    """Return the rival: one rate per stair, ages and times on the stair thrown together, nothing shrunk.

    Leaving by age is then one way of leaving among others. Its intervals hold chance alone.
    """
    spells = joined(spells)
    one = Cells((0.0,), (0.0,), leave_age=1000.0)
    rates = repeated(counted_rates(counted(spells, one, window)), draws)
    return futures(standing(spells, spells.until), rates, horizons, rng, in_care)


def no_change(spells: Spells, horizons: tuple[float, ...], in_care: np.ndarray | None = None) -> Forecast:
    """Return the rival that says: as many as today. It has no spread."""
    now = standing(spells, spells.until).per_stair(len(spells.stairs))
    counts = np.broadcast_to(now, (1, len(horizons), len(now))).copy()
    child_years = np.broadcast_to(now.astype(float), (1, int(horizons[-1]), len(now))).copy()
    return Forecast(spells.stairs, horizons, counts, child_years, _care(in_care, len(now)))
