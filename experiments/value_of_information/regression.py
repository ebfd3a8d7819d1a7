"""Regression: the expected benefit given some of the unknowns, by penalised additive splines.

E[y | x] = mean + sum over terms of Z_j b_j, b_j ~ N(0, t_j I). A term is the straight line in one input,
its bend (a cubic spline with the penalty of the integrated squared second derivative; Wahba, Spline
Models for Observational Data, 1990), or all products of two inputs together. The variances t_j and that
of the noise come from restricted maximum likelihood, by the fixed point of MacKay (1992) and Harville
(1977): a term that explains nothing shrinks to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.accounts import Floats
from simulation.tables import Ints

KNOTS = 8
"""Knots of a spline, at quantiles of its input's values; fewer where it takes few values."""

STEPS = 100
"""Most steps of the fixed point."""

NEAR = 0.003
"""Two steps that change the degrees of freedom of no term by more than this are the same."""

NOTHING = 0.05
"""A term of fewer degrees of freedom than this tells nothing and is left out."""

TINY = 1e-10


@dataclass(frozen=True)
class Basis:
    """Columns [sample, column] with mean 0, and which term each belongs to."""

    columns: Floats
    term: tuple[int, ...]


@dataclass(frozen=True)
class Fit:
    """What a regression found: fitted values [sample], and how sure its coefficients are.

    `covariance` [column, column] is that of the columns that were kept; the others tell nothing.
    `noise` is the variance of a sample around the fit.
    """

    fitted: Floats
    covariance: Floats
    kept: Ints
    noise: float

    def root(self, columns: int) -> Floats:
        """Return a root of the covariance of all columns of the basis."""
        whole = np.zeros((columns, columns))
        whole[np.ix_(self.kept, self.kept)] = root_of(self.covariance)
        return whole


def basis(x: Floats, crossed: Sequence[int] = (), knots: int = KNOTS) -> Basis:
    """Return the columns for inputs x [sample, input]; those named in `crossed` are multiplied too."""
    terms: list[Floats] = []
    lines = []
    for values in x.T:
        line = _standard(values)
        lines.append(line)
        if line.any():
            terms.append(line[:, None])
            bend = _bend(values, line, knots)
            if bend.shape[1]:
                terms.append(bend)
    pairs = [
        _standard(lines[i] * lines[j]) for n, i in enumerate(crossed) for j in list(crossed)[n + 1 :]
    ]
    if pairs := [p for p in pairs if p.any()]:
        terms.append(np.stack(pairs, axis=1) / np.sqrt(len(pairs)))
    if not terms:
        return Basis(np.zeros((len(x), 0)), ())
    term = [t for t, columns in enumerate(terms) for _ in range(columns.shape[1])]
    return Basis(np.concatenate(terms, axis=1), tuple(term))


def _standard(values: Floats) -> Floats:
    """Return values with mean 0 and standard deviation 1; zeros where they do not vary."""
    centred = values - values.mean()
    sd = float(centred.std())
    return centred / sd if sd > TINY * max(1.0, float(np.abs(values).max())) else np.zeros(len(values))


def _bend(values: Floats, line: Floats, knots: int) -> Floats:
    """Return columns of a spline without its straight line, mean square 1 in all."""
    distinct = np.unique(values)
    span = distinct[-1] - distinct[0]
    if len(distinct) < 3:
        return np.zeros((len(values), 0))
    n = min(knots, len(distinct) - 2)
    at = (distinct[np.linspace(0, len(distinct) - 1, n + 1).round().astype(int)[1:]] - distinct[0]) / span
    columns = _kernel((values - distinct[0]) / span, at)
    columns = columns - columns.mean(axis=0)
    columns = columns - np.outer(line, line @ columns) / len(line)
    w, v = np.linalg.eigh(_kernel(at, at))
    good = w > TINY * w[-1]
    columns = columns @ (v[:, good] / np.sqrt(w[good]))
    return columns / np.sqrt((columns**2).sum() / len(line))


def _kernel(s: Floats, t: Floats) -> Floats:
    """Return the reproducing kernel of the integrated squared second derivative on [0, 1]."""
    low = np.minimum(s[:, None], t[None, :])
    high = np.maximum(s[:, None], t[None, :])
    return low**2 * (3.0 * high - low) / 6.0


def fit(b: Basis, y: Floats, free: int = 0) -> Fit:
    """Return the regression of y [sample] on a basis; the first `free` terms are not shrunk."""
    n, p = b.columns.shape
    centred = y - y.mean()
    squares = float(centred @ centred)
    variance = squares / max(n - 1, 1)
    gram, cross = b.columns.T @ b.columns, b.columns.T @ centred
    term = np.asarray(b.term, int)
    sizes = np.bincount(term)
    shrunk = np.arange(len(sizes)) >= free
    t = 0.5 * variance / max(len(sizes), 1) / sizes
    noise, freedom = 0.5 * variance, sizes.astype(float)
    covariance, coefficients = np.zeros((0, 0)), np.zeros(0)
    kept = np.arange(p) if variance > TINY else np.arange(0)
    for _ in range(STEPS if len(kept) else 0):
        kept = kept[freedom[term[kept]] > NOTHING]
        own = term[kept]
        inner = gram[np.ix_(kept, kept)]
        covariance = np.linalg.inv(inner / noise + np.diag((shrunk / t)[own]))
        coefficients = covariance @ cross[kept] / noise
        before = freedom
        freedom = sizes - np.bincount(own, np.diag(covariance), len(sizes)) * (shrunk / t)
        freedom[np.bincount(own, minlength=len(sizes)) == 0] = 0.0
        left = squares - coefficients @ (2.0 * cross[kept] - inner @ coefficients)
        noise = max(float(left), TINY * squares) / max(n - 1.0 - float(freedom.sum()), 1.0)
        if float(np.abs(freedom - before).max()) < NEAR:
            break
        size = np.bincount(own, coefficients**2, len(sizes))
        t = np.maximum(size / np.maximum(freedom, TINY), TINY * variance)
    return Fit(y.mean() + b.columns[:, kept] @ coefficients, covariance, kept, noise)


def root_of(matrix: Floats) -> Floats:
    """Return the symmetric root r of a covariance, r r = matrix; rounding below 0 counts as 0.

    The symmetric one, so that covariances that are nearly the same have roots that are.
    """
    w, v = np.linalg.eigh(matrix)
    return np.asarray((v * np.sqrt(np.maximum(w, 0.0))) @ v.T)
