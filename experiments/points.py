"""Points: a scenario at given values of its numbers, so that today's counts still hold.

A municipality knows how many children stand on each stair. Where a rate is tried at another value, the
flows into the staircase are settled again (`simulation.settling`), as for a draw from the posterior: what
varies is what a policy does, not what today looks like.
"""

from __future__ import annotations

from collections.abc import Mapping

from experiments.draws import at_draw, draws
from simulation.scenario import Scenario
from simulation.settling import settled
from simulation.values import with_values

FLOWS = ("children.placed_after_assessment", "children.entry_share.")
"""Beginnings of the names of numbers that settling gives a value, unless they are asked for."""


def at_point(scenario: Scenario, values: Mapping[str, float], draw: int | None = None) -> Scenario:
    """Return `scenario` at a draw from the posterior (None: at its own numbers), then at `values`.

    Names in `values` are those of evidence records, as in `simulation.values.with_values`. Its flows are
    settled to hold today's counts; a flow that `values` names has that value. A staircase that has no
    balance to hold (nobody at home, no assessment) keeps its flows. Raises KeyError where no scenario
    has such a number, ValueError where there are not so many draws.
    """
    levers = levers_among(values)
    rates = {name: x for name, x in values.items() if name not in levers}
    return with_levers(at_rates(scenario, rates, draw), levers)


def levers_among(values: Mapping[str, float]) -> dict[str, float]:
    """Return those of `values` that are about policies only: today's municipality has no part in them."""
    return {name: x for name, x in values.items() if name.startswith(("policy.", "policies."))}


def with_levers(scenario: Scenario, levers: Mapping[str, float]) -> Scenario:
    """Return `scenario` with numbers of its policies replaced."""
    return with_values(scenario, levers) if levers else scenario


def at_rates(scenario: Scenario, rates: Mapping[str, float], draw: int | None = None) -> Scenario:
    """Return `at_point` for values of which none is a policy's."""
    drawn = scenario if draw is None else at_draw(scenario, draws(draw + 1, scenario)[draw])
    if not rates:
        return drawn
    changed = with_values(drawn, rates)
    flows = {name: x for name, x in rates.items() if name.startswith(FLOWS)}
    if len(flows) == len(rates) or not has_balance(drawn):
        return changed
    return with_values(settled(changed, drawn), flows)


def has_balance(scenario: Scenario) -> bool:
    """Return whether the flows of a scenario can be settled."""
    from simulation.settling import settled_flows

    try:
        settled_flows(scenario)
    except ValueError:
        return False
    return True
