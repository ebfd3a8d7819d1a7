"""Estimates: a mean over histories with its interval, which says what it covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.accounts import Floats

COVERAGE = 0.90
CHANCE = "chance: 90 of 100 histories lie inside; parameters are held at their values"
"""What the intervals of a study cover."""

MEAN_ERROR = "Monte Carlo error of the mean: 90 % confidence, from the number of replicates"


@dataclass(frozen=True)
class Estimate:
    """Mean over replicates, the interval that 90 % of them lie in, and the error of the mean."""

    mean: float
    low: float
    high: float
    error: float


def estimate(values: Floats) -> Estimate:
    """Return mean, 5 and 95 % quantiles, and the half-width of the mean's 90 % confidence interval.

    Replicates in which the outcome is not defined (NaN) are left out; all NaN gives NaN.
    """
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    low, high = np.quantile(known, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    error = 1.645 * known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else np.nan
    return Estimate(float(known.mean()), float(low), float(high), float(error))
