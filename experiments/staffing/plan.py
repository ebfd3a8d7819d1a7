"""The plan of a study of staffing: which choices are raced, towards which goal, by which rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.draws import draws_hash, posterior
from experiments.staffing.choices import Question, question
from experiments.staffing.goal import Goal, default_goal
from experiments.staffing.goal import goal as parsed_goal
from experiments.staffing.race import Rules
from experiments.store import code_hash
from simulation.accounts import MONTHS_IN_YEAR, residential
from simulation.reading import find_scenario
from simulation.replicates import Engine
from simulation.scenario import Scenario

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

MOST_MONTHS = 24
"""Longest interval between follow-ups that may be asked for."""


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
            "seed": self.seed, "engine": self.engine, "code": code_hash(),
            "draws": draws_hash(self.question.scenario),
        }  # fmt: skip
        digest = hashlib.sha256(json.dumps(asked_for, sort_keys=True).encode()).hexdigest()[:8]
        return Path("results") / f"staffing-{self.question.scenario.name}-{digest}"


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
    if bad := [x for x in intervals or () if not 1 <= x <= MOST_MONTHS]:
        raise ValueError(
            f"interval = {bad[0]:g} must be months between follow-ups, from 1 to {MOST_MONTHS}, such as "
            "6,3,1"
        )
    asked = question(found, policy, along, fte, intervals)
    wanted = default_goal(found) if goal is None else parsed_goal(goal)
    draws = _draws(replicates)
    if first < 2 * BLOCK:
        raise ValueError(f"first = {first} must be at least {2 * BLOCK} histories: two draws")
    same = indifference(asked, same_cost)
    rules = Rules(looks(draws, first // BLOCK), error, same, _same_months(found))
    return Plan(asked, wanted, rules, seed, engine)


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
    stairs = scenario.staircase
    heavy = [stair.key for i, stair in enumerate(stairs) if residential(stairs, i)]
    today = sum(scenario.counted(d).get(key, 0) for d in scenario.districts for key in heavy)
    return SAME_MONTHS * today * scenario.months
