"""The kernel: the month of `model.py` over arrays, compiled, for Monte Carlo.

Same order, same rules, same uniforms as the agents engine, hence the same histories to the last bit.
Children are records in order of their number; a child who left is squeezed out at the end of the month.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation import randomness as rn
from simulation import rules
from simulation.compiled import compiled
from simulation.ledger import FIRST_STAIR, Col, Event
from simulation.newcomers import (
    arrival,
    counted_at_start,
    is_covered,
    monthly_price,
    number_of_arrival,
    starter,
)
from simulation.tables import (
    EARLY,
    FIRST,
    LATER,
    NETWORK_SEARCH,
    ORIENTATION,
    OUTREACH,
    SURVEILLANCE,
    UNLIMITED,
)

NOBODY = -1
"""Caseworker of a child who has none."""

CHILD = np.dtype(
    [
        ("number", np.int64),
        ("severity", np.float64),
        ("price", np.float64),
        ("year_cost", np.float64),
        ("progress", np.float64),
        ("hours", np.float64),
        ("target", np.float64),
        ("birth", np.int32),
        ("on_stair", np.int32),
        ("since", np.int32),
        ("handover", np.int32),
        ("early", np.int32),
        ("worker", np.int32),
        ("next", np.int32),
        ("district", np.int16),
        ("stair", np.int16),
        ("ready", np.bool_),
        ("has_network", np.bool_),
        ("covered", np.int8),
    ],
    align=True,
)
POST = np.dtype(
    [
        ("in_post", np.int64),
        ("cases", np.int64),
        ("balance", np.float64),
        ("attention", np.float64),
        ("crisis_effect", np.float64),
        ("asked_reactive", np.float64),
        ("reactive_share", np.float64),
        ("first_due", np.int64),
        ("first_assessment", np.int64),
    ],
    align=True,
)
TRACE_INTS = ("month", "child", "stair", "on_stair", "since", "caseworker", "ready", "handover")
TRACE_FLOATS = ("hours", "price", "year_cost", "severity")


N_CHILDREN, N_EVENTS, N_TRACED, N_UNALLOCATED, OVERFLOW = 0, 1, 2, 3, 4


class Run(NamedTuple):
    """One replicate under way: who it is about, and where it writes."""

    seed: int
    replicate: int
    children: NDArray[np.void]  # CHILD, in order of number
    posts: NDArray[np.void]  # POST
    free: NDArray[np.int64]  # [district, stair] places free; closed cases have a column too
    count: NDArray[np.int64]  # N_CHILDREN, N_EVENTS, ...
    events: NDArray[np.int64]  # [event, (month, child, event, from, to)]; no rows: not recorded
    trace_ints: NDArray[np.int64]  # [child-month, TRACE_INTS]; no rows: not recorded
    trace_floats: NDArray[np.float64]


# --- the life of a replicate ----------------------------------------------------------------------


@compiled
def run_replicate(t, x, books):  # type: ignore[no-untyped-def]
    """Simulate one replicate; `books` [month, column] must come in as zeros."""
    first_day(t, x)
    for month in range(t.n_months):
        run_month(t, x, books[month], month)


@compiled
def run_month(t, x, book, month):  # type: ignore[no-untyped-def]
    """Simulate one month, in the fixed order of the model."""
    begin_month(t, x, month)
    staff(t, x, book, month)
    arrivals(t, x, book, month)
    detection(t, x, book, month)
    allocation(t, x, book, month)
    working_time(t, x, book, month)
    between_follow_ups(t, x, book, month)
    ageing(t, x, book, month)
    bookkeeping(t, x, book, month)


@compiled
def first_day(t, x):  # type: ignore[no-untyped-def]
    """Set up posts, places and the children who stand there on the first day."""
    for p in range(len(x.posts)):
        x.posts[p].in_post = t.post_experience[p]
        x.posts[p].cases = 0
        x.posts[p].balance = 0.0
        x.posts[p].attention = 1.0
    x.free[:, :] = UNLIMITED
    for d in range(t.places.shape[1]):
        for stair in range(t.n_stairs):
            x.free[d, stair] = t.places[0, d, stair]
    x.count[:] = 0
    number = 0
    for d in range(t.places.shape[1]):
        for stair in range(t.n_stairs):
            for _ in range(counted_at_start(t, x.seed, x.replicate, d, stair)):
                add_starter(t, x, number, d, stair)
                number += 1


@compiled
def add_starter(t, x, number, district, stair):  # type: ignore[no-untyped-def]
    """Add one child of the first day."""
    i = new_record(x, number, district, stair)
    birth, stay, since, ready, severity, network, progress = starter(
        t, x.seed, x.replicate, number, stair
    )
    c = x.children[i]
    c.birth = birth
    c.on_stair = stay
    c.since = since
    c.ready = ready
    c.severity = severity
    c.has_network = network
    c.progress = progress
    c.covered = is_covered(x.seed, x.replicate, number, t.reach[district])
    u_price = rn.uniform(x.seed, x.replicate, number, 0, rn.START_PRICE)
    c.price = monthly_price(t, u_price, stair)
    x.free[district, stair] -= 1
    x.count[N_UNALLOCATED] += 1


@compiled
def new_record(x, number, district, stair):  # type: ignore[no-untyped-def]
    """Return the index of a fresh record; the last one again (and OVERFLOW set) where all are used."""
    i = x.count[N_CHILDREN]
    if i == len(x.children):
        x.count[OVERFLOW] = 1
        i -= 1
        x.count[N_CHILDREN] -= 1
    x.count[N_CHILDREN] += 1
    c = x.children[i]
    c.number = number
    c.district = district
    c.stair = stair
    c.worker = NOBODY
    c.on_stair = 0
    c.since = 0
    c.handover = 0
    c.early = 0
    c.progress = 0.0
    c.year_cost = 0.0
    c.hours = 0.0
    c.target = 0.0
    c.ready = False
    return i


@compiled
def note(x, i, month, event, origin, to):  # type: ignore[no-untyped-def]
    """Write an event down, where events are recorded."""
    if len(x.events) > 0:
        n = x.count[N_EVENTS]
        x.count[N_EVENTS] += 1
        if n < len(x.events):
            x.events[n, 0] = month
            x.events[n, 1] = x.children[i].number
            x.events[n, 2] = event
            x.events[n, 3] = origin
            x.events[n, 4] = to


@compiled
def begin_month(t, x, month):  # type: ignore[no-untyped-def]
    """Open or close places as the policy in force says."""
    if month > 0:
        for d in range(t.places.shape[1]):
            for stair in range(t.n_stairs):
                x.free[d, stair] += t.places[month, d, stair] - t.places[month - 1, d, stair]


# --- 1 staff ------------------------------------------------------------------------------------------


@compiled
def staff(t, x, book, month):  # type: ignore[no-untyped-def]
    """Caseworkers leave, vacant posts are filled, newcomers take over cases."""
    for p in range(len(x.posts)):
        post = x.posts[p]
        if month == t.post_until[p]:
            release_cases(t, x, book, month, p)
        if month < t.post_from[p] or month >= t.post_until[p]:
            continue
        begins = month == t.post_from[p] and t.post_experience[p] == 0
        if post.in_post < 0:
            post.in_post += 1
            begins = post.in_post == 0
        elif not begins:
            hazard = rules.leaving_hazard(t.turnover_rate, post.attention, t.turnover_elasticity)
            if rules.occurs(rn.uniform(x.seed, x.replicate, p, month, rn.TURNOVER), hazard):
                book[Col.new_resignations] += 1.0
                release_cases(t, x, book, month, p)
                post.in_post = -t.vacancy_months
                post.balance = 0.0
            else:
                post.in_post += 1
        if begins:
            take_over(t, x, book, month, p)


@compiled
def release_cases(t, x, book, month, p):  # type: ignore[no-untyped-def]
    """Leave all cases of a post without a caseworker; their handover begins."""
    for i in range(x.count[N_CHILDREN]):
        c = x.children[i]
        if c.worker == p:
            c.worker = NOBODY
            x.count[N_UNALLOCATED] += 1
            begin_handover(t, x, book, month, i)
    x.posts[p].cases = 0


@compiled
def begin_handover(t, x, book, month, i):  # type: ignore[no-untyped-def]
    """Let a child feel a change of caseworker."""
    c = x.children[i]
    c.handover = t.handover_months
    book[Col.new_handovers] += 1.0
    note(x, i, month, Event.NEW_CASEWORKER, c.stair, c.stair)


@compiled
def can_take(t, x, month, p):  # type: ignore[no-untyped-def]
    """Return whether somebody in post p can take cases."""
    return rules.takes_cases(
        month, t.post_from[p], t.post_until[p], x.posts[p].in_post, t.post_fte[p]
    )


@compiled
def take_over(t, x, book, month, p):  # type: ignore[no-untyped-def]
    """Give a newcomer the newest cases of colleagues who carry more than the even load."""
    if not can_take(t, x, month, p):
        return
    cases = 0.0
    fte = 0.0
    for q in range(len(x.posts)):
        if t.post_district[q] == t.post_district[p] and can_take(t, x, month, q):
            cases += x.posts[q].cases
            fte += t.post_fte[q]
    even = cases / fte
    for i in range(x.count[N_CHILDREN] - 1, -1, -1):
        q = x.children[i].worker
        if q == NOBODY or q == p or t.post_district[q] != t.post_district[p]:
            continue
        if rules.hands_over(x.posts[q].cases, t.post_fte[q], x.posts[p].cases, t.post_fte[p], even):
            x.posts[q].cases -= 1
            x.posts[p].cases += 1
            x.children[i].worker = p
            begin_handover(t, x, book, month, i)


# --- 2 arrivals ---------------------------------------------------------------------------------------


@compiled
def arrivals(t, x, book, month):  # type: ignore[no-untyped-def]
    """Children newly at risk, the same in every arm of a comparison."""
    order = 0
    for d in range(len(t.inflow)):
        n = rn.poisson(t.inflow[d], x.seed, x.replicate, d, month, rn.N_ARRIVALS)
        for _ in range(n):
            add_arrival(t, x, book, month, number_of_arrival(month, order), d)
            order += 1


@compiled
def add_arrival(t, x, book, month, number, district):  # type: ignore[no-untyped-def]
    """Add one child newly at risk, on the lowest stair there is."""
    stair = t.hidden
    if stair < 0:
        stair = t.assessment if t.assessment >= 0 else t.first_home
    i = new_record(x, number, district, stair)
    c = x.children[i]
    c.birth, c.severity, c.has_network = arrival(t, x.seed, x.replicate, number, month)
    c.covered = is_covered(x.seed, x.replicate, number, t.reach[district])
    u_price = rn.uniform(x.seed, x.replicate, number, month, rn.PRICE)
    c.price = monthly_price(t, u_price, stair)
    x.free[district, stair] -= 1
    x.count[N_UNALLOCATED] += stair != t.hidden
    book[Col.new_at_risk] += 1.0
    note(x, i, month, Event.AT_RISK, stair, stair)


# --- 3 detection --------------------------------------------------------------------------------------


@compiled
def detection(t, x, book, month):  # type: ignore[no-untyped-def]
    """Undetected children become known, are placed in a crisis, or recover; closed cases return."""
    for i in range(x.count[N_CHILDREN]):
        c = x.children[i]
        if c.on_stair == 0:
            continue
        if c.stair == t.hidden:
            hidden_month(t, x, book, month, i)
        elif c.stair == t.n_stairs:
            u = rn.uniform(x.seed, x.replicate, c.number, month, rn.REENTRY)
            if rules.occurs(u, t.reentry_hazard):
                book[Col.new_reentries] += 1.0
                move(t, x, book, month, i, first_known(t), Event.REENTRY, 0.5)


@compiled
def first_known(t):  # type: ignore[no-untyped-def]
    """Return the stair on which a child becomes a case."""
    return t.assessment if t.assessment >= 0 else t.first_home


@compiled
def hidden_month(t, x, book, month, i):  # type: ignore[no-untyped-def]
    """One month of an undetected child."""
    c = x.children[i]
    c.severity *= t.severity_growth
    u_crisis, u_detected, u_faded, _ = rn.four_uniforms(
        x.seed, x.replicate, c.number, month, rn.HIDDEN_MONTH
    )
    outreach = t.levers[month, c.covered, OUTREACH]
    if rules.occurs(u_crisis, t.hidden_crisis_hazard * c.severity):
        book[Col.new_acute] += 1.0
        enter_care(t, x, book, month, i, Event.ACUTE_ENTRY)
    elif rules.occurs(u_detected, t.detection_hazard * outreach):
        book[Col.new_detected] += 1.0
        move(t, x, book, month, i, first_known(t), Event.DETECTED, 0.5)
    elif rules.occurs(u_faded, t.hidden_recovery_hazard):
        book[Col.new_faded] += 1.0
        move(t, x, book, month, i, t.n_stairs + 1, Event.FADED, 0.5)


# --- 4 allocation -------------------------------------------------------------------------------------


@compiled
def allocation(t, x, book, month):  # type: ignore[no-untyped-def]
    """Each case without a caseworker goes to the one in its district with fewest cases per FTE."""
    if x.count[N_UNALLOCATED] == 0:
        return
    for i in range(x.count[N_CHILDREN]):
        c = x.children[i]
        if c.worker != NOBODY or c.stair == t.hidden or c.stair >= t.n_stairs:
            continue
        best = NOBODY
        for p in range(len(x.posts)):
            if t.post_district[p] == c.district and can_take(t, x, month, p):
                if best == NOBODY or (
                    x.posts[p].cases / t.post_fte[p] < x.posts[best].cases / t.post_fte[best]
                ):
                    best = p
        if best != NOBODY:
            c.worker = best
            x.posts[best].cases += 1
            x.count[N_UNALLOCATED] -= 1


# --- 5 time -------------------------------------------------------------------------------------------


@compiled
def working_time(t, x, book, month):  # type: ignore[no-untyped-def]
    """Caseworkers divide their hours: reactive work, assessments, follow-ups."""
    for p in range(len(x.posts)):
        post = x.posts[p]
        post.asked_reactive = 0.0
        post.reactive_share = 0.0
        post.first_due = NOBODY
        post.first_assessment = NOBODY
        post.attention = t.attention_floor
        if can_take(t, x, month, p):
            post.attention = rules.attention(
                t.reference_caseload, post.cases, t.post_fte[p], t.attention_floor, t.attention_ceiling
            )
        post.crisis_effect = rules.power(post.attention, -t.crisis_elasticity)
    ask(t, x, book, month)
    for p in range(len(x.posts)):
        if can_take(t, x, month, p):
            work(t, x, book, month, p)


@compiled
def ask(t, x, book, month):  # type: ignore[no-untyped-def]
    """Let every child ask its caseworker for time; the lists of a post end up in order of number."""
    for i in range(x.count[N_CHILDREN] - 1, -1, -1):
        c = x.children[i]
        c.hours = 0.0
        if c.stair == t.hidden or c.stair >= t.n_stairs:
            continue
        if c.stair == t.assessment:
            if c.worker != NOBODY:
                post = x.posts[c.worker]
                post.asked_reactive += t.reactive_hours * t.weight[c.stair]
                c.next = post.first_assessment
                post.first_assessment = i
            continue
        rule = t.targets[month, c.covered, c.stair]
        c.target = rules.follow_up_target(
            rule[FIRST], rule[EARLY], rule[LATER],
            t.early_follow_ups[c.covered, c.stair], c.on_stair, c.since,
        )  # fmt: skip
        book[Col.n_followed] += 1.0
        due = c.on_stair > 0 and rules.is_due(c.since, c.target)
        if due:
            book[Col.n_due] += 1.0
        if c.worker != NOBODY:
            post = x.posts[c.worker]
            post.asked_reactive += t.reactive_hours * t.weight[c.stair]
            if due:
                c.next = post.first_due
                post.first_due = i
        elif due:
            book[Col.n_overdue] += 1.0


@compiled
def work(t, x, book, month, p):  # type: ignore[no-untyped-def]
    """One caseworker's month."""
    post = x.posts[p]
    hours = rules.hours_available(
        t.post_fte[p], t.case_hours, t.sickness, t.new_worker_factor,
        post.in_post < t.new_worker_months, post.balance,
    )  # fmt: skip
    asked_assessments = 0.0
    i = post.first_assessment
    while i != NOBODY:
        asked_assessments += t.assessment_hours - x.children[i].progress
        i = x.children[i].next
    asked_follow_ups = 0.0
    i = post.first_due
    while i != NOBODY:
        asked_follow_ups += t.follow_up_hours * t.weight[x.children[i].stair]
        i = x.children[i].next
    reactive, assessing, following = rules.shared_hours(
        hours, post.asked_reactive, asked_assessments, asked_follow_ups,
        t.share_reactive, t.share_assessments, t.share_follow_ups,
    )  # fmt: skip
    if post.asked_reactive > 0.0:
        post.reactive_share = reactive / post.asked_reactive
    assess(t, x, book, month, p, assessing)
    left = follow_up_cases(t, x, book, month, p, following)
    post.balance = left if left < -rules.ALL_DONE else 0.0
    book[Col.n_fte_filled] += t.post_fte[p]
    book[Col.hours_available] += hours
    book[Col.hours_reactive] += reactive


@compiled
def assess(t, x, book, month, p, left):  # type: ignore[no-untyped-def]
    """Spend `left` hours on assessments, oldest first (ties: lowest number)."""
    while left > rules.ALL_DONE:
        oldest = NOBODY
        i = x.posts[p].first_assessment
        while i != NOBODY:
            c = x.children[i]
            if c.stair == t.assessment and (
                oldest == NOBODY or c.on_stair > x.children[oldest].on_stair
            ):
                oldest = i
            i = c.next
        if oldest == NOBODY:
            return
        c = x.children[oldest]
        spent = min(left, t.assessment_hours - c.progress)
        left -= spent
        c.progress += spent
        c.hours += spent
        book[Col.hours_assessment] += spent
        if c.progress >= t.assessment_hours - rules.ALL_DONE:
            finish_assessment(t, x, book, month, oldest)


@compiled
def finish_assessment(t, x, book, month, i):  # type: ignore[no-untyped-def]
    """Close the case, help at home, or place the child."""
    c = x.children[i]
    book[Col.new_assessed] += 1.0
    if c.on_stair <= t.assessment_deadline:
        book[Col.new_assessed_in_time] += 1.0
    band = age_band(t, c, month)
    u = rn.uniform(x.seed, x.replicate, c.number, month, rn.ASSESSMENT)
    ends = rules.assessment_ends(
        u, t.closed_after_assessment, t.placed_after_assessment[band] * c.severity
    )
    if ends == rules.UP:
        enter_care(t, x, book, month, i, Event.ASSESSED)
    elif ends == rules.DOWN:
        book[Col.new_closed] += 1.0
        move(t, x, book, month, i, t.n_stairs + 1, Event.ASSESSED, 0.5)
    else:
        u_price = rn.uniform(x.seed, x.replicate, c.number, month, rn.PRICE)
        move(t, x, book, month, i, t.first_home, Event.ASSESSED, u_price)


# --- 6 follow-ups -------------------------------------------------------------------------------------


@compiled
def follow_up_cases(t, x, book, month, p, left):  # type: ignore[no-untyped-def]
    """Hold due follow-ups while hours are left, most urgent first; return what is left (or overdrawn)."""
    order, urgency = due_in_order(t, x, p)
    held = 0
    while held < len(order) and left > rules.ALL_DONE:
        c = x.children[order[held]]
        hours = t.follow_up_hours * t.weight[c.stair]
        left -= hours
        c.hours += hours
        book[Col.hours_follow_up] += hours
        follow_up(t, x, book, month, p, order[held])
        held += 1
    book[Col.n_overdue] += len(order) - held
    return left


@compiled
def due_in_order(t, x, p):  # type: ignore[no-untyped-def]
    """Return the due cases of a post, most urgent first (ties: lowest number), and their urgency."""
    n = 0
    i = x.posts[p].first_due
    while i != NOBODY:
        n += 1
        i = x.children[i].next
    order = np.empty(n, np.int64)
    urgency = np.empty(n, np.float64)
    i = x.posts[p].first_due
    filled = 0
    while i != NOBODY:
        c = x.children[i]
        value = rules.urgency(c.since, c.target, c.stair, t.intrusive_first)
        j = filled
        while j > 0 and urgency[j - 1] < value:
            urgency[j] = urgency[j - 1]
            order[j] = order[j - 1]
            j -= 1
        urgency[j] = value
        order[j] = i
        filled += 1
        i = c.next
    return order, urgency


@compiled
def follow_up(t, x, book, month, p, i):  # type: ignore[no-untyped-def]
    """Hold one follow-up and do what it decides."""
    c = x.children[i]
    book[Col.new_follow_ups] += 1.0
    book[Col.sum_interval] += c.since
    if c.since >= c.on_stair:
        book[Col.new_first] += 1.0
        if c.since <= c.target:
            book[Col.new_first_in_time] += 1.0
    note(x, i, month, Event.FOLLOW_UP, c.stair, c.stair)
    c.since = 0
    levers = t.levers[month, c.covered]
    exponent = (
        rules.power(x.posts[p].attention, t.recognition_elasticity)
        * levers[ORIENTATION]
        * (t.handover_penalty if c.handover > 0 else 1.0)
    )
    _, _, u_down, u_up = rn.four_uniforms(x.seed, x.replicate, c.number, month, rn.CASE_MONTH)
    decision = rules.follow_up_decision(
        u_down,
        u_up,
        c.ready,
        rules.recognition_chance(t.recognition, exponent),
        t.premature * levers[ORIENTATION],
        t.planned_up[c.stair] * (1.0 + levers[SURVEILLANCE]),
    )
    if decision == rules.UP:
        move_up(t, x, book, month, i)
    elif decision != rules.STAY:
        move_down(t, x, book, month, i, decision)


@compiled
def move_down(t, x, book, month, i, decision):  # type: ignore[no-untyped-def]
    """Move a child to a less intrusive stair, if one has room."""
    c = x.children[i]
    _, u_network, u_price, u_home = rn.four_uniforms(
        x.seed, x.replicate, c.number, month, rn.PLACEMENT
    )
    found = c.has_network and u_network < t.levers[month, c.covered, NETWORK_SEARCH]
    to = rules.stair_below(
        c.stair, t.first_home, t.last_home, t.n_stairs, t.youngest, t.needs_network,
        x.free[c.district], month - c.birth, found, u_home, t.home_share[c.stair],
    )  # fmt: skip
    if to == rules.WAIT:
        book[Col.new_waits] += 1.0
        note(x, i, month, Event.NO_PLACE, c.stair, c.stair)
        return
    if to == t.n_stairs:
        book[Col.new_closed] += 1.0
    if decision == rules.DOWN_UNREADY:
        book[Col.new_unready] += 1.0
        move(t, x, book, month, i, to, Event.MOVE_DOWN_UNREADY, u_price)
        c.early = t.early_months
    else:
        move(t, x, book, month, i, to, Event.MOVE_DOWN, u_price)


@compiled
def move_up(t, x, book, month, i):  # type: ignore[no-untyped-def]
    """Move a child with unmet need to a more intrusive stair."""
    c = x.children[i]
    if c.stair < t.last_home:
        u_price = rn.uniform(x.seed, x.replicate, c.number, month, rn.PRICE)
        move(t, x, book, month, i, c.stair + 1, Event.MOVE_UP, u_price)
    elif c.stair == t.last_home:
        enter_care(t, x, book, month, i, Event.MOVE_UP)
    else:
        place_higher(t, x, book, month, i, Event.MOVE_UP)


# --- 7 between follow-ups -----------------------------------------------------------------------------


@compiled
def between_follow_ups(t, x, book, month):  # type: ignore[no-untyped-def]
    """Children become ready; crises come."""
    for i in range(x.count[N_CHILDREN]):
        c = x.children[i]
        if c.on_stair == 0 or c.stair == t.hidden or c.stair >= t.n_stairs:
            continue
        band = age_band(t, c, month)
        u_ready, u_crisis, _, _ = rn.four_uniforms(
            x.seed, x.replicate, c.number, month, rn.CASE_MONTH
        )
        if not c.ready and u_ready < t.ready_chance[c.stair, band]:
            c.ready = True
            note(x, i, month, Event.READY, c.stair, c.stair)
        if rules.occurs(u_crisis, hazard_of_crisis(t, x, c, band)):
            crisis(t, x, book, month, i)


@compiled
def hazard_of_crisis(t, x, c, band):  # type: ignore[no-untyped-def]
    """Return this month's hazard of a crisis for one child."""
    effect = rules.power(t.attention_floor, -t.crisis_elasticity)
    if c.worker != NOBODY:
        effect = x.posts[c.worker].crisis_effect
    overdue = 0.0
    if c.stair != t.assessment:
        overdue = rules.months_overdue(c.since, c.target)
    return rules.crisis_hazard(
        t.crisis_hazard[c.stair, band], c.severity, effect, overdue, t.overdue_effect,
        t.early_hr if c.early > 0 else 1.0, t.handover_hr if c.handover > 0 else 1.0,
    )  # fmt: skip


@compiled
def crisis(t, x, book, month, i):  # type: ignore[no-untyped-def]
    """At home: entry into care. In care: a breakdown, re-placed on the same or a higher stair."""
    c = x.children[i]
    if c.stair < t.first_care:
        enter_care(t, x, book, month, i, Event.CRISIS_ENTRY)
        return
    book[Col.new_breakdowns] += 1.0
    u_up = rn.uniform(x.seed, x.replicate, c.number, month, rn.BREAKDOWN_UP)
    if u_up < t.breakdown_up:
        place_higher(t, x, book, month, i, Event.BREAKDOWN)
    else:
        u_price = rn.uniform(x.seed, x.replicate, c.number, month, rn.PRICE)
        move(t, x, book, month, i, c.stair, Event.BREAKDOWN, u_price)


# --- 8 placement --------------------------------------------------------------------------------------


@compiled
def enter_care(t, x, book, month, i, event):  # type: ignore[no-untyped-def]
    """Place a child from home."""
    c = x.children[i]
    u_type, u_network, u_price, _ = rn.four_uniforms(
        x.seed, x.replicate, c.number, month, rn.PLACEMENT
    )
    levers = t.levers[month, c.covered]
    to, for_want = rules.entry_stair(
        t.entry_shares[month, c.covered, age_band(t, c, month)], t.first_care, t.youngest,
        t.family_like, t.needs_network, x.free[c.district], month - c.birth,
        c.has_network and u_network < levers[NETWORK_SEARCH], u_type,
    )  # fmt: skip
    if for_want:
        book[Col.new_for_want] += 1.0
    move(t, x, book, month, i, to, event, u_price)


@compiled
def place_higher(t, x, book, month, i, event):  # type: ignore[no-untyped-def]
    """Place a child in care on the next more intrusive stair that is open."""
    c = x.children[i]
    _, u_network, u_price, _ = rn.four_uniforms(
        x.seed, x.replicate, c.number, month, rn.PLACEMENT
    )
    found = c.has_network and u_network < t.levers[month, c.covered, NETWORK_SEARCH]
    to = rules.stair_above(
        c.stair, t.youngest, t.needs_network, x.free[c.district], month - c.birth, found
    )
    move(t, x, book, month, i, to, event, u_price)


@compiled
def move(t, x, book, month, i, to, event, u_price):  # type: ignore[no-untyped-def]
    """Put a child on a stair (t.n_stairs: closed; one above: gone) and note what that means."""
    c = x.children[i]
    origin = c.stair
    note(x, i, month, event, origin, to)
    tally(t, book, origin, to)
    x.free[c.district, origin] += 1
    x.free[c.district, to] -= 1
    was_case = origin != t.hidden and origin < t.n_stairs
    is_case = to < t.n_stairs
    if was_case and not is_case:
        let_go(x, i)
    elif is_case and not was_case:
        x.count[N_UNALLOCATED] += 1
    c.stair = to
    c.on_stair = 0
    c.since = 0
    c.early = 0
    c.progress = 0.0
    c.ready = False
    c.price = monthly_price(t, u_price, to) if is_case else 0.0


@compiled
def let_go(x, i):  # type: ignore[no-untyped-def]
    """Take a child off its caseworker's list."""
    c = x.children[i]
    if c.worker == NOBODY:
        x.count[N_UNALLOCATED] -= 1
    else:
        x.posts[c.worker].cases -= 1
        c.worker = NOBODY
    c.handover = 0


@compiled
def tally(t, book, origin, to):  # type: ignore[no-untyped-def]
    """Count a move: up or down, into care or out of it."""
    from_care = t.first_care <= origin < t.n_stairs
    into_care = t.first_care <= to < t.n_stairs
    from_case = t.first_home <= origin < t.n_stairs
    if into_care and not from_care:
        book[Col.new_entries] += 1.0
        book[FIRST_STAIR + 2 * t.n_stairs + to] += 1.0
    elif from_care and not into_care:
        book[Col.new_exits] += 1.0
    if from_case and (to == t.n_stairs or to < origin):
        book[Col.new_moves_down] += 1.0
    elif into_care and to > origin:
        book[Col.new_moves_up] += 1.0


# --- 9 ageing -----------------------------------------------------------------------------------------


@compiled
def ageing(t, x, book, month):  # type: ignore[no-untyped-def]
    """Children reach the leaving age; closed cases pass out of sight; the gone are squeezed out."""
    kept = 0
    for i in range(x.count[N_CHILDREN]):
        c = x.children[i]
        if month + 1 - c.birth >= t.leave_age and c.stair <= t.n_stairs:
            leave(t, x, book, month, i)
        elif c.stair == t.n_stairs and c.on_stair >= t.reentry_months:
            x.free[c.district, c.stair] += 1
            c.stair = t.n_stairs + 1
        if c.stair > t.n_stairs:
            book[Col.dkk_refund] += rules.refund(c.year_cost, t.refund_threshold, t.refund_share)
            continue
        if kept < i:
            x.children[kept] = x.children[i]
        kept += 1
    x.count[N_CHILDREN] = kept


@compiled
def leave(t, x, book, month, i):  # type: ignore[no-untyped-def]
    """End a child's case at the leaving age."""
    c = x.children[i]
    note(x, i, month, Event.LEFT, c.stair, t.n_stairs + 1)
    x.free[c.district, c.stair] += 1
    if t.first_care <= c.stair < t.n_stairs:
        book[Col.new_aged_out] += 1.0
    if c.stair != t.hidden and c.stair < t.n_stairs:
        let_go(x, i)
    c.stair = t.n_stairs + 1


# --- 10 bookkeeping -----------------------------------------------------------------------------------


@compiled
def bookkeeping(t, x, book, month):  # type: ignore[no-untyped-def]
    """Count, cost, and let the month pass for everybody."""
    year_ends = (t.first_calendar_month + month) % 12 == 11 or month == t.n_months - 1
    for i in range(x.count[N_CHILDREN]):
        c = x.children[i]
        if c.stair < t.n_stairs:
            book[FIRST_STAIR + c.stair] += 1.0
            book[FIRST_STAIR + t.n_stairs + c.stair] += c.price
            c.year_cost += c.price
            if c.stair != t.hidden:
                book[Col.n_cases] += 1.0
                if c.worker == NOBODY:
                    book[Col.n_unallocated] += 1.0
            if c.ready:
                if c.stair >= t.first_care:
                    book[Col.n_waiting] += 1.0
                else:
                    book[Col.n_waiting_home] += 1.0
        if len(x.trace_ints) > 0:
            trace(t, x, month, i)
        if year_ends:
            book[Col.dkk_refund] += rules.refund(c.year_cost, t.refund_threshold, t.refund_share)
            c.year_cost = 0.0
        c.on_stair += 1
        c.since += 1
        c.handover = max(0, c.handover - 1)
        c.early = max(0, c.early - 1)
    for p in range(len(x.posts)):
        if t.post_from[p] <= month < t.post_until[p]:
            book[Col.n_fte] += t.post_counted[p]
    book[Col.dkk_staff] = t.staff_cost[month]
    book[Col.dkk_one_off] = t.one_off[month]


@compiled
def age_band(t, c, month):  # type: ignore[no-untyped-def]
    """Return the age band of a child."""
    return t.band_of_year[(month - c.birth) // 12]


@compiled
def trace(t, x, month, i):  # type: ignore[no-untyped-def]
    """Write down one child's month, for tests and pictures."""
    n = x.count[N_TRACED]
    x.count[N_TRACED] += 1
    if n >= len(x.trace_ints):
        return
    c = x.children[i]
    row = x.trace_ints[n]
    row[0], row[1], row[2], row[3] = month, c.number, c.stair, c.on_stair
    row[4], row[5], row[6], row[7] = c.since, c.worker, c.ready, c.handover
    hours = c.hours
    if c.worker != NOBODY:
        hours += t.reactive_hours * t.weight[c.stair] * x.posts[c.worker].reactive_share
    x.trace_floats[n, 0] = hours
    x.trace_floats[n, 1] = c.price
    x.trace_floats[n, 2] = c.year_cost
    x.trace_floats[n, 3] = c.severity
