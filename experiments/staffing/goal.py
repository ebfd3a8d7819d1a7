"""Goals: an outcome that a choice should reach on average, such as the 75/25 mix."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

import numpy as np

from experiments.sweep.outcomes import KEPT
from simulation.accounts import Floats
from simulation.scenario import Scenario

MIX = "share_family_like_end>=0.75"
"""Three of four children in care live in a family (75/25), over the last year."""

_FORM = re.compile(r"^\s*([a-z_]+)\s*(>=|<=)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(%?)\s*$", re.ASCII)


@dataclass(frozen=True)
class Goal:
    """An outcome at least (`sign` 1) or at most (`sign` -1) `threshold`, in the mean over histories."""

    outcome: str
    sign: int
    threshold: float

    @property
    def words(self) -> str:
        """The goal in words."""
        label = KEPT[self.outcome].label
        return f"{label} {'at least' if self.sign > 0 else 'at most'} {self.threshold:g}"

    def met(self, values: Floats) -> Floats:
        """Return 1 where single histories meet the goal, 0 where not, NaN where it is not defined."""
        reached = (self.sign * (values - self.threshold) >= 0).astype(float)
        return np.where(np.isnan(values), np.nan, reached)

    def margin(self, values: Floats) -> Floats:
        """Return by how much values are better than the goal asks for; negative: not met."""
        return np.asarray(self.sign * (values - self.threshold))


def goal(text: str) -> Goal:
    """Return the goal that a text such as "share_family_like_end>=0.75" states.

    Raises ValueError where it is no outcome, >= or <=, and number.
    """
    match = _FORM.match(text)
    if match is None:
        raise ValueError(
            f"--goal {text!r} must be an outcome, >= or <=, and a number: {MIX!r}; "
            f"the outcomes are {', '.join(KEPT)}"
        )
    name, sign, number, percent = match.groups()
    if name not in KEPT:
        near = difflib.get_close_matches(name, KEPT, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"the outcomes are {', '.join(KEPT)}"
        raise ValueError(f"--goal {text!r}: no outcome {name!r}; {hint}")
    threshold = float(number) / 100.0 if percent else float(number)
    if KEPT[name].unit == "share" and not 0.0 <= threshold <= 1.0:
        raise ValueError(
            f"--goal {text!r}: {name} is a share, so {threshold:g} must lie between 0 and 1; "
            f"if you mean {threshold:g} %, write {name}{sign}{threshold / 100:g}"
        )
    return Goal(name, 1 if sign == ">=" else -1, threshold)


def default_goal(scenario: Scenario) -> Goal | None:
    """Return the 75/25 mix where the staircase has families, else no goal."""
    return goal(MIX) if any(stair.family_like for stair in scenario.staircase) else None
