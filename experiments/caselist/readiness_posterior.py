"""Draws of recognition and readiness: the prior of `readiness_prior` times the likelihoods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.interpolate import RectBivariateSpline

from experiments.caselist.readiness_prior import LOGITS, PREMATURE, STEPS, Prior, places
from simulation.accounts import Floats

FINE, ZOOMS = 81, 4
"""Points of the grid on which the posterior is held, and how often it is narrowed to where it lies."""
_TINY = 1e-6


@dataclass(frozen=True)
class Drawn:
    """Draws: `logits` [draw], `log_rates` [stair, draw], `premature` [draw]."""

    logits: Floats
    log_rates: Floats
    premature: Floats


@dataclass(frozen=True)
class _Grid:
    """The posterior: `weight` [part], `x` logits, `mass_x` [part, x], `y` log rates by stair, and mass_y.

    `mass_y` by stair: [part, y, x], each column summing to 1.
    """

    weight: Floats
    x: Floats
    mass_x: Floats
    y: dict[int, Floats]
    mass_y: dict[int, Floats]

    def narrowed(self) -> tuple[Floats, dict[int, Floats]]:
        """Return x and y over the part that holds the posterior."""
        both = self.weight[:, None] * self.mass_x
        of_y = {s: np.einsum("px,pyx->y", both, mass) for s, mass in self.mass_y.items()}
        return _narrowed(self.x, both.sum(axis=0)), {s: _narrowed(self.y[s], m) for s, m in of_y.items()}


def drawn(
    prior: Prior, logs: Floats, informs: np.ndarray, used: np.ndarray, rng: np.random.Generator
) -> Drawn:
    """Return draws from the posterior, in the order of the national ones and each at its place there.

    `logs` [part, stair, rate, chance]: log-likelihoods at `Prior.early`, `Prior.rates` and `LOGITS`.
    `informs` [stair]: which say something about the chance; `used`: which about a rate.
    """
    grid = _posterior(prior, logs, informs, used)
    part, premature = _premature(prior, grid.weight)
    n = len(part)
    u = places(prior.logits)
    logits, rates = np.zeros(n), np.zeros((logs.shape[1], n))
    for p in range(len(grid.weight)):
        logits[part == p] = _quantile(grid.x, grid.mass_x[p], u[part == p])
    column = np.clip(np.round((logits - grid.x[0]) / (grid.x[1] - grid.x[0])).astype(int), 0, FINE - 1)
    for s, mass in grid.mass_y.items():
        own = rng.standard_normal(n)
        spread = float(prior.residual[s].std())
        place = special.ndtri(places(prior.residual[s])) if spread > 1e-9 else np.zeros(n)
        v = special.ndtr((spread * place + prior.local[s] * own) / prior.wide[s])
        for p in range(len(grid.weight)):
            mine = part == p
            rates[s, mine] = _quantiles(grid.y[s], mass[p][:, column[mine]], v[mine])
    return Drawn(logits, rates, premature)


def _posterior(prior: Prior, logs: Floats, informs: np.ndarray, used: np.ndarray) -> _Grid:
    """Return the posterior on a grid that is narrowed to where it lies."""
    at = [int(s) for s in np.flatnonzero(used)]
    splines = {
        s: [RectBivariateSpline(prior.level[s] + STEPS, LOGITS, part[s]) for part in logs] for s in at
    }
    x = np.linspace(LOGITS[0], LOGITS[-1], FINE)
    y = {s: prior.level[s] + np.linspace(STEPS[0], STEPS[-1], FINE) for s in at}
    for _ in range(ZOOMS):
        log_x = np.tile(prior.log_density_of_logits(x), (len(logs), 1))
        mass_y = {}
        for s in at:
            log_y = np.array([spline(y[s], x) for spline in splines[s]])
            log_y += prior.log_density(s, y[s], x)
            mass_y[s] = special.softmax(log_y, axis=1)
            if informs[s]:
                log_x += special.logsumexp(log_y, axis=1)
        weight = special.softmax(special.logsumexp(log_x, axis=1))
        grid = _Grid(weight, x, special.softmax(log_x, axis=1), y, mass_y)
        x, y = grid.narrowed()
    return grid


def _premature(prior: Prior, weight: Floats) -> tuple[np.ndarray, Floats]:
    """Return the part that each draw lies in, and its chance of a move before readiness.

    The parts' weights say how the prior's quantiles are spread over its draws.
    """
    edges = np.linspace(0.0, 1.0, len(weight) + 1)
    national = prior.national[PREMATURE]
    q = np.interp(places(national), np.append(0.0, np.cumsum(weight)), edges)
    part = np.minimum((q * len(weight)).astype(int), len(weight) - 1)
    return part, np.quantile(national, q)


def _narrowed(grid: Floats, mass: Floats) -> Floats:
    """Return as many points over the part of a grid that holds the mass."""
    there = np.flatnonzero(mass > _TINY * mass.max())
    low, high = max(there[0] - 1, 0), min(there[-1] + 1, len(grid) - 1)
    return np.linspace(grid[low], grid[high], len(grid))


def _quantile(grid: Floats, mass: Floats, u: Floats) -> Floats:
    """Return quantiles of a distribution by its mass around the points of an even grid."""
    edges = np.append(grid, 2 * grid[-1] - grid[-2]) - 0.5 * (grid[1] - grid[0])
    return np.interp(u, np.append(0.0, np.cumsum(mass)), edges)


def _quantiles(grid: Floats, mass: Floats, u: Floats) -> Floats:
    """Return [draw] the quantile u [draw] of each column of mass [point, draw]."""
    total = np.cumsum(mass, axis=0)
    place = np.minimum((total < u).sum(axis=0), len(grid) - 1)
    draw = np.arange(len(u))
    below = np.where(place > 0, total[place - 1, draw], 0.0)
    part = np.clip((u - below) / np.maximum(mass[place, draw], 1e-300), 0.0, 1.0)
    return np.asarray(grid[place] + (part - 0.5) * (grid[1] - grid[0]))
