"""Which cases are the newest: a newcomer takes over those of the children who came last.

`by_arrival` [kind, month of arrival + 1]: expected children who are undetected, cases, and cases whose
assessment still wants hours. The first position is for the children of the first day, whose numbers say
nothing about where they stand. Who leaves a kind leaves it with the same chance whenever it arrived.
"""

from __future__ import annotations

from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting

HIDDEN, CASES, UNDONE = range(3)


@compiled_without_counting
def begin_arrivals(by_arrival: Floats, hidden: float, cases: float, undone: float) -> None:
    """Enter the children of the first day."""
    by_arrival[:] = 0.0
    by_arrival[HIDDEN, 0] = hidden
    by_arrival[CASES, 0] = cases
    by_arrival[UNDONE, 0] = undone


@compiled
def undone_among_newest(by_arrival: Floats, cases: float) -> float:
    """Return which share of the assessments that want hours is among the newest `cases`."""
    total = by_arrival[UNDONE].sum()
    if total <= 0.0:
        return 0.0
    undone, left = 0.0, cases
    for i in range(by_arrival.shape[1] - 1, -1, -1):
        there = by_arrival[CASES, i]
        if there <= 0.0:
            continue
        share = min(1.0, left / there)
        undone += share * by_arrival[UNDONE, i]
        left -= there
        if left <= 0.0:
            break
    return min(1.0, undone / total)


@compiled
def let_arrivals_pass(
    by_arrival: Floats, month: int, new: float, known: float, assessed: float, back: float,
    hidden: float, cases: float, undone: float,
) -> None:  # fmt: skip
    """Let a month pass.

    `new` children newly at risk; `known` undetected ones who became cases, `assessed` of them to be
    assessed; `back` closed cases that came back; at its end `hidden`, `cases` and `undone` children.
    """
    was = by_arrival[HIDDEN].sum()
    open_before = by_arrival[CASES].sum()
    still_open = max(0.0, cases - known - back) / open_before if open_before > 0.0 else 0.0
    found = known / was if was > 0.0 else 0.0
    to_assess = assessed / was if was > 0.0 else 0.0
    still_hidden = max(0.0, hidden - new) / was if was > 0.0 else 0.0
    for i in range(month + 1):
        there = by_arrival[HIDDEN, i]
        by_arrival[CASES, i] = by_arrival[CASES, i] * still_open + there * found
        by_arrival[UNDONE, i] += there * to_assess
        by_arrival[HIDDEN, i] = there * still_hidden
    by_arrival[CASES, 0] += back
    by_arrival[UNDONE, 0] += back
    if was > 0.0 or hidden > 0.0:
        by_arrival[HIDDEN, month + 1] = new
    else:
        by_arrival[CASES, month + 1] = known
        by_arrival[UNDONE, month + 1] = assessed
    wanting = by_arrival[UNDONE].sum()
    if wanting > 0.0:
        by_arrival[UNDONE] *= undone / wanting
