"""Choices: so many caseworkers more, and a follow-up every so many months, as policies of a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from experiments.runner import BASELINE
from simulation.checks import check_policy
from simulation.levers import with_levers
from simulation.policy import FollowUp, Policy, ReviewRule
from simulation.scenario import District, Scenario
from simulation.tables import in_policy

INTERVALS = (12.0, 6.0, 4.0, 3.0, 2.0, 1.0)
"""Months between follow-ups that are tried, as far as they are shorter than today's."""

LEAST_CASELOAD = 15.0
"""Cases per caseworker that the most posts bring about."""

STEPS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
MOST_STEPS = 8
"""Posts are added in the smallest of these steps that reaches the most posts in so many."""

FOR_NOTHING = "_for_nothing"
"""Behind the name of a choice: what it costs where nothing that happens to any child changes."""


@dataclass(frozen=True)
class Choice:
    """One way to staff: `fte` posts more in each of the policy's districts, a follow-up every `interval`.

    `policy` is its name in the scenario; the baseline is as today.
    """

    policy: str
    fte: float
    interval: float
    districts: int = 1

    @property
    def total_fte(self) -> float:
        """Posts more in all of the policy's districts together."""
        return self.fte * self.districts

    @property
    def label(self) -> str:
        """The choice in words."""
        if self.policy == BASELINE:
            return "as today"
        posts = f"{self.total_fte:g} FTE more" if self.fte else "today's posts"
        return f"{posts}, every {months(self.interval)}"


def months(interval: float) -> str:
    """Return an interval in words: 'month', '3 months'."""
    return "month" if interval == 1 else f"{interval:g} months"


@dataclass(frozen=True)
class Question:
    """A scenario whose policies are the choices, each of them also without effect.

    The first choice is as today. `along` is the policy whose other levers every choice but today's has.
    """

    scenario: Scenario
    choices: tuple[Choice, ...]
    along: str | None
    step: float


def question(
    scenario: Scenario,
    policy: str | None = None,
    along: str | None = None,
    fte: Sequence[float] | None = None,
    intervals: Sequence[float] | None = None,
) -> Question:
    """Return the choices of a scenario.

    Args:
        scenario: the municipality.
        policy: whose dates, districts, reach and world hold; None: `along`, or the scenario's first.
        along: a policy whose practice, supply and team leader every choice but today's has too.
        fte: posts more in each district, full-time; None: from none to `LEAST_CASELOAD`, in even steps.
        intervals: months between follow-ups; None: today's, and those of `INTERVALS` that are shorter.

    Raises KeyError where there is no such policy, ValueError for a number out of its range.
    """
    base = _base(scenario, policy or along, along)
    today = scenario.reviews.later
    touched = [d for d in scenario.districts if in_policy(base, d)]
    posts = _numbers("fte", fte) if fte is not None else fte_grid(scenario, touched)
    rhythm = _numbers("intervals", intervals) if intervals is not None else interval_grid(today)
    grid = [Choice(BASELINE, 0.0, today, len(touched))]
    policies = {}
    for extra in posts:
        for interval in sorted(rhythm, reverse=True):
            if extra == 0.0 and interval == today and along is None:
                continue  # as today
            name = f"fte{extra:g}_every{interval:g}"
            made = _policy(scenario, base, extra, interval)
            policies[name], policies[name + FOR_NOTHING] = made, _for_nothing(made)
            grid.append(Choice(name, extra, interval, len(touched)))
    if len(grid) < 2:
        raise ValueError("fte and intervals leave no choice but today's; give another number of either")
    for name, made in policies.items():
        check_policy(scenario, f"policies.{name}", made)
    steps = [b - a for a, b in pairwise(posts)]
    named = scenario.model_copy(update={"policies": policies})
    return Question(named, tuple(grid), along, min(steps, default=max(posts[0], 1.0)))


def fte_grid(scenario: Scenario, districts: Sequence[District]) -> list[float]:
    """Return posts more per district: none, and even steps until `LEAST_CASELOAD` cases for each."""
    is_case = {stair.key for stair in scenario.staircase if stair.is_case}
    cases = sum(n for d in districts for key, n in scenario.counted(d).items() if key in is_case)
    now = sum(sum(d.caseworkers) for d in districts)
    most = max((cases / LEAST_CASELOAD - now) / len(districts), 2 * STEPS[0])
    step = next((s for s in STEPS if most / s <= MOST_STEPS), STEPS[-1])
    return [i * step for i in range(round(most / step) + 1)]


def interval_grid(today: float) -> list[float]:
    """Return months between follow-ups: today's, and shorter ones."""
    return [today, *(x for x in INTERVALS if x < today)]


def _numbers(name: str, given: Sequence[float]) -> list[float]:
    if not given or any(not 0 <= x < float("inf") for x in given):
        raise ValueError(f"{name} = {list(given)} must be one number or more, none of them negative")
    return sorted(set(map(float, given)))


def _base(scenario: Scenario, policy: str | None, along: str | None) -> Policy:
    """Return what all choices share: dates, districts, reach, world; practice and supply with `along`."""
    name = policy or next(iter(scenario.policies), None)
    found = scenario.policy(name) if name is not None else Policy()
    taken = scenario.policy(along) if along is not None else Policy()
    capacity = taken.capacity.model_copy(update={"leakage": found.capacity.leakage})
    return found.model_copy(
        update={"label": "", "english": "", "like": None, "only": None, "capacity": capacity,
                "reviews": ReviewRule(order=taken.reviews.order),
                "practice": taken.practice, "supply": taken.supply}
    )  # fmt: skip


def _policy(scenario: Scenario, base: Policy, fte: float, interval: float) -> Policy:
    """Return a choice as a policy. What more contact finds is found where there is more contact."""
    today = scenario.reviews
    made = with_levers(base, {"extra_fte": fte, "start_cost": _start_cost(scenario, base, fte)})
    if interval != today.later:
        first = min(today.first, interval)
        made = with_levers(made, {"follow_up_first": first, "follow_up_later": interval})
        kept = {key: _at_most(rule, interval) for key, rule in today.by_stair.items()}
        made = made.model_copy(update={"reviews": made.reviews.model_copy(update={"by_stair": kept})})
    elif fte == 0.0:
        made = made.model_copy(update={"world": made.world.model_copy(update={"surveillance": None})})
    return made.model_copy(update={"about": f"{fte:g} FTE more, follow-ups every {months(interval)}"})


def _start_cost(scenario: Scenario, base: Policy, fte: float) -> float | None:
    """Return what is paid once, where the policy taken along states it: for its own posts and others."""
    stated = base.capacity.start_cost
    if stated is None:
        return None
    districts = sum(in_policy(base, d) for d in scenario.districts)
    more = (fte - sum(base.capacity.extra_fte)) * districts
    return max(0.0, stated + scenario.money.start_cost_per_fte * more)


def _at_most(rule: FollowUp, interval: float) -> FollowUp:
    """Return a stair's own rule with no wait longer than `interval`: what is more frequent stays."""
    early = None if rule.early is None else min(rule.early, interval)
    return rule.model_copy(
        update={"first": min(rule.first, interval), "later": min(rule.later, interval), "early": early}
    )


def _for_nothing(policy: Policy) -> Policy:
    world = policy.world.model_copy(update={"effect": 0.0})
    return policy.model_copy(update={"world": world})
