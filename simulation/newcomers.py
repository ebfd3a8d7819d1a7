"""Children as they come: drawn on arrival, or on the first day, the same for both engines."""

from __future__ import annotations

import math

from simulation import randomness as rn
from simulation.accounts import Floats
from simulation.compiled import compiled
from simulation.layout import DistrictRecord, Rows, TableRecord
from simulation.rules import (
    exactly_summable,
    lognormal,
    place_in,
    ready_since_follow_up,
    settled_clocks,
    since_follow_up,
    truncated_stay,
)

MONTH_SHIFT = 20
"""Up to 2**20 children may arrive in a month; numbers below 2**20 stand there on the first day."""


@compiled
def number_of_arrival(month: int, order: int) -> int:
    """Return the number of the child that is `order`-th (from 0) to arrive in `month`.

    It depends on nothing else, so both arms of a comparison meet the same children.
    """
    return ((month + 1) << MONTH_SHIFT) + order


@compiled
def is_covered(seed: int, replicate: int, number: int, reach: float) -> bool:
    """Return whether a policy reaches this child, for life: its own uniform against the reach."""
    if reach <= 0.0:
        return False
    if reach >= 1.0:
        return True
    return rn.uniform(seed, replicate, number, 0, rn.COVERED) < reach


@compiled
def arrival(
    t: TableRecord, seed: int, replicate: int, number: int, month: int
) -> tuple[int, float, bool]:
    """Return (birth month, severity, has_network) of a child newly at risk in `month`."""
    u_band, u_age, u_severity, u_network = rn.four_uniforms(seed, replicate, number, month, rn.ARRIVAL)
    band = 0
    for younger in range(t.n_bands - 1):
        band += u_band >= t.band[younger].arrival
    age = t.band[band].start + int(u_age * t.band[band].width)
    return month - age, lognormal(u_severity, t.severity_sd), u_network < t.has_network


@compiled
def counted_at_start(
    t: TableRecord, d: DistrictRecord, seed: int, replicate: int, district: int, stair: int
) -> int:
    """Return how many children stand on a stair on the first day: as counted, else Poisson."""
    n = d.start_count[stair]
    if n >= 0:
        return n
    purpose = rn.N_HIDDEN if stair == t.hidden else rn.N_ASSESSED
    return rn.poisson(d.start_mean[stair], seed, replicate, district, 0, purpose)


@compiled
def next_to_number(d: DistrictRecord, n_stairs: int) -> int:
    """Return the stair whose child gets the next number on the first day; -1 where all have theirs.

    The stair of which the largest share is still without a number, so that numbers say nothing about
    stairs (a newcomer takes over cases by number).
    """
    best = -1
    for stair in range(n_stairs):
        if d.left[stair] > 0 and (
            best < 0 or d.left[stair] * d.starting[best] > d.left[best] * d.starting[stair]
        ):
            best = stair
    return best


@compiled
def row_of_next(d: DistrictRecord, stair: int) -> int:
    """Return the row of GIVEN of the child on a stair who is numbered next; -1 where it is drawn."""
    return d.given[stair] + d.starting[stair] - d.left[stair] if d.given[stair] >= 0 else -1


@compiled
def starter(
    t: TableRecord,
    start_age: Floats,
    given: Rows,
    row: int,
    seed: int,
    replicate: int,
    number: int,
    stair: int,
) -> tuple[int, int, int, bool, float, bool, float]:
    """Return a child of the first day: what row `row` of `given` says, and the rest drawn; all at -1.

    (birth month, months on the stair, months since the last follow-up, ready, severity, has_network,
    hours already spent on its assessment). What is drawn has the stationary distribution of the stair.
    Months on the stair are at least 1. Under assessment the months since are 1: what others contribute
    is waited for from the first day on.
    """
    u_age, u_stay, u_ready, u_followed = rn.four_uniforms(seed, replicate, number, 0, rn.START)
    _, _, u_severity, u_network = rn.four_uniforms(seed, replicate, number, 0, rn.ARRIVAL)
    s = t.stair[stair]
    if row >= 0:
        birth, stay, since = -given[row].age, given[row].on_stair, given[row].since
        if stair == t.assessment:
            since = 1
        elif since < 0:
            since = since_follow_up(stay, s.start_first, s.start_later, u_followed)
    else:
        age = place_in(u_age, start_age[stair])
        longest = max(1, t.leave_age - age)
        stay = min(1 + truncated_stay(u_stay, s.start_hazard, float(t.leave_age - age)), longest)
        since = 1 if stair == t.assessment else stay
        if s.start_later > 0.0:
            stay, since = settled_clocks(stay - 1, s.start_first, s.start_later, longest, u_followed)
        birth = 1 - age - stay
    severity = lognormal(u_severity, t.severity_sd)
    progress = 0.0
    if stair == t.hidden:
        severity *= t.severity_growth**stay
    if stair == t.assessment:
        progress = t.assessment_hours * rn.uniform(seed, replicate, number, 0, rn.START_PROGRESS)
    network = u_network < t.has_network or s.needs_network > 0
    unready = s.start_unready if since < stay else 1.0
    ready = u_ready < ready_since_follow_up(unready, s.start_ready_hazard, since)
    return birth, stay, since, ready, severity, network, progress


@compiled
def starting_price(given: Rows, row: int, drawn: float) -> float:
    """Return what a child of the first day costs a month: as given, `drawn` where that is not known."""
    if row < 0 or math.isnan(given[row].price):
        return drawn
    return exactly_summable(given[row].price)
