"""Fit: the posterior of the free parameters, in waves of simulations.

The first wave is drawn from the prior. After each wave a quadratic emulator of the summaries gives a
posterior; the next wave is drawn from a normal distribution around it, wider, so that the emulator of
the last wave is exact where it matters. Wave by wave Herning's flows are settled anew at the mean.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.calibration.free import Free, free_parameters
from experiments.calibration.runs import (
    AIMS,
    Worlds,
    observed,
    published_error,
    settled_worlds,
    summaries,
)
from experiments.inference import Emulator, Floats, Normal, emulator, near, sampled
from simulation.parameters import parameter

WAVES = (2500, 2000, 2000, 3000)
"""Simulations in each wave."""

WIDENED = (1.5, 1.5, 1.5)
"""Covariance from which the second and later waves are drawn, as a multiple of the posterior's before.

A wide wave gives a wide emulator error and so a wide posterior: what is lost comes back in the next.
"""

LARGEST_SCORE = 4.0
SEEDS_PER_RUN = 16
"""A simulation uses a few seeds of its own: those of its runs."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Wave:
    """Simulations: where, what came out (with published errors), and from which distribution drawn."""

    z: Floats
    summaries: Floats
    without_error: Floats
    drawn_from: Normal
    worlds: Worlds


@dataclass(frozen=True)
class Fit:
    """The posterior of the free parameters, as normal scores, with what it was made from."""

    draws: Floats
    last: Wave
    emulator: Emulator

    def theta(self, i: int) -> dict[str, float]:
        """Return draw i as values of the free parameters."""
        return theta(self.draws[i])


def theta(z: Floats) -> dict[str, float]:
    """Return the free parameters at normal scores z."""
    u = stats.norm.cdf(np.clip(z, -LARGEST_SCORE, LARGEST_SCORE))
    return {f.name: quantile(f, float(x)) for f, x in zip(free_parameters(), u, strict=True)}


def quantile(f: Free, u: float) -> float:
    """Return the prior's quantile of one free parameter (see `Free` for the shapes).

    Raises ValueError for a shape nobody knows.
    """
    if f.shape == "uniform":
        return f.low + u * (f.high - f.low)
    if f.shape == "lognormal":
        middle = 0.5 * (np.log(f.low) + np.log(f.high))
        sd = (np.log(f.high) - np.log(f.low)) / (2.0 * stats.norm.ppf(0.95))
        return float(np.exp(middle + sd * stats.norm.ppf(u)))
    if f.shape == "record":
        return float(parameter(f.name).sample(u))
    if f.shape == "normal":
        return float(f.sd * stats.norm.ppf(u))
    raise ValueError(f"{f.name}: shape {f.shape!r} must be uniform, lognormal, normal or record")


def simulated(
    z: Floats, worlds: Worlds, first: int, workers: int, tick: Callable[[], None]
) -> tuple[Floats, Floats]:
    """Return summaries and their Monte Carlo errors at every z; row i has seeds of its own."""

    def one(i: int) -> tuple[Floats, Floats]:
        result = summaries(theta(z[i]), worlds, (first + i) * SEEDS_PER_RUN)
        tick()
        return result

    with ThreadPoolExecutor(workers) as pool:
        rows = list(pool.map(one, range(len(z))))
    return np.array([a for a, _ in rows]), np.array([b for _, b in rows])


def wave(
    g: Normal, n: int, worlds: Worlds, first: int, workers: int, seed: int, tick: Callable[[], None]
) -> Wave:
    """Return a wave of n simulations drawn from g."""
    rng = np.random.default_rng([seed, first])
    z = g.draw(n, rng)
    found, error = simulated(z, worlds, first, workers, tick)
    whole = ~np.isnan(found).any(axis=1)  # a ratio without a denominator: a district died out
    z, found, error = z[whole], found[whole], error[whole]
    noise = np.array([published_error(rng, e) for e in error])
    return Wave(z, found + noise, found, g, worlds)


def posterior(last: Wave, data: Floats, n: int, seed: int) -> tuple[Floats, Emulator]:
    """Return n draws from the posterior given `data`, and the emulator they were made with."""
    fitted = emulator(last.z, last.summaries, last.drawn_from.mean)
    rng = np.random.default_rng([seed, 99])
    around = near(fitted, data, Normal.standard(last.z.shape[1]))
    found = sampled(lambda z: fitted.log_likelihood(z, data), around.mean, n, rng, around=around)
    return found, fitted


def fit(
    worlds: Worlds,
    *,
    data: Floats | None = None,
    waves: tuple[int, ...] = WAVES,
    draws: int = 1000,
    workers: int = 2,
    seed: int = 1,
    progress: Progress | None = None,
) -> Fit:
    """Return the posterior given `data` (None: the published figures).

    Args:
        worlds: the scenarios, see `runs.shipped_worlds`.
        data: one value per aim, in the order of AIMS.
        waves: simulations in each wave.
        draws: draws from the posterior.
        workers: threads.
        seed: of everything that is drawn.
        progress: called with (simulations done, simulations in all).
    """
    data = observed() if data is None else data
    if len(data) != len(AIMS):
        raise ValueError(f"data has {len(data)} values for {len(AIMS)} aims; give one per aim")
    total, done = sum(waves), 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    g = Normal.standard(len(free_parameters()))
    first = 0
    for i, n in enumerate(waves):
        worlds = settled_worlds(worlds, theta(g.mean))
        last = wave(g, n, worlds, first, workers, seed, tick)
        first += n
        found, fitted = posterior(last, data, draws, seed + i)
        g = Normal.around(found, WIDENED[min(i, len(WIDENED) - 1)])
    return Fit(found, last, fitted)
