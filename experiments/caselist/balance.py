"""Balance: rates that must also explain how many children there were on the first day of the window.

Entries and exits of one year are few: by themselves they say little about whether the number in care will
rise or fall. The children of the first day say more. Had the rates long been what they are, their number
on each stair would be Poisson around what the rates settle into. So draws of the rates are moved towards
those that explain them.

Nobody knows that the rates have long been what they are. Therefore all stairs may be off balance by a
common factor exp(z), z ~ N(0, off^2), and each stair by its own, half as wide. `off` is one of `OFF`,
weighed by how well it explains the children: near balance, the flows are held to it; far from
it, the counts of the window are believed.

The move is that of the ensemble Kalman filter (Evensen 1994, doi:10.1029/94JC00572): exact were
everything normal, which square roots of counts and logarithms of rates nearly are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from experiments.caselist.rates import Rates
from experiments.caselist.stationary_stock import expected_stock
from simulation.accounts import Floats

OFF = np.array([0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64])
"""How far from balance flows may be, as the standard deviation of a logarithm."""

USUAL = 0.04
"""Before the counts are seen, `off` is half-Cauchy with this median: a judgement, since no record
gives it. Flows are mostly within a few per cent of balance, and now and then far from it."""

OWN_SHARE = 0.5
"""A stair's own imbalance, as a share of the common one."""


def balanced(rates: Rates, children: np.ndarray, rng: np.random.Generator, off: Floats = OFF) -> Rates:
    """Return the draws of the rates moved towards what explains the first day's `children` [stair].

    `off`: how far from balance flows may be, in equal steps of the logarithm.
    """
    seen = 2.0 * np.sqrt(children + 0.375)
    stock = expected_stock(rates)
    expected = 2.0 * np.sqrt(stock + 0.375)
    theta = _logs(rates)
    far = _how_far(seen, expected, off, rng)
    for value in np.unique(far):
        here = far == value
        covariance = _noise(value, stock.mean(axis=0))
        noise = rng.multivariate_normal(np.zeros(len(seen)), covariance, here.sum())
        gain = _gain(theta, expected, covariance)
        theta[here] += (seen + noise - expected[here]) @ gain.T
    return _from_logs(rates, theta)


def _noise(off: float, stock: Floats) -> Floats:
    """Return the covariance of 2 sqrt(children) around what the rates settle into: chance, imbalance."""
    root = np.sqrt(stock)
    return np.eye(len(stock)) + off**2 * (np.outer(root, root) + OWN_SHARE**2 * np.diag(stock))


def _gain(theta: Floats, expected: Floats, noise: Floats) -> Floats:
    """Return [parameter, stair]: by how much each parameter follows what a stair shows."""
    t, y = theta - theta.mean(axis=0), expected - expected.mean(axis=0)
    cross, own = t.T @ y / (len(t) - 1), y.T @ y / (len(t) - 1)
    return np.asarray(np.linalg.solve(own + noise, cross.T).T)


def _how_far(seen: Floats, expected: Floats, values: Floats, rng: np.random.Generator) -> Floats:
    """Return [draw] of `off`, by its prior and how well it explains the difference."""
    stock = expected.mean(axis=0) ** 2 / 4.0
    gap = seen - expected.mean(axis=0)
    # a half-Cauchy on a grid of equal steps of the logarithm
    log_weight = np.log(values) - np.log1p((values / USUAL) ** 2)
    for i, off in enumerate(values):
        total = np.cov(expected.T).reshape(len(gap), len(gap)) + _noise(off, stock)
        log_weight[i] -= 0.5 * (np.linalg.slogdet(total)[1] + gap @ np.linalg.solve(total, gap))
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(rng.choice(values, len(expected), p=weight / weight.sum()))


_KINDS = ("entries", "leave", "move")


def _logs(rates: Rates) -> Floats:
    """Return [draw, parameter] the logarithms of all rates; those of 0 stay where they are."""
    parts = [getattr(rates, kind).reshape(len(rates), -1) for kind in _KINDS]
    return np.log(np.maximum(np.concatenate(parts, axis=1), 1e-12))


def _from_logs(rates: Rates, theta: Floats) -> Rates:
    """Return the rates with these logarithms."""
    changed: dict[str, Any] = {}
    done = 0
    for kind in _KINDS:
        old = getattr(rates, kind)
        size = old[0].size
        new = np.exp(theta[:, done : done + size]).reshape(old.shape)
        changed[kind] = np.where(old > 0.0, new, 0.0)
        done += size
    return replace(rates, **changed)
