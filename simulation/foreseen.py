"""Foreseen: whom the month's luck leaves alone, found for many children in one compiled call.

Something happens to a child only where its uniform is below its hazard. A uniform above the highest
hazard there is this month settles the matter without a look at the child. The highest hazard is what
the rule itself says of the worst there is in each of its arguments; a rule that rises or falls all along
in each of them has its maximum there.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np

from simulation import randomness as rn
from simulation.accounts import Floats
from simulation.child import rules
from simulation.compiled import compiled
from simulation.tables import Ints

Bounds = tuple[float, float, float, float]
"""What the four uniforms of a block are compared with."""


@compiled
def drawn_below(
    seed: int, replicate: int, month: int, block: int, who: Ints, bounds: Bounds
) -> tuple[Ints, Floats]:
    """Return where in `who` those stand with a uniform below its bound, and their uniforms [n, 4]."""
    places = np.empty(len(who), np.int64)
    uniforms = np.empty((len(who), 4))
    n = 0
    for i in range(len(who)):
        a, b, c, d = rn.four_uniforms(seed, replicate, who[i], month, block)
        if a < bounds[0] or b < bounds[1] or c < bounds[2] or d < bounds[3]:
            places[n] = i
            uniforms[n, 0], uniforms[n, 1], uniforms[n, 2], uniforms[n, 3] = a, b, c, d
            n += 1
    return places[:n], uniforms[:n]


def unseen_bounds(t: Any, m: Any, hidden: Iterable[Any]) -> Bounds:
    """Return the highest hazards of children who are no cases: of the hidden, and of closed cases."""
    severest = max([child.severity for child in hidden], default=0.0)
    return (
        rules.hidden_crisis_hazard(t, severest),
        max(rules.detection_hazard(t, lever.outreach) for lever in m.lever),
        t.hidden_recovery_hazard,
        t.reentry_hazard,
    )


class CaseBounds:
    """The highest chances of open cases: to become ready, to live through a crisis."""

    def __init__(self, t: Any) -> None:
        """Look up the highest for a whole history: rates of stairs, factors of courses."""
        self._t = t
        rates = [rate for of_stair in t.rate[: t.n_stairs] for rate in of_stair[: t.n_bands]]
        courses = t.programme[: t.n_programmes]
        ready = [rate.ready_chance for rate in rates]
        for p in courses:
            ready += [rules.readiness_in_course(rate.ready_chance, p.readiness) for rate in rates]
        self._ready = max(ready)
        self._crisis = max(rate.crisis_hazard for rate in rates)
        self._in_course = max([1.0, *(p.crisis for p in courses)])

    def __call__(self, severest: float, effect: float, overdue: float) -> Bounds:
        """Return them for the severest of the cases and the largest effect of a lack of attention.

        `overdue`: the most months by which a follow-up may be overdue.
        """
        hazards = [
            rules.crisis_hazard(self._t, self._crisis, severest, effect, months, is_early, in_handover)
            for months, is_early, in_handover in product((0.0, overdue), (False, True), (False, True))
        ]
        return self._ready, max(hazards) * self._in_course, 0.0, 0.0
