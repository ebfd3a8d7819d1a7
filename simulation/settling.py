"""Settling: the flows into a municipality that hold its counts as they are, in closed form.

A municipality knows how many children stand on each stair, not how many are newly at risk. Under given
rates only one inflow, one chance of care after an assessment and one share of residential care at entry
keep today's counts. They follow from the balance of every group of stairs: what leaves must enter.

The balance takes means for what differs between children (age, severity, time on the stair), so it is
near, not exact. It is used for changes: when other rates are tried, a scenario's own flows are changed
as much as the balance changes between the old rates and the new ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulation import rules
from simulation.accounts import Floats, residential
from simulation.remembered import remembered
from simulation.scenario import Scenario
from simulation.staircase import Staircase
from simulation.stationary import (
    entries_present,
    entry_density,
    fates,
    recognition_today,
    stationary_stays,
)
from simulation.tables import entry_shares

_LEAST = 0.02
"""Smallest flow, as a share of what leaves: an inflow cannot be negative."""

_NONE = 1e-9
"""A flow of nobody, to divide by."""

_TEENS = 0.5
"""Share of children on a stair who are teenagers, where some are (about half of those in care; see the
targets)."""

_DOWN_TO_HOME = 0.7
"""Share of moves down within family care that end at home for want of a less intrusive stair."""


@dataclass(frozen=True)
class Flows:
    """What enters: children newly at risk and assessments a year, odds of residential care at entry.

    `placed` is the share of assessments to be placed; below 0 where crises alone place too many.
    """

    inflow: float
    assessed: float
    placed: float
    residential_odds: float


@remembered
def settled_flows(s: Scenario) -> Flows:
    """Return the flows that hold the children on each stair as the scenario counts them.

    Raises ValueError where nobody is helped at home or becomes known, or where children are not assessed,
    so that there is no balance to hold.
    """
    _check_balance(s)
    stairs = _Stairs(s)
    care = [i for i, x in enumerate(s.staircase) if x.in_care]
    heavy = [i for i in care if residential(s.staircase, i)]
    home = [i for i, x in enumerate(s.staircase) if x.kind == "home"]
    n = stairs.count
    to_home = float((n * stairs.down * stairs.home)[care].sum())
    entries = to_home + float((n * stairs.aged)[care].sum())
    up = float((n * stairs.up)[_below_residential(s.staircase)].sum())
    leave_heavy = float((n * (stairs.down * stairs.out + stairs.aged))[heavy].sum())
    heavy_entries = max(_LEAST * leave_heavy, leave_heavy - up)
    from_help = float((n * stairs.up)[home].sum())
    closings = float((n * stairs.down)[home[0]])
    leave_home = from_help + closings + float((n * stairs.aged)[home].sum())
    detected, acute = fates(s)
    again = closings * (1.0 - math.exp(-s.children.reentry_rate * s.children.reentry_months / 12.0))
    closed = s.children.closed_after_assessment
    # assessments x (1 - closed) = into help + into care; into care by assessment = entries - others
    per_case = acute / detected
    assessed = (leave_home - to_home + entries - from_help + per_case * again) / (1.0 - closed + per_case)
    assessed = max(assessed, _LEAST * leave_home + again, _NONE)
    at_risk = max((assessed - again) / detected, _LEAST * assessed)
    placed = (entries - from_help - acute * at_risk) / assessed / _mean_age_factor(s)
    share = min(0.98, heavy_entries / max(entries, heavy_entries, _NONE))
    return Flows(12.0 * at_risk, 12.0 * assessed, placed, share / (1.0 - share))


def _check_balance(s: Scenario) -> None:
    homes = [x.key for x in s.staircase if x.kind == "home"]
    if not any(s.counted(d).get(key, 0) for d in s.districts for key in homes):
        raise ValueError(f"scenario {s.name!r} has nobody on a home stair; its flows cannot be settled")
    if s.staircase.first("assessment") < 0:
        raise ValueError(
            f"scenario {s.name!r} has no stair of kind 'assessment', which sends children to help or to "
            "care; its flows cannot be settled"
        )
    if fates(s)[0] <= 0.0:
        raise ValueError(f"scenario {s.name!r}: nobody is ever detected; its flows cannot be settled")


def _below_residential(stairs: Staircase) -> list[int]:
    """Return the care stairs from which a move up leads to a residential stair.

    A family, or what stands just below one; network and foster care do not lead to one another.
    """
    heavy = [residential(stairs, i) for i in range(len(stairs))] + [False]
    care = [i for i, x in enumerate(stairs) if x.in_care and not heavy[i]]
    return [i for i in care if stairs[i].family_like or heavy[i + 1]]


def settled(s: Scenario, reference: Scenario) -> Scenario:
    """Return `s` with inflow, share placed and residential share at entry that hold its counts.

    `reference` is the same municipality with the rates under which its own flows hold the counts. Its
    inflow and odds of residential care are scaled by the ratio of the balances under the two sets of
    rates. The children it places after an assessment are the small rest of large flows, so their number
    changes by the difference. What flows `s` has does not matter, but for the hours that the
    assessments of its inflow take.
    """
    now, before = settled_flows(s), settled_flows(reference)
    own, c, keys = reference.children, s.children, s.staircase.keys
    fewer = before.assessed / now.assessed
    placed = own.placed_after_assessment * fewer + (now.placed - before.placed * fewer)
    placed = max(_LEAST * own.placed_after_assessment, placed)
    placed = min(1.0 - c.closed_after_assessment, placed)
    shares = entry_shares(reference, _ratio(now.residential_odds, before.residential_odds))
    entry = {key: tuple(map(float, shares[:, keys.index(key)])) for key in own.entry_share}
    children = c.model_copy(update={"placed_after_assessment": placed, "entry_share": entry})
    more = _ratio(now.inflow, before.inflow)
    districts = tuple(
        d.model_copy(update={"inflow": own_d.inflow * more})
        for d, own_d in zip(s.districts, reference.districts, strict=True)
    )
    return s.model_copy(update={"districts": districts, "children": children})


def with_inflow(s: Scenario, factor: float) -> Scenario:
    """Return `s` with the inflow of every district times `factor`."""
    districts = tuple(d.model_copy(update={"inflow": d.inflow * factor}) for d in s.districts)
    return s.model_copy(update={"districts": districts})


def _ratio(now: float, before: float) -> float:
    return now / before if before > 0 else 1.0


class _Stairs:
    """Hazards per month on every stair, as means over its children."""

    count: Floats
    down: Floats
    """Of being seen ready and moved down."""
    up: Floats
    """Of moving up; at home only what leads into care."""
    home: Floats
    """Share of moves down from care that go home."""
    out: Floats
    """Share of moves down from a residential stair that leave residential care."""
    aged: Floats
    """Of reaching the leaving age."""

    def __init__(self, s: Scenario) -> None:
        start, c, keys = stationary_stays(s), s.children, s.staircase.keys
        seen = recognition_today(s)
        counted = [s.counted(d) for d in s.districts]
        self.count = np.array([sum(of.get(k, 0) for of in counted) for k in keys], float)
        ready = start.ready_hazard
        wait = np.array([rules.stationary_wait(months, seen) for months in start.later])
        with np.errstate(divide="ignore"):
            self.down = np.where(ready > 0, 1.0 / (1.0 / ready + wait), 0.0)
        teens = 1.0 + (c.teen_crisis_factor - 1.0) * _teens(s)
        crisis = np.array([c.crisis_rate.get(k, 0.0) for k in keys]) / 12.0 * teens
        in_care = np.array([x.in_care for x in s.staircase])
        need = np.array([c.planned_up.get(k, 0.0) for k in keys])
        found = np.divide(need, start.later, out=np.zeros(len(keys)), where=start.later > 0)
        homes = [i for i, x in enumerate(s.staircase) if x.kind == "home"]
        found[homes[:-1]] = 0.0  # found need leads to the next stair at home
        self.up = np.where(in_care, crisis * c.breakdown_up, crisis) + found
        share = np.array([c.home_share.get(k, 0.0) for k in keys])
        family = np.array([x.family_like for x in s.staircase])
        self.home = np.where(family, share + (1.0 - share) * _DOWN_TO_HOME, share)
        if (first := s.staircase.first("care")) >= 0 and not family[first]:
            self.home[first] = 1.0  # no less intrusive care
        heavy = np.array([residential(s.staircase, i) for i in range(len(keys))])
        self.out = np.where(np.append(False, heavy[:-1]), self.home, 1.0)
        self.aged = np.array([_ageing_hazard(s, i, h) for i, h in enumerate(start.hazard)])


def _ageing_hazard(s: Scenario, stair: int, hazard: float) -> float:
    """Return the monthly hazard of reaching the leaving age, as a mean over those on the stair."""
    total = float(entries_present(s, stair, hazard).sum())
    if total <= 0.0:
        return 0.0
    left = s.leave_age * 12 - np.arange(s.leave_age * 12)
    entering = entry_density(s, stair) * left / left  # to the last bit as entries_present has it
    return float((entering * np.exp(-hazard * left)).sum() / total)


def _teens(s: Scenario) -> float:
    """Return the share of children on a stair who are in an age band from the teen age on."""
    teens = [age >= s.children.teen_age for age in s.age_bands]
    return 1.0 if all(teens) else _TEENS if any(teens) else 0.0


def _mean_age_factor(s: Scenario) -> float:
    """Return the mean over assessed children of the age factor on the chance of care."""
    c = s.children
    pairs = zip(c.age_at_arrival, s.age_bands, strict=True)
    teens = sum(share for share, age in pairs if age >= c.teen_age)
    return 1.0 + (c.placed_age_factor - 1.0) * teens
