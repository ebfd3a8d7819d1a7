"""Inference: parameters from published figures, by simulation and without a likelihood.

Every parameter is handled as its normal score: z = quantile of the standard normal at the prior's
distribution function. The prior is then standard normal in every direction, and no draw can leave a
bound. Two ways from simulations (z, summaries) to a posterior:

* `adjusted`: rejection with local-linear regression adjustment (Beaumont, Zhang and Balding 2002), the
  plain form of approximate Bayesian computation.
* `Emulator` with `sampled`: a quadratic regression of the summaries on z with the covariance of its
  residuals, that is a synthetic likelihood (Wood 2010), sampled by elliptical slices (Murray, Adams and
  MacKay 2010). Simulations may be made anywhere, so waves need no importance weights, which die out in
  many dimensions.

Measured on toys with a known posterior: `docs/decisions/0010-calibration-by-emulator.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.floating]

RIDGES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
"""Strengths of shrinkage tried, in units of the number of simulations' information on one coefficient."""

FOLDS = 5


# --- rejection with regression adjustment -----------------------------------------------------------


def adjusted(z: Floats, summaries: Floats, observed: Floats, accept: float) -> tuple[Floats, Floats]:
    """Return (draws [kept, parameter], weights [kept]): the nearest share `accept`, regression-adjusted.

    Summaries are scaled by their median absolute deviation, the distance is Euclidean, weights are
    Epanechnikov's. Spread is adjusted too (residuals scaled by a regression of their logarithm).
    """
    scale = stats.median_abs_deviation(summaries, axis=0) + 1e-12
    x = (summaries - observed) / scale
    distance = np.sqrt((x**2).sum(axis=1))
    cut = np.quantile(distance, accept)
    near = distance <= cut
    weights = 1.0 - (distance[near] / cut) ** 2 + 1e-6
    design = np.column_stack([np.ones(near.sum()), x[near]])
    gram = (design * weights[:, None]).T @ design + 1e-6 * np.eye(design.shape[1])
    beta = np.linalg.solve(gram, (design * weights[:, None]).T @ z[near])
    residual = z[near] - design @ beta
    log_square = np.log(residual**2 + 1e-12)
    gamma = np.linalg.solve(gram, (design * weights[:, None]).T @ log_square)
    spread = np.exp(0.5 * (gamma[0] - design @ gamma))
    return beta[0] + residual * np.clip(spread, 0.2, 5.0), weights / weights.sum()


# --- emulator and synthetic likelihood --------------------------------------------------------------


@dataclass(frozen=True)
class Emulator:
    """Mean summaries as a quadratic function of z, and the covariance of what is left."""

    centre: Floats  # [parameter]
    scale: Floats  # [summary]
    beta: Floats  # [feature, summary]
    precision: Floats  # [summary, summary], of scaled residuals
    covariance: Floats

    def mean(self, z: Floats) -> Floats:
        """Return mean summaries at z [..., parameter], in their own units."""
        return features(z - self.centre) @ self.beta * self.scale

    def log_likelihood(self, z: Floats, observed: Floats) -> float:
        """Return the logarithm of the synthetic likelihood of `observed` at z, up to a constant."""
        gap = (observed - self.mean(z)) / self.scale
        return float(-0.5 * gap @ self.precision @ gap)


def features(z: Floats) -> Floats:
    """Return 1, z and all products of two z's, along the last axis."""
    i, j = _pairs(z.shape[-1])
    return np.concatenate([np.ones((*z.shape[:-1], 1)), z, z[..., i] * z[..., j]], axis=-1)


@cache
def _pairs(k: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.triu_indices(k)


def emulator(z: Floats, summaries: Floats, centre: Floats) -> Emulator:
    """Return the emulator fitted to simulations; shrinkage of its curvature by cross-validation.

    Raises ValueError where there are fewer simulations than twice the parameters.
    """
    n, k = z.shape
    if n < 2 * k:
        raise ValueError(f"{n} simulations are too few for {k} parameters; make at least {2 * k}")
    scale = summaries.std(axis=0) + 1e-12
    y = summaries / scale
    x = features(z - centre)
    penalty = np.r_[np.zeros(1 + k), np.ones(x.shape[1] - 1 - k)]
    gram, cross = x.T @ x, x.T @ y
    fold = np.arange(n) % FOLDS
    errors = [_left_out(x, y, gram, cross, penalty * r * n, fold) for r in RIDGES]
    best = np.argmin([(e**2).mean(axis=0) for e in errors], axis=0)  # a ridge per summary
    beta = np.empty((x.shape[1], y.shape[1]))
    residual = np.empty_like(y)
    for r in np.unique(best):
        mine = best == r
        beta[:, mine] = np.linalg.solve(gram + np.diag(penalty * RIDGES[r] * n), cross[:, mine])
        residual[:, mine] = errors[r][:, mine]
    covariance = np.cov(residual, rowvar=False) + 1e-9 * np.eye(y.shape[1])
    return Emulator(centre, scale, beta, np.linalg.inv(covariance), covariance)


def _left_out(
    x: Floats, y: Floats, gram: Floats, cross: Floats, penalty: Floats, fold: NDArray[np.int64]
) -> Floats:
    """Return residuals of every simulation when its fold is left out of the fit."""
    residual = np.empty_like(y)
    for f in range(FOLDS):
        out = fold == f
        less = gram - x[out].T @ x[out] + np.diag(penalty) + 1e-9 * np.eye(len(penalty))
        residual[out] = y[out] - x[out] @ np.linalg.solve(less, cross - x[out].T @ y[out])
    return residual


@dataclass(frozen=True)
class Normal:
    """A multivariate normal distribution, by its mean and a root of its covariance."""

    mean: Floats
    root: Floats

    @classmethod
    def standard(cls, k: int) -> Normal:
        """Return the standard normal in k dimensions: the prior of normal scores."""
        return cls(np.zeros(k), np.eye(k))

    @classmethod
    def around(cls, draws: Floats, widened: float) -> Normal:
        """Return the normal with the mean of `draws` and their covariance times `widened`."""
        covariance = np.cov(draws, rowvar=False) * widened + 1e-6 * np.eye(draws.shape[1])
        return cls(draws.mean(axis=0), np.linalg.cholesky(covariance))

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Return [n, parameter]."""
        return self.mean + rng.standard_normal((n, len(self.mean))) @ self.root.T


def near(e: Emulator, data: Floats, prior: Normal, widened: float = 1.5) -> Normal:
    """Return a normal near the posterior: around its mode, with the covariance there times `widened`.

    The mode by Gauss-Newton steps of at most STEP prior standard deviations; the covariance is that of
    the emulator taken as linear at the mode.
    """
    k, x = len(prior.mean), np.zeros(len(prior.mean))
    for _ in range(STEPS):
        here = e.mean(prior.mean + prior.root @ x)
        around = e.mean(prior.mean + (x + 1e-4 * np.eye(k)) @ prior.root.T)
        slope = (around - here).T / 1e-4 / e.scale[:, None]
        pull = slope.T @ e.precision
        precision = np.eye(k) + pull @ slope
        change = np.linalg.solve(precision, pull @ ((data - here) / e.scale) - x)
        x = x + change / max(1.0, float(np.linalg.norm(change)) / STEP)
    root = np.linalg.cholesky(np.linalg.inv(precision) * widened)
    return Normal(prior.mean + prior.root @ x, prior.root @ root)


STEPS, STEP = 30, 1.0


def sampled(
    log_likelihood: Callable[[Floats], float],
    start: Floats,
    n: int,
    rng: np.random.Generator,
    prior: Normal | None = None,
    burn: int = 500,
    thin: int = 10,
    around: Normal | None = None,
) -> Floats:
    """Return [n, parameter] draws from a normal prior times a likelihood, by elliptical slices.

    `prior` is the standard normal by default. The ellipses are those of the prior; where the data say
    much about many parameters these are far too wide, and steps get short. Ellipses of a normal `around`
    the posterior (`near`) give nearly independent draws. It changes nothing else: what it takes from the
    prior is given back to the likelihood.
    """
    prior = prior or Normal.standard(len(start))
    g, whitened = around or prior, np.linalg.inv(prior.root)

    def at(x: Floats) -> float:
        z = g.mean + g.root @ x
        if around is None:
            return log_likelihood(z)
        y = whitened @ (z - prior.mean)
        return log_likelihood(z) + 0.5 * float(x @ x - y @ y)

    x = np.linalg.solve(g.root, start - g.mean)
    here = at(x)
    draws = np.empty((n, len(x)))
    for step in range(burn + n * thin):
        x, here = _slice(at, x, here, rng)
        if step >= burn and (step - burn) % thin == thin - 1:
            draws[(step - burn) // thin] = x
    return g.mean + draws @ g.root.T


def _slice(
    log_likelihood: Callable[[Floats], float], z: Floats, here: float, rng: np.random.Generator
) -> tuple[Floats, float]:
    """Take one step on the ellipse through z and a draw from the prior."""
    other = rng.standard_normal(len(z))
    level = here + np.log(rng.uniform())
    angle = rng.uniform(0.0, 2.0 * np.pi)
    low, high = angle - 2.0 * np.pi, angle
    while True:
        there = z * np.cos(angle) + other * np.sin(angle)
        value = log_likelihood(there)
        if value > level:
            return there, value
        low, high = (angle, high) if angle < 0 else (low, angle)
        angle = rng.uniform(low, high)


# --- checks -----------------------------------------------------------------------------------------


def ranks(truth: Floats, draws: Floats) -> NDArray[np.int64]:
    """Return [parameter]: how many draws [draw, parameter] lie below the truth."""
    return np.asarray((draws < truth).sum(axis=0))


def uniformity(all_ranks: NDArray[np.int64], n_draws: int, bins: int = 10) -> Floats:
    """Return [parameter]: p-values of the chi-square test that ranks [trial, parameter] are uniform.

    Ranks run from 0 to n_draws; under a right posterior each is equally likely (Talts et al. 2018).
    """
    edges = np.linspace(-0.5, n_draws + 0.5, bins + 1)
    share = np.diff(np.ceil(edges)) / (n_draws + 1)  # whole numbers between two edges
    counts = np.array([np.histogram(column, edges)[0] for column in all_ranks.T])
    expected = share * len(all_ranks)
    return np.asarray(stats.chisquare(counts, expected[None, :], axis=1).pvalue)


def holm_rejects(p_values: Floats, error_rate: float) -> NDArray[np.bool_]:
    """Return which hypotheses are rejected at a family-wise error rate, by Holm's steps."""
    order = np.argsort(p_values)
    limits = error_rate / (len(p_values) - np.arange(len(p_values)))
    failed = np.cumsum(p_values[order] > limits) > 0
    rejected = np.zeros(len(p_values), bool)
    rejected[order[~failed]] = True
    return rejected
