"""The work of a sweep: a chunk of rows and replicates to outcomes; a pure function of its task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from pydantic import ValidationError

from experiments.points import at_point
from experiments.runner import BASELINE
from experiments.sweep.design import Design, Row
from experiments.sweep.outcomes import NAMES, kept
from simulation.accounts import Floats
from simulation.ledger import column_names
from simulation.messages import explained
from simulation.policy import Policy
from simulation.replicates import Engine, ledgers, ledgers_of_parts, tables_of_parts
from simulation.scenario import Scenario
from simulation.tables import Tables
from simulation.values import with_values


@dataclass(frozen=True)
class Chunk:
    """Rows and replicates of a design that are made in one go."""

    rows: range
    replicates: range


@dataclass(frozen=True)
class Task:
    """A chunk with all that it needs, so that it can be sent anywhere."""

    chunk: Chunk
    scenarios: dict[str, Scenario]
    rows: tuple[Row, ...]
    seed: int
    engine: Engine
    unusable: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Outcomes [row, replicate, outcome] of a chunk; NaN for rows that failed, `errors` says why."""

    values: Floats
    errors: dict[int, str] = field(default_factory=dict)


def chunks(design: Design, rows: range, replicates: range) -> list[Chunk]:
    """Return the chunks that hold these rows and replicates, in order."""
    r, b = design.rows_per_chunk, design.block
    return [
        Chunk(range(i * r, min((i + 1) * r, len(design.rows))), range(j * b, (j + 1) * b))
        for j in range(replicates.start // b, -(-replicates.stop // b))
        for i in range(rows.start // r, -(-rows.stop // r))
    ]


def task(design: Design, chunk: Chunk) -> Task:
    """Return a chunk of a design as a task that stands on its own feet."""
    rows = tuple(design.rows[i] for i in chunk.rows)
    names = dict.fromkeys(row.scenario for row in rows)
    scenarios = {name: design.scenarios[name] for name in names if name in design.scenarios}
    unusable = {name: design.unusable[name] for name in names if name in design.unusable}
    return Task(chunk, scenarios, rows, design.seed, design.engine, unusable)


def done(task: Task) -> Result:
    """Return the outcomes of a task. A row that fails says why and leaves the others unharmed."""
    values = np.full((len(task.rows), len(task.chunk.replicates), len(NAMES)), np.nan)
    errors: dict[int, str] = {}
    histories = _Histories(task)
    for i, row in enumerate(task.rows):
        try:
            values[i] = histories.outcomes(row)
        except MemoryError:
            raise
        except Exception as error:
            errors[task.chunk.rows[i]] = _said(error)
    return Result(values, errors)


def _said(error: Exception) -> str:
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text if isinstance(error, (ValueError, KeyError)) else f"{type(error).__name__}: {text}"


class _Histories:
    """Ledgers of arms; those that the engines would see no difference between are made once."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._known: dict[bytes, Floats] = {}

    def outcomes(self, row: Row) -> Floats:
        """Return [replicate, outcome] of one row."""
        if row.scenario in self._task.unusable:
            raise ValueError(self._task.unusable[row.scenario])
        _check_values(self._task.scenarios[row.scenario], row.values)
        scenario = at_point(self._task.scenarios[row.scenario], row.values, row.draw)
        before = self._ledgers(scenario, None)
        if row.policy == BASELINE:
            return kept(before, before, scenario, None)
        policy = scenario.policy(row.policy)
        return kept(self._ledgers(scenario, policy), before, scenario, policy)

    def _ledgers(self, scenario: Scenario, policy: Policy | None) -> Floats:
        parts = tables_of_parts(scenario, policy)
        key = _bytes(parts)
        if key not in self._known:
            self._known[key] = self._made(scenario, policy, parts)
        return self._known[key]

    def _made(self, scenario: Scenario, policy: Policy | None, parts: dict[int, Tables]) -> Floats:
        first, n = self._task.chunk.replicates.start, len(self._task.chunk.replicates)
        if self._task.engine == "agents":
            return ledgers(scenario, policy, seed=self._task.seed, first=first, replicates=n,
                           engine="agents")  # fmt: skip
        return ledgers_of_parts(parts, len(column_names(scenario.staircase)), self._task.seed, first, n)


def _check_values(scenario: Scenario, values: Mapping[str, float]) -> None:
    """Raise ValueError where a scenario could not state these values, such as a share of 1.5."""
    if not values:
        return
    try:
        Scenario.model_validate(with_values(scenario, values).model_dump())
    except ValidationError as error:
        raise ValueError(explained(error, Scenario)) from None


def _bytes(parts: dict[int, Tables]) -> bytes:
    return b"".join(array.tobytes() for tables in parts.values() for array in tables)
