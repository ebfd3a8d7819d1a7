"""Places in expectation: how likely a stair with limited places is full.

The number of children there is a birth-and-death process whose rates are those of the expected flows:
who comes, comes apart from the others, and each who is there leaves with the same chance.
"""

from __future__ import annotations

from simulation.accounts import Floats
from simulation.compiled import compiled_without_counting

STEPS = 8
"""Steps into which a month is cut, at least."""


@compiled_without_counting
def chance_of_full(chances: Floats, places: int) -> float:
    """Return the chance that there is no free place; `chances` [children there]."""
    full = 0.0
    for k in range(max(0, places), len(chances)):
        full += chances[k]
    return full


@compiled_without_counting
def let_a_month_pass(chances: Floats, places: int, coming: float, leaving: float) -> None:
    """Move the chances on by a month in which `coming` children want a place.

    Each who is there leaves at the hazard `leaving`. Who comes when there is no place goes elsewhere.
    """
    fastest = coming + leaving * len(chances)
    steps = max(STEPS, int(2.0 * fastest) + 1)
    for _ in range(steps):
        came_before = 0.0
        for k in range(len(chances)):
            there = chances[k]
            comes = there * coming / steps if k < places and k + 1 < len(chances) else 0.0
            leaves = there * k * leaving / steps
            chances[k] += came_before - comes - leaves
            if k > 0:
                chances[k - 1] += leaves
            came_before = comes
