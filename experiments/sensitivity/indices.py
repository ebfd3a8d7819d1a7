"""Indices of sensitivity from the outcomes of a design: arrays in, arrays out, no model behind it.

All three take outcomes [base point, row within it, history] and return cells [factor, base point,
history], whose means are the indices and whose spread gives their errors (`crossed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.crossed import Error, error, product, size
from simulation.accounts import Floats

Steps = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Index:
    """One index of all factors. `cells` [factor, base point, history] average to `values` [factor]."""

    cells: Floats

    @cached_property
    def values(self) -> Floats:
        """The index of each factor."""
        return self.cells.mean(axis=(1, 2))

    @property
    def summed(self) -> tuple[float, Error]:
        """Return the sum over all factors, with its error."""
        cells = self.cells.sum(axis=0)
        return float(cells.mean()), error(cells)

    @cached_property
    def errors(self) -> list[Error]:
        """The error of each."""
        return [error(c) for c in self.cells]

    def difference(self, first: int, second: int) -> tuple[float, Error]:
        """Return how much larger the index of one factor is than that of another, with its error."""
        cells = self.cells[first] - self.cells[second]
        return float(cells.mean()), error(cells)


@dataclass(frozen=True, eq=False)
class Sobol:
    """Sobol indices: what part of the variance of the mean outcome each factor answers for.

    `first`: alone; `total`: alone and with others. `variance`: of the mean outcome over the parameters;
    `chance`: of single histories at the same parameters. `plain_first`, `plain_total`: what the usual
    estimator gives from means, noise and all, [factor].
    """

    first: Index
    total: Index
    variance: float
    chance: float
    plain_first: Floats
    plain_total: Floats

    @property
    def share_of_chance(self) -> float:
        """Chance's share of the variance of one history at parameters drawn anew; NaN: nothing varies."""
        whole = max(self.variance, 0.0) + self.chance
        return self.chance / whole if whole > 0.0 else float("nan")


def sobol(outcomes: Floats) -> Sobol:
    """Return Sobol indices from outcomes [base point, row, history]; rows: A, one per factor, B.

    The row of a factor is A with that factor's values from B (Saltelli's design). Estimators of Saltelli
    et al. (2010), over base points: first = E[B (AB - A)] / V, total = E[(A - AB)^2] / 2V, with every
    product over different histories (`crossed.product`), so that noise does not read as variance.
    Histories are taken from their mean over points first: a year that is good whatever the parameters
    are is no effect of these. NaN where the parameters do not move the outcome.
    """
    a, b = outcomes[:, 0], outcomes[:, -1]
    luck = 0.5 * (a.mean(axis=0) + b.mean(axis=0))
    a, b = a - luck, b - luck
    of_variance = 0.5 * (product(a, a) + product(b, b))
    variance = float(of_variance.mean())
    chance = float(outcomes[:, [0, -1]].var(axis=2, ddof=1).mean())
    first, total = [], []
    for row in range(1, outcomes.shape[1] - 1):
        change = outcomes[:, row] - luck - a
        first.append(_ratio(product(b, change), of_variance))
        total.append(_ratio(0.5 * product(change, change), of_variance))
    plain = _plain(outcomes.mean(axis=2))
    return Sobol(Index(np.array(first)), Index(np.array(total)), variance, chance, *plain)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return cells of the ratio of two means."""
    x, y = float(above.mean()), float(below.mean())
    if y <= 0.0:
        return np.full_like(above, np.nan)
    return x / y + (above - x / y * below) / y


def _plain(means: Floats) -> tuple[Floats, Floats]:
    """Return first and total indices from means [base point, row] as SALib gives them."""
    from SALib.analyze.sobol import first_order, total_order

    y = (means - means.mean()) / (means.std() or 1.0)
    a, b, rows = y[:, 0], y[:, -1], range(1, means.shape[1] - 1)
    if np.ptp(y[:, [0, -1]]) == 0.0:
        nothing = np.full(len(rows), np.nan)
        return nothing, nothing
    first = np.array([first_order(a, y[:, j], b) for j in rows], float)
    return first, np.array([total_order(a, y[:, j], b) for j in rows], float)


@dataclass(frozen=True, eq=False)
class Morris:
    """Morris' measures of elementary effects: what a factor does from the low to the high end.

    `star` (mu*): mean size; `mean` (mu): with sign; `sigma` [factor]: how much the effect varies with
    where the others stand; `plain` [factor]: mu* from means, noise and all. Mean and sigma are NaN for
    groups: a group has no direction.
    """

    star: Index
    mean: Index
    sigma: Floats
    plain: Floats


def morris(outcomes: Floats, factor: Steps, step: Floats, groups: NDArray[np.bool_]) -> Morris:
    """Return Morris' measures from outcomes [trajectory, row, history].

    `factor` [trajectory, move]: which factor moves from a row to the next; `step` [trajectory, move]: by
    how much, as a share of its range, with sign; `groups` [factor]: which are groups of several numbers.
    Elementary effects are Morris' (1991), mu* is Campolongo et al.'s (2007), taken by `crossed.size`;
    sigma is cleared of noise likewise.
    """
    moves = np.diff(outcomes, axis=1)
    by_factor = np.argsort(factor, axis=1)
    changes = np.take_along_axis(moves, by_factor[:, :, None], axis=1).transpose(1, 0, 2)
    steps = np.take_along_axis(step, by_factor, axis=1).T[:, :, None]
    effects = changes / steps
    plain = np.abs(effects.mean(axis=2)).mean(axis=1)
    signed = np.where(groups[:, None, None], np.nan, effects)
    return Morris(Index(size(effects)), Index(signed), _sigma(signed), plain)


def _sigma(effects: Floats) -> Floats:
    """Return the standard deviation [factor] of effects [factor, trajectory, history]."""
    n = effects.shape[1]
    if n < 2:
        return np.full(len(effects), np.nan)
    centred = effects - effects.mean(axis=1, keepdims=True)
    variance = product(centred, centred).mean(axis=(1, 2)) * n / (n - 1)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


@dataclass(frozen=True, eq=False)
class Tornado:
    """What each factor does alone, all others at the scenario's values.

    `low` and `high`: the outcome at the factor's low and high end, less the outcome at its value;
    `swing`: from low to high, with sign. One base point each.
    """

    base: Index
    low: Index
    high: Index
    swing: Index

    @cached_property
    def width(self) -> Index:
        """The length of the bars: the swing without its sign."""
        signs = np.sign(self.swing.values)
        return Index(self.swing.cells * signs[:, None, None])


def tornado(outcomes: Floats) -> Tornado:
    """Return the bars from outcomes [row, history]; rows: base, then low and high of each factor."""
    base, low, high = outcomes[:1], outcomes[1::2], outcomes[2::2]
    return Tornado(*(Index(cells[:, None, :]) for cells in (base, low - base, high - base, high - low)))


def order(values: Floats) -> Sequence[int]:
    """Return the factors from the largest index to the smallest, NaN last; equal ones as they come."""
    return [int(i) for i in np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")]
