"""Terms: what holds in every history of a scenario under a policy, for the agents engine."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulation.child import rules
from simulation.foreseen import CaseBounds
from simulation.plain import plain, plain_rows
from simulation.policy import Policy
from simulation.remembered import remembered
from simulation.scenario import Scenario
from simulation.tables import Ints, Tables, build_tables

_KEPT = 8
"""Policies of a scenario whose terms are kept."""


@dataclass(frozen=True)
class Terms:
    """A scenario under a policy, as the agents read it.

    `t` is the table and `months` [month] what is in force, as plain objects; `posts` and `districts` as
    they begin, with `places` [district][stair]. `places_opened` [month]: (district, stair, number), less
    than 0 where they close. By stair: `reactive_hours` that a case asks for in a month, and
    `follow_up_hours`, those of a follow-up. In months: `leaving_age`, at whose end one leaves, and
    `teen_age`, from which on one is in an age band of teens.
    """

    tables: Tables
    t: Any
    months: list[Any]
    posts: tuple[Any, ...]
    districts: tuple[Any, ...]
    places: list[list[int]]
    places_opened: dict[int, list[tuple[int, int, int]]]
    reactive_hours: list[float]
    follow_up_hours: list[float]
    leaving_age: int
    teen_age: int
    case_bounds: CaseBounds


def terms(scenario: Scenario, policy: Policy, district: str | None = None) -> Terms:
    """Return the terms of a scenario, or of one of its districts, under a policy.

    They are worked out once for many histories; nobody may change them. Raises ValueError where the
    policy does not fit the scenario.
    """
    known, key = _known(scenario), (policy.model_dump_json(), district)
    if key not in known:
        while len(known) >= _KEPT:
            known.pop(next(iter(known)), None)
        known[key] = _worked_out(build_tables(scenario, policy, district))
    return known[key]


@remembered
def _known(_: Scenario) -> dict[tuple[str, str | None], Terms]:
    return {}


def _worked_out(tables: Tables) -> Terms:
    t = plain(tables.table[0])
    return Terms(
        tables=tables,
        t=t,
        months=plain_rows(tables.months),
        posts=plain(tables.posts),
        districts=plain(tables.districts),
        places=tables.places[0].tolist(),
        places_opened=_opened(tables.places),
        reactive_hours=[stair.reactive_hours for stair in t.stair],
        follow_up_hours=[stair.follow_up_hours for stair in t.stair],
        leaving_age=_first(t, lambda age: bool(rules.comes_of_age(t, age))),
        teen_age=_first(t, lambda age: t.band[t.band_of_year[age // 12]].teen > 0),
        case_bounds=CaseBounds(t),
    )


def _first(t: Any, holds: Callable[[int], bool]) -> int:
    """Return the least age in months at which something holds that holds from then on."""
    return bisect_left(range(t.leave_age), True, key=holds)


def _opened(places: Ints) -> dict[int, list[tuple[int, int, int]]]:
    change = np.diff(places, axis=0)
    found: dict[int, list[tuple[int, int, int]]] = {}
    for before, district, stair in np.argwhere(change).tolist():
        number = int(change[before, district, stair])
        found.setdefault(before + 1, []).append((district, stair, number))
    return found
