"""The work of a sweep: a chunk of rows and replicates to outcomes; a pure function of its task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from experiments.points import at_rates, levers_among, with_levers
from experiments.runner import BASELINE
from experiments.sweep.design import Design, Row
from experiments.sweep.outcomes import NAMES, kept
from experiments.sweep.sound import check_values
from simulation.accounts import Floats
from simulation.ledger import column_names
from simulation.policy import Policy
from simulation.replicates import Engine, ledgers, ledgers_of_parts, tables_of_parts
from simulation.scenario import Scenario
from simulation.tables import Tables


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
    ready: dict[int, _Arms] = {}
    for i, row in enumerate(task.rows):  # all tables first: faster than in turn with the kernel
        with _said_in(errors, task.chunk.rows[i]):
            ready[i] = histories.arms(row)
    for i, arms in ready.items():
        with _said_in(errors, task.chunk.rows[i]):
            values[i] = histories.outcomes(arms)
    return Result(values, errors)


@contextmanager
def _said_in(errors: dict[int, str], row: int) -> Iterator[None]:
    """Note in `errors` why a row failed; a lack of memory is no fault of the row."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        errors[row] = _said(error)


def _said(error: Exception) -> str:
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text if isinstance(error, (ValueError, KeyError)) else f"{type(error).__name__}: {text}"


@dataclass(frozen=True)
class _Arm:
    """One arm of a row, ready to run."""

    scenario: Scenario
    policy: Policy | None
    parts: dict[int, Tables]


@dataclass(frozen=True)
class _Arms:
    baseline: _Arm
    policy: _Arm | None


class _Histories:
    """Ledgers of arms; what rows have in common (a draw, rates, tables) is worked out once."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._baselines: dict[tuple[object, ...], _Arm] = {}
        self._known: dict[bytes, Floats] = {}

    def arms(self, row: Row) -> _Arms:
        """Return the arms of a row."""
        if row.scenario in self._task.unusable:
            raise ValueError(self._task.unusable[row.scenario])
        check_values(self._task.scenarios[row.scenario], row.values)
        levers = levers_among(row.values)
        rates = {name: x for name, x in row.values.items() if name not in levers}
        before = self._baseline(row, rates)
        if row.policy == BASELINE:
            return _Arms(before, None)
        scenario = with_levers(before.scenario, levers)
        policy = scenario.policy(row.policy)
        return _Arms(before, _Arm(scenario, policy, tables_of_parts(before.scenario, policy)))

    def outcomes(self, arms: _Arms) -> Floats:
        """Return [replicate, outcome] of one row."""
        before = self._ledgers(arms.baseline)
        if arms.policy is None:
            return kept(before, before, arms.baseline.scenario, None)
        return kept(self._ledgers(arms.policy), before, arms.policy.scenario, arms.policy.policy)

    def _baseline(self, row: Row, rates: dict[str, float]) -> _Arm:
        key = (row.scenario, row.draw, *rates.items())
        if key not in self._baselines:
            scenario = at_rates(self._task.scenarios[row.scenario], rates, row.draw)
            self._baselines[key] = _Arm(scenario, None, tables_of_parts(scenario))
        return self._baselines[key]

    def _ledgers(self, arm: _Arm) -> Floats:
        key = _bytes(arm.parts)
        if key not in self._known:
            self._known[key] = self._made(arm)
        return self._known[key]

    def _made(self, arm: _Arm) -> Floats:
        task, columns = self._task, len(column_names(arm.scenario.staircase))
        first, n = task.chunk.replicates.start, len(task.chunk.replicates)
        if task.engine == "agents":
            return ledgers(arm.scenario, arm.policy, seed=task.seed, first=first, replicates=n,
                           engine="agents")  # fmt: skip
        return ledgers_of_parts(arm.parts, columns, task.seed, first, n)


def _bytes(parts: dict[int, Tables]) -> bytes:
    arrays = (np.ascontiguousarray(array) for tables in parts.values() for array in tables)
    return b"".join(array.reshape(-1).view(np.uint8).data for array in arrays)
