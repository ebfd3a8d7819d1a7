"""Precision: how exactly n histories give a mean and its quantiles, and from how many on it is enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.estimates import COVERAGE, NINETY
from experiments.shares import ROUNDING, error_of_mean
from simulation.accounts import Floats
from simulation.tables import Ints

FIRST = 10
"""Fewest independent units (histories, or draws) that are looked at: fewer do not show their spread."""

AHEAD = 5
"""Percent more histories through which a precision must hold (at least so many histories)."""

BATCHES = 5
"""Fewest disjoint batches of n histories whose means are compared."""

TRIALS = 200


@dataclass(frozen=True)
class Running:
    """Mean of the first n histories and its half-width of 90 % confidence, for rising n."""

    n: Ints
    mean: Floats
    half_width: Floats


def running(values: Floats, draw_of: Ints | None = None, unit: int = 1) -> Running:
    """Return how the mean of `values` [history] settles.

    At every n that is a multiple of `unit`, from 100 on at steps of a percent. With `draw_of` [history]
    draws, not histories, are independent (`experiments.estimates`).
    """
    n = _steps(len(values), unit)
    width = [half_width(values[:m], None if draw_of is None else draw_of[:m]) for m in n]
    return Running(n, np.array([values[:m].mean() for m in n]), np.array(width))


def half_width(values: Floats, draw_of: Ints | None = None) -> float:
    """Return the half-width of the mean's 90 % confidence interval, by Student's t for few units."""
    units = len(values) if draw_of is None else len(np.unique(draw_of))
    if units < 2:
        return float("inf")
    if draw_of is None:
        error = float(values.std(ddof=1)) / np.sqrt(units)
    else:
        error = error_of_mean(values, draw_of)
    return float(error * stats.t.ppf((1.0 + COVERAGE) / 2.0, units - 1))


def _steps(last: int, unit: int) -> Ints:
    """Return numbers of histories, from FIRST units to the last."""
    steps, n = [], FIRST * unit
    while n < last:
        steps.append(n)
        n += max(1, n // 100 // unit) * unit
    return np.array([*steps, last], int)


def enough(r: Running, tolerance: float) -> int | None:
    """Return the fewest histories whose half-width is at most `tolerance` and stays so for a while.

    The confidence interval method of Hoad, Robinson and Davies (Journal of the Operational Research
    Society 61, 2010): the precision must also hold for AHEAD percent more histories (AHEAD histories
    below 100), so that a lucky stretch does not end the run. None where there are not enough histories.
    """
    for i, n in enumerate(r.n):
        until = n + max(AHEAD, AHEAD * n // 100)
        within = (r.n >= n) & (r.n <= until)
        if r.n[-1] < until:
            return None
        if (r.half_width[within] <= tolerance).all():
            return int(r.n[i])
    return None


def needed(values: Floats, tolerance: float, draw_of: Ints | None = None) -> float:
    """Return how many histories (draws, where there are any) should give a half-width, by 1/sqrt(n).

    n x (half-width at n / tolerance)^2, at all the histories there are; inf where tolerance is 0.
    """
    n = len(values) if draw_of is None else len(np.unique(draw_of))
    width = half_width(values, draw_of)
    if width == 0.0:
        return float(FIRST)
    return n * (width / tolerance) ** 2 if tolerance > 0.0 else float("inf")


def effective(values: Floats, draw_of: Ints) -> float:
    """Return how many independent histories would give the mean as exactly as these do.

    Variance of a history over the variance of the mean, where histories of a draw go together.
    """
    error = error_of_mean(values, draw_of)
    return float(values.var(ddof=1)) / error**2 if error > 0.0 else float(len(values))


def batch_half_width(values: Floats, n: int) -> float:
    """Return the half-width that the means of disjoint batches of n really show; NaN with too few."""
    k = len(values) // n
    if k < BATCHES:
        return float("nan")
    means = values[: k * n].reshape(k, n).mean(axis=1)
    return float(NINETY * means.std(ddof=1))


def quantile_interval(values: Floats, p: float) -> tuple[float, float, float]:
    """Return the p quantile with a 90 % confidence interval, whatever the distribution.

    Between order statistics: the number of n histories below the true quantile is binomial (n, p)
    (Conover, Practical Nonparametric Statistics, 1999, section 3.2). Infinite where there are too few
    histories for a limit.
    """
    ordered, n = np.sort(values), len(values)
    at = float(np.quantile(values, p))
    tail = (1.0 - COVERAGE) / 2.0
    low = int(stats.binom.ppf(tail, n, p)) - 1  # of rank low + 1: P(fewer below than that) <= tail
    high = int(stats.binom.ppf(1.0 - tail, n, p))
    return (
        at,
        float(ordered[low]) if low >= 0 else -np.inf,
        float(ordered[high]) if high < n else np.inf,
    )


@dataclass(frozen=True)
class Pairing:
    """What meeting the same children with the same luck saves.

    `ratio`: variance of the difference of two arms with luck of their own over that with the same luck;
    so many times more histories would be needed. `low`, `high`: 90 % interval over resampled histories.
    """

    ratio: float
    low: float
    high: float


def pairing(one: Floats, other: Floats, seed: int) -> Pairing | None:
    """Return what pairing two arms [history] saves; None where their difference never varies."""
    if (one - other).std() <= ROUNDING * max(np.abs(one).max(), np.abs(other).max()):
        return None
    rng = np.random.Generator(np.random.PCG64(seed))
    picks = (rng.integers(len(one), size=len(one)) for _ in range(TRIALS))
    trials = [_ratio(one[pick], other[pick]) for pick in picks]
    low, high = np.quantile(trials, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Pairing(_ratio(one, other), float(low), float(high))


def _ratio(one: Floats, other: Floats) -> float:
    paired = float((one - other).var(ddof=1))
    return float(one.var(ddof=1) + other.var(ddof=1)) / paired if paired > 0.0 else float("nan")
