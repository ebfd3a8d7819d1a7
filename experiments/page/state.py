"""State: where the sliders stand, and the policy and horizon that this means. Pure functions.

A slider that stands where it began leaves that part of the policy exactly as the scenario has it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np

from experiments.chosen_policy import chosen_policy
from simulation.checks import changes
from simulation.horizon import with_months
from simulation.levers import with_levers
from simulation.parameters import parameter
from simulation.policy import Policy
from simulation.scenario import Scenario

SliderName = Literal["extra_fte", "interval", "orientation", "network_search", "months"]
SLIDERS: tuple[SliderName, ...] = get_args(SliderName)

OWN = "own"
"""The key of the policy that the sliders make."""

_MOST_YEARS = 10
_MOST_POSITIONS = 24
_NEAR = 0.021
"""A network search so near to today's, or to the policy's, gets no position of its own."""


@dataclass(frozen=True)
class Chosen:
    """Where the sliders stand.

    `extra_fte`: new posts per district, FTE; `interval`: months between follow-ups; `orientation`:
    practice, multiplies the exponent of recognition, 1 is today's; `network_search`: chance that a search
    finds the kin a child has; `months`: horizon; `works`: False in the null world, where nothing reaches
    children.
    """

    extra_fte: float
    interval: float
    orientation: float
    network_search: float
    months: int
    works: bool = True


@dataclass(frozen=True)
class Slider:
    """The values a slider can take, in order; `today` is what holds without the policy, if anything."""

    name: SliderName
    values: tuple[float, ...]
    start: float
    today: float | None = None

    def position(self, value: float) -> int:
        """Return the position of the value nearest to `value`."""
        return int(np.argmin([abs(x - value) for x in self.values]))


@dataclass(frozen=True)
class Board:
    """All sliders over one policy of a scenario."""

    scenario: Scenario
    policy_name: str
    sliders: tuple[Slider, ...]

    @property
    def policy(self) -> Policy:
        """The policy as the scenario has it."""
        return self.scenario.policy(self.policy_name)

    @property
    def start(self) -> Chosen:
        """Where the sliders begin: at the policy as it is."""
        return Chosen(**{s.name: s.start for s in self.sliders})  # type: ignore[arg-type]

    def slider(self, name: SliderName) -> Slider:
        """Return a slider by its name."""
        return next(s for s in self.sliders if s.name == name)


def board(scenario: Scenario, policy_name: str | None = None) -> Board:
    """Return the sliders over a policy of the scenario, its first one by default.

    Raises KeyError where there is no such policy, ValueError where the scenario has none at all.
    """
    policy_name = chosen_policy(scenario, policy_name)
    policy = scenario.policy(policy_name)
    sliders = (
        _posts(scenario, policy), _interval(scenario, policy), _orientation(scenario, policy),
        _network_search(scenario, policy), _months(scenario),
    )  # fmt: skip
    return Board(scenario, policy_name, sliders)


def moved(chosen: Chosen, slider: Slider, position: int) -> Chosen:
    """Return `chosen` with one slider at another position."""
    value = slider.values[position]
    changed = {slider.name: int(value) if slider.name == "months" else value}
    return replace(chosen, **changed)  # type: ignore[arg-type]


def without_effect(chosen: Chosen) -> Chosen:
    """Return `chosen` in the null world, or back in the other one."""
    return replace(chosen, works=not chosen.works)


def scenario_of(chosen: Chosen, of: Board) -> Scenario:
    """Return the scenario at the chosen horizon."""
    scenario = of.scenario
    return scenario if chosen.months == scenario.months else with_months(scenario, chosen.months)


def policy_of(chosen: Chosen, of: Board) -> Policy:
    """Return the policy that the sliders mean: the one they began from, changed where they were moved."""
    base, today = of.policy, of.scenario.reviews
    levers: dict[str, float | tuple[float, ...]] = {}
    if is_moved(chosen, of, "extra_fte"):
        levers["extra_fte"] = chosen.extra_fte if chosen.extra_fte > 0 else ()
    for name in ("orientation", "network_search"):
        if is_moved(chosen, of, name):
            levers[name] = getattr(chosen, name)
    if is_moved(chosen, of, "interval"):
        reviews = base.reviews.model_copy(update={"by_stair": {}})
        base = base.model_copy(update={"reviews": reviews})
        levers |= {
            "follow_up_first": min(chosen.interval, today.first),
            "follow_up_later": chosen.interval,
        }
    if not chosen.works:
        levers["effect"] = 0.0
    base = base.model_copy(update={"like": None, "only": None})  # both are resolved already
    return with_levers(base, levers) if levers else base


def is_moved(chosen: Chosen, of: Board, name: SliderName) -> bool:
    """Return whether a slider stands elsewhere than where it began."""
    return bool(getattr(chosen, name) != of.slider(name).start)


def is_changed(chosen: Chosen, of: Board) -> bool:
    """Return whether anything at all differs from the policy as the scenario has it."""
    return any(getattr(chosen, f.name) != getattr(of.start, f.name) for f in fields(Chosen))


def can_be_saved(chosen: Chosen, of: Board) -> bool:
    """Return whether the policy changes anything; a scenario file takes no policy that does not."""
    return changes(scenario_of(chosen, of), policy_of(chosen, of))


# --- the values of each slider ---------------------------------------------------------------------


def _posts(scenario: Scenario, policy: Policy) -> Slider:
    start = float(sum(policy.capacity.extra_fte))
    top = max(3.0, 2.0 * start)
    step = next(s for s in (0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 100.0) if top / s <= _MOST_POSITIONS)
    grid = np.arange(0.0, top + step / 2.0, step)
    return Slider("extra_fte", _with(grid, start), start, 0.0)


def _interval(scenario: Scenario, policy: Policy) -> Slider:
    today = scenario.reviews.later
    start = today if policy.reviews.later is None else policy.reviews.later
    grid = np.arange(1.0, max(12.0, today) + 0.5)
    return Slider("interval", _with(grid, start, today), start, today)


def _orientation(scenario: Scenario, policy: Policy) -> Slider:
    record, today = parameter("policy.orientation"), scenario.baseline.orientation
    start = today if policy.practice.orientation is None else policy.practice.orientation
    grid = np.arange(1.0, record.high + 0.025, 0.1)
    return Slider("orientation", _with(grid, start, today), start, today)


def _network_search(scenario: Scenario, policy: Policy) -> Slider:
    record, today = parameter("policy.network_search"), scenario.baseline.network_search
    start = today if policy.supply.network_search is None else policy.supply.network_search
    if not any(stair.needs_network for stair in scenario.staircase):
        return Slider("network_search", _with([], start, today), start, today)  # nowhere to go
    grid = [x for x in np.arange(0.0, record.high + 0.01, 0.05) if x >= today]
    apart = [x for x in grid if min(abs(x - start), abs(x - today)) > _NEAR]
    return Slider("network_search", _with(apart, start, today), start, today)


def _months(scenario: Scenario) -> Slider:
    """Return horizons in whole years: those by which every policy and every later post has begun."""
    begins = [p.start for p in scenario.policies.values() if p.start]
    begins += [post.begins for d in scenario.districts for post in d.later_posts]
    first = max([0, *(scenario.month_of(day) for day in begins)]) // 12 + 1
    grid = [12 * year for year in range(first, _MOST_YEARS + 1)]
    return Slider("months", _with(grid, scenario.months), scenario.months)


def _with(grid: object, *more: float) -> tuple[float, ...]:
    """Return the values of a slider in order: the grid, rounded, and those that must be there."""
    rounded = {round(float(x), 4) for x in np.asarray(grid, float)}
    return tuple(sorted({x for x in rounded if all(abs(x - m) > 1e-4 for m in more)} | set(more)))
