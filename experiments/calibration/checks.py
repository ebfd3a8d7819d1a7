"""Checks of a calibration: right machinery, truth found, targets met, and looked for in the right place.

All reuse the simulations of the fit's last wave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.calibration.fit import Fit
from experiments.calibration.free import free_parameters
from experiments.calibration.runs import AIMS, observed
from experiments.inference import (
    Emulator,
    Floats,
    emulator,
    holm_rejects,
    near,
    ranks,
    sampled,
    uniformity,
)

TRIALS = 200
"""Pseudo-observations of the rank check and the recovery."""

DRAWS = 99
"""Posterior draws in each trial: ranks 0 to 99."""

ERROR_RATE = 0.01
"""Chance that the rank check rejects a right posterior for any parameter."""

CONTRACTED = 0.9
"""A parameter about which the data say something: its posterior sd is below this share of the prior's."""

LOST = 2.0
"""Shift from which a fit is to be mistrusted: sound ones stay below some 1, lost ones go beyond 3."""


@dataclass(frozen=True)
class Ranks:
    """Rank check and recovery, parameter by parameter.

    `p` is the p-value of uniform ranks, `rejected` whether that is too small at ERROR_RATE over all
    parameters (Holm); `covered_50` and `covered_90` the share of trials in which the truth lay in the
    central interval; `bias` the mean of (posterior mean - truth) / posterior sd.
    """

    names: tuple[str, ...]
    p: Floats
    rejected: np.ndarray
    covered_50: Floats
    covered_90: Floats
    bias: Floats

    @property
    def passed(self) -> bool:
        """Whether no parameter's ranks are rejected."""
        return not self.rejected.any()


def rank_check(fit: Fit, trials: int = TRIALS, seed: int = 1) -> Ranks:
    """Return simulation-based calibration over simulations of the last wave as pseudo-observations.

    The prior of the check is the distribution the wave was drawn from, so it looks where the posterior
    is. The emulator leaves each trial's fold of simulations out.
    """
    last, rng = fit.last, np.random.default_rng([seed, 7])
    chosen = rng.permutation(len(last.z))[:trials]
    found = np.empty((trials, last.z.shape[1]), np.int64)
    inside = np.zeros((2, trials, last.z.shape[1]))
    bias = np.empty((trials, last.z.shape[1]))
    emulators = _without_folds(fit, chosen)
    for t, i in enumerate(chosen):
        e, data, truth = emulators[t % len(emulators)], last.summaries[i], last.z[i]
        around = near(e, data, last.drawn_from)
        draws = sampled(
            lambda z, e=e, data=data: e.log_likelihood(z, data),  # type: ignore[misc]
            around.mean, DRAWS, rng, last.drawn_from, burn=50, thin=10, around=around,
        )  # fmt: skip
        found[t] = ranks(truth, draws)
        for row, coverage in enumerate((0.5, 0.9)):
            low, high = np.quantile(draws, [(1 - coverage) / 2, (1 + coverage) / 2], axis=0)
            inside[row, t] = (low <= truth) & (truth <= high)
        bias[t] = (draws.mean(axis=0) - truth) / draws.std(axis=0)
    p = uniformity(found, DRAWS)
    return Ranks(
        tuple(f.name for f in free_parameters()), p, holm_rejects(p, ERROR_RATE),
        inside[0].mean(axis=0), inside[1].mean(axis=0), bias.mean(axis=0),
    )  # fmt: skip


def _without_folds(fit: Fit, chosen: np.ndarray, folds: int = 5) -> list[Emulator]:
    """Return emulators; the k-th has seen none of the trials k, k + folds, ..."""
    last = fit.last
    made = []
    for k in range(folds):
        keep = np.ones(len(last.z), bool)
        keep[chosen[k::folds]] = False
        made.append(emulator(last.z[keep], last.summaries[keep], last.drawn_from.mean))
    return made


@dataclass(frozen=True)
class Predicted:
    """One target under the posterior: 5, 50 and 95 % of what the model gives, and where the figure lies.

    `published` is the figure with its error (low, value, high), `p` the two-sided share of simulated
    histories, published error included, that lie further out than the figure.
    """

    target: str
    low: float
    middle: float
    high: float
    published: tuple[float, float, float]
    p: float

    @property
    def inside(self) -> bool:
        """Whether the published figure lies in the central 90 % of what the posterior predicts."""
        return self.p >= 0.10


def predictive(without_error: Floats, with_error: Floats) -> list[Predicted]:
    """Return one row per aim from simulations at posterior draws, without and with published error."""
    rows = []
    for i, (aim, figure) in enumerate(zip(AIMS, observed(), strict=True)):
        low, middle, high = np.quantile(without_error[:, i], [0.05, 0.5, 0.95])
        below = float((with_error[:, i] < figure).mean() + 0.5 * (with_error[:, i] == figure).mean())
        record = aim.record
        published = (record.low, record.value, record.high)
        p = 2.0 * min(below, 1.0 - below)
        rows.append(Predicted(aim.target, float(low), float(middle), float(high), published, p))
    return rows


def contraction(fit: Fit) -> Floats:
    """Return [parameter]: posterior sd / prior sd, on the prior's normal scale; 1 is: nothing learnt."""
    return np.asarray(fit.draws.std(axis=0))


def shift(fit: Fit) -> Floats:
    """Return [parameter]: posterior mean less mean of the last wave's points, in sd of these points.

    The last wave is drawn around the posterior before it, so near 0 the waves have settled and the
    emulator is used where it was fitted. Beyond LOST it says what it was never shown: where summaries
    are curved more than a quadratic follows, waves chase each other and end anywhere.
    """
    points = fit.last.z
    return np.asarray((fit.draws.mean(axis=0) - points.mean(axis=0)) / points.std(axis=0))
