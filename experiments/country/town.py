"""Towns: a municipality as scenarios, built from the average one by its counts and its caseload.

Flows are settled in closed form (`simulation.settling`) on the counts of the long run, not of the first
day: where chance has put no child in residential care today, one will come. A large municipality is cut
into offices with their own caseworkers, as large ones are, which also keeps time in proportion to cases.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulation.accounts import Floats
from simulation.policy import Policy
from simulation.scenario import Scenario
from simulation.settling import settled
from simulation.staircase import Staircase
from simulation.tables import Ints

LARGEST = 1000
"""Cases in one office, at most."""

_MANY = 1000
"""Times that a municipality is made larger to be settled, so that its counts are whole numbers."""

_LEAST_POST = 0.01
"""FTE below which a part of a post is none."""


@dataclass(frozen=True)
class Town:
    """A municipality with the policy as scenarios, one per office, and what stands for it in numbers."""

    offices: tuple[tuple[Scenario, Policy], ...]
    cases: int
    fte: float
    extra_fte: float

    def count(self, which: Callable[[Staircase, int], bool]) -> int:
        """Return the children of the first day on stairs for which `which` holds."""
        stairs = self.offices[0][0].staircase
        keys = [stair.key for i, stair in enumerate(stairs) if which(stairs, i)]
        starts = [office.districts[0].start for office, _ in self.offices]
        return sum(start.get(key, 0) for start in starts for key in keys)


def town(
    name: str, average: Scenario, policy: Policy, mean: Floats, count: Ints, caseload: float,
) -> Town:  # fmt: skip
    """Return a municipality of `average`'s kind and its policy.

    Args:
        name: of the municipality, for its districts.
        average: the average municipality, whose own flows hold its counts.
        policy: one of its policies; brings the cases per caseworker that it brings the average to.
        mean: [stair] counts of the long run.
        count: [stair] counts of the first day.
        caseload: cases per FTE of the long run.
    """
    is_case = np.array([stair.is_case for stair in average.staircase])
    fte = float(mean[is_case].sum()) / caseload
    base = _settled(average, mean, fte)
    n = max(1, math.ceil(count[is_case].sum() / LARGEST))
    extra = _extra_fte(average, policy, float(mean[is_case].sum()), fte)
    own = _own_policy(average, policy, mean / n, extra / n)
    inflow = base.districts[0].inflow / n
    offices = tuple(
        (_office(base, name, inflow, mean / n, _share(count, n, i), fte / n), own) for i in range(n)
    )
    return Town(offices, int(count[is_case].sum()), fte, extra)


def posts(fte: float) -> tuple[float, ...]:
    """Return whole posts and the rest: 2.4 FTE are (1.0, 1.0, 0.4). What is under 0.01 FTE is none."""
    whole = int(fte + _LEAST_POST)
    rest = fte - whole
    return (1.0,) * whole + ((rest,) if rest > _LEAST_POST else ())


def _settled(average: Scenario, mean: Floats, fte: float) -> Scenario:
    """Return the municipality of the long run with the flows that hold it.

    Compared with an average municipality of its size: few children are placed after an assessment, and
    their number changes by a difference of flows (`settling.settled`).
    """
    keys, (today,) = average.staircase.keys, average.districts
    size = _MANY * float(mean.sum()) / sum(average.counted(today).values())
    counts = {key: round(_MANY * float(mean[keys.index(key)])) for key in today.start}
    large = _resized(average, today.inflow * size, _MANY * fte, counts)
    fair = {key: round(size * n) for key, n in today.start.items()}
    found = settled(large, _resized(average, today.inflow * size, size * average.fte, fair))
    inflow = found.districts[0].inflow / _MANY
    return found.model_copy(update={"districts": (today.model_copy(update={"inflow": inflow}),)})


def _resized(average: Scenario, inflow: float, fte: float, start: dict[str, int]) -> Scenario:
    (today,) = average.districts
    resized = {"inflow": inflow, "caseworkers": (fte,), "start": start}
    district = today.model_copy(update=resized)
    return average.model_copy(update={"districts": (district,), "is_average": False})


def _office(base: Scenario, name: str, inflow: float, mean: Floats, count: Ints, fte: float) -> Scenario:
    """Return one of the offices of a settled municipality, by what is its own."""
    keys, (whole,) = base.staircase.keys, base.districts
    size = float(mean.sum()) / float(sum(whole.start.values()))
    district = whole.model_copy(
        update={
            "name": name,
            "inflow": inflow,
            "caseworkers": posts(fte),
            "start": {key: int(count[keys.index(key)]) for key in whole.start},
            "places": {
                key: int(count[keys.index(key)])
                + _free(whole.places[key] - whole.start.get(key, 0), size)
                for key in whole.places
            },
        }
    )
    return base.model_copy(update={"districts": (district,)})


def _free(places: int, size: float) -> int:
    """Return free places in a municipality of some size; where the average one has any, at least one."""
    return max(1, round(places * size)) if places > 0 else round(places * size)


def _share(count: Ints, n: int, i: int) -> Ints:
    """Return [stair]: what falls to office `i` of `n`; what does not go up goes to the first ones."""
    return count // n + (i < count % n)


def _extra_fte(average: Scenario, policy: Policy, cases: float, fte: float) -> float:
    """Return the posts that bring a municipality to the cases per caseworker of the average's policy."""
    more = sum(policy.capacity.extra_fte)
    if more == 0.0:
        return 0.0
    aim = average_cases(average) / (average.fte + more)
    found = cases / aim - fte
    return found if found > _LEAST_POST else 0.0


def average_cases(average: Scenario) -> float:
    """Return the cases of the average municipality on its first day."""
    counted = average.counted(average.districts[0])
    return float(sum(counted.get(stair.key, 0) for stair in average.staircase if stair.is_case))


def _own_policy(average: Scenario, policy: Policy, mean: Floats, extra: float) -> Policy:
    """Return the policy at the size of an office: what counts posts, places or kroner goes with it."""
    stairs, counted = average.staircase, average.counted(average.districts[0])
    is_case = np.array([stair.is_case for stair in stairs])
    size = float(mean[is_case].sum()) / average_cases(average)
    start_cost = policy.capacity.start_cost
    capacity = policy.capacity.model_copy(
        update={
            "extra_fte": posts(extra),
            "team_leader": policy.capacity.team_leader * size,
            "start_cost": None if start_cost is None else start_cost * size,
        }
    )
    places = {
        key: round(more * float(mean[stairs.keys.index(key)]) / max(1, counted.get(key, 0)))
        for key, more in policy.supply.extra_places.items()
    }
    programmes = {
        key: p.model_copy(update={"places": max(min(1, p.places), round(p.places * size))})
        for key, p in policy.supply.programmes.items()
    }
    supply = policy.supply.model_copy(
        update={
            "extra_places": places,
            "programmes": programmes,
            "running_cost": policy.supply.running_cost * size,
        }
    )
    return policy.model_copy(update={"districts": None, "capacity": capacity, "supply": supply})
