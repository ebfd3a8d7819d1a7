"""Runs: the points of a design to outcomes, in a sweep that can be stopped and taken up again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.executors import THREADS
from experiments.labels import percent
from experiments.sensitivity.points import Points
from experiments.sensitivity.question import Question
from experiments.sweep.design import Design, Row
from experiments.sweep.run import Progress, Sweep
from experiments.unknowns import Unknown
from simulation.accounts import Floats

BLOCK = 100
"""Histories of one unit of work, at most."""

ROWS = 24
"""Rows of one unit of work, about: base points whole, since their rows have arms in common."""

FEW = 8
"""Units of work below which nobody needs to know how long they take."""

CENSORED = "break_even_month"
"""An outcome that is not defined where it has not happened: it then counts as the last month."""


@dataclass(frozen=True)
class Setup:
    """Where a design runs: folder to keep results in, executor, workers, who is told how far it is."""

    folder: Path | None = None
    executor: str = THREADS
    workers: int | None = None
    progress: Progress | None = None
    tell: Callable[[str], None] | None = None


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Outcomes by name, each [row, history], of the base points `kept`; `notes`: what was left out."""

    values: dict[str, Floats]
    kept: list[int]
    notes: tuple[str, ...]

    @property
    def bases(self) -> int:
        """How many base points are left."""
        return len(self.kept)


def design_of(asked: Question, points: Points) -> Design:
    """Return the design of a question at points: a row each, base points whole in a unit of work."""
    values = _values(asked.numbers, points.quantiles)
    names = [u.name for u in asked.numbers]
    rows = tuple(
        Row(asked.scenario.name, asked.policy, {n: x for n, x in zip(names, row, strict=True) if x == x})
        for row in values.tolist()
    )
    per_base = points.per_base if points.bases > 1 else 1
    return Design(
        {asked.scenario.name: asked.scenario}, rows, asked.replicates, asked.seed, asked.engine,
        rows_per_chunk=per_base * max(1, ROWS // per_base), block=min(BLOCK, asked.replicates),
    )  # fmt: skip


def _values(numbers: tuple[Unknown, ...], quantiles: Floats) -> Floats:
    """Return the numbers [row, number] at their quantiles, each quantile looked up once; NaN stays."""
    values = np.full(quantiles.shape, np.nan)
    for i, number in enumerate(numbers):
        there = ~np.isnan(quantiles[:, i])
        found, of = np.unique(quantiles[there, i], return_inverse=True)
        values[there, i] = np.array([number.at(float(u)) for u in found])[of]
    return values


def run(asked: Question, points: Points, setup: Setup) -> Outcomes:
    """Return the outcomes of all points; ValueError where no base point, or no history, is left."""
    design = design_of(asked, points)
    sweep = Sweep(design, setup.folder, executor=setup.executor, workers=setup.workers)
    if setup.tell is not None:
        setup.tell(_announced(sweep, asked))
    sweep.progress = setup.progress
    values = sweep.values(asked.outcomes)
    values, kept, notes = _without_failures(values, points, sweep.errors)
    ran = np.ones(len(values), bool)
    if points.bases == 1:
        ran[list(sweep.errors)] = False
    found = {}
    for i, name in enumerate(asked.outcomes):
        found[name], more = _defined(values[:, :, i], ran, name, asked)
        notes += more
    return Outcomes(found, kept, tuple(notes))


def _announced(sweep: Sweep, asked: Question) -> str:
    """Return how much there is to do, and, by a unit of work run first, about how long it takes."""
    design = sweep.design
    rows, size = len(design.rows), design.rows_per_chunk
    arms = f"{len(design.rows):,} rows x {asked.replicates:,} histories, with the policy and without"
    if -(-rows // size) * -(-asked.replicates // design.block) < FEW:
        return arms
    block = range(design.block)
    sweep.values(asked.outcomes, range(size), block)  # compiles, reads and settles for the first time
    begin = time.perf_counter()
    sweep.values(asked.outcomes, range(size, 2 * size), block)
    seconds = (time.perf_counter() - begin) * rows / size * asked.replicates / design.block
    return f"{arms}: about {_duration(seconds / _side_by_side(sweep))}, less what is done already"


def _side_by_side(sweep: Sweep) -> int:
    import os

    return sweep.workers or os.cpu_count() or 1


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _without_failures(
    values: Floats, points: Points, errors: dict[int, str]
) -> tuple[Floats, list[int], list[str]]:
    """Leave out base points that a failed row belongs to; of a tornado, nothing: its bars are NaN."""
    if not errors:
        return values, list(range(points.bases)), []
    why = f"{len(errors)} of {len(values)} rows failed ({next(iter(errors.values()))})"
    if points.bases == 1:
        if 0 in errors:
            raise ValueError(f"the scenario cannot be run at its own numbers: {errors[0]}")
        return values, [0], [f"{why}; their numbers are not shown."]
    failed = {row // points.per_base for row in errors}
    kept = [i for i in range(points.bases) if i not in failed]
    if len(kept) < 2:
        raise ValueError(f"{why}: too few are left; name fewer numbers by --parameters")
    whole = values.reshape(points.bases, points.per_base, *values.shape[1:])[kept]
    return whole.reshape(-1, *values.shape[1:]), kept, [f"{why}; {len(failed)} samples are left out."]


def _defined(
    values: Floats, ran: NDArray[np.bool_], name: str, asked: Question
) -> tuple[Floats, list[str]]:
    """Return [row, history] without histories in which an outcome is not defined in a row that ran."""
    gaps = np.isnan(values) & ran[:, None]
    if name == CENSORED:
        share, last = float(gaps[ran].mean()), asked.scenario.months
        note = f"{name}: histories that never break even ({percent(share)}) count as month {last}."
        return np.where(gaps, float(last), values), [note] if share else []
    whole = np.flatnonzero(~gaps.any(axis=0))
    if len(whole) < 2:
        raise ValueError(
            f"--outcome {name} is not defined in every row of any two histories; choose another one, or "
            "more --replicates"
        )
    left = values.shape[1] - len(whole)
    note = f"{name}: {left} histories are left out, in which it is not defined in every row."
    return values[:, whole], [note] if left else []
