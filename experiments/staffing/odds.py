"""How often each choice is the cheapest: in single histories, and over draws without their luck.

Means of a few histories differ by luck from what a draw of the parameters would give on average, so that
counting the lowest mean counts luck too. Luck's covariance is known from the histories within draws;
what is left of the covariance between draws' means is that of the draws. Each draw is then given its
conditional distribution, as if both were normal (Efron and Morris 1972, on vectors),
and the cheapest is counted in that.
"""

from __future__ import annotations

import numpy as np

from simulation.accounts import Floats

SAMPLES = 200
"""Times that each draw's means are drawn from what they may be."""
_SEED = 20210607


def share_of_histories(cost: Floats) -> Floats:
    """Return [choice]: share of histories in which it costs least; ties go to the first.

    `cost` [draw, history, choice].
    """
    k = cost.shape[-1]
    best = cost.reshape(-1, k).argmin(axis=1)
    return np.bincount(best, minlength=k) / len(best)


def share_of_draws(cost: Floats, samples: int = SAMPLES) -> Floats:
    """Return [choice]: estimated share of draws in which its expected cost is the lowest.

    `cost` [draw, history, choice], at least two of each of the first two. Shares sum to 1; ties go to
    the first.
    """
    against = cost - cost[:, :, :1]
    centre, root = _conditional(against)
    rng = np.random.Generator(np.random.PCG64(_SEED))
    k = cost.shape[-1]
    counts = np.zeros(k)
    for mean in centre:
        drawn = mean + rng.standard_normal((samples, k)) @ root.T
        counts += np.bincount(drawn.argmin(axis=1), minlength=k)
    return counts / counts.sum()


def _conditional(values: Floats) -> tuple[Floats, Floats]:
    """Return each draw's expected means [draw, choice] and a root of their common covariance."""
    draws, histories, _ = values.shape
    means = values.mean(axis=1)
    off = values - means[:, None, :]
    luck = np.einsum("dhi,dhj->ij", off, off) / (draws * (histories - 1)) / histories
    centred = means - means.mean(axis=0)
    between = _not_negative(centred.T @ centred / (draws - 1) - luck)
    gain = between @ np.linalg.pinv(between + luck, hermitian=True)
    covariance = _not_negative(between - gain @ between)
    lowered, vectors = np.linalg.eigh(covariance)
    return means.mean(axis=0) + centred @ gain.T, vectors * np.sqrt(np.maximum(lowered, 0.0))


def _not_negative(matrix: Floats) -> Floats:
    """Return the nearest symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)
