"""The state refund in expectation: it hangs on what each child has cost so far this calendar year.

Children on a stair are told apart by the months of their present stay in this calendar year. What they
cost on other stairs before it enters as its mean.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting
from simulation.layout import PLACES, MonthRecord, TableRecord

YEAR = 12


class Spent(NamedTuple):
    """What children cost so far this calendar year."""

    n: Floats  # [stair, months of the stay this year] children
    before: Floats  # [stair, months] DKK before the stay, on average


def nothing_spent() -> Spent:
    """Return arrays of zeros."""
    return Spent(np.zeros((PLACES, YEAR + 1)), np.zeros((PLACES, YEAR + 1)))


@compiled_without_counting
def begin_spending(t: TableRecord, spent: Spent, there: Floats) -> None:
    """Begin a calendar year with `there` [stair] children."""
    spent.n[:] = 0.0
    spent.before[:] = 0.0
    for stair in range(t.n_stairs):
        spent.n[stair, 0] = there[stair]


@compiled
def mean_spent(t: TableRecord, spent: Spent, stair: int) -> float:
    """Return what the children on a stair cost so far this year, on average."""
    if stair >= t.n_stairs or spent.n[stair].sum() <= 0.0:
        return 0.0
    total = 0.0
    for months in range(YEAR + 1):
        cost = spent.before[stair, months] + months * t.stair[stair].unit_price
        total += spent.n[stair, months] * cost
    return total / spent.n[stair].sum()


@compiled
def refund_of_month(
    t: TableRecord, m: MonthRecord, spent: Spent, prices: Floats, flow: Floats, there: Floats
) -> float:
    """Move a month on and return the refund that it adds.

    `prices` [stair, point] DKK a month; `flow` [place, place] the moves of the month; `there` [stair]
    the children at its end.
    """
    carried = np.zeros((PLACES, 2))  # children who came, and what they had cost
    for origin in range(PLACES):
        cost = mean_spent(t, spent, origin)
        for to in range(t.n_stairs):
            carried[to, 0] += flow[origin, to]
            carried[to, 1] += flow[origin, to] * cost
    refund = 0.0
    for stair in range(t.n_stairs):
        if t.stair[stair].unit_price <= 0.0:
            continue
        came = min(carried[stair, 0], there[stair])
        before = spent.n[stair].sum()
        staying = (there[stair] - came) / before if before > 0.0 else 0.0
        for months in range(YEAR, 0, -1):
            spent.n[stair, months] = spent.n[stair, months - 1] * staying
            spent.before[stair, months] = spent.before[stair, months - 1]
        spent.n[stair, 0] = 0.0
        meet(spent, stair, came, carried[stair, 1] / carried[stair, 0] if came > 0.0 else 0.0)
        for months in range(1, YEAR + 1):
            n = spent.n[stair, months]
            if n <= 0.0:
                continue
            mean = 0.0
            for price in prices[stair]:
                cost = spent.before[stair, months] + (months - 1) * price
                mean += rules.refund_accrued(m, cost, price)
            refund += n * mean / prices.shape[1]
    return refund


@compiled_without_counting
def meet(spent: Spent, stair: int, came: float, cost: float) -> None:
    """Add who came this month to those whose stay this year is a month long."""
    n = spent.n[stair, 1]
    if n + came > 0.0:
        spent.before[stair, 1] = (n * spent.before[stair, 1] + came * cost) / (n + came)
        spent.n[stair, 1] = n + came
