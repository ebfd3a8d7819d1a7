"""Flows: what comes into a municipality and nobody can count, as unknowns of `experiments.settle`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulation.accounts import Floats, residential
from simulation.scenario import Scenario
from simulation.settling import Flows, settled_flows
from simulation.tables import entry_shares

MOST = math.log(4.0)
"""How far an inflow may lie from the start of the search, as a logarithm: the closed form is no worse."""

MOST_ODDS = math.log(50.0)
"""How far the odds of residential care at entry may lie from the start of the search."""

LEAST_PLACED = 1e-3
"""Smallest share of assessments that end in care: 1 in 1000."""

INFLOW, PLACED, ODDS = "inflow", "placed_after_assessment", "entry_share"


@dataclass(frozen=True)
class Flow:
    """An unknown: what a flow is multiplied with, as a logarithm between `low` and `high`."""

    name: str
    """INFLOW, PLACED or ODDS (those of residential care at entry)."""
    low: float
    high: float
    district: str = ""


def unknown_flows(s: Scenario) -> tuple[Flow, ...]:
    """Return the flows of `s` that can be changed by a factor, with the bounds of its logarithm."""
    homes = [x.key for x in s.staircase if x.kind == "home"]
    flows = [
        Flow(INFLOW, -MOST, MOST, d.name)
        for d in s.districts
        if d.inflow > 0 and any(s.counted(d).get(key, 0) for key in homes)
    ]
    c = s.children
    most = 1.0 - c.closed_after_assessment
    if c.placed_after_assessment > 0 and most > 0 and s.staircase.first("assessment") >= 0:
        low = min(0.0, math.log(LEAST_PLACED / c.placed_after_assessment))
        flows.append(Flow(PLACED, low, math.log(most / c.placed_after_assessment)))
    if 0.0 < residential_share(s) < 1.0:
        flows.append(Flow(ODDS, -MOST_ODDS, MOST_ODDS))
    return tuple(flows)


def residential_share(s: Scenario) -> float:
    """Return the share of entries into care that are meant for a residential stair, over all ages."""
    heavy = [i for i in range(len(s.staircase)) if residential(s.staircase, i)]
    shares = entry_shares(s, 1.0)[:, heavy].sum(axis=1)
    return float(shares @ np.array(s.children.age_at_entry))


def multiplied(s: Scenario, flows: tuple[Flow, ...], x: Floats) -> Scenario:
    """Return the scenario with each flow multiplied by exp of its logarithm in `x`."""
    factors = {(flow.name, flow.district): math.exp(at) for flow, at in zip(flows, x, strict=True)}
    inflows = [d.inflow * factors.get((INFLOW, d.name), 1.0) for d in s.districts]
    placed = s.children.placed_after_assessment * factors.get((PLACED, ""), 1.0)
    return with_flows(s, inflows, placed, factors.get((ODDS, ""), 1.0))


def with_flows(s: Scenario, inflows: list[float], placed: float, odds: float) -> Scenario:
    """Return the scenario with these inflows and share placed; `odds` of residential care at entry."""
    districts = tuple(
        d.model_copy(update={"inflow": inflow}) for d, inflow in zip(s.districts, inflows, strict=True)
    )
    c, keys = s.children, s.staircase.keys
    shares = entry_shares(s, odds)
    children = c.model_copy(
        update={
            "placed_after_assessment": min(1.0 - c.closed_after_assessment, placed),
            "entry_share": {k: tuple(map(float, shares[:, keys.index(k)])) for k in c.entry_share},
        }
    )
    return s.model_copy(update={"districts": districts, "children": children})


def nearest_start(s: Scenario, off: Callable[[Scenario], float]) -> Scenario:
    """Return `s`, or `s` with the flows of the closed form where `off` says that they are nearer."""
    closed_form = at_closed_form(s)
    if closed_form is None:
        return s
    return min((s, closed_form), key=off)


def at_closed_form(s: Scenario) -> Scenario | None:
    """Return `s` with the flows of `simulation.settling`, or None where it has no balance to hold."""
    try:
        flows = settled_flows(s)
    except ValueError:
        return None
    inflows = [_inflow(s, i, flows) for i in range(len(s.districts))]
    share = residential_share(s)
    odds = flows.residential_odds * (1.0 - share) / share if 0.0 < share < 1.0 else 1.0
    return with_flows(s, inflows, max(LEAST_PLACED, flows.placed), odds)


def _inflow(s: Scenario, i: int, flows: Flows) -> float:
    """Return what the closed form says of a district; as it is where nobody there is helped at home."""
    if len(s.districts) == 1:
        return flows.inflow
    try:
        return settled_flows(s.model_copy(update={"districts": (s.districts[i],)})).inflow
    except ValueError:
        return s.districts[i].inflow


def rounded(s: Scenario) -> Scenario:
    """Return the scenario with its flows rounded for people: three digits, shares of entries to 0.0001.

    Shares are rounded down, so that they never sum to more than 1.
    """
    districts = tuple(d.model_copy(update={"inflow": _three_digits(d.inflow)}) for d in s.districts)
    c = s.children
    entry = {k: tuple(math.floor(1e4 * x) / 1e4 for x in shares) for k, shares in c.entry_share.items()}
    children = c.model_copy(
        update={
            "placed_after_assessment": min(
                1.0 - c.closed_after_assessment, _three_digits(c.placed_after_assessment)
            ),
            "entry_share": entry,
        }
    )
    return s.model_copy(update={"districts": districts, "children": children})


def _three_digits(x: float) -> float:
    return float(f"{x:.3g}")
