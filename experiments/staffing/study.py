"""The study of staffing: choices raced over draws of the parameters, and what came of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from experiments.draws import posterior, posterior_hash
from experiments.estimates import BOTH, Estimate, estimate
from experiments.executors import THREADS
from experiments.staffing.choices import Choice, Question, question
from experiments.staffing.goal import Goal, default_goal
from experiments.staffing.goal import goal as parsed_goal
from experiments.staffing.odds import share_of_draws, share_of_histories
from experiments.staffing.race import Race, Rules, race
from experiments.staffing.stages import Histories, Place, Progress, Stages
from experiments.store import code_hash
from simulation.accounts import MONTHS_IN_YEAR, Floats
from simulation.reading import find_scenario
from simulation.replicates import Engine
from simulation.scenario import Scenario
from simulation.tables import Ints

BLOCK = 10
"""Histories made at each draw of the parameters."""
FIRST = 100
"""Draws that every choice is given, so that it can be said how often each is the cheapest."""
GROWTH = 1.5
"""By how much the number of draws grows from look to look."""
REPLICATES = 4000
"""Most histories per choice, by default."""
ERROR = 0.05
SAME_PAY = 0.1
"""Costs closer than this share of what one step in posts is paid need not be told apart."""
SAME_MONTHS = 0.01
"""Months in residential care closer than this share of today's (at the scenario's own numbers)."""


@dataclass(frozen=True)
class Plan:
    """What is to be raced, by which rules."""

    question: Question
    goal: Goal | None
    rules: Rules
    seed: int = 1
    engine: Engine = "kernel"

    @property
    def default_folder(self) -> Path:
        """The folder a study gets by default: its own, whatever else was run before."""
        asked_for = {
            "scenario": self.question.scenario.model_dump(mode="json"),
            "choices": [choice.policy for choice in self.question.choices],
            "goal": self.goal.words if self.goal is not None else "",
            "rules": repr(self.rules),
            "seed": self.seed, "engine": self.engine, "draws": posterior_hash(), "code": code_hash(),
        }  # fmt: skip
        digest = hashlib.sha256(json.dumps(asked_for, sort_keys=True).encode()).hexdigest()[:8]
        return Path("results") / f"staffing-{self.question.scenario.name}-{digest}"


@dataclass(frozen=True)
class Staffing:
    """Choices with all their histories. Arrays are by choice; the first is as today."""

    plan: Plan
    block: int
    race: Race
    histories: Histories
    for_nothing: Floats

    @property
    def goal(self) -> Goal | None:
        """The goal, where there is one."""
        return self.plan.goal

    @property
    def scenario(self) -> Scenario:
        """The municipality."""
        return self.plan.question.scenario

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices."""
        return self.plan.question.choices

    @property
    def first(self) -> int:
        """Draws that all choices were given."""
        return self.plan.rules.looks[0]

    @property
    def saving_by_blind_grid(self) -> float:
        """Share of the histories of a blind grid that the race did without: 0 to 1."""
        return 1.0 - self.race.spent / self.race.blind

    def values(self, outcome: str, choice: int) -> tuple[Floats, Ints]:
        """Return all histories of an outcome, and the draw of each."""
        n = int(self.race.draws[choice])
        found = self.histories.of(outcome)[:n, :, choice]
        return found.ravel(), np.repeat(np.arange(n), self.block)

    def estimate(self, outcome: str, choice: int) -> Estimate:
        """Return mean, interval over draws and chance, and error of the mean of one outcome."""
        values, draw_of = self.values(outcome, choice)
        return estimate(values, draw_of)

    def against_today(self, outcome: str, choice: int) -> Estimate:
        """Return the same of the paired difference choice - as today."""
        values, draw_of = self.values(outcome, choice)
        return estimate(values - self.values(outcome, 0)[0][: len(values)], draw_of)

    def level(self, outcome: str, choice: int) -> float:
        """Return the mean of an outcome: today's over all draws, and the paired difference to it.

        So choices that were given unlike numbers of draws can stand side by side.
        """
        return self.estimate(outcome, 0).mean + self.against_today(outcome, choice).mean

    @cached_property
    def best_of_draws(self) -> Floats:
        """[choice]: share of the first draws in which it is the cheapest, without luck."""
        return share_of_draws(self.histories.of("net_cost")[: self.first])

    @cached_property
    def best_of_histories(self) -> Floats:
        """[choice]: share of single histories, of the first draws, in which it is the cheapest."""
        return share_of_histories(self.histories.of("net_cost")[: self.first])

    def meets_of_100(self, choice: int) -> float:
        """Return in how many of 100 histories a choice meets the goal; NaN without a goal."""
        if self.goal is None:
            return float("nan")
        values = self.values(self.goal.outcome, choice)[0]
        met = self.goal.met(values[~np.isnan(values)])
        return 100.0 * float(met.mean()) if len(met) else float("nan")

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per choice: what it costs and does, and where it stands in each race."""
        return [self._row(i, choice) for i, choice in enumerate(self.choices)]

    def _row(self, i: int, choice: Choice) -> dict[str, Any]:
        saving, r = self.estimate("net_saving", i), self.race
        months = {name: self.against_today(name, i) for name in ("residential_months", "waiting_months")}
        goal = self.estimate(self.goal.outcome, i).mean if self.goal is not None else float("nan")
        return {
            "choice": choice.policy,
            "extra_fte": choice.total_fte,
            "interval": choice.interval,
            "caseload": self.level("caseload", i),
            "achieved_interval": self.level("achieved_interval", i),
            "net_cost": self.level("net_cost", i),
            **_told("net_saving", saving),
            "cost_for_nothing": float(self.for_nothing[i]),
            "residential_months": self.level("residential_months", i),
            **_told("residential_months_change", months["residential_months"]),
            "waiting_months": self.level("waiting_months", i),
            **_told("waiting_months_change", months["waiting_months"]),
            "goal_mean": goal,
            "meets_goal_of_100": self.meets_of_100(i),
            "meets_goal": _in_words(r.meets[i]) if self.goal is not None else "",
            "best_of_100_draws": 100.0 * float(self.best_of_draws[i]),
            "best_of_100_histories": 100.0 * float(self.best_of_histories[i]),
            "may_be_cheapest": int(r.cheapest[i]),
            "may_be_cheapest_to_goal": int(r.cheapest_to_goal[i]),
            "frontier": "no" if r.dominated[i] else "yes" if r.on_frontier[i] else "open",
            "histories": int(r.draws[i]) * self.block,
            "covers": BOTH,
        }

    def look_rows(self) -> list[dict[str, Any]]:
        """Return one row per stage of the race: draws until then, and how many choices were in it."""
        return [
            {"draws": draws, "choices": len(active), "histories_per_choice": draws * self.block}
            for draws, active in self.race.history
        ]


def _told(name: str, e: Estimate) -> dict[str, float]:
    return {name: e.mean, f"{name}_low": e.low, f"{name}_high": e.high, f"{name}_error": e.error}


def _in_words(sign: int) -> str:
    return {1: "yes", 0: "open", -1: "no"}[int(sign)]


def looks(draws: int, first: int = FIRST) -> tuple[int, ...]:
    """Return after how many draws a race takes a look: `first`, then `GROWTH` times as many each time."""
    found = [min(first, draws)]
    while found[-1] < draws:
        found.append(min(draws, max(found[-1] + 1, round(found[-1] * GROWTH))))
    return tuple(found)


def indifference(asked: Question, same_cost: float | None) -> float:
    """Return the kroner that choices need not be told apart by; None: `SAME_PAY` of a step in posts."""
    if same_cost is not None:
        if not 0 <= same_cost < float("inf"):
            raise ValueError(f"same_cost = {same_cost} must be kroner, 0 or more")
        return same_cost
    s = asked.scenario
    pay = s.money.salary * (1.0 + s.money.overhead) * s.months / MONTHS_IN_YEAR
    return SAME_PAY * asked.step * asked.choices[0].districts * pay


def plan(
    scenario: str | Path | Scenario,
    policy: str | None = None,
    *,
    along: str | None = None,
    fte: Sequence[float] | None = None,
    intervals: Sequence[float] | None = None,
    goal: str | None = None,
    replicates: int = REPLICATES,
    first: int = FIRST * BLOCK,
    error: float = ERROR,
    same_cost: float | None = None,
    seed: int = 1,
    engine: Engine = "kernel",
) -> Plan:
    """Return what is to be raced: how many caseworkers, and which follow-up interval.

    Args:
        scenario: name, path of a TOML file, or Scenario.
        policy: whose dates, districts, reach and world hold; None: `along`, or the scenario's first.
        along: a policy whose practice, supply and team leader every choice but today's has too.
        fte: posts more in each district; None: from none to 15 cases per caseworker.
        intervals: months between follow-ups; None: today's and shorter ones.
        goal: such as "share_family_like_end>=0.75", which is the default where there are families.
        replicates: most histories per choice, at most ten for each draw there is.
        first: histories that every choice is given before any is dropped, at least 20.
        error: how often, at most, each race may drop what it looks for.
        same_cost: DKK over the whole time that need not be told apart; None: a tenth of the pay of one
            step in posts.
        seed: study seed, 0 to 2**32 - 1.
        engine: "kernel" or "agents".

    Raises:
        ScenarioError, KeyError: no such scenario or policy. ValueError: a number out of its range.
    """
    found = find_scenario(scenario)
    asked = question(found, policy, along, fte, intervals)
    wanted = default_goal(found) if goal is None else parsed_goal(goal)
    draws = _draws(replicates)
    if first < 2 * BLOCK:
        raise ValueError(f"first = {first} must be at least {2 * BLOCK} histories: two draws")
    same = indifference(asked, same_cost)
    rules = Rules(looks(draws, first // BLOCK), error, same, _same_months(found))
    return Plan(asked, wanted, rules, seed, engine)


def staffing(
    plan: Plan,
    folder: Path | None = None,
    *,
    executor: str = THREADS,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Staffing:
    """Return the study of a plan: every choice meets the same draws of the parameters and the same luck.

    `folder` is that of its sweeps: what is there is not run again; None: nothing is kept. `progress` is
    called with (rows done, rows at most). The bytes do not depend on `executor` and `workers`.
    """
    place = Place(plan.seed, plan.engine, folder, executor, workers)
    stages = Stages(plan.question, plan.goal, BLOCK, plan.rules.looks[-1], place, progress)
    for_nothing = stages.for_nothing()
    result = race(stages, len(plan.question.choices), plan.rules, plan.goal is not None)
    return Staffing(plan, BLOCK, result, stages.kept, for_nothing)


def _draws(replicates: int) -> int:
    most = len(posterior()) * BLOCK
    if not 2 * BLOCK <= replicates <= most:
        raise ValueError(
            f"replicates = {replicates} must lie between {2 * BLOCK} and {most}: {BLOCK} histories at "
            f"each of {len(posterior())} draws of the parameters"
        )
    return replicates // BLOCK


def _same_months(scenario: Scenario) -> float:
    """Return the months in residential care that need not be told apart."""
    from simulation.accounts import residential

    stairs = scenario.staircase
    heavy = [stair.key for i, stair in enumerate(stairs) if residential(stairs, i)]
    today = sum(d.start.get(key, 0) for d in scenario.districts for key in heavy)
    return SAME_MONTHS * today * scenario.months
