"""Errors of estimates over design points and histories, both of which are samples.

Every row of a design has the same histories (common random numbers), so an array [point, history] has
two sources of error: the points were drawn, and the histories were drawn. An estimate is written as the
mean of an array [point, history] of what each cell contributes (its influence, to first order), and the
error of such a mean is known: that of a two-way layout with one observation per cell (Searle, Casella and
McCulloch, Variance Components, 1992, chapter 4).

Means over histories carry noise, and squares of noisy means are too large: noise reads as interaction.
`product` and `size` leave every history's own product with itself out, which takes that away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from experiments.estimates import COVERAGE
from simulation.accounts import Floats


@dataclass(frozen=True)
class Error:
    """Half-widths of 90 % intervals: from few points, from few histories, and from both together.

    Each of the two holds what only the two together cause, so `both` is less than their sum.
    """

    points: float
    histories: float
    both: float


def error(cells: Floats) -> Error:
    """Return the error of the mean of `cells` [point, history], of either at least one.

    Half-widths by Student's t with (points - 1) and (histories - 1) degrees of freedom; one point is no
    sample of points, so that only histories are a source of error.
    """
    points, histories = cells.shape
    of_points = _square(cells.mean(axis=1))
    of_histories = _square(cells.mean(axis=0))
    rest = cells - cells.mean(axis=1, keepdims=True) - cells.mean(axis=0, keepdims=True) + cells.mean()
    free = (points - 1) * (histories - 1)
    twice = _half_width(free) ** 2 * float((rest**2).sum()) / free / cells.size if free else 0.0
    both = max(of_points + of_histories - twice, of_points, of_histories)
    return Error(float(np.sqrt(of_points)), float(np.sqrt(of_histories)), float(np.sqrt(both)))


def _square(means: Floats) -> float:
    n = len(means)
    return _half_width(n - 1) ** 2 * float(means.var(ddof=1)) / n if n > 1 else 0.0


def _half_width(free: int) -> float:
    """Return how many standard errors a 90 % interval reaches to each side."""
    return float(student.ppf((1.0 + COVERAGE) / 2.0, free))


def product(a: Floats, b: Floats) -> Floats:
    """Return cells [..., point, history] whose mean is that of E(a) E(b) over the points, without noise.

    E is the mean over all histories there could be. Only products of different histories enter: a
    U-statistic (Hoeffding 1948), and a cell is what its history contributes. Two histories or more.
    """
    others_a, others_b = _others(a), _others(b)
    shares = 0.5 * (a * others_b + b * others_a)
    return 2.0 * shares - shares.mean(axis=-1, keepdims=True)


def size(a: Floats) -> Floats:
    """Return cells [..., point, history] whose mean is that of |E(a)| over the points.

    The sign that a history is given is that of the others together. So what does nothing has mean 0, and
    not the size of its noise; what is lost in noise reads as smaller than it is.
    """
    return np.sign(_others(a)) * a


def _others(a: Floats) -> Floats:
    """Return the mean over the other histories, for each."""
    return (a.sum(axis=-1, keepdims=True) - a) / (a.shape[-1] - 1)
