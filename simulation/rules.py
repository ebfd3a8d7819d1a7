"""Every probability and decision of the model, once, as small pure compiled functions.

Both engines call these: the agents child by child, the kernel in its loops. A rule takes numbers (and
the few arrays it needs), returns numbers, remembers nothing and draws nothing: uniforms are arguments.
Rates are per year, hazards and chances per month, ages and times in months, money in DKK.
"""

from __future__ import annotations

import math

import numpy as np

from simulation.compiled import compiled
from simulation.randomness import normal_quantile

STAY, DOWN, DOWN_UNREADY, UP = 0, 1, 2, 3
"""What a follow-up decides."""

WAIT = -1
"""Returned for a stair: there is a less intrusive one, but it is full."""

ALL_DONE = 1e-9
"""Hours below this count as none left (rounding of sums of hours)."""


# --- chances ------------------------------------------------------------------------------------


@compiled
def monthly_hazard(rate):  # type: ignore[no-untyped-def]
    """Return the hazard per month of a rate per year."""
    return rate / 12.0


@compiled
def chance(hazard):  # type: ignore[no-untyped-def]
    """Return the probability of at least one event at `hazard`: 1 - exp(-hazard)."""
    return -math.expm1(-hazard)


@compiled
def occurs(u, hazard):  # type: ignore[no-untyped-def]
    """Return whether an event of this month's `hazard` occurs, given its uniform.

    The first comparison settles most cases without an exponential, since chance(h) <= h.
    """
    return u < hazard and u < -math.expm1(-hazard)


# --- attention: what a caseload leaves for each child ----------------------------------------------


@compiled
def attention(reference_caseload, cases, fte, floor, ceiling):  # type: ignore[no-untyped-def]
    """Return reference caseload / (cases per FTE), kept between `floor` and `ceiling`.

    1 is the attention a case got at the reference caseload; 2 is half that caseload.
    """
    if fte <= 0.0:
        return floor
    if cases <= 0.0:
        return ceiling
    return min(ceiling, max(floor, reference_caseload * fte / cases))


@compiled
def power(base, exponent):  # type: ignore[no-untyped-def]
    """Return base ** exponent, exactly 1 for exponent 0."""
    if exponent == 0.0:
        return 1.0
    return math.pow(base, exponent)


@compiled
def leaving_hazard(rate, attention_, elasticity):  # type: ignore[no-untyped-def]
    """Return the monthly hazard that a caseworker leaves: rate x attention^-elasticity."""
    return rate / 12.0 * power(attention_, -elasticity)


# --- work: how a caseworker's month is divided ------------------------------------------------------


@compiled
def hours_available(fte, case_hours, sickness, new_factor, is_new, balance):  # type: ignore[no-untyped-def]
    """Return a caseworker's hours for cases this month, less what last month was overdrawn."""
    hours = fte * case_hours * (1.0 - sickness)
    if is_new:
        hours *= new_factor
    return max(0.0, hours + balance)


@compiled
def shared_hours(hours, reactive, assessments, follow_ups, share_r, share_a, share_f):  # type: ignore[no-untyped-def]
    """Return the hours that go to reactive work, assessments and follow-ups.

    Each kind gets what it asks for up to its guaranteed share; what is unused flows on to reactive
    work first, then assessments, then follow-ups, as far as they ask for more.
    """
    r = min(reactive, share_r * hours)
    a = min(assessments, share_a * hours)
    f = min(follow_ups, share_f * hours)
    left = max(0.0, hours - r - a - f)
    more = min(left, reactive - r)
    r += more
    left -= more
    more = min(left, assessments - a)
    a += more
    left -= more
    f += min(left, follow_ups - f)
    return r, a, f


@compiled
def follow_up_target(first, early, later, early_months, on_stair, since):  # type: ignore[no-untyped-def]
    """Return the months after which the next follow-up is due.

    None has been held on this stair while `since` (months since the last one, or since the move) is as
    long as the time on the stair.
    """
    if since >= on_stair:
        return first
    if on_stair < early_months:
        return early
    return later


@compiled
def urgency(since, target, stair, intrusive_first):  # type: ignore[no-untyped-def]
    """Return how far a due follow-up stands in front: its lateness relative to its target.

    Where the most intrusive stair goes first, the stair decides and lateness breaks ties.
    """
    lateness = since / target
    if intrusive_first:
        return 1.0e6 * stair + lateness
    return lateness


@compiled
def takes_cases(month, first_month, until, in_post, fte):  # type: ignore[no-untyped-def]
    """Return whether somebody in this post can take cases this month."""
    return first_month <= month < until and in_post >= 0 and fte > 0.0


@compiled
def hands_over(cases, fte, newcomers_cases, newcomers_fte, even_load):  # type: ignore[no-untyped-def]
    """Return whether a colleague with `cases` hands one to a newcomer.

    Colleagues above the even load of the district give, until the newcomer has the even load.
    """
    return cases > even_load * fte and newcomers_cases + 1.0 <= even_load * newcomers_fte


@compiled
def is_due(since, target):  # type: ignore[no-untyped-def]
    """Return whether a follow-up is due: months since the last one have reached the target."""
    return since >= target - ALL_DONE


# --- follow-ups ----------------------------------------------------------------------------------


@compiled
def recognition_chance(recognition, exponent):  # type: ignore[no-untyped-def]
    """Return 1 - (1 - recognition)^exponent: a ready child is seen and moved down.

    exponent = attention^recognition_elasticity x orientation x handover penalty.
    """
    return -math.expm1(exponent * math.log1p(-recognition))


@compiled
def follow_up_decision(u_down, u_up, ready, p_ready, p_unready, p_up):  # type: ignore[no-untyped-def]
    """Return STAY, DOWN, DOWN_UNREADY or UP for one follow-up."""
    if ready:
        if u_down < p_ready:
            return DOWN
    elif u_down < p_unready:
        return DOWN_UNREADY
    if u_up < p_up:
        return UP
    return STAY


# --- between follow-ups ----------------------------------------------------------------------------


@compiled
def crisis_hazard(base, severity, attention_effect, overdue, overdue_effect, early, handover):  # type: ignore[no-untyped-def]
    """Return the monthly hazard of a crisis.

    `attention_effect` is attention^-crisis_elasticity, `overdue` the months overdue (0 where not),
    `early` and `handover` the hazard ratios in force (1 where not).
    """
    return base * severity * attention_effect * (1.0 + overdue_effect * overdue) * early * handover


@compiled
def months_overdue(since, target):  # type: ignore[no-untyped-def]
    """Return how many months a follow-up is overdue, 0 where it is not."""
    return max(0.0, since - target)


@compiled
def assessment_ends(u, closed, placed):  # type: ignore[no-untyped-def]
    """Return STAY (help at home), DOWN (no case) or UP (into care) for a finished assessment.

    `placed` is the chance of care for this child (by age band, times severity).
    """
    if u < closed:
        return DOWN
    if u < closed + min(placed, 1.0 - closed):
        return UP
    return STAY


# --- where a child goes ----------------------------------------------------------------------------


@compiled
def stair_below(stair, first_home, last_home, closed, youngest, needs_network, free,
                age, network_found, u_home, home_share):  # type: ignore[no-untyped-def]  # fmt: skip
    """Return the stair a child moves down to, `closed`, or WAIT where all that would do are full.

    From help at home: one stair down, or the case closes. From care: home with probability
    `home_share`; else a network that was found; else the next less intrusive stair with room; home
    where no less intrusive stair exists for the child.
    """
    if stair <= last_home:
        return stair - 1 if stair > first_home else closed
    if u_home < home_share:
        return last_home
    exists = False
    for below in range(stair - 1, last_home, -1):
        if needs_network[below] and network_found and age >= youngest[below]:
            exists = True
            if free[below] > 0:
                return below
    for below in range(stair - 1, last_home, -1):
        if not needs_network[below] and age >= youngest[below]:
            exists = True
            if free[below] > 0:
                return below
    return WAIT if exists else last_home


@compiled
def stair_above(stair, youngest, needs_network, free, age, network_found):  # type: ignore[no-untyped-def]
    """Return the next more intrusive care stair that is open to the child; the top where it is there."""
    last = len(youngest) - 1
    for above in range(stair + 1, last):
        suits = age >= youngest[above] and (network_found or not needs_network[above])
        if suits and free[above] > 0:
            return above
    return last


@compiled
def entry_stair(shares, first_care, youngest, family_like, needs_network, free,
                age, network_found, u_type):  # type: ignore[no-untyped-def]  # fmt: skip
    """Return the stair of an entry into care, and whether it was for want of a family place.

    `shares` holds the share of entries on each stair that is not family-like; the rest is meant for a
    family: a network that was found, else the least intrusive family place that is free, else the
    next more intrusive stair (counted as "for want of a foster home").
    """
    last = len(youngest) - 1
    cumulated = 0.0
    for stair in range(first_care, last + 1):
        if family_like[stair] or age < youngest[stair]:
            continue
        cumulated += shares[stair]
        if u_type < cumulated:
            if free[stair] > 0:
                return stair, False
            return stair_above(stair, youngest, needs_network, free, age, network_found), False
    beyond = last
    for stair in range(first_care, last + 1):
        if family_like[stair]:
            beyond = stair
            suits = age >= youngest[stair] and (network_found or not needs_network[stair])
            if suits and free[stair] > 0:
                return stair, False
    return stair_above(beyond, youngest, needs_network, free, age, network_found), True


@compiled
def share_at_odds(share, odds_ratio):  # type: ignore[no-untyped-def]
    """Return the share whose odds are `odds_ratio` times those of `share`."""
    return share * odds_ratio / (1.0 - share + share * odds_ratio)


# --- who a child is ---------------------------------------------------------------------------------


@compiled
def lognormal(u, sd_log):  # type: ignore[no-untyped-def]
    """Return a lognormal value of mean 1 whose logarithm has standard deviation `sd_log`."""
    if sd_log <= 0.0:
        return 1.0
    return math.exp(sd_log * normal_quantile(u) - 0.5 * sd_log * sd_log)


@compiled
def place_in(u, cumulated):  # type: ignore[no-untyped-def]
    """Return the first index whose cumulated share exceeds u (the last one at the end)."""
    for i in range(len(cumulated) - 1):
        if u < cumulated[i]:
            return i
    return len(cumulated) - 1


@compiled
def truncated_stay(u, hazard, longest):  # type: ignore[no-untyped-def]
    """Return whole months of an exponential stay at monthly `hazard`, cut at `longest` months."""
    if longest <= 0.0:
        return 0
    if hazard <= 0.0:
        stay = u * longest
    else:
        stay = -math.log1p(u * math.expm1(-hazard * longest)) / hazard
    return min(int(stay), int(longest) - 1)


# --- money ------------------------------------------------------------------------------------------


@compiled
def refund(year_cost, thresholds, shares):  # type: ignore[no-untyped-def]
    """Return the state's part of one child's cost in a calendar year (Barnets lov § 198).

    shares[i] is refunded of what lies between thresholds[i] and the next one.
    """
    total = 0.0
    for i in range(len(thresholds)):
        if year_cost > thresholds[i]:
            upper = year_cost
            if i + 1 < len(thresholds):
                upper = min(year_cost, thresholds[i + 1])
            total += shares[i] * (upper - thresholds[i])
    return total


# --- policy -----------------------------------------------------------------------------------------


def ramp(month: int, start: int, stop: int, ramp_months: int) -> float:
    """Return how far a policy is in force in `month`: 0 before, rising linearly to 1, 0 from `stop`."""
    if month < start or month >= stop:
        return 0.0
    if ramp_months <= 0:
        return 1.0
    return min(1.0, (month - start + 1) / ramp_months)


def lever(today: float, wanted: float | None, strength: float) -> float:
    """Return a lever that goes `strength` (0-1) of the way from today's value to the wanted one."""
    if wanted is None:
        return today
    return today + strength * (wanted - today)


def stationary_wait(interval: float, p: float) -> float:
    """Return the mean months a ready child waits: interval x (1/p - 1/2), periodic follow-ups."""
    return interval * (1.0 / p - 0.5) if p > 0.0 else np.inf
