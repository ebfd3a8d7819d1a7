"""Outlook: what becomes of a case list's children if its rates go on; how good such forecasts were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.caselist.backtest import BackTest, BackTests, Skipped, back_tests, first_complete
from experiments.caselist.counts import Cells
from experiments.caselist.forecast import Forecast, forecast
from experiments.caselist.national import in_care, listed, national_rates
from experiments.caselist.pooling import DRAWS
from experiments.caselist.prices import prices_of
from experiments.caselist.rates import Rates
from experiments.caselist.reading import CaseList
from experiments.caselist.spells import Spells
from experiments.caselist.standing import day_after, standing, years
from simulation.accounts import Floats
from simulation.staircase import Staircase

AHEAD = (1.0, 2.0, 3.0)
"""Years ahead."""

TESTED = (1.0, 3.0)
"""Years before the last day from which the forecast is made again."""

WINDOW = 3.0
"""Years back from which rates are learnt, where the list reaches so far back."""

SHORTEST = 1.0
"""Years back at least; a list that is shorter says too little about rates."""

SEED = 1


@dataclass(frozen=True)
class Outlook:
    """A forecast from a case list: who stands where today, years of rates, what comes, back-tests.

    `today` and `before` [stair]: children on the last day, and when the window began, in the order of
    `forecast.stairs`; `prices` [stair] DKK a year, NaN where too
    few have one; `has_price` [stair] whether a stair can have one: an assessment has none.
    """

    today: np.ndarray
    before: np.ndarray
    has_price: np.ndarray
    window: float
    forecast: Forecast
    prices: Floats
    tests: BackTests


def outlook(
    cases: CaseList, staircase: Staircase, leave_age: int, internal: bool = False, draws: int = DRAWS
) -> Outlook | None:
    """Return the forecast from a case list and its back-tests; None where it is under a year long."""
    spells = listed(cases.spells, staircase)
    if (window := window_of(spells, spells.until)) < SHORTEST:
        return None
    prior = prior_of(spells, staircase, leave_age)
    care, rng = in_care(staircase, spells.stairs), np.random.Generator(np.random.PCG64(SEED))
    made = forecast(spells, prior, window, AHEAD, rng, draws, care)
    found = prices_of(cases, internal).last_year
    prices = np.array([found[key] or np.nan for key in spells.stairs], float)
    n = len(spells.stairs)
    today = standing(spells, spells.until).per_stair(n)
    before = standing(spells, day_after(spells.until, -window)).per_stair(n)
    paid = np.array([staircase[staircase.index(k)].kind in ("home", "care") for k in spells.stairs])
    return Outlook(today, before, paid, window, made, prices, _tests(spells, prior, rng, draws, care))


def prior_of(spells: Spells, staircase: Staircase, leave_age: int) -> Rates:
    """Return the country's rates for the stairs of a case list, with entries of its size."""
    care = in_care(staircase, spells.stairs)
    children = standing(spells, spells.until).per_stair(len(spells.stairs))[care].sum()
    cells = Cells(leave_age=float(leave_age))
    return national_rates(staircase, cells, spells.stairs, max(float(children), 1.0))


def window_of(spells: Spells, day: np.datetime64) -> float:
    """Return the years of rates that are known on a day: `WINDOW`, or what there is."""
    return min(WINDOW, float(years(day - first_complete(spells))))


def _tests(
    spells: Spells, prior: Rates, rng: np.random.Generator, draws: int, care: np.ndarray
) -> BackTests:
    """Return the back-tests, each with as much of the list as there was then, at least a year."""
    made: list[BackTest] = []
    skipped: list[Skipped] = []
    for ahead in TESTED:
        then = day_after(spells.until, -ahead)
        window = max(SHORTEST, np.floor(12.0 * window_of(spells, then)) / 12.0)
        tests = back_tests(spells, prior, window, rng, (ahead,), draws, care)
        made += tests.made
        skipped += tests.skipped
    return BackTests(tuple(made), tuple(skipped))
