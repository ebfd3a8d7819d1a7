"""Points: where in the range of every number a design looks, as quantiles between 0 and 1.

SALib (Iwanaga, Usher and Herman 2022; Herman and Usher 2017) draws them, with a seed of its own and
without touching numpy's global state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.indices import Steps
from simulation.accounts import Floats

LOW, HIGH = 0.05, 0.95
"""Quantiles of a number's distribution between which Morris' designs and tornados move it."""

LEVELS = 4
"""Levels of Morris' grid between the two: steps of two thirds of the way."""

INSIDE = 1e-6
"""Sobol points are kept this far from 0 and 1, where a distribution has its ends."""


@dataclass(frozen=True, eq=False)
class Points:
    """Quantiles [row, number]; every `per_base` rows belong to one base point. NaN: at its value."""

    quantiles: Floats
    per_base: int

    @property
    def bases(self) -> int:
        """How many base points there are."""
        return len(self.quantiles) // self.per_base


def tornado_points(numbers: int) -> Points:
    """Return the scenario's own point, then each number at its low and at its high end."""
    quantiles = np.full((1 + 2 * numbers, numbers), np.nan)
    for i in range(numbers):
        quantiles[1 + 2 * i, i], quantiles[2 + 2 * i, i] = LOW, HIGH
    return Points(quantiles, len(quantiles))


def check_bases(bases: int) -> None:
    """Raise ValueError where a number of base points is no power of two."""
    if bases < 2 or bases & (bases - 1):
        below = 1 << max(1, bases.bit_length() - 1)
        raise ValueError(
            f"--samples {bases} must be a power of two for Sobol indices, such as {below} or {2 * below}"
        )


def sobol_points(factor_of: Sequence[str], bases: int, seed: int) -> Points:
    """Return Saltelli's design on a scrambled Sobol sequence: A, one row per factor, B, at each base.

    `factor_of` [number] names the factor that each number belongs to. ValueError where `bases` is no
    power of two: only then does the sequence fill the space evenly.
    """
    from SALib.sample import sobol

    check_bases(bases)
    drawn = sobol.sample(_problem(factor_of), bases, calc_second_order=False, seed=_rng(seed))
    return Points(np.clip(drawn, INSIDE, 1.0 - INSIDE), len(factors(factor_of)) + 2)


def morris_points(factor_of: Sequence[str], trajectories: int, seed: int) -> Points:
    """Return Morris' trajectories: from row to row one factor moves, between LOW and HIGH."""
    from SALib.sample import morris

    if trajectories < 2:
        raise ValueError(f"--samples {trajectories} must be at least 2 trajectories")
    drawn = morris.sample(_problem(factor_of), trajectories, num_levels=LEVELS, seed=_rng(seed))
    return Points(LOW + (HIGH - LOW) * drawn, len(factors(factor_of)) + 1)


def moves(points: Points, factor_of: Sequence[str]) -> tuple[Steps, Floats, NDArray[np.bool_]]:
    """Return what moves in Morris' trajectories, as `indices.morris` takes it.

    Factor [trajectory, move]; step [trajectory, move] as a share of the way from LOW to HIGH, with the
    sign of the factor's first number; and which factors are groups [factor].
    """
    names = factors(factor_of)
    member = np.array([names.index(name) for name in factor_of])
    by_trajectory = points.quantiles.reshape(points.bases, points.per_base, -1)
    change = np.diff(by_trajectory, axis=1) / (HIGH - LOW)
    first = np.abs(change).argmax(axis=2)
    step = np.take_along_axis(change, first[:, :, None], axis=2)[:, :, 0]
    is_group = np.bincount(member, minlength=len(names)) > 1
    factor = member[first]
    return factor, np.where(is_group[factor], np.abs(step), step), is_group


def factors(factor_of: Sequence[str]) -> list[str]:
    """Return the names of the factors in the order of their first number."""
    return list(dict.fromkeys(factor_of))


def _problem(factor_of: Sequence[str]) -> dict[str, Any]:
    n = len(factor_of)
    problem: dict[str, Any] = {
        "num_vars": n, "names": [str(i) for i in range(n)], "bounds": [[0.0, 1.0]] * n,
    }  # fmt: skip
    if len(set(factor_of)) < n:
        problem["groups"] = list(factor_of)
    return problem


def _rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))
