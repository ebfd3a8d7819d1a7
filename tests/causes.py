"""Policies with four causes for the tests of attribution."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from hand_made import nothing
from support import scenario

from experiments.attribution import Attribution
from experiments.combinations import EVERYTHING, question
from experiments.results import Study
from experiments.runner import BASELINE, Arm, Plan
from experiments.shapley import Game
from simulation.policy import CAUSES, Cause
from simulation.scenario import Scenario

COMBINATIONS = [kept for n in range(5) for kept in combinations(CAUSES, n)]
LEVERS: dict[str, dict[str, Any]] = {
    "capacity": {"extra_fte": [1.0, 0.5], "team_leader": 0.5, "leakage": 0.1},
    "reviews": {"first": 2.0, "later": 3.0, "order": "most_intrusive"},
    "practice": {"orientation": 1.5, "residential_odds": 0.6, "without_leader": 0.5},
    "supply": {"network_search": 0.7, "extra_places": {"foster_care": 3}, "outreach": 1.4},
}
ALWAYS: dict[str, Any] = {"start": "2016-04-01", "ramp_months": 4, "reach": 0.9}
BUNDLE: dict[str, Any] = {**ALWAYS, **LEVERS, "world": {"effect": 0.9, "surveillance": 0.3}}


def town(**overrides: Any) -> Scenario:
    """Return a small municipality with the bundle as its policy."""
    return scenario({"months": 18, "title": "Lilleby", "policies": {"bundle": BUNDLE}}, **overrides)


def by_hand(kept: tuple[Cause, ...]) -> dict[str, Any]:
    """Return the bundle with some of its causes, written out as one would in a file."""
    contact = "capacity" in kept or "reviews" in kept
    world = {"effect": 0.9, "surveillance": 0.3} if contact else {"effect": 0.9}
    return {**ALWAYS, **{cause: LEVERS[cause] for cause in kept}, "world": world}


NULL: dict[str, Any] = {"like": "bundle", "world": {"effect": 0.0}}
PERVERSE: dict[str, Any] = {
    "like": "bundle",
    "world": {"surveillance": 1.0},
    "supply": {"network_search": 0.0},
}


def scale(game: Game) -> float:
    """Return the largest worth of a game, at least 1: what rounding is measured against."""
    return max(1.0, *(float(np.abs(v).max()) for v in game.values()))


def made_up(
    worth: dict[str, float], causes: tuple[Cause, ...] = CAUSES, null: float = -4e6
) -> Attribution:
    """Return an attribution in which a combination saves the sum of what its parts are worth, DKK.

    Two histories, half a million to either side under the whole.
    """
    bundle = {"months": 18, "title": "Lilleby", "policies": {"bundle": by_hand(causes)}}
    asked = question(scenario(bundle), "bundle")
    s = asked.scenario

    def arm(saved: float) -> Arm:
        net = np.zeros((2, s.months))
        net[:, 0] = -saved
        return Arm(**nothing(s, 2) | {"net": net})

    arms = {BASELINE: arm(0.0), "null": arm(null)}
    for kept, name in asked.arms.items():
        arms[name] = arm(sum(v for k, v in worth.items() if set(k.split("+")) <= kept))
    arms[asked.arms[EVERYTHING]].net[:, 0] += [5e5, -5e5]
    return Attribution(asked, Study(Plan(s, tuple(s.policies)), arms))
