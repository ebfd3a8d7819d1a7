"""Parts: one district of a municipality as a municipality of its own.

Districts share nothing but a policy: children, caseworkers and places stay in theirs. So a municipality
of several districts is the sum of its parts.
"""

from __future__ import annotations

import difflib

from simulation.policy import Policy
from simulation.remembered import remembered
from simulation.scenario import Scenario

_GOLDEN = 0x9E3779B9
"""2**32 / golden ratio: spreads the seeds of districts over all seeds."""


def part_of(scenario: Scenario, policy: Policy, district: str) -> tuple[Scenario, Policy]:
    """Return the scenario with one district only, and what of the policy falls to it.

    What a policy pays once for all of its districts (team leader, running costs, a stated start cost)
    falls to them in equal parts. Raises KeyError where there is no such district.
    """
    names = [d.name for d in scenario.districts]
    if district not in names:
        raise KeyError(no_such_district(scenario, district))
    part = _parts(scenario)[names.index(district)]
    covered = names if policy.districts is None else [n for n in names if n in policy.districts]
    if district not in covered:
        return part, Policy(districts=())
    share = 1.0 / len(covered)
    capacity, supply = policy.capacity, policy.supply
    start_cost = None if capacity.start_cost is None else capacity.start_cost * share
    shared = {"team_leader": capacity.team_leader * share, "start_cost": start_cost}
    return part, policy.model_copy(
        update={
            "districts": (district,),
            "capacity": capacity.model_copy(update=shared),
            "supply": supply.model_copy(update={"running_cost": supply.running_cost * share}),
        }
    )


@remembered
def _parts(scenario: Scenario) -> list[Scenario]:
    """Return each district as a scenario: the same objects for all policies."""
    return [scenario.model_copy(update={"districts": (d,)}) for d in scenario.districts]


def no_such_district(scenario: Scenario, name: str | None) -> str:
    """Return what to say where a scenario has no district of this name."""
    names = [d.name for d in scenario.districts]
    near = difflib.get_close_matches(str(name), names, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"scenario {scenario.name!r} has no district {name!r}{hint}; it has: {', '.join(names)}"


def seed_of_district(seed: int, position: int) -> int:
    """Return the seed of the district at a position, the study's own for the first one.

    Without it the first child of every district would have the same luck.
    """
    return (seed + position * _GOLDEN) % 2**32
