"""`python -m benchmarks.caselist`: forecasts from case lists, beside the floor and the rivals.

Synthetic histories, whose true rates are known. The floor is the forecast made with the true rates: its
error is chance alone. Every forecast is scored against many true futures of the same children (drawn
with the true rates), not the one that came: the same figures in the mean, with far less noise. "balance
known" is ours with flows taken to be exactly in balance: what could be had at best in a stationary
world, at the price of every other. "national" are stationary histories with rates around the
country's.

What was found on seeds that nothing was chosen on (150 histories from 1000 on stationary, 100 others):
error of the total as a multiple of the floor's, 1 / 3 years ahead; standard errors of 0.01 to 0.07
without trend and shock (ours stationary 0.014 / 0.033 and 0.008 / 0.021), of 0.05 to 0.3 with them.

    window, method        stationary    national      trend         shock         duration
    1 year, ours          1.11 / 1.27   1.13 / 1.31   1.69 / 3.29   4.69 / 7.54   1.19 / 1.41
    1 year, Markov        1.41 / 1.88   1.64 / 2.13   1.50 / 2.36   5.88 / 9.32   1.62 / 2.16
    3 years, ours         1.07 / 1.18   1.07 / 1.18   1.85 / 3.57   1.76 / 2.64   1.09 / 1.22
    3 years, Markov       1.20 / 1.41   1.40 / 1.71   1.54 / 2.98   2.18 / 3.24   1.24 / 1.44
    no change             1.15 / 1.25   1.28 / 1.41   1.76 / 3.58   2.24 / 3.15   1.24 / 1.37
    covered, %, 1 year    91 / 93       91 / 92       75 / 48       26 / 15       90 / 91
    covered, %, 3 years   91 / 92       91 / 91       67 / 37       75 / 63       91 / 91

The goals of 1.20 (window of 1 year) and 1.05 (3 years) are met one year ahead with the former, and missed
otherwise. Most of it cannot be had from the window alone: with the constants of `pooling` set to the
generator's own (LEVEL = 44, ALIKE = [44], STAY = 1e7, SAME_WAYS = [1e6]) and balance known, the
multiples on seeds 1000 to 1099 are 1.08 / 1.19 and 1.06 / 1.13, ±0.01 to 0.03. Some 500 entries in 3
years leave their rate unknown by 4 %, and three years ahead most of the children are yet to enter. Under
a trend and after a shock, which 430 children show too late, the interval covers too little. Under a
trend balance costs: rates that are shrunk only have 1.43 / 2.27 and 1.54 / 2.94. The method was chosen
on seeds 0 to 49, where the stationary figures are 1.08 / 1.19 and 1.06 / 1.15.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from rich.console import Console
from rich.table import Table

from experiments.caselist import balance, forecast
from experiments.caselist.counts import Cells, counted
from experiments.caselist.forecast import Forecast
from experiments.caselist.national import national_rates
from experiments.caselist.pooling import pooled
from experiments.caselist.rates import Rates
from experiments.caselist.standing import known_at, standing
from experiments.caselist.synthetic import CHILDREN, GROWTH, KNOWN, STAIRS, History, history, typical
from simulation.staircase import DEFAULT_STAIRCASE

VARIANTS = ["stationary", "trend", "shock", "duration", "national"]
HORIZONS = (1.0, 3.0)
WINDOWS = (1.0, 3.0)
FUTURES = 2000
DRAWS = 500
GOALS = {1.0: 1.20, 3.0: 1.05}
"""Error over the floor's, by window."""


def prior_of(variant: str) -> Rates:
    """Return the rates that those of a history deviate from: the generator's, or the country's."""
    if variant != "national":
        return typical()
    return national_rates(DEFAULT_STAIRCASE, Cells(), STAIRS, CHILDREN)


def history_of(seed: int, variant: str) -> History:
    """Return a history of a variant; "national" is stationary, with rates around the country's."""
    if variant == "national":
        return history(seed, rates=prior_of(variant))
    return history(seed, variant)


def true_futures(h: History, variant: str, rng: np.random.Generator, draws: int) -> Forecast:
    """Return futures at the true rates; entries grow on where they did, to the middle of each horizon."""
    spells = known_at(h.spells, h.forecast_day)
    children, made = standing(spells, spells.until), []
    for year in HORIZONS:
        growth = (1.0 + GROWTH) ** (KNOWN + year / 2.0) if variant == "trend" else 1.0
        rates = replace(h.truth, entries=h.truth.entries * growth)
        made.append(forecast.futures(children, forecast.repeated(rates, draws), (year,), rng))
    return replace(made[-1], horizons=HORIZONS, counts=np.concatenate([f.counts for f in made], axis=1))


def forecasts(h: History, variant: str, seed: int) -> Iterator[tuple[str, Forecast]]:
    """Yield each forecast by name, "(window) method"."""
    spells, prior = known_at(h.spells, h.forecast_day), prior_of(variant)
    children = standing(spells, spells.until)
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    yield "floor", true_futures(h, variant, rng, DRAWS)
    yield "no change", forecast.no_change(spells, HORIZONS)
    for window in WINDOWS:
        yield f"{window:g} pooled Markov", forecast.plain_markov(spells, window, HORIZONS, rng, DRAWS)
        counts = counted(spells, prior.cells, window)
        rates = pooled(counts, prior, rng, DRAWS).rates
        yield f"{window:g} shrunk only", forecast.futures(children, rates, HORIZONS, rng)
        ours = balance.balanced(rates, counts, rng)
        yield f"{window:g} ours", forecast.futures(children, ours, HORIZONS, rng)
        known = balance.balanced(rates, counts, rng, np.array([1e-3]), 0.0)
        yield f"{window:g} balance known", forecast.futures(children, known, HORIZONS, rng)


def scores(variant: str, seeds: range) -> dict[str, np.ndarray]:
    """Return [seed, (error, covered), horizon, stair and last the total] of each forecast."""
    found: dict[str, list[np.ndarray]] = {}
    for seed in seeds:
        h = history_of(seed, variant)
        rng = np.random.Generator(np.random.PCG64([seed, 0]))
        true = true_futures(h, variant, rng, FUTURES).with_total
        for name, f in forecasts(h, variant, seed):
            low, high = f.interval
            error = np.abs(true - f.middle).mean(axis=0)
            found.setdefault(name, []).append(
                np.stack([error, ((low <= true) & (true <= high)).mean(axis=0)])
            )
    return {name: np.array(rows) for name, rows in found.items()}


def table(variant: str, seeds: range) -> Table:
    """Return the scores of a variant: errors in % of the children and as a multiple of the floor's.

    After ± the standard error of the multiple over histories. Small stairs: the mean multiple of the two
    with the fewest children.
    """
    title = f"{variant}: {len(seeds)} histories, seeds {seeds.start} to {seeds.stop - 1}"
    shown = Table(title=title, title_justify="left")
    columns = [
        f"{kind}, {h:g} y"
        for h in HORIZONS
        for kind in ("error %", "x floor", "covers %", "small stairs x")
    ]
    for column in ("window, method", *columns, "goal"):
        shown.add_column(column, justify="left" if column == "window, method" else "right")
    found = scores(variant, seeds)
    floor = found["floor"]
    began = [standing(h.spells, h.forecast_day) for h in (history_of(s, variant) for s in seeds)]
    size = np.mean([len(children) for children in began])
    small = np.argsort(np.mean([c.per_stair(len(STAIRS)) for c in began], axis=0))[:2]
    for name, rows in found.items():
        ratio = rows[:, 0].mean(axis=0) / floor[:, 0].mean(axis=0)
        error = (rows[:, 0] - floor[:, 0]).std(axis=0) / floor[:, 0].mean(axis=0) / len(seeds) ** 0.5
        cells = []
        for i in range(len(HORIZONS)):
            cells += [
                f"{100 * rows[:, 0, i, -1].mean() / size:.2f}",
                f"{ratio[i, -1]:.3f} ±{error[i, -1]:.3f}",
                f"{100 * rows[:, 1, i, -1].mean():.1f}",
                f"{ratio[i, small].mean():.3f}",
            ]
        goal = GOALS[float(name[0])] if name.endswith("ours") else None
        shown.add_row(name, *cells, f"{goal:.2f}; 87-93 %" if goal else "")
    return shown


def seconds(children: float) -> float:
    """Return seconds of a forecast of a year with its cost, from a window of 3 years; best of 5, warm."""
    h = history(1, children=children)
    spells, prior = known_at(h.spells, h.forecast_day), typical(children=children)

    def once() -> float:
        began = time.perf_counter()
        made = forecast.forecast(spells, prior, 3.0, (1.0,), np.random.Generator(np.random.PCG64(1)))
        forecast.interval(made.cost(np.full(len(STAIRS), 700_000.0)))
        return time.perf_counter() - began

    return min(once() for _ in range(5))


def main() -> None:
    """Print one table for each variant asked for, and the seconds of a forecast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many histories")
    parser.add_argument("--first", type=int, default=0, help="the first one's seed")
    parser.add_argument("variants", nargs="*", default=VARIANTS)
    asked = parser.parse_args()
    for variant in asked.variants:
        shown = table(variant, range(asked.first, asked.first + asked.seeds))
        Console(width=170).print(shown)
    for children, goal in ((460.0, 0.5), (14_000.0, 3.0)):
        print(f"{children:,.0f} children, a year with cost: {seconds(children):.2f} s (goal {goal:g})")


if __name__ == "__main__":
    main()
