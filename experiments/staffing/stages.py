"""Stages: the draws of a race, run as sweeps; the choices that are still in it make a stage's design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments.runner import BASELINE
from experiments.staffing.choices import FOR_NOTHING, Question
from experiments.staffing.goal import Goal
from experiments.sweep.design import Design, Row
from experiments.sweep.run import Sweep
from experiments.sweep.work import Chunk
from simulation.accounts import Floats
from simulation.replicates import Engine

Progress = Callable[[int, int], None]

SHOWN = ("net_cost", "net_saving", "residential_months", "waiting_months", "care_months", "caseload",
         "achieved_interval")  # fmt: skip
"""Outcomes that are kept of every history, beside that of the goal."""


@dataclass(frozen=True)
class Place:
    """Where and with what a race is run; none of it changes a byte of the result but seed and engine."""

    seed: int = 1
    engine: Engine = "kernel"
    folder: Path | None = None
    executor: str = "threads"
    workers: int | None = None


@dataclass
class Histories:
    """All that was run: `values` [draw, history, choice, outcome] in the order of `names`.

    NaN where a choice was no longer in the race.
    """

    values: Floats
    names: tuple[str, ...]

    def of(self, outcome: str) -> Floats:
        """Return [draw, history, choice] of one outcome."""
        return self.values[..., self.names.index(outcome)]


@dataclass
class Stages:
    """Gives a race its draws, and keeps every history. Draw d has histories d * `block` and on."""

    question: Question
    goal: Goal | None
    block: int
    most: int
    place: Place
    progress: Progress | None = None
    kept: Histories = field(init=False)
    _done: int = 0

    def __post_init__(self) -> None:
        """Make room for all histories that there may be."""
        wanted = SHOWN if self.goal is None else (*SHOWN, self.goal.outcome)
        names = tuple(dict.fromkeys(wanted))
        shape = (self.most, self.block, len(self.question.choices), len(names))
        self.kept = Histories(np.full(shape, np.nan), names)

    def __call__(self, active: tuple[int, ...], draws: range) -> Floats:
        """Run `draws` of the choices `active`; return [draw, choice, measure], as `race.Sample`."""
        k = len(active)
        name = self.question.scenario.name
        rows = tuple(Row(name, self.question.choices[i].policy, draw=d) for d in draws for i in active)
        sweep = self._sweep(rows, k, draws.stop * self.block, f"from-draw-{draws.start}")
        at = [
            Chunk(range(i * k, (i + 1) * k), range(d * self.block, (d + 1) * self.block))
            for i, d in enumerate(draws)
        ]
        sweep.run(at)
        sweep.progress = None
        _refuse_errors(sweep)
        for d, chunk in zip(draws, at, strict=True):
            found = sweep.values(self.kept.names, chunk.rows, chunk.replicates)
            self.kept.values[d, :, active] = found
        self._done += len(draws) * k
        return self._measures(draws)[:, active]

    def for_nothing(self) -> Floats:
        """Return [choice]: DKK that it costs more than today where it has no effect.

        At the scenario's own numbers, mean of one block of histories.
        """
        name = self.question.scenario.name
        policies = [c.policy + FOR_NOTHING for c in self.question.choices if c.policy != BASELINE]
        rows = tuple(Row(name, policy) for policy in policies)
        sweep = self._sweep(rows, len(rows), self.block, "without-effect", quiet=True)
        saving = sweep.values(["net_saving"], replicates=range(self.block))[:, :, 0].mean(axis=1)
        _refuse_errors(sweep)
        return np.append(0.0, -saving)

    def _sweep(
        self, rows: tuple[Row, ...], per_chunk: int, histories: int, name: str, quiet: bool = False
    ) -> Sweep:
        scenario = self.question.scenario
        design = Design(
            {scenario.name: scenario}, rows, histories, self.place.seed, self.place.engine,
            rows_per_chunk=per_chunk, block=self.block,
        )  # fmt: skip
        folder = self.place.folder / name if self.place.folder is not None else None
        tell = None if quiet or self.progress is None else self._teller(per_chunk, histories)
        return Sweep(design, folder, executor=self.place.executor, workers=self.place.workers,
                     progress=tell)  # fmt: skip

    def _teller(self, per_chunk: int, histories: int) -> Progress:
        """Return what tells progress: of the work there is at most, if no other choice drops out."""
        before, stop = self._done, histories // self.block

        def tell(done: int, chunks: int) -> None:
            if self.progress is not None:
                left = self.most - stop + chunks
                self.progress(before + done * per_chunk, before + left * per_chunk)

        return tell

    def _measures(self, draws: range) -> Floats:
        """Return [draw, choice, measure] of the draws' means."""
        values = self.kept.values[draws.start : draws.stop]
        part = Histories(values, self.kept.names)
        measures = [part.of("net_cost").mean(axis=1), part.of("residential_months").mean(axis=1)]
        if self.goal is not None:
            measures.append(self.goal.margin(_mean_of_known(part.of(self.goal.outcome))))
        return np.stack(measures, axis=-1)


def _mean_of_known(values: Floats) -> Floats:
    """Return [draw, choice] from [draw, history, choice]; NaN where no history is defined."""
    n = (~np.isnan(values)).sum(axis=1)
    total = np.where(np.isnan(values), 0.0, values).sum(axis=1)
    return np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)


def _refuse_errors(sweep: Sweep) -> None:
    if sweep.errors:
        row, text = min(sweep.errors.items())
        raise ValueError(f"{sweep.design.rows[row].policy} cannot be run: {text}")
