"""Estimates: a mean over histories with its interval, which says what it covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.shares import error_of_mean
from simulation.accounts import Floats
from simulation.tables import Ints

COVERAGE = 0.90
NINETY = 1.645
"""Standard errors on each side of a mean that hold 90 % of a normal distribution."""

CHANCE = "chance: 90 of 100 histories lie inside; parameters are held at their values"
"""What the intervals of a study cover where parameters stand at their values."""

BOTH = "chance and parameters: 90 of 100 histories lie inside, each at parameters drawn from the evidence"
"""What they cover where every history has parameters from a draw."""

MEAN_ERROR = "Monte Carlo error of the mean: 90 % confidence, from the number of replicates"


@dataclass(frozen=True)
class Estimate:
    """Mean over replicates, the interval that 90 % of them lie in, and the error of the mean."""

    mean: float
    low: float
    high: float
    error: float


def estimate(values: Floats, draw_of: Ints | None = None) -> Estimate:
    """Return mean, 5 and 95 % quantiles, and the half-width of the mean's 90 % confidence interval.

    `draw_of` [replicate] says which draw of the parameters each replicate was made with; draws, not
    replicates, are then what is independent. Replicates in which the outcome is not defined (NaN) are
    left out; all NaN gives NaN.
    """
    is_known = ~np.isnan(values)
    known = values[is_known]
    if len(known) == 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    low, high = np.quantile(known, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    groups = np.arange(len(known)) if draw_of is None else draw_of[is_known]
    error = NINETY * error_of_mean(known, groups) if len(known) > 1 else np.nan
    return Estimate(float(known.mean()), float(low), float(high), float(error))
