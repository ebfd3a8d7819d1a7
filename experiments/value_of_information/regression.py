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

KNOTS = 8
"""Knots of a spline, at quantiles of its input; fewer where it takes fewer values."""

STEPS = 100
"""Most steps of the fixed point."""

NEAR = 1e-3
"""Two steps that change no share of freedom by more than this are the same."""

TINY = 1e-10


@dataclass(frozen=True)
class Basis:
    """Columns [sample, column] with mean 0, and which term each belongs to."""

    columns: Floats
    term: tuple[int, ...]


@dataclass(frozen=True)
class Fit:
    """What a regression found: fitted values [sample], the root of the coefficients' covariance."""

    fitted: Floats
    root: Floats
    """[column, column]: coefficients given the data are N(b, root root')."""
    noise: float
    """Variance of a sample around the fit."""


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
    inner = np.unique(np.quantile(distinct, (np.arange(knots) + 0.5) / knots))
    at = (inner - distinct[0]) / span
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
    variance = float(centred @ centred) / max(n - 1, 1)
    if p == 0 or variance <= TINY:
        return Fit(np.full(n, y.mean()), np.zeros((p, p)), variance)
    gram, cross = b.columns.T @ b.columns, b.columns.T @ centred
    term = np.asarray(b.term)
    sizes = np.bincount(term)
    t = np.full(len(sizes), 0.5 * variance / len(sizes)) / sizes
    noise, freedom, shrunk = 0.5 * variance, np.zeros(len(sizes)), np.arange(len(sizes)) >= free
    for _ in range(STEPS):
        precision = gram / noise + np.diag((shrunk / t)[term])
        covariance = np.linalg.inv(precision)
        coefficients = covariance @ cross / noise
        before = freedom
        freedom = sizes - np.bincount(term, np.diag(covariance)) * (shrunk / t)
        freedom = np.maximum(freedom, TINY)
        squares = np.bincount(term, coefficients**2)
        t = np.maximum(squares / freedom, TINY * variance)
        left = centred - b.columns @ coefficients
        noise = float(left @ left) / max(n - 1.0 - float(freedom.sum()), 1.0)
        if float(np.abs(freedom - before).max()) < NEAR:
            break
    return Fit(y.mean() + b.columns @ coefficients, root_of(covariance), noise)


def root_of(matrix: Floats) -> Floats:
    """Return the symmetric root r of a covariance, r r = matrix; rounding below 0 counts as 0.

    The symmetric one, so that covariances that are nearly the same have roots that are.
    """
    w, v = np.linalg.eigh(matrix)
    return np.asarray((v * np.sqrt(np.maximum(w, 0.0))) @ v.T)
