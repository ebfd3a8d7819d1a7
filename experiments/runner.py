"""Runner: replicates of a scenario under several policies, resumable, bytes independent of who runs them.

Work is cut into chunks of replicates. A chunk depends on nothing but its number, so any number of
workers, in any order, stopped and started again, gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from uuid import uuid4

import numpy as np

from experiments.draws import at_draw, draws
from experiments.estimates import estimate
from experiments.executors import PROCESSES, THREADS, check_executor, each
from simulation.accounts import Floats, Ledger, by_calendar_year, by_year, in_care
from simulation.costs import by_group, net, refund
from simulation.ledger import column_names
from simulation.policy import Policy
from simulation.replicates import Engine, compile_first, ledgers, ledgers_of_parts, tables_of_parts
from simulation.scenario import Scenario
from simulation.tables import Ints, Tables

CHUNK = 100
"""Replicates in a chunk."""

BLOCK = 10
"""Replicates made at one draw of the parameters before the next one comes."""

BASELINE = "baseline"
"""The name of the arm in which everything goes on as today."""


@dataclass(frozen=True)
class Arm:
    """What one policy gave in a range of replicates.

    `years` [replicate, year, column] is the ledger by year, `net` and `refund` [replicate, month] the
    municipality's net cost and its state refund in DKK, `stairs` [replicate, month, stair] the children
    on each stair, `spending` [replicate, calendar year, group] the cost by group (`costs.GROUPS`) in DKK.
    """

    years: Floats
    net: Floats
    stairs: Floats
    refund: Floats
    spending: Floats

    @classmethod
    def joined(cls, parts: list[Arm]) -> Arm:
        """Return the replicates of several arms as one, in order."""
        return cls(
            **{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)}
        )

    def first(self, n: int) -> Arm:
        """Return the first n replicates."""
        return Arm(**{f.name: getattr(self, f.name)[:n] for f in fields(self)})

    @property
    def gross(self) -> Floats:
        """[replicate, month]: the cost before the state refund, DKK."""
        return self.net + self.refund


@dataclass(frozen=True)
class Plan:
    """What is to be run: a scenario, its arms, a seed, an engine.

    With `draws`, replicates are made at that many draws of the parameters, BLOCK replicates at each in
    turn, the same draws in all arms; without, at the scenario's values. `district`: one district alone.
    """

    scenario: Scenario
    policies: tuple[str, ...]
    seed: int = 1
    engine: Engine = "kernel"
    draws: int = 0
    district: str | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """The baseline and the policies."""
        return (BASELINE, *self.policies)

    def draw_of(self, replicates: int) -> Ints | None:
        """Return [replicate]: the draw that each replicate is made at; None without draws."""
        return np.arange(replicates) // BLOCK % self.draws if self.draws else None

    def draws_in(self, replicates: int) -> int:
        """Return how many different draws so many replicates are made at."""
        return min(self.draws, -(-replicates // BLOCK))


class Runner:
    """Runs chunks of a plan, in threads over the GIL-free kernel or elsewhere (`executors`)."""

    def __init__(self, plan: Plan, workers: int | None = None, executor: str = THREADS) -> None:
        check_executor(executor)
        self.plan = plan
        self.workers, self.executor = workers, executor
        self._key = uuid4().hex
        self._drawn = draws(plan.draws, plan.scenario) if plan.draws else []
        self._scenarios: dict[int, Scenario] = {}
        self._parts: dict[str, dict[int, Tables]] = {}
        if not plan.draws:
            self._parts = {arm: self._tables(plan.scenario, arm) for arm in plan.arms}

    def run(self, chunks: list[tuple[int, str]]) -> Iterator[tuple[int, str, Arm]]:
        """Yield (chunk number, arm name, result) as they are finished, in no fixed order."""
        if self.executor == PROCESSES and chunks:
            compile_first(self.plan.engine)
        work = self._of if self.executor == THREADS else partial(_elsewhere, self._key, self.plan)
        for (chunk, arm), result in each(work, chunks, self.executor, self.workers):
            yield chunk, arm, result

    def _of(self, chunk_and_arm: tuple[int, str]) -> Arm:
        return self.chunk(*chunk_and_arm)

    def chunk(self, chunk: int, arm: str) -> Arm:
        """Return replicates chunk * CHUNK .. (chunk + 1) * CHUNK - 1 of one arm."""
        return arm_of(self._ledgers(arm, chunk * CHUNK), self.plan.scenario)

    def _ledgers(self, arm: str, first: int) -> Floats:
        plan = self.plan
        if not plan.draws:
            return self._books(plan.scenario, arm, first, CHUNK, self._parts.get(arm))
        blocks = range(first, first + CHUNK, BLOCK)
        return np.concatenate([self._block(arm, block) for block in blocks])

    def _block(self, arm: str, first: int) -> Floats:
        """Return the replicates of one block, all at the same draw of the parameters."""
        draw = first // BLOCK % self.plan.draws
        scenario = self._scenario(draw)
        parts = self._tables(scenario, arm) if self.plan.engine == "kernel" else None
        return self._books(scenario, arm, first, BLOCK, parts)

    def _books(
        self, scenario: Scenario, arm: str, first: int, n: int, parts: dict[int, Tables] | None
    ) -> Floats:
        plan = self.plan
        if plan.engine == "agents" or parts is None:
            policy = self._policy(scenario, arm)
            return ledgers(scenario, policy, seed=plan.seed, first=first, replicates=n,
                           engine=plan.engine, district=plan.district)  # fmt: skip
        columns = len(column_names(scenario.staircase))
        return ledgers_of_parts(parts, columns, plan.seed, first, n)

    def _scenario(self, draw: int) -> Scenario:
        """Return the scenario at a draw; the same whichever thread asks first."""
        if draw not in self._scenarios:
            self._scenarios[draw] = at_draw(self.plan.scenario, self._drawn[draw])
        return self._scenarios[draw]

    def _tables(self, scenario: Scenario, arm: str) -> dict[int, Tables]:
        return tables_of_parts(scenario, self._policy(scenario, arm), self.plan.district)

    @staticmethod
    def _policy(scenario: Scenario, arm: str) -> Policy | None:
        return None if arm == BASELINE else scenario.policy(arm)


def arm_of(books: Floats, scenario: Scenario) -> Arm:
    """Return what ledgers [replicate, month, column] of a scenario gave."""
    stairs = scenario.staircase
    first = column_names(stairs).index("n_" + stairs.keys[0])
    ledger = Ledger(books, stairs)
    by_month = np.moveaxis(by_group(ledger), -1, 1)
    return Arm(
        years=by_year(books, stairs),
        net=net(ledger),
        refund=refund(ledger),
        stairs=books[:, :, first : first + len(stairs)],
        spending=np.moveaxis(by_calendar_year(by_month, scenario.start), 1, -1),
    )


_latest: dict[str, Runner] = {}
"""The runner of the plan that this process was last sent a chunk of; it keeps tables and scenarios."""


def _elsewhere(key: str, plan: Plan, chunk_and_arm: tuple[int, str]) -> Arm:
    """Return a chunk of a plan in another process; `key` tells plans apart."""
    runner = _latest.get(key)
    if runner is None:
        runner = Runner(plan)
        _latest.clear()
        _latest[key] = runner
    return runner.chunk(*chunk_and_arm)


def chunks_for(replicates: int) -> int:
    """Return how many chunks hold `replicates` replicates."""
    return -(-replicates // CHUNK)


def until_precise(
    run: Callable[[int], dict[str, Arm]], precision: float, most: int, plan: Plan
) -> dict[str, Arm]:
    """Run more replicates until every policy's net saving is known to `precision`; return the arms.

    `run(n)` returns arms of n replicates. Known means: the half-width of the 90 % confidence interval of
    the mean yearly net saving is at most `precision` x the baseline's mean yearly placement cost. The
    number of replicates doubles from 200 up to `most`, so it does not depend on the number of workers.
    """
    n = min(most, 2 * CHUNK)
    while True:
        arms = run(n)
        if n >= most or worst_half_width(arms, plan) <= precision:
            return arms
        n = min(most, 2 * n)


def worst_half_width(arms: dict[str, Arm], plan: Plan) -> float:
    """Return the widest half-width of a mean yearly net saving, as a share of the placement budget."""
    base = arms[BASELINE]
    years = base.net.shape[1] / 12.0
    stairs = plan.scenario.staircase
    budget = float(np.mean(Ledger(base.years, stairs).over("dkk_", in_care).sum(axis=1)) / years)
    widths = [0.0]
    for name in plan.policies:
        saving = (base.net - arms[name].net).sum(axis=1) / years
        widths.append(estimate(saving, plan.draw_of(len(saving))).error)
    if budget <= 0.0:
        return 0.0 if max(widths) == 0.0 else float("inf")
    return max(widths) / budget
