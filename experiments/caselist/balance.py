"""Balance: rates that must also explain the children there were on the first day of the window.

Entries and exits of one year are few: by themselves they say little about whether the number in care
will rise or fall. The children of the first day say more: how many they were on each stair, how old,
and for how long they had been there. Had the rates long been what they are, their number in each group
(stair, younger or older, time on the stair) would be Poisson around what the rates settle into. So draws
of the rates are moved towards those that explain them.

Nobody knows that the rates have long been what they are. Therefore all groups may be off balance by a
common factor exp(z), z ~ N(0, off^2), and each stair and each group by its own, half as wide. And entries
may have been growing or falling, and go on to: with the chance `DRIFTING` their logarithm grows by
N(0, DRIFT^2) a year. `off`, one of `OFF`, and whether entries drift are weighed by how well they explain
the children: near balance, the flows are held to it; far from it, the counts of the window are believed,
and part of what is amiss is taken to be growth.

A municipality of 430 children cannot tell a trend of 5 % a year from chance within a few years, nor a
year's rush of entries from a lasting one. The intervals are wider where the first day's children look
like it, but under a trend or after a rush they still cover too little (figures:
`benchmarks/caselist.py`).

The move is that of the ensemble Kalman filter (Evensen 1994, doi:10.1029/94JC00572): exact were
everything normal, which square roots of counts and logarithms of rates nearly are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.caselist.counts import Counts
from experiments.caselist.rates import Rates
from experiments.caselist.stationary_stock import expected_cells
from simulation.accounts import Floats

OFF = np.array([0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64])
"""How far from balance flows may be, as the standard deviation of a logarithm."""

USUAL = 0.03
"""Before the counts are seen, `off` is this times a half-t of 2 degrees of freedom over sqrt(2), with
a median of some 1.7 %: a judgement, since no record gives it. Flows are mostly within a few per cent of
balance, and now and then far from it."""

OWN_SHARE = 0.5
"""A stair's own imbalance, and that of a group of it, as a share of the common one."""

DRIFTING, DRIFT = 0.1, 0.04
"""The chance that entries drift, and by how much a year if so (standard deviation of the logarithm): a
judgement. The country's children in care fell by 1 % a year from 2011 to 2018; municipalities vary
more."""


@dataclass(frozen=True)
class _Guess:
    """What may have been the case: growth of entries [draw], `off`; and how near it comes.

    `expected` [draw, group] roots of children, `noise` [group, group] their covariance given the rates.
    """

    growth: Floats
    expected: Floats
    noise: Floats
    log_weight: float


def balanced(
    rates: Rates,
    counts: Counts,
    rng: np.random.Generator,
    off: Floats = OFF,
    drifting: float = DRIFTING,
) -> Rates:
    """Return the draws of the rates moved towards what explains the children of the first day.

    `rates` are those of the window on the whole; what is returned has the entries of its last day, and
    how they grow. `off`: how far from balance flows may be, in equal steps of the logarithm. `drifting`:
    the chance that entries drift.
    """
    seen = _roots(_groups(_stood(counts)))
    guesses = _guesses(rates, counts.years, seen, off, np.zeros(len(rates)), 1.0 - drifting)
    if drifting > 0.0:
        growth = DRIFT * rng.standard_normal(len(rates))
        guesses += _guesses(rates, counts.years, seen, off, growth, drifting)
    theta = np.empty((len(rates), _logs(rates).shape[1] + 1))
    which = _drawn(guesses, len(rates), rng)
    for i in np.unique(which):
        here, guess = which == i, guesses[i]
        before = np.column_stack([_logs(rates), guess.growth])
        noise = rng.multivariate_normal(np.zeros(len(seen)), guess.noise, here.sum())
        moved = (seen + noise - guess.expected[here]) @ _gain(before, guess).T
        theta[here] = before[here] + moved
    after, growth = _from_logs(rates, theta[:, :-1]), theta[:, -1]
    return replace(after, entries=after.entries * _grown(growth, 0.5 * counts.years), growth=growth)


def _guesses(
    rates: Rates, window: float, seen: Floats, off: Floats, growth: Floats, chance: float
) -> list[_Guess]:
    """Return a guess for each `off`, entries having grown like this up to the first day."""
    then = replace(rates, entries=rates.entries * _grown(growth, -0.5 * window), growth=growth)
    stock = _groups(expected_cells(then))
    expected, mean = _roots(stock), stock.mean(axis=0)
    stair = np.repeat(np.arange(len(rates.stairs)), len(seen) // len(rates.stairs))
    gap = seen - expected.mean(axis=0)
    own = np.cov(expected.T).reshape(len(gap), len(gap))
    # the density on a grid of equal steps of the logarithm
    prior = off / (1.0 + (off / USUAL) ** 2) ** 1.5
    found = []
    for value, share in zip(off, prior / prior.sum(), strict=True):
        noise = _noise(value, mean, stair)
        total = own + noise
        fit = -0.5 * (np.linalg.slogdet(total)[1] + gap @ np.linalg.solve(total, gap))
        found.append(_Guess(growth, expected, noise, float(np.log(chance * share) + fit)))
    return found


def _grown(growth: Floats, years: float) -> Floats:
    """Return [draw, 1, 1]: the factor on entries after so many years."""
    return np.asarray(np.exp(growth * years)[:, None, None])


def _drawn(guesses: list[_Guess], draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return [draw]: which guess, by their weights."""
    log_weight = np.array([g.log_weight for g in guesses])
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(rng.choice(len(guesses), draws, p=weight / weight.sum()))


def _stood(counts: Counts) -> Floats:
    """Return [stair, age, time on the stair]: children on the first day of the window."""
    began, cells = counts.began, counts.cells
    age = np.searchsorted(cells.ages, began.age, "right") - 1
    stay = np.searchsorted(cells.on_stair, began.on_stair, "right") - 1
    out = np.zeros((len(counts.stairs), len(cells.ages), len(cells.on_stair)))
    np.add.at(out, (began.stair, age, stay), 1.0)
    return out


def _groups(cells: Floats) -> Floats:
    """Return [..., group] from [..., stair, age, time]: ages in two halves, lest groups be too small."""
    half = cells.shape[-2] // 2
    parts = [cells[..., half:, :].sum(axis=-2, keepdims=True)]
    if half:
        parts.append(cells[..., :half, :].sum(axis=-2, keepdims=True))
    return np.concatenate(parts, axis=-2).reshape(*cells.shape[:-3], -1)


def _roots(children: Floats) -> Floats:
    """Return 2 sqrt(children): variance near 1 (Anscombe 1948, doi:10.1093/biomet/35.3-4.246)."""
    return np.asarray(2.0 * np.sqrt(children + 0.375))


def _noise(off: float, stock: Floats, stair: np.ndarray) -> Floats:
    """Return the covariance of 2 sqrt(children) around what the rates settle into: chance, imbalance."""
    alike = 1.0 + OWN_SHARE**2 * (stair[:, None] == stair) + OWN_SHARE**2 * np.eye(len(stock))
    root = np.sqrt(stock)
    return np.asarray(np.eye(len(stock)) + off**2 * np.outer(root, root) * alike)


def _gain(theta: Floats, guess: _Guess) -> Floats:
    """Return [parameter, group]: by how much each parameter follows what a group shows."""
    t, y = theta - theta.mean(axis=0), guess.expected - guess.expected.mean(axis=0)
    cross, own = t.T @ y / (len(t) - 1), y.T @ y / (len(t) - 1)
    return np.asarray(np.linalg.solve(own + guess.noise, cross.T).T)


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
