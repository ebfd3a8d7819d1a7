"""Shares: how much of the spread between histories is chance and how much is not knowing parameters.

Histories come in groups, one group per draw of the parameters. Histories of one group differ by chance;
the means of groups differ by chance and by parameters. One-way analysis of variance takes them apart
(Searle, Casella and McCulloch, Variance Components, 1992, section 3.6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.accounts import Floats
from simulation.tables import Ints

ROUNDING = 1e-9
"""Values that differ by less than this share of their size are the same: sums in another order."""


@dataclass(frozen=True)
class Spread:
    """Variances of an outcome: between histories at the same parameters, and between parameters."""

    chance: float
    parameters: float

    @property
    def share_of_parameters(self) -> float:
        """Parameters' share of the whole variance, 0 to 1; NaN where nothing varies."""
        whole = self.chance + self.parameters
        return self.parameters / whole if whole > 0 else float("nan")


def spread(values: Floats, groups: Ints) -> Spread:
    """Return the two variances of `values` [history], given the draw of each (`groups` [history]).

    Unbiased but for the floor: where draws' means differ less than chance alone would make them differ,
    the parameters' variance is 0. With one draw, or one history per draw, they cannot be told apart:
    all is put down to chance, or to both together (NaN).
    """
    _, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    k, n = len(sizes), len(values)
    if k < 2:
        return Spread(float(values.var(ddof=1)), 0.0)
    if n == k:
        return Spread(float("nan"), float("nan"))
    if np.ptp(values) <= ROUNDING * np.abs(values).max():
        return Spread(0.0, 0.0)
    means = np.bincount(index, values) / sizes
    within = float(((values - means[index]) ** 2).sum() / (n - k))
    between = float((sizes * (means - values.mean()) ** 2).sum() / (k - 1))
    typical = (n - (sizes**2).sum() / n) / (k - 1)
    return Spread(within, float(max(0.0, (between - within) / typical)))


def error_of_mean(values: Floats, groups: Ints) -> float:
    """Return the standard error of the mean over histories that come in groups.

    Draws are the independent units: the spread of their means over the root of their number.
    """
    _, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        return float(values.std(ddof=1) / np.sqrt(len(values)))
    if len(sizes) == len(values):
        return float(values.std(ddof=1) / np.sqrt(len(values)))
    means = np.bincount(index, values) / sizes
    return float(means.std(ddof=1) / np.sqrt(len(means)))
