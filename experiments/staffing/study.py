"""The study of staffing: choices raced over draws of the parameters, and what came of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from experiments.estimates import BOTH, Estimate, estimate
from experiments.executors import THREADS
from experiments.staffing.choices import Choice
from experiments.staffing.goal import Goal
from experiments.staffing.odds import share_of_draws, share_of_histories
from experiments.staffing.plan import BLOCK, Plan
from experiments.staffing.race import Race, race
from experiments.staffing.stages import Histories, Place, Progress, Stages
from simulation.accounts import Floats
from simulation.scenario import Scenario
from simulation.tables import Ints


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
