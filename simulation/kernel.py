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
from simulation.accounts import Floats
from simulation.compiled import compiled_without_counting as compiled
from simulation.layout import CHILD, Child, District, Month, Post, Rows, Table, World
from simulation.ledger import FIRST_STAIR, Col, Event
from simulation.newcomers import arrival, counted_at_start, is_covered, number_of_arrival, starter
from simulation.tables import Ints, Tables

NOBODY = -1
"""Caseworker of a child who has none; the end of a list."""

HELD = -1.0
"""Urgency of a follow-up that was held; below any that is due."""

TRACE_INTS = ("month", "child", "stair", "on_stair", "since", "caseworker", "ready", "handover")
TRACE_FLOATS = ("hours", "price", "year_cost", "severity")


class Space(NamedTuple):
    """Room for one replicate at a time to work in; one per thread."""

    posts: NDArray[np.void]  # POST
    districts: NDArray[np.void]  # DISTRICT
    children: NDArray[np.void]  # CHILD, in order of number
    lists: NDArray[np.int32]  # [HIDDEN, CLOSED, ..., position]: indices


HIDDEN, CLOSED, CASES, DUE, GONE = 0, 1, 2, 3, 4


def work_space(tables: Tables, n_children: int) -> Space:
    """Return room for replicates of up to `n_children` children at a time."""
    return Space(
        tables.posts.copy(),
        tables.districts.copy(),
        np.zeros(n_children, CHILD),
        np.zeros((5, n_children), np.int32),
    )


class Record(NamedTuple):
    """Where a replicate writes down single events and child-months, as far as the rows go."""

    events: NDArray[np.int64]  # [event, (month, child, event, from, to)]
    trace_ints: NDArray[np.int64]  # [child-month, TRACE_INTS]
    trace_floats: NDArray[np.float64]  # [child-month, TRACE_FLOATS]


Rec = Record | None

# In every function: t the table, m the month's record, w the world (luck, clock, ledger), d a district,
# c a child, post a post; children, districts and posts are arrays of them, rec is
# the Record or None (then the compiler leaves the recording out).


@compiled
def run_replicate(tables: Tables, space: Space, world: Rows, rec: Rec, books: Floats) -> None:
    """Simulate one replicate; write its ledger to `books` [month, column].

    `world` (one row) carries seed and replicate; `space` is room to work in. Where it holds too few
    children, world.overflow is 1 at the end and the ledger worthless.
    """
    t, w = tables.table[0], world[0]
    first_day(t, w, tables.start_age, tables.places, space.posts, space.districts, space.children)
    sort_out(t, w, space.children, space.lists)
    for month in range(t.n_months):
        w.month = month
        run_month(t, tables.months[month], w, tables.places, space, rec)
        for column in range(books.shape[1]):
            books[month, column] = w.book[column]


@compiled
def run_replicates(tables: Tables, space: Space, world: Rows, first: int, books: Floats) -> int:
    """Simulate replicates first, first + 1, ...; write their ledgers to `books` [replicate, ...].

    Return how many were finished: fewer than asked where one needs room for more children.
    """
    for r in range(books.shape[0]):
        world[0].replicate = first + r
        run_replicate(tables, space, world, None, books[r])
        if world[0].overflow:
            return r
    return books.shape[0]


@compiled
def run_month(t: Table, m: Month, w: World, places: Ints, space: Space, rec: Rec) -> None:
    """Simulate one month, in the fixed order of the model."""
    posts, districts, children, lists = space.posts, space.districts, space.children, space.lists
    begin_month(t, w, places, districts)
    staff(t, w, posts, children, rec)
    arrivals(t, w, districts, children, lists, rec)
    detection(t, m, w, districts, children, lists, rec)
    allocation(w, posts, children, lists)
    working_time(t, m, w, posts, districts, children, lists, rec)
    between_follow_ups(t, m, w, posts, districts, children, lists, rec)
    ageing_and_bookkeeping(t, m, w, posts, districts, children, lists, rec)


@compiled
def first_day(
    t: Table, w: World, start_age: Floats, places: Ints, posts: Rows, districts: Rows, children: Rows
) -> None:
    """Set up posts, places and the children who stand there on the first day."""
    w.n_children = 0
    w.n_events = 0
    w.n_traced = 0
    w.overflow = 0
    for p in range(len(posts)):
        posts[p].in_post = posts[p].experience
        posts[p].cases = 0
        posts[p].balance = 0.0
        posts[p].attention = 1.0
    number = 0
    for k in range(len(districts)):
        d = districts[k]
        for stair in range(len(d.free)):
            d.free[stair] = places[0, k, stair]
        for stair in range(t.n_stairs):
            for _ in range(counted_at_start(t, d, w.seed, w.replicate, k, stair)):
                add_starter(t, w, start_age, d, children, number, k, stair)
                number += 1


@compiled
def add_starter(
    t: Table, w: World, start_age: Floats, d: District, children: Rows, number: int, k: int, stair: int
) -> None:
    """Add one child of the first day."""
    c = new_record(w, children, number, k, stair)
    birth, stay, since, ready, severity, network, progress = starter(
        t, start_age, w.seed, w.replicate, number, stair
    )
    c.birth = birth
    c.on_stair = stay
    c.since = since
    c.ready = ready
    c.severity = severity
    c.has_network = network
    c.progress = progress
    c.covered = is_covered(w.seed, w.replicate, number, d.reach)
    u_price = rn.uniform(w.seed, w.replicate, number, rn.UNDATED, rn.START_PRICE)
    c.price = rules.monthly_price(t, u_price, stair)
    d.free[stair] -= 1


@compiled
def new_record(w: World, children: Rows, number: int, district: int, stair: int) -> Child:
    """Return a fresh record; the last one again (and overflow set) where all are used."""
    if w.n_children == len(children):
        w.overflow = 1
        w.n_children -= 1
    c = children[w.n_children]
    w.n_children += 1
    c.number = number
    c.district = district
    c.stair = stair
    c.worker = NOBODY
    c.on_stair = 0
    c.since = 0
    c.handover = 0
    c.early = 0
    c.moves = 0
    c.follow_ups = 0
    c.progress = 0.0
    c.year_cost = 0.0
    c.hours = 0.0
    c.target = 0.0
    c.ready = 0
    return c


@compiled
def note(w: World, c: Child, rec: Rec, event: int, origin: int, to: int) -> None:
    """Write an event down, where events are recorded."""
    if rec is not None:
        if w.n_events < len(rec.events):
            row = rec.events[w.n_events]
            row[0], row[1], row[2], row[3], row[4] = w.month, c.number, event, origin, to
        w.n_events += 1


@compiled
def begin_month(t: Table, w: World, places: Ints, districts: Rows) -> None:
    """Open a new page of the ledger, open or close places as the policy says."""
    for column in range(len(w.book)):
        w.book[column] = 0.0
    if w.month > 0:
        for k in range(len(districts)):
            for stair in range(t.n_stairs):
                change = places[w.month, k, stair] - places[w.month - 1, k, stair]
                districts[k].free[stair] += change


@compiled
def is_case(t: Table, c: Child) -> bool:
    """Return whether a child is an open case of the municipality."""
    return c.stair != t.hidden and c.stair < t.n_stairs


@compiled
def age_band(t: Table, w: World, c: Child) -> int:
    """Return the age band of a child."""
    return t.band_of_year[(w.month - c.birth) // 12]


# Loops over all children would guess wrong at every other one whether it is undetected, a case or
# closed. So there are lists of the three, in order of number, kept up to date as children move.


@compiled
def sort_out(t: Table, w: World, children: Rows, lists: Rows) -> None:
    """Squeeze out the children who are gone and list the others."""
    kept = 0
    w.n_hidden = 0
    w.n_closed = 0
    w.n_cases = 0
    for i in range(w.n_children):
        if children[i].stair == t.gone:
            continue
        if kept < i:
            children[kept] = children[i]
        c = children[kept]
        lists[HIDDEN, w.n_hidden] = kept
        lists[CLOSED, w.n_closed] = kept
        lists[CASES, w.n_cases] = kept
        w.n_hidden += c.stair == t.hidden
        w.n_closed += c.stair == t.closed
        w.n_cases += is_case(t, c)
        kept += 1
    w.n_children = kept


@compiled
def insert(row: Ints, n: int, i: int) -> int:
    """Put index i into a list of n in order; return the new length."""
    j = n
    while j > 0 and row[j - 1] > i:
        row[j] = row[j - 1]
        j -= 1
    row[j] = i
    return n + 1


# --- 1 staff ------------------------------------------------------------------------------------------


@compiled
def staff(t: Table, w: World, posts: Rows, children: Rows, rec: Rec) -> None:
    """Caseworkers leave, vacant posts are filled, newcomers take over cases."""
    for p in range(len(posts)):
        post = posts[p]
        if w.month == post.ends:
            release_cases(t, w, p, posts, children, rec)
        if w.month < post.begins or w.month >= post.ends:
            continue
        begins = w.month == post.begins and post.experience == 0
        if post.in_post < 0:
            post.in_post += 1
            begins = post.in_post == 0
        elif not begins:
            post.in_post += 1
            hazard = rules.leaving_hazard(t.turnover_rate, post.attention, t.turnover_elasticity)
            if rules.occurs(rn.uniform(w.seed, w.replicate, p, w.month, rn.TURNOVER), hazard):
                w.book[Col.new_resignations] += 1.0
                release_cases(t, w, p, posts, children, rec)
                post.in_post = -t.vacancy_months
                post.balance = 0.0
                begins = post.in_post == 0
        if begins:
            take_over(t, w, p, posts, children, rec)


@compiled
def release_cases(t: Table, w: World, p: int, posts: Rows, children: Rows, rec: Rec) -> None:
    """Leave all cases of a post without a caseworker; their handover begins."""
    for i in range(w.n_children):
        if children[i].worker == p:
            children[i].worker = NOBODY
            begin_handover(t, w, children[i], rec)
    posts[p].cases = 0


@compiled
def begin_handover(t: Table, w: World, c: Child, rec: Rec) -> None:
    """Let a child feel a change of caseworker."""
    c.handover = t.handover_months
    w.book[Col.new_handovers] += 1.0
    note(w, c, rec, Event.NEW_CASEWORKER, c.stair, c.stair)


@compiled
def take_over(t: Table, w: World, p: int, posts: Rows, children: Rows, rec: Rec) -> None:
    """Give a newcomer the newest cases of colleagues who carry more than the even load."""
    post = posts[p]
    if not rules.takes_cases(post, w.month):
        return
    cases = 0.0
    fte = 0.0
    for q in range(len(posts)):
        if posts[q].district == post.district and rules.takes_cases(posts[q], w.month):
            cases += posts[q].cases
            fte += posts[q].fte
    even = cases / fte
    for i in range(w.n_children - 1, -1, -1):
        q = children[i].worker
        if q == NOBODY or q == p or posts[q].district != post.district:
            continue
        if rules.hands_over(posts[q].cases, posts[q].fte, post.cases, post.fte, even):
            posts[q].cases -= 1
            post.cases += 1
            children[i].worker = p
            begin_handover(t, w, children[i], rec)


# --- 2 arrivals ---------------------------------------------------------------------------------------


@compiled
def arrivals(t: Table, w: World, districts: Rows, children: Rows, lists: Rows, rec: Rec) -> None:
    """Children newly at risk, the same in every arm of a comparison."""
    order = 0
    for k in range(len(districts)):
        n = rn.poisson(districts[k].inflow, w.seed, w.replicate, k, w.month, rn.N_ARRIVALS)
        for _ in range(n):
            add_arrival(t, w, districts[k], children, rec, number_of_arrival(w.month, order), k)
            list_newcomer(t, w, lists)
            order += 1


@compiled
def list_newcomer(t: Table, w: World, lists: Rows) -> None:
    """Put the latest child on its list; it has the highest number of all."""
    if t.hidden >= 0:
        lists[HIDDEN, w.n_hidden] = w.n_children - 1
        w.n_hidden += 1
    else:
        lists[CASES, w.n_cases] = w.n_children - 1
        w.n_cases += 1


@compiled
def add_arrival(
    t: Table, w: World, d: District, children: Rows, rec: Rec, number: int, district: int
) -> None:
    """Add one child newly at risk, on the lowest stair there is."""
    stair = t.hidden if t.hidden >= 0 else first_known(t)
    c = new_record(w, children, number, district, stair)
    c.birth, c.severity, c.has_network = arrival(t, w.seed, w.replicate, number, w.month)
    c.covered = is_covered(w.seed, w.replicate, number, d.reach)
    u_price = rn.uniform(w.seed, w.replicate, number, rn.UNDATED, rn.START_PRICE)
    c.price = rules.monthly_price(t, u_price, stair)
    d.free[stair] -= 1
    w.book[Col.new_at_risk] += 1.0
    note(w, c, rec, Event.AT_RISK, stair, stair)


@compiled
def first_known(t: Table) -> int:
    """Return the stair on which a child becomes a case."""
    return t.assessment if t.assessment >= 0 else t.first_home


# --- 3 detection --------------------------------------------------------------------------------------


@compiled
def detection(
    t: Table, m: Month, w: World, districts: Rows, children: Rows, lists: Rows, rec: Rec
) -> None:
    """Undetected children become known, are placed in a crisis, or recover; closed cases return.

    For those who stay as they are the month passes here and now: nothing else will happen to them.
    """
    w.n_gone = 0
    kept = 0
    for j in range(w.n_hidden):
        i = lists[HIDDEN, j]
        c = children[i]
        if c.on_stair > 0:
            hidden_month(t, m, w, districts[c.district], c, rec)
        lists[HIDDEN, kept] = i
        if c.stair == t.hidden:
            kept += month_passes(t, w, districts[c.district], c, rec)
        elif c.stair < t.n_stairs:
            w.n_cases = insert(lists[CASES], w.n_cases, i)
        if c.stair == t.gone:
            w.n_gone = insert(lists[GONE], w.n_gone, i)
    w.n_hidden = kept
    kept = 0
    for j in range(w.n_closed):
        i = lists[CLOSED, j]
        c = children[i]
        lists[CLOSED, kept] = i
        u = rn.uniform(w.seed, w.replicate, c.number, w.month, rn.REENTRY)
        if rules.occurs(u, t.reentry_hazard):
            w.book[Col.new_reentries] += 1.0
            become_known(t, w, districts[c.district], c, rec, Event.REENTRY)
            w.n_cases = insert(lists[CASES], w.n_cases, i)
        else:
            kept += month_passes(t, w, districts[c.district], c, rec)
            if c.stair == t.gone:
                w.n_gone = insert(lists[GONE], w.n_gone, i)
    w.n_closed = kept


@compiled
def hidden_month(t: Table, m: Month, w: World, d: District, c: Child, rec: Rec) -> None:
    """One month of an undetected child."""
    c.severity *= t.severity_growth
    u_crisis, u_detected, u_faded, _ = rn.four_uniforms(
        w.seed, w.replicate, c.number, w.month, rn.HIDDEN_MONTH
    )
    outreach = m.lever[c.covered].outreach
    if rules.occurs(u_crisis, t.hidden_crisis_hazard * c.severity):
        w.book[Col.new_acute] += 1.0
        enter_care(t, m, w, d, c, rec, Event.ACUTE_ENTRY)
    elif rules.occurs(u_detected, t.detection_hazard * outreach):
        w.book[Col.new_detected] += 1.0
        become_known(t, w, d, c, rec, Event.DETECTED)
    elif rules.occurs(u_faded, t.hidden_recovery_hazard):
        w.book[Col.new_faded] += 1.0
        move(t, w, d, c, rec, t.gone, Event.FADED)


@compiled
def become_known(t: Table, w: World, d: District, c: Child, rec: Rec, event: int) -> None:
    """Open (or reopen) a case."""
    move(t, w, d, c, rec, first_known(t), event)


# --- 4 allocation -------------------------------------------------------------------------------------


@compiled
def allocation(w: World, posts: Rows, children: Rows, lists: Rows) -> None:
    """Each case without a caseworker goes to the one in its district with fewest cases per FTE."""
    for j in range(w.n_cases):
        c = children[lists[CASES, j]]
        if c.worker == NOBODY:
            c.worker = least_loaded(w, posts, c.district)
            if c.worker != NOBODY:
                posts[c.worker].cases += 1


@compiled
def least_loaded(w: World, posts: Rows, district: int) -> int:
    """Return the post of a district with fewest cases per FTE (ties: lowest number), or NOBODY."""
    best = NOBODY
    for p in range(len(posts)):
        if (
            posts[p].district == district
            and rules.takes_cases(posts[p], w.month)
            and (best == NOBODY or rules.carries_less(posts[p], posts[best]))
        ):
            best = p
    return best


# --- 5 time -------------------------------------------------------------------------------------------


@compiled
def working_time(
    t: Table, m: Month, w: World, posts: Rows, districts: Rows, children: Rows, lists: Rows, rec: Rec
) -> None:
    """Caseworkers divide their hours: reactive work, assessments, follow-ups."""
    for p in range(len(posts)):
        post = posts[p]
        post.asked_reactive = 0.0
        post.reactive_share = 0.0
        post.n_due = 0
        post.first_due = NOBODY
        post.first_assessment = NOBODY
        post.attention = t.attention_floor
        if rules.takes_cases(post, w.month):
            post.attention = rules.attention(t, post.cases, post.fte)
        post.crisis_effect = rules.power(post.attention, -t.crisis_elasticity)
    ask(t, m, w, posts, children, lists)
    for p in range(len(posts)):
        if rules.takes_cases(posts[p], w.month):
            work(t, m, w, posts[p], districts, children, rec)


@compiled
def ask(t: Table, m: Month, w: World, posts: Rows, children: Rows, lists: Rows) -> None:
    """Let every case ask its caseworker for time, last number first, so that lists end up in order."""
    assessed = 0
    n_due = 0
    for j in range(w.n_cases - 1, -1, -1):
        i = lists[CASES, j]
        c = children[i]
        c.hours = 0.0
        if c.worker != NOBODY:
            posts[c.worker].asked_reactive += t.reactive_hours * t.stair[c.stair].weight
        if c.stair == t.assessment:
            assessed += 1
            if c.worker != NOBODY:
                c.next = posts[c.worker].first_assessment
                posts[c.worker].first_assessment = i
            continue
        c.target = rules.follow_up_target(m.target[c.covered, c.stair], c.on_stair, c.since)
        lists[DUE, n_due] = i
        n_due += rules.is_due(c.since, c.target, c.on_stair)
    w.book[Col.n_followed] += w.n_cases - assessed
    w.book[Col.n_due] += n_due
    for j in range(n_due):
        i = lists[DUE, j]
        c = children[i]
        if c.worker == NOBODY:
            w.book[Col.n_overdue] += 1.0
            continue
        post = posts[c.worker]
        c.urgency = rules.urgency(c.since, c.target, c.stair, t.intrusive_first)
        c.next = post.first_due
        post.first_due = i
        post.n_due += 1


@compiled
def work(t: Table, m: Month, w: World, post: Post, districts: Rows, children: Rows, rec: Rec) -> None:
    """One caseworker's month."""
    hours = rules.hours_available(t, post)
    asked_assessments = 0.0
    i = post.first_assessment
    while i != NOBODY:
        asked_assessments += t.assessment_hours - children[i].progress
        i = children[i].next
    asked_follow_ups = 0.0
    i = post.first_due
    while i != NOBODY:
        asked_follow_ups += t.follow_up_hours * t.stair[children[i].stair].weight
        i = children[i].next
    reactive, assessing, following = rules.shared_hours(
        t, hours, post.asked_reactive, asked_assessments, asked_follow_ups
    )
    if post.asked_reactive > 0.0:
        post.reactive_share = reactive / post.asked_reactive
    assess(t, m, w, post, districts, children, rec, assessing)
    left = hold_follow_ups(t, m, w, post, districts, children, rec, following)
    post.balance = left if left < -rules.ALL_DONE else 0.0
    w.book[Col.n_fte_filled] += post.fte
    w.book[Col.hours_available] += hours
    w.book[Col.hours_reactive] += reactive


@compiled
def assess(
    t: Table, m: Month, w: World, post: Post, districts: Rows, children: Rows, rec: Rec, left: float
) -> None:
    """Spend `left` hours on assessments, oldest first (ties: lowest number)."""
    while left > rules.ALL_DONE:
        oldest = NOBODY
        i = post.first_assessment
        while i != NOBODY:
            if children[i].stair == t.assessment and (
                oldest == NOBODY or children[i].on_stair > children[oldest].on_stair
            ):
                oldest = i
            i = children[i].next
        if oldest == NOBODY:
            return
        c = children[oldest]
        spent = min(left, t.assessment_hours - c.progress)
        left -= spent
        c.progress += spent
        c.hours += spent
        w.book[Col.hours_assessment] += spent
        if c.progress >= t.assessment_hours - rules.ALL_DONE:
            finish_assessment(t, m, w, districts[c.district], c, rec)


@compiled
def finish_assessment(t: Table, m: Month, w: World, d: District, c: Child, rec: Rec) -> None:
    """Close the case, help at home, or place the child."""
    w.book[Col.new_assessed] += 1.0
    if c.on_stair <= t.assessment_deadline:
        w.book[Col.new_assessed_in_time] += 1.0
    u = rn.uniform(w.seed, w.replicate, c.number, rn.UNDATED, rn.ASSESSMENT, c.moves)
    placed = t.band[age_band(t, w, c)].placed * c.severity
    ends = rules.assessment_ends(u, t.closed_after_assessment, placed)
    if ends == rules.UP:
        enter_care(t, m, w, d, c, rec, Event.ASSESSED)
    elif ends == rules.DOWN:
        w.book[Col.new_closed] += 1.0
        move(t, w, d, c, rec, t.gone, Event.ASSESSED)
    else:
        move(t, w, d, c, rec, t.first_home, Event.ASSESSED)


# --- 6 follow-ups -------------------------------------------------------------------------------------


@compiled
def hold_follow_ups(
    t: Table, m: Month, w: World, post: Post, districts: Rows, children: Rows, rec: Rec, left: float
) -> float:
    """Hold due follow-ups while hours are left, most urgent first; return what is left (or overdrawn)."""
    attention = rules.power(post.attention, t.recognition_elasticity)
    while left > rules.ALL_DONE:
        i = most_urgent(post, children)
        if i == NOBODY:
            return left
        c = children[i]
        hours = t.follow_up_hours * t.stair[c.stair].weight
        left -= hours
        c.hours += hours
        c.urgency = HELD
        post.n_due -= 1
        w.book[Col.hours_follow_up] += hours
        follow_up(t, m, w, districts[c.district], c, rec, attention)
    w.book[Col.n_overdue] += post.n_due
    return left


@compiled
def most_urgent(post: Post, children: Rows) -> int:
    """Return the due case that comes next (ties: lowest number), NOBODY where all are held.

    A caseworker holds few follow-ups a month, so looking for the next one costs less than sorting.
    """
    best = NOBODY
    urgency = HELD
    i = post.first_due
    while i != NOBODY:
        if children[i].urgency > urgency:
            urgency = children[i].urgency
            best = i
        i = children[i].next
    return best


@compiled
def follow_up(t: Table, m: Month, w: World, d: District, c: Child, rec: Rec, attention: float) -> None:
    """Hold one follow-up and do what it decides."""
    w.book[Col.new_follow_ups] += 1.0
    w.book[Col.sum_interval] += c.since
    if c.since >= c.on_stair:
        w.book[Col.new_first] += 1.0
        w.book[Col.new_first_in_time] += c.since <= c.target
    note(w, c, rec, Event.FOLLOW_UP, c.stair, c.stair)
    c.since = 0
    lever = m.lever[c.covered]
    u_down, u_up, _, _ = rn.four_uniforms(
        w.seed, w.replicate, c.number, rn.UNDATED, rn.FOLLOW_UP, c.follow_ups
    )
    c.follow_ups += 1
    decision = rules.follow_up_decision(
        t, lever, c.stair, c.ready > 0, c.handover > 0, attention, u_down, u_up
    )
    if decision == rules.UP:
        move_up(t, m, w, d, c, rec)
    elif decision != rules.STAY:
        move_down(t, m, w, d, c, rec, decision)


@compiled
def move_down(t: Table, m: Month, w: World, d: District, c: Child, rec: Rec, decision: int) -> None:
    """Move a child to a less intrusive stair, if one has room."""
    _, u_network, _, u_home = rn.four_uniforms(
        w.seed, w.replicate, c.number, rn.UNDATED, rn.PLACEMENT, c.moves
    )
    found = c.has_network > 0 and u_network < m.lever[c.covered].network_search
    to = rules.stair_below(t, d, c.stair, w.month - c.birth, found, u_home)
    if to == rules.WAIT:
        w.book[Col.new_waits] += 1.0
        note(w, c, rec, Event.NO_PLACE, c.stair, c.stair)
        return
    if to == t.closed:
        w.book[Col.new_closed] += 1.0
    if decision == rules.DOWN_UNREADY:
        w.book[Col.new_unready] += 1.0
        move(t, w, d, c, rec, to, Event.MOVE_DOWN_UNREADY)
        c.early = t.early_months
    else:
        move(t, w, d, c, rec, to, Event.MOVE_DOWN)


@compiled
def move_up(t: Table, m: Month, w: World, d: District, c: Child, rec: Rec) -> None:
    """Move a child with unmet need to a more intrusive stair."""
    if c.stair < t.last_home:
        move(t, w, d, c, rec, c.stair + 1, Event.MOVE_UP)
    elif c.stair == t.last_home:
        enter_care(t, m, w, d, c, rec, Event.MOVE_UP)
    else:
        place_higher(t, m, w, d, c, rec, Event.MOVE_UP)


# --- 7 between follow-ups -----------------------------------------------------------------------------


@compiled
def between_follow_ups(
    t: Table, m: Month, w: World, posts: Rows, districts: Rows, children: Rows, lists: Rows, rec: Rec
) -> None:
    """Children become ready; crises come."""
    uncared = rules.power(t.attention_floor, -t.crisis_elasticity)
    for j in range(w.n_cases):
        c = children[lists[CASES, j]]
        if c.on_stair == 0:
            continue
        u_ready, u_crisis, _, _ = rn.four_uniforms(w.seed, w.replicate, c.number, w.month, rn.CASE_MONTH)
        rate = t.rate[c.stair, age_band(t, w, c)]
        if not c.ready and u_ready < rate.ready_chance:
            c.ready = 1
            note(w, c, rec, Event.READY, c.stair, c.stair)
        effect = posts[c.worker].crisis_effect if c.worker != NOBODY else uncared
        overdue = rules.months_overdue(c.since, c.target) if c.stair != t.assessment else 0.0
        hazard = rules.crisis_hazard(
            t, rate.crisis_hazard, c.severity, effect, overdue, c.early > 0, c.handover > 0
        )
        if rules.occurs(u_crisis, hazard):
            crisis(t, m, w, districts[c.district], c, rec)


@compiled
def crisis(t: Table, m: Month, w: World, d: District, c: Child, rec: Rec) -> None:
    """At home: entry into care. In care: a breakdown, re-placed on the same or a higher stair."""
    if c.stair < t.first_care:
        enter_care(t, m, w, d, c, rec, Event.CRISIS_ENTRY)
        return
    w.book[Col.new_breakdowns] += 1.0
    u_up = rn.uniform(w.seed, w.replicate, c.number, rn.UNDATED, rn.BREAKDOWN_UP, c.moves)
    if u_up < t.breakdown_up:
        place_higher(t, m, w, d, c, rec, Event.BREAKDOWN)
    else:
        move(t, w, d, c, rec, c.stair, Event.BREAKDOWN)


# --- 8 placement --------------------------------------------------------------------------------------


@compiled
def enter_care(t: Table, m: Month, w: World, d: District, c: Child, rec: Rec, event: int) -> None:
    """Place a child from home."""
    u_type, u_network, _, _ = rn.four_uniforms(
        w.seed, w.replicate, c.number, rn.UNDATED, rn.PLACEMENT, c.moves
    )
    found = c.has_network > 0 and u_network < m.lever[c.covered].network_search
    shares = m.entry_share[c.covered, age_band(t, w, c)]
    to, for_want = rules.entry_stair(t, d, shares, w.month - c.birth, found, u_type)
    w.book[Col.new_for_want] += for_want
    move(t, w, d, c, rec, to, event)


@compiled
def place_higher(t: Table, m: Month, w: World, d: District, c: Child, rec: Rec, event: int) -> None:
    """Place a child in care on the next more intrusive stair that is open."""
    _, u_network, _, _ = rn.four_uniforms(
        w.seed, w.replicate, c.number, rn.UNDATED, rn.PLACEMENT, c.moves
    )
    found = c.has_network > 0 and u_network < m.lever[c.covered].network_search
    to = rules.stair_above(t, d, c.stair, w.month - c.birth, found)
    move(t, w, d, c, rec, to, event)


@compiled
def move(t: Table, w: World, d: District, c: Child, rec: Rec, to: int, event: int) -> None:
    """Put a child on a stair (or t.closed, t.gone) and note what that means."""
    origin = c.stair
    note(w, c, rec, event, origin, to)
    tally(t, w, origin, to)
    d.free[origin] += 1
    d.free[to] -= 1
    if to >= t.n_stairs:
        c.worker = NOBODY
        c.handover = 0
    c.stair = to
    c.on_stair = 0
    c.since = 0
    c.early = 0
    c.progress = 0.0
    c.ready = 0
    c.price = t.stair[to].unit_price
    if t.stair[to].price_sd > 0.0:
        u_price = rn.uniform(w.seed, w.replicate, c.number, rn.UNDATED, rn.PRICE, c.moves)
        c.price = rules.monthly_price(t, u_price, to)
    c.moves += 1


@compiled
def tally(t: Table, w: World, origin: int, to: int) -> None:
    """Count a move: up or down, into care or out of it."""
    up_or_down, in_or_out = rules.kind_of_move(t, origin, to)
    if in_or_out == rules.INTO_CARE:
        w.book[Col.new_entries] += 1.0
        w.book[FIRST_STAIR + 2 * t.n_stairs + to] += 1.0
    elif in_or_out == rules.OUT_OF_CARE:
        w.book[Col.new_exits] += 1.0
    if up_or_down == rules.DOWN:
        w.book[Col.new_moves_down] += 1.0
    elif up_or_down == rules.UP:
        w.book[Col.new_moves_up] += 1.0


# --- 9 ageing, 10 bookkeeping -------------------------------------------------------------------------


@compiled
def ageing_and_bookkeeping(
    t: Table, m: Month, w: World, posts: Rows, districts: Rows, children: Rows, lists: Rows, rec: Rec
) -> None:
    """Children reach the leaving age; who stays is counted and costed; the month passes.

    One look at each child for both: neither depends on another child.
    """
    for p in range(len(posts)):
        posts[p].cases = 0
        if posts[p].begins <= w.month < posts[p].ends:
            w.book[Col.n_fte] += posts[p].counted
    end_month_of_cases(t, w, posts, districts, children, lists, rec)
    if t.hidden >= 0:
        w.book[FIRST_STAIR + t.hidden] += w.n_hidden
    w.book[Col.n_cases] += w.n_cases
    settle(t, m, w, children, lists)
    if rec is not None:
        trace(t, w, posts, children, rec)
    w.book[Col.dkk_staff] = m.staff_cost
    w.book[Col.dkk_one_off] = m.one_off
    if 4 * (w.n_children - w.n_hidden - w.n_closed - w.n_cases) > w.n_children:
        sort_out(t, w, children, lists)


@compiled
def end_month_of_cases(
    t: Table, w: World, posts: Rows, districts: Rows, children: Rows, lists: Rows, rec: Rec
) -> None:
    """Enter open cases into the ledger: stairs, costs, who waits, who has no caseworker."""
    unallocated = 0
    waiting = 0
    waiting_home = 0
    kept = 0
    for j in range(w.n_cases):
        i = lists[CASES, j]
        c = children[i]
        lists[CASES, kept] = i
        stays = month_passes(t, w, districts[c.district], c, rec)
        if c.stair >= t.closed:
            if stays:
                w.n_closed = insert(lists[CLOSED], w.n_closed, i)
            else:
                w.n_gone = insert(lists[GONE], w.n_gone, i)
            continue
        kept += 1
        w.book[FIRST_STAIR + c.stair] += 1.0
        w.book[FIRST_STAIR + t.n_stairs + c.stair] += c.price
        c.year_cost += c.price
        in_care = c.stair >= t.first_care
        waiting += in_care & (c.ready > 0)
        waiting_home += (not in_care) & (c.ready > 0)
        if c.worker == NOBODY:
            unallocated += 1
        else:
            posts[c.worker].cases += 1
    w.n_cases = kept
    w.book[Col.n_unallocated] += unallocated
    w.book[Col.n_waiting] += waiting
    w.book[Col.n_waiting_home] += waiting_home


@compiled
def month_passes(t: Table, w: World, d: District, c: Child, rec: Rec) -> bool:
    """Advance a child's clocks; return whether it is still here.

    It is not when it reaches the leaving age, or when a closed case can no longer come back.
    """
    if w.month + 1 - c.birth >= t.leave_age and c.stair != t.gone:
        note(w, c, rec, Event.LEFT, c.stair, t.gone)
        d.free[c.stair] += 1
        if t.first_care <= c.stair < t.n_stairs:
            w.book[Col.new_aged_out] += 1.0
        c.stair = t.gone
        c.worker = NOBODY
    elif c.stair == t.closed and c.on_stair >= t.reentry_months:
        c.stair = t.gone
    c.on_stair += 1
    c.since += 1
    c.handover = max(0, c.handover - 1)
    c.early = max(0, c.early - 1)
    return c.stair != t.gone


@compiled
def settle(t: Table, m: Month, w: World, children: Rows, lists: Rows) -> None:
    """Book the state refund: of the gone as they leave, of everybody when the year ends."""
    for j in range(w.n_gone):
        c = children[lists[GONE, j]]
        w.book[Col.dkk_refund] += rules.refund(t, c.year_cost)
        c.year_cost = 0.0
    if m.year_ends:
        for i in range(w.n_children):
            c = children[i]
            w.book[Col.dkk_refund] += rules.refund(t, c.year_cost)
            c.year_cost = 0.0


@compiled
def trace(t: Table, w: World, posts: Rows, children: Rows, rec: Rec) -> None:
    """Write down the month of every child on a stair, for tests and pictures."""
    for i in range(w.n_children):
        c = children[i]
        if c.stair >= t.n_stairs:
            continue
        if w.n_traced < len(rec.trace_ints):
            row = rec.trace_ints[w.n_traced]
            row[0], row[1], row[2], row[3] = w.month, c.number, c.stair, c.on_stair
            row[4], row[5], row[6], row[7] = c.since, c.worker, c.ready, c.handover
            hours = c.hours if is_case(t, c) else 0.0
            if c.worker != NOBODY:
                share = posts[c.worker].reactive_share
                hours += t.reactive_hours * t.stair[c.stair].weight * share
            numbers = rec.trace_floats[w.n_traced]
            numbers[0], numbers[1], numbers[2], numbers[3] = hours, c.price, c.year_cost, c.severity
        w.n_traced += 1
