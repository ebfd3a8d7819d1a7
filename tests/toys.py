"""Toy problems of inference whose posterior is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.inference import Emulator, Floats, Normal, emulator, near, sampled


@dataclass(frozen=True, eq=False)
class Linear:
    """Summaries linear in standard normal parameters, with even normal noise."""

    matrix: Floats  # [summary, parameter]
    sd: float = 0.5

    @classmethod
    def of(cls, parameters: int, summaries: int, seed: int = 0) -> Linear:
        """Return a toy with a random matrix: all summaries bear on all parameters."""
        matrix = np.random.default_rng(seed).standard_normal((summaries, parameters))
        return cls(matrix * 1.5 / np.sqrt(parameters))

    @property
    def parameters(self) -> int:
        return self.matrix.shape[1]

    def simulate(self, z: Floats, rng: np.random.Generator) -> Floats:
        return z @ self.matrix.T + self.sd * rng.standard_normal((*z.shape[:-1], len(self.matrix)))

    def posterior(self, data: Floats) -> Normal:
        """Return the posterior, which is normal (conjugate)."""
        precision = np.eye(self.parameters) + self.matrix.T @ self.matrix / self.sd**2
        covariance = np.linalg.inv(precision)
        return Normal(covariance @ self.matrix.T @ data / self.sd**2, np.linalg.cholesky(covariance))

    def moments(self, data: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of every parameter."""
        exact = self.posterior(data)
        return exact.mean, np.sqrt((exact.root**2).sum(axis=1))


@dataclass(frozen=True, eq=False)
class Counts:
    """Poisson counts whose mean is exponential in the parameters: the spread grows with the mean."""

    matrix: Floats
    base: float = 20.0

    @classmethod
    def of(cls, parameters: int, summaries: int, seed: int = 0) -> Counts:
        """Return a toy with a random matrix: counts from a few to a few hundred."""
        matrix = np.random.default_rng(seed).standard_normal((summaries, parameters))
        return cls(matrix * 0.8 / np.sqrt(parameters))

    @property
    def parameters(self) -> int:
        return self.matrix.shape[1]

    def simulate(self, z: Floats, rng: np.random.Generator) -> Floats:
        return rng.poisson(self.base * np.exp(z @ self.matrix.T)).astype(float)

    def log_likelihood(self, z: Floats, data: Floats) -> float:
        log_mean = np.log(self.base) + self.matrix @ z
        return float(data @ log_mean - np.exp(log_mean).sum())

    def moments(self, data: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of every parameter, by a chain on the exact likelihood."""

        def log_likelihood(z: Floats) -> float:
            return self.log_likelihood(z, data)

        rng, start = np.random.default_rng(5), np.zeros(self.parameters)
        first = sampled(log_likelihood, start, 400, rng, thin=5)
        around = Normal.around(first, 1.5)
        draws = sampled(log_likelihood, around.mean, 2500, rng, thin=3, around=around)
        return draws.mean(axis=0), draws.std(axis=0)


Toy = Linear | Counts


def emulated(e: Emulator, data: Floats, rng: np.random.Generator, n: int = 1000) -> Floats:
    """Return draws from the posterior by an emulator, as `experiments.calibration.fit` does."""
    around = near(e, data, Normal.standard(len(e.centre)))
    return sampled(lambda z: e.log_likelihood(z, data), around.mean, n, rng, thin=5, around=around)


def in_waves(
    toy: Toy, data: Floats, sizes: tuple[int, ...], rng: np.random.Generator, n: int = 1000
) -> Floats:
    """Return draws from the posterior by waves of simulations, as `experiments.calibration.fit`."""
    g = Normal.standard(toy.parameters)
    for size in sizes:
        z = g.draw(size, rng)
        draws = emulated(emulator(z, toy.simulate(z, rng), g.mean), data, rng, n)
        g = Normal.around(draws, 1.5)
    return draws


def off(draws: Floats, toy: Toy, data: Floats, weights: Floats | None = None) -> tuple[Floats, Floats]:
    """Return [parameter]: error of the mean in posterior standard deviations, and ratio of the sds."""
    w = np.full(len(draws), 1.0 / len(draws)) if weights is None else weights
    mean, sd = toy.moments(data)
    found = w @ draws
    return (found - mean) / sd, np.sqrt(w @ (draws - found) ** 2) / sd
