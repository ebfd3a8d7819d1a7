"""Every probability and decision of the model, once, as small pure compiled functions.

Both engines call these: the agents child by child, the kernel in its loops. A rule takes numbers and
records (t the table, m a month, d a district, post a caseworker's post; see `layout.py`), returns
numbers, remembers nothing and draws nothing: uniforms are arguments. Rates are per year, hazards and
chances per month, ages and times in months, money in DKK.
"""

from __future__ import annotations

import math

import numpy as np

from simulation.accounts import Floats
from simulation.compiled import compiled, rule
from simulation.layout import (
    NEVER,
    DistrictRecord,
    Lever,
    MonthRecord,
    PostRecord,
    ProgrammeRecord,
    TableRecord,
    Target,
)
from simulation.randomness import normal_quantile

STAY, DOWN, DOWN_UNREADY, UP = 0, 1, 2, 3
"""What a follow-up decides."""

INTO_CARE, OUT_OF_CARE = 1, 2
"""What a move means for being in care."""

WAIT = -1
"""Returned for a stair: there is a less intrusive one, but it is full."""

ALL_DONE = 1e-9
"""Hours below this count as none left (rounding of sums of hours)."""


# --- chances -----------------------------------------------------------------------------------


@rule
def monthly_hazard(rate: float) -> float:
    """Return the hazard per month of a rate per year."""
    return rate / 12.0


@compiled
def chance(hazard: float) -> float:
    """Return the probability of at least one event at `hazard`: 1 - exp(-hazard)."""
    return -math.expm1(-hazard)


@compiled
def hazard_of(chance_: float) -> float:
    """Return the hazard at which at least one event has probability `chance_`: -log(1 - chance)."""
    return -math.log1p(-chance_)


@rule
def may_occur(u: float, hazard: float) -> bool:
    """Return False where an event of this month's `hazard` cannot occur, given its uniform.

    It settles most cases without an exponential, since chance(h) <= h.
    """
    return u < hazard


@rule
def must_occur(u: float, hazard: float) -> bool:
    """Return True where an event of this month's `hazard` occurs for certain, given its uniform.

    It settles nearly all of what `may_occur` leaves open, since chance(h) >= h / (1 + h).
    """
    return u < hazard / (1.0 + hazard)


@rule
def occurs(u: float, hazard: float) -> bool:
    """Return whether an event of this month's `hazard` occurs, given its uniform: u < chance(hazard)."""
    return may_occur(u, hazard) and (must_occur(u, hazard) or u < chance(hazard))


# --- attention: what a caseload leaves for each child -------------------------------------------


@rule
def attention(t: TableRecord, cases: float, fte: float) -> float:
    """Return reference caseload / (cases per FTE), kept between attention floor and ceiling.

    1 is the attention a case got at the reference caseload; 2 is half that caseload.
    """
    if fte <= 0.0:
        return t.attention_floor
    if cases <= 0:
        return t.attention_ceiling
    return min(t.attention_ceiling, max(t.attention_floor, t.reference_caseload * fte / cases))


@compiled
def power(base: float, exponent: float) -> float:
    """Return base ** exponent, exactly 1 for exponent 0."""
    if exponent == 0.0:
        return 1.0
    return math.pow(base, exponent)


@rule
def leaving_hazard(rate: float, attention_: float, elasticity: float) -> float:
    """Return the monthly hazard that a caseworker leaves: rate x attention^-elasticity."""
    return rate / 12.0 * power(attention_, -elasticity)


def highest_leaving_hazard(rate: float, floor: float, ceiling: float, elasticity: float) -> float:
    """Return a hazard above any that `leaving_hazard` gives; attention is 1 on the first day."""
    ends = min(floor, 1.0), max(ceiling, 1.0)
    return 1.000001 * max(leaving_hazard(rate, end, elasticity) for end in ends)


# --- work: how a caseworker's month is divided --------------------------------------------------


@rule
def hours_earned(t: TableRecord, post: PostRecord) -> float:
    """Return a caseworker's hours for cases this month, less what is overdrawn (negative if more)."""
    hours = post.fte * t.case_hours * (1.0 - t.sickness)
    if post.in_post < t.new_worker_months:
        hours *= t.new_worker_factor
    return hours + post.balance


@rule
def carried_over(earned: float, left: float) -> float:
    """Return the hours overdrawn at the end of a month (0 or negative).

    `earned` is what `hours_earned` gave (its negative part is still owed), `left` what the follow-ups
    left over or overdrew. Hours left over are not kept.
    """
    overdrawn = left if left < -ALL_DONE else 0.0
    return min(0.0, earned) + overdrawn


@rule
def shared_hours(
    t: TableRecord, hours: float, reactive: float, assessments: float, follow_ups: float
) -> tuple[float, float, float]:
    """Return the hours that go to reactive work, assessments and follow-ups, given what they ask for.

    Each kind gets what it asks for up to its guaranteed share; what is unused flows on to reactive
    work first, then assessments, then follow-ups, as far as they ask for more.
    """
    r = min(reactive, t.share_reactive * hours)
    a = min(assessments, t.share_assessments * hours)
    f = min(follow_ups, t.share_follow_ups * hours)
    left = max(0.0, hours - r - a - f)
    more = min(left, reactive - r)
    r += more
    left -= more
    more = min(left, assessments - a)
    a += more
    left -= more
    f += min(left, follow_ups - f)
    return r, a, f


def hours_of_case(hours: float, weight: float) -> float:
    """Return what a case asks of its caseworker's hours, on a stair of this weight.

    Rounded to 2^-32 hours (`exactly_summable`), so that it does not matter in which order cases ask.
    """
    return exactly_summable(hours * weight, 4294967296.0)


@rule
def load(cases: float, fte: float) -> float:
    """Return cases per FTE, by which cases without a caseworker are given out: the least loaded first."""
    return cases / fte


@rule
def follow_up_target(
    first: float, early: float, later: float, early_months: int, on_stair: int, since: int
) -> float:
    """Return the months after which the next follow-up is due, by the rule of the child's stair.

    None has been held on this stair while `since` (months since the last one, or since the move) is as
    long as the time on the stair.
    """
    then = early if on_stair < early_months else later
    return first if since >= on_stair else then


@rule
def urgency(since: int, target: Target, stair: int, intrusive_first: bool) -> float:
    """Return how far a due follow-up stands in front: its lateness relative to its target.

    Where the most intrusive stair goes first, the stair decides and lateness breaks ties.
    """
    lateness = since / target
    if intrusive_first:
        return 1.0e6 * stair + lateness
    return lateness


@rule
def takes_cases(post: PostRecord, month: int) -> bool:
    """Return whether somebody in this post can take cases this month."""
    return post.begins <= month < post.ends and post.in_post >= 0 and post.fte > 0.0


@rule
def has_room(cases: float, fte: float, even_load: float) -> bool:
    """Return whether a newcomer is still a case below the even load of the district."""
    return cases + 1.0 <= even_load * fte


@rule
def hands_over(
    cases: float, fte: float, newcomers_cases: float, newcomers_fte: float, even_load: float
) -> bool:
    """Return whether a colleague with `cases` hands one to a newcomer.

    Colleagues above the even load of the district give, until the newcomer has the even load.
    """
    return cases > even_load * fte and has_room(newcomers_cases, newcomers_fte, even_load)


@rule
def is_due(since: int, target: Target, on_stair: int) -> bool:
    """Return whether a follow-up is due: months since the last one have reached the target.

    Never in the month of a move (on_stair 0).
    """
    return (since >= target - ALL_DONE) & (on_stair > 0)


# --- assessments --------------------------------------------------------------------------------


@rule
def all_is_known(t: TableRecord, since: int, u: float) -> bool:
    """Return whether what others must contribute to an assessment has come (schools, doctors, parents).

    It comes after an exponential time of mean `assessment_wait` months, so an assessment may have to
    wait although its hours are done. No wait: at once. `since` counts months from the day the case
    opened; for children of the first day from then on, as an exponential wait has no memory.
    """
    return since >= months_until_known(t, u)


@rule
def known_by(t: TableRecord, since: int) -> float:
    """Return the chance that all is known `since` months after the case opened, where there is a wait."""
    return chance(since / t.assessment_wait)


@rule
def months_until_known(t: TableRecord, u: float) -> int:
    """Return the least `since` at which `all_is_known`."""
    return math.ceil(t.assessment_wait * hazard_of(u))


@rule
def hours_wanting(t: TableRecord, progress: float) -> float:
    """Return the hours an assessment still needs, 0 where its hours are done."""
    left = t.assessment_hours - progress
    return left if left > ALL_DONE else 0.0


# --- programmes beside casework -----------------------------------------------------------------


@rule
def may_take_part(
    programme: ProgrammeRecord, bit: int, stair: int, age: int, covered: int, course: int, taken: int
) -> bool:
    """Return whether a child may begin a course of the programme that has this `bit`.

    On its stair, of its age, covered by the policy, in no other course, and not for a second time.
    """
    return (
        covered > 0
        and stair == programme.stair
        and programme.youngest <= age < programme.oldest
        and course < 0
        and taken & bit == 0
    )


@rule
def goes_first(
    programme: ProgrammeRecord, severity: float, on_stair: int, than_severity: float, than_on_stair: int
) -> bool:
    """Return whether a child gets a seat before another: the gravest, or who is longest on the stair."""
    if programme.gravest_first:
        return severity > than_severity
    return on_stair > than_on_stair


@rule
def holds_seat(programme: ProgrammeRecord, course_left: int) -> bool:
    """Return whether a child with `course_left` months of course and effect is still in the course."""
    return course_left > programme.lasts


# --- follow-ups ---------------------------------------------------------------------------------


@compiled
def recognition_chance(recognition: float, exponent: float) -> float:
    """Return 1 - (1 - recognition)^exponent: a ready child is seen and moved down.

    exponent = attention^recognition_elasticity x orientation x handover penalty.
    """
    return chance(exponent * hazard_of(recognition))


@rule
def follow_up_decision(
    t: TableRecord,
    lever: Lever,
    stair: int,
    ready: bool,
    in_handover: bool,
    attention_: float,
    u_down: float,
    u_up: float,
) -> int:
    """Return STAY, DOWN, DOWN_UNREADY or UP for one follow-up.

    `attention_` is attention^recognition_elasticity, `lever` what practice and surveillance are now.
    """
    if ready and occurs(u_down, down_hazard(t, lever, in_handover, attention_)):
        return DOWN
    if not ready and u_down < unready_chance(t, lever):
        return DOWN_UNREADY
    if u_up < up_chance(t, lever, stair):
        return UP
    return STAY


@rule
def down_chance(t: TableRecord, lever: Lever, ready: bool, in_handover: bool, attention_: float) -> float:
    """Return the chance that a follow-up moves a child down; `attention_` as in `follow_up_decision`."""
    return chance(down_hazard(t, lever, in_handover, attention_)) if ready else unready_chance(t, lever)


@rule
def down_hazard(t: TableRecord, lever: Lever, in_handover: bool, attention_: float) -> float:
    """Return the hazard, over one follow-up, that a ready child is seen; as in `recognition_chance`."""
    exponent = attention_ * lever.orientation
    if in_handover:
        exponent *= t.handover_penalty
    return exponent * t.recognition_hazard


@rule
def unready_chance(t: TableRecord, lever: Lever) -> float:
    """Return the chance that a follow-up moves a child down who is not ready."""
    return t.premature * lever.orientation


@rule
def up_chance(t: TableRecord, lever: Lever, stair: int) -> float:
    """Return the chance that a follow-up that moves nobody down finds unmet need and moves a child up."""
    return t.stair[stair].planned_up * (1.0 + lever.surveillance)


# --- between follow-ups -------------------------------------------------------------------------


@rule
def crisis_hazard(
    t: TableRecord,
    base: float,
    severity: float,
    attention_effect: float,
    overdue: float,
    is_early: bool,
    in_handover: bool,
) -> float:
    """Return the monthly hazard of a crisis.

    `base` is the stair's and age band's, `attention_effect` is attention^-crisis_elasticity, `overdue`
    the months by which a follow-up is overdue.
    """
    hazard = base * severity * attention_effect * (1.0 + t.overdue_effect * overdue)
    if is_early:
        hazard *= t.early_hr
    if in_handover:
        hazard *= t.handover_hr
    return hazard


@rule
def becomes_ready(u: float, ready: bool, chance_: float) -> bool:
    """Return whether a child who was not ready becomes so this month."""
    return not ready and u < chance_


@rule
def readiness_in_course(chance_: float, factor: float) -> float:
    """Return the month's chance of becoming ready when a course multiplies its rate by `factor`.

    1 - (1 - chance)^factor, and exactly `chance_` for a factor of 1.
    """
    return chance_ if factor == 1.0 else recognition_chance(chance_, factor)


@rule
def goes_higher(t: TableRecord, u: float) -> bool:
    """Return whether a child is placed higher after a breakdown, and not on the same stair again."""
    return u < t.breakdown_up


@rule
def network_is_found(has_network: bool, u: float, search: float) -> bool:
    """Return whether there are kin and the search finds them."""
    return has_network and u < search


@rule
def hidden_crisis_hazard(t: TableRecord, severity: float) -> float:
    """Return the monthly hazard that an undetected child is placed in an acute crisis."""
    return t.hidden_crisis_hazard * severity


@rule
def detection_hazard(t: TableRecord, outreach: float) -> float:
    """Return the monthly hazard that an undetected child becomes known."""
    return t.detection_hazard * outreach


@rule
def comes_of_age(t: TableRecord, age: int) -> bool:
    """Return whether a child of `age` months reaches the leaving age at the end of this month."""
    return age + 1 >= t.leave_age


@rule
def is_out_of_sight(t: TableRecord, stair: int, on_stair: int) -> bool:
    """Return whether a closed case can no longer come back."""
    return stair == t.closed and on_stair >= t.reentry_months


@rule
def unchanged_until(t: TableRecord, stair: int, band: int, birth: int, moved: int) -> int:
    """Return the first month in which a child is of another age band, has left, or is out of sight.

    The earliest of what `comes_of_age` and `is_out_of_sight` ask for at the end of a month, and of the
    end of the age band; `moved` is the month of the last move.
    """
    if stair >= t.gone:
        return NEVER
    until = min(birth + t.leave_age, birth + t.band[band].start + t.band[band].width)
    if stair == t.closed:
        until = min(until, moved + t.reentry_months + 1)
    return until


@rule
def months_overdue(since: int, target: Target) -> float:
    """Return how many months a follow-up is overdue, 0 where it is not."""
    return max(0.0, since - target)


@rule
def assessment_ends(u: float, closed: float, placed: float) -> int:
    """Return STAY (help at home), DOWN (no case) or UP (into care) for a finished assessment.

    `placed` is the chance of care for this child (by age band, times severity).
    """
    if u < closed:
        return DOWN
    if u < closed + placed_share(closed, placed):
        return UP
    return STAY


@rule
def placed_share(closed: float, placed: float) -> float:
    """Return the share of assessments that end in care, where a share `closed` ends without a case."""
    return min(placed, 1.0 - closed)


# --- where a child goes -------------------------------------------------------------------------


@rule
def stair_below(
    t: TableRecord, d: DistrictRecord, stair: int, age: int, network_found: bool, u_home: float
) -> int:
    """Return the stair a child moves down to, `t.closed`, or WAIT where all that would do are full.

    From help at home: one stair down, or the case closes. From care: home with the stair's
    `home_share`; else a network that was found; else the next less intrusive stair with room; home
    where no less intrusive stair exists for the child. `d` is the district with its free places.
    """
    if stair <= t.last_home:
        return stair - 1 if stair > t.first_home else t.closed
    if u_home < t.stair[stair].home_share:
        return t.last_home
    exists = False
    for below in range(stair - 1, t.last_home, -1):
        if t.stair[below].needs_network and network_found and age >= t.stair[below].youngest:
            exists = True
            if d.free[below] > 0:
                return below
    for below in range(stair - 1, t.last_home, -1):
        if not t.stair[below].needs_network and age >= t.stair[below].youngest:
            exists = True
            if d.free[below] > 0:
                return below
    return WAIT if exists else t.last_home


@rule
def is_open(t: TableRecord, d: DistrictRecord, stair: int, age: int, network_found: bool) -> bool:
    """Return whether a stair takes this child: age, network, a free place."""
    s = t.stair[stair]
    return age >= s.youngest and (network_found or not s.needs_network) and d.free[stair] > 0


@rule
def stair_above(t: TableRecord, d: DistrictRecord, stair: int, age: int, network_found: bool) -> int:
    """Return the next more intrusive stair that is open to the child; the last takes everybody."""
    for above in range(stair + 1, t.n_stairs - 1):
        if is_open(t, d, above, age, network_found):
            return above
    return t.n_stairs - 1


@rule
def entry_stair(
    t: TableRecord, d: DistrictRecord, shares: Floats, age: int, network_found: bool, u_type: float
) -> tuple[int, bool]:
    """Return the stair of an entry into care, and whether it was for want of a family place.

    `shares` holds the share of entries on each stair that is not family-like; the rest is meant for a
    family: the least intrusive family-like stair that is open to the child (network care where kin were
    found), else the next more intrusive stair (counted as "for want of a place in a family"); the last
    stair where there are no families.
    """
    last = t.n_stairs - 1
    cumulated = 0.0
    for stair in range(t.first_care, t.n_stairs):
        if t.stair[stair].family_like or age < t.stair[stair].youngest:
            continue
        cumulated += shares[stair]
        if u_type < cumulated:
            if is_open(t, d, stair, age, network_found):
                return stair, False
            return stair_above(t, d, stair, age, network_found), False
    beyond = last
    for stair in range(t.first_care, t.n_stairs):
        if t.stair[stair].family_like:
            beyond = stair
            if is_open(t, d, stair, age, network_found):
                return stair, False
    return stair_above(t, d, beyond, age, network_found), beyond < last


@rule
def share_at_odds(share: float, odds_ratio: float) -> float:
    """Return the share whose odds are `odds_ratio` times those of `share`; 0 for an odds ratio of 0."""
    if odds_ratio <= 0.0:
        return 0.0
    return share * odds_ratio / (1.0 - share + share * odds_ratio)


@rule
def kind_of_move(t: TableRecord, origin: int, to: int) -> tuple[int, int]:
    """Return (UP, DOWN or STAY, INTO_CARE, OUT_OF_CARE or STAY) for a move between stairs.

    Down is to a less intrusive stair, or the end of help; up is to a more intrusive one, or into care
    from no help at all. Detection, assessment and what passes undetected are neither.
    """
    from_care = t.first_care <= origin < t.n_stairs
    into_care = t.first_care <= to < t.n_stairs
    helped = t.first_home <= origin < t.n_stairs
    way = STAY
    if helped and (to == t.closed or to < origin):
        way = DOWN
    elif (into_care and (to > origin or not helped)) or (helped and origin < to < t.n_stairs):
        way = UP
    if into_care and not from_care:
        return way, INTO_CARE
    if from_care and not into_care:
        return way, OUT_OF_CARE
    return way, STAY


# --- who a child is -----------------------------------------------------------------------------


@compiled
def lognormal(u: float, sd_log: float) -> float:
    """Return a lognormal value of mean 1 whose logarithm has standard deviation `sd_log`."""
    if sd_log <= 0.0:
        return 1.0
    return math.exp(sd_log * normal_quantile(u) - 0.5 * sd_log * sd_log)


@compiled
def place_in(u: float, cumulated: Floats) -> int:
    """Return the first index whose cumulated share exceeds u (the last one at the end)."""
    place, beyond = 0, len(cumulated) - 1
    while beyond > 0:
        half = (beyond + 1) // 2
        place += half if cumulated[place + half - 1] <= u else 0
        beyond -= half
    return place


@compiled
def truncated_stay(u: float, hazard: float, longest: float) -> int:
    """Return whole months of an exponential stay at monthly `hazard`, cut at `longest` months."""
    if longest <= 0.0:
        return 0
    stay = u * longest
    if hazard > 0.0:
        stay = -math.log1p(u * math.expm1(-hazard * longest)) / hazard
    return min(int(stay), int(longest) - 1)


# --- money --------------------------------------------------------------------------------------


@rule
def refund(m: MonthRecord, year_cost: float) -> float:
    """Return the state's part of one child's cost in a calendar year (Barnets lov § 198).

    refund[i].share is refunded of what lies between refund[i].threshold and the next one; `m` is a month
    of that year.
    """
    total = 0.0
    for i in range(m.n_refunds):
        if year_cost <= m.refund[i].threshold:
            break
        upper = year_cost
        if i + 1 < m.n_refunds:
            upper = min(year_cost, m.refund[i + 1].threshold)
        total += m.refund[i].share * (upper - m.refund[i].threshold)
    return total


@rule
def lowest_threshold(m: MonthRecord) -> float:
    """Return the cost of a calendar year up to which there is no refund, in DKK."""
    return m.refund[0].threshold if m.n_refunds > 0 else math.inf


@rule
def refund_accrued(m: MonthRecord, year_cost: float, price: float) -> float:
    """Return the refund that a month at `price` adds to a calendar year that cost `year_cost` so far.

    Over the months of a year it adds up to the refund of the year.
    """
    return refund(m, year_cost + price) - refund(m, year_cost)


@rule
def monthly_price(t: TableRecord, u: float, stair: int) -> float:
    """Return what a child costs a month on a stair: its unit price times a lognormal factor."""
    if t.stair[stair].price_sd <= 0.0:
        return t.stair[stair].unit_price
    return exactly_summable(t.stair[stair].unit_price * lognormal(u, t.stair[stair].price_sd))


@rule
def exactly_summable(amount: float, steps: float = 4194304.0) -> float:
    """Return an amount, rounded to one of so many steps in a unit: DKK to a quarter of a millionth.

    Sums of such amounts have no rounding error below 2^53 steps (2.1 thousand million DKK), whatever
    their order.
    """
    return math.floor(amount * steps + 0.5) / steps


# --- policy -------------------------------------------------------------------------------------


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


def interval(today: float, wanted: float, strength: float) -> float:
    """Return the months between follow-ups in force: between today's and the wanted ones, whole ones.

    Follow-ups are held once a month, so 3.1 months would come out as 4. Today's and the wanted interval
    themselves stay as they are stated.
    """
    months = lever(today, wanted, strength)
    if strength <= 0.0 or strength >= 1.0:
        return months
    return min(max(math.floor(months + 0.5), min(today, wanted)), max(today, wanted))


def unready_after_follow_up(ready_hazard: float, first: float, later: float, p: float) -> float:
    """Return the share of children on a stair not ready just after a follow-up, when settled.

    Nobody is ready on arrival; follow-ups are held `first` months later and every `later` months from
    then on, and at each the share p of those ready moves. Summed over follow-ups, the unready are
    A = f / (1 - e) and the ready who stay B = (1 - p) / p, with f = exp(-hazard x first) and
    e = exp(-hazard x later). Hence A / (A + B); 1 where nobody gets ready, 0 where nobody is seen.
    """
    f, e = math.exp(-ready_hazard * first), math.exp(-ready_hazard * later)
    divisor = p * f + (1.0 - p) * (1.0 - e)
    return p * f / divisor if divisor > 0.0 else 1.0


@rule
def settled_clocks(gone: int, first: float, later: float, longest: int, u: float) -> tuple[int, int]:
    """Return (months on the stair, months since the last follow-up) of a child of the first day.

    A child leaves at a follow-up, so of an exponential stay of `gone` months only the follow-ups held
    in it count: one after `first` months, then one every `later`. The months since the last one, or
    since the move, are even over the interval, as far as the stay is at most `longest` months.
    """
    held = 0
    interval = first
    if gone >= first:
        held = int(first + later * int((gone - first) / later))
        interval = later
    since = 1 + int(u * min(interval, longest - held))
    return held + since, since


@rule
def since_follow_up(on_stair: int, first: float, later: float, u: float) -> int:
    """Return the months since the last follow-up of a child whose time on the stair alone is known.

    Follow-ups are held `first` months after the move and every `later` months from then on. None may be
    held yet, then it is the whole stay; or the first one only, then it is the rest of it. In longer stays
    intervals have drifted apart, so that the months since the last one are even over the interval.
    """
    gone = on_stair - 1
    if gone < first:
        return on_stair
    if gone < first + later:
        return on_stair - math.ceil(first)
    return 1 + int(u * later)


@rule
def ready_since_follow_up(unready: float, ready_hazard: float, since: int) -> float:
    """Return the chance that a child is ready `since` months after its last follow-up, when settled.

    `unready` is the share not ready just after it (`unready_after_follow_up`); 1 just after the move.
    """
    return 1.0 - unready * math.exp(-ready_hazard * since)


def stationary_wait(interval: float, p: float) -> float:
    """Return the mean months a ready child waits: interval x (1/p - 1/2), periodic follow-ups."""
    return interval * (1.0 / p - 0.5) if p > 0.0 else np.inf
