"""Worth: expected value of perfect information, of all unknowns together and of some of them.

With B_d(w) the expected benefit of decision d in world w (carrying on as today: 0),

    EVPI      = E max_d B_d(w) - max_d E B_d(w)
    EVPPI(x)  = E max_d E[B_d(w) | x] - max_d E B_d(w)        x: one unknown, or several

(Raiffa and Schlaifer 1961). E[B | x] comes from one regression of the simulated benefits on x (Strong,
Oakley and Brennan 2014; review by Heath, Manolopoulou and Baio 2017). Chance between histories is noise
around that regression and does no harm there. In EVPI it does: the largest of noisy means is too large.
So EVPI is taken at all histories of a sample and at either half of them, and extrapolated to no noise
(as the antithetic estimate of Giles and Goda 2019 takes the difference away).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.estimates import NINETY
from experiments.shares import ROUNDING, error_of_mean
from experiments.value_of_information.regression import Basis, Fit, basis, fit, root_of
from simulation.accounts import Floats
from simulation.tables import Ints

TRIALS = 200
"""Draws of the regression and of the samples, for the error of an EVPPI."""

NOTHINGS, NOTHINGS_OF_GROUP = 99, 9
"""Unknowns, and groups, that tell nothing: nine of ten come out below the floor."""

FLOOR = 0.9
MOST = 4_000_000
"""Numbers that are held at once at most."""

CROSSED = 8
"""Inputs of a group, those that explain most, whose products are tried too."""

FEWER_KNOTS = 5
"""Knots of each spline where there are several."""


@dataclass(frozen=True)
class Worth:
    """An expected value of information, with the half-width of its 90 % interval.

    `floor`: what nine of ten unknowns (or groups of this size) that tell nothing stay below. The error
    is no smaller than that.
    """

    value: float
    error: float
    floor: float

    @property
    def is_something(self) -> bool:
        """Whether it can be told from nothing."""
        return self.value > self.floor and self.value > self.error


@dataclass(frozen=True)
class Perfect:
    """EVPI: extrapolated to no chance between histories, its error, and between what it must lie.

    `held_out`: histories of one half judge what the other half would choose, too low on average;
    `naive`: means of all histories taken as if exact, too high on average.
    """

    value: float
    error: float
    held_out: float
    naive: float


class Benefits:
    """Benefits [sample, decision] of all decisions, the first (carrying on as today) at 0.

    `y` [sample, policy, replicate] against the baseline; `draw` [sample] numbers the draws: samples of
    one draw are no independent ones.
    """

    def __init__(self, y: Floats, draw: Ints) -> None:
        if y.shape[2] < 2:
            raise ValueError(f"replicates = {y.shape[2]} must be at least 2, to tell chance apart")
        self.mean = _with_today(y.mean(axis=2))
        half = y.shape[2] // 2
        self.halves = tuple(
            _with_today(part.mean(axis=2)) for part in (y[:, :, :half], y[:, :, half : 2 * half])
        )
        self.draw = draw

    @property
    def expected(self) -> Floats:
        """[decision]: expected benefit."""
        return self.mean.mean(axis=0)

    @property
    def best(self) -> int:
        """The decision with the largest expected benefit."""
        return int(self.expected.argmax())

    def error(self, values: Floats) -> float:
        """Return the half-width of the 90 % interval of a mean over samples [sample]."""
        return NINETY * error_of_mean(values, self.draw)

    def p_best(self) -> Floats:
        """Return [decision]: how likely each is the best one, extrapolated to no chance."""

        def shares(of: Floats) -> Floats:
            return np.bincount(of.argmax(axis=1), minlength=of.shape[1]) / len(of)

        found = 2.0 * shares(self.mean) - sum(map(shares, self.halves)) / 2.0
        found = np.clip(found, 0.0, 1.0)
        return np.asarray(found / found.sum())


def _with_today(y: Floats) -> Floats:
    return np.concatenate([np.zeros((len(y), 1)), y], axis=1)


def perfect(b: Benefits) -> Perfect:
    """Return the expected value of knowing everything but luck."""
    now, rows = b.mean[:, b.best], np.arange(len(b.mean))
    one, other = b.halves
    halves = (one.max(axis=1) + other.max(axis=1)) / 2.0
    gain = 2.0 * b.mean.max(axis=1) - halves - now
    held = (other[rows, one.argmax(axis=1)] + one[rows, other.argmax(axis=1)]) / 2.0
    return Perfect(
        value=max(0.0, float(gain.mean())),
        error=b.error(gain),
        held_out=float((held - now).mean()),
        naive=float((b.mean.max(axis=1) - now).mean()),
    )


def worth_of(
    b: Benefits, x: Floats, crossed: Sequence[int] = (), floor: float = 0.0, seed: int = 0
) -> Worth:
    """Return the expected value of knowing x [sample, input]; `crossed` inputs are multiplied too."""
    columns, free = _basis(x, crossed)
    fits = [fit(columns, y, free) for y in b.mean.T[1:]]
    fitted = _with_today(np.stack([f.fitted for f in fits], axis=1))
    return Worth(gain(fitted), max(floor, NINETY * _spread(b, columns, fits, fitted, seed)), floor)


def gain(fitted: Floats) -> float:
    """Return what choosing by the fitted benefits [sample, decision] gains over choosing once."""
    found = float(fitted.max(axis=1).mean() - fitted.mean(axis=0).max())
    return found if found > ROUNDING * float(np.abs(fitted).max()) else 0.0


def floor_of(b: Benefits, x: Floats | None = None, crossed: Sequence[int] = (), seed: int = 0) -> float:
    """Return what nine of ten unknowns that tell nothing stay below.

    Without x, unknowns are normal; with x [sample, input], they are its inputs put beside the wrong
    samples.
    """
    rng, n = np.random.Generator(np.random.PCG64(seed)), len(b.mean)
    found = []
    for _ in range(NOTHINGS if x is None else NOTHINGS_OF_GROUP):
        wrong = rng.standard_normal((n, 1)) if x is None else x[rng.permutation(n)]
        columns, free = _basis(wrong, crossed)
        found.append(gain(_with_today(np.stack([fit(columns, y, free).fitted for y in b.mean.T[1:]], 1))))
    return float(np.quantile(found, FLOOR, method="higher"))


def explained(b: Benefits, x: Floats) -> float:
    """Return the largest share of a benefit's variance that one input [sample] explains."""
    columns, free = _basis(x[:, None], ())
    policies = [y for y in b.mean.T[1:] if y.std() > 0.0]
    return max((float(fit(columns, y, free).fitted.var() / y.var()) for y in policies), default=0.0)


def _basis(x: Floats, crossed: Sequence[int]) -> tuple[Basis, int]:
    """Return the basis, and how many of its terms are not shrunk: the line of a single input."""
    if x.shape[1] == 1:
        return basis(x), 1
    return basis(x, crossed, FEWER_KNOTS), 0


def _spread(b: Benefits, columns: Basis, fits: Sequence[Fit], fitted: Floats, seed: int) -> float:
    """Return the standard error of an EVPPI: of the regression, and of the samples that were drawn.

    Coefficients are drawn from their normal distribution (Strong et al. 2014), alike for all decisions
    as far as their residuals are; samples are weighted anew by draw (the Bayesian bootstrap, Rubin 1981).
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    left, p = b.mean - fitted, columns.columns.shape[1]
    mixed = _correlated(left[:, 1:])
    roots = [columns.columns @ f.root(p) for f in fits]
    _, place = np.unique(b.draw, return_inverse=True)
    at_once = max(1, MOST // fitted.size)
    found = []
    for first in range(0, TRIALS, at_once):
        n = min(at_once, TRIALS - first)
        z = rng.standard_normal((n, p, len(fits))) @ mixed.T
        weight = rng.standard_exponential((n, int(place.max()) + 1))[:, place]
        weight /= weight.sum(axis=1, keepdims=True)
        trial = fitted.T[:, None, :] + (weight @ left).T[:, :, None]  # [decision, trial, sample]
        for d, root in enumerate(roots, 1):
            trial[d] += z[:, :, d - 1] @ root.T
        chosen = (weight * trial.max(axis=0)).sum(axis=1)
        found.append(chosen - (weight * trial).sum(axis=2).max(axis=0))
    sd = float(np.concatenate(found).std())
    return sd if sd > ROUNDING * float(np.abs(fitted).max()) else 0.0


def _correlated(left: Floats) -> Floats:
    """Return a root of the correlations of residuals [sample, policy]; an exact fit has none."""
    sd = left.std(axis=0)
    scaled = (left - left.mean(axis=0)) / np.where(sd > 0.0, sd, 1.0)
    whole = scaled.T @ scaled / len(left)
    np.fill_diagonal(whole, 1.0)
    return root_of(whole)
