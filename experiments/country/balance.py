"""Balance: the average municipality with flows that hold today's counts over the time that is asked for.

A scenario's own flows hold its counts on average over five years at most (`experiments.settle`). Beyond
that they drift: the children of the first day are fewer of those who stay than there will be, so that
fewer leave in the end than come (docs/decisions/0019). A policy that is compared with a baseline that
grows by itself is lent its growth; so the flows are settled over as many years as are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from experiments.draws import numbers_at
from experiments.settle import LAST, settle
from simulation.scenario import Scenario
from simulation.settling import settled
from simulation.values import with_values


def in_balance(average: Scenario) -> Scenario:
    """Return the average municipality with flows that hold its counts over its months, or five years.

    By simulation, always with the same luck: one or two seconds.
    """
    return settle(average, months=max(LAST, average.months)).scenario


def balanced_at_draw(balanced: Scenario, draw: Mapping[str, float]) -> Scenario:
    """Return `in_balance` at one draw of the parameters, its flows settled again, in closed form.

    As for any other municipality (`experiments.draws.at_draw`): what is not known is what a policy does,
    not how many children there are today. The draw's own flows, at which the country was fitted, are not
    used: they hold the counts of some years only.
    """
    return settled(with_values(balanced, numbers_at(balanced, draw)), balanced)
