"""Children through a month: arriving, undetected, between follow-ups, growing older.

Most children cannot change this month, and that is found out for a block of them at a time: a loop
over its lanes marks who may, a bit each, by the rules' own hazards and without a branch, so that the
compiler takes eight at a time. Who is marked is then looked at alone.
"""

from __future__ import annotations

from simulation import randomness as rn
from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled_once
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.moves import (
    become_known,
    crisis,
    end_course,
    enter_care,
    first_known,
    move,
    wait_for_others,
)
from simulation.kernel.space import (
    NOBODY,
    Indices,
    Rec,
    bit,
    blocks_in_use,
    empty,
    is_case,
    list_marked,
    new_lane,
    note,
    recount,
    settle,
    squeeze,
    trace,
)
from simulation.kernel.staffing import recount_touched
from simulation.layout import (
    LANES,
    Block,
    DistrictRecord,
    MonthRecord,
    Rows,
    TableRecord,
    WorldRecord,
)
from simulation.ledger import FIRST_STAIR, Col, Event
from simulation.newcomers import (
    arrival,
    is_covered,
    number_of_arrival,
    row_of_next,
    starter,
    starting_price,
)


@compiled_once
def add_starter(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    start_age: Floats,
    given: Rows,
    d: DistrictRecord,
    children: Rows,
    rec: Rec,
    number: int,
    k: int,
    stair: int,
) -> None:
    """Add one child of the first day."""
    row = row_of_next(d, stair)
    index = new_lane(t, w, children, number, k, stair)
    b, i = children[index // LANES], index % LANES
    birth, stay, since, ready, severity, network, progress = starter(
        t, start_age, given, row, w.seed, w.replicate, number, stair
    )
    b.birth[i] = birth
    b.moved[i] = -stay
    b.followed[i] = -since
    b.ready[i] = ready
    b.severity[i] = severity
    b.has_network[i] = network
    b.progress[i] = progress
    b.covered[i] = is_covered(w.seed, w.replicate, number, d.reach)
    b.price[i] = starting_price(given, row, first_price(t, w, number, stair))
    d.free[stair] -= 1
    if t.first_care <= stair:
        b.began[i] = stair
        w.in_care_began += 1
    settle(t, b, i, w.month)
    if stair == t.assessment:
        wait_for_others(t, w, b, i)
    recount(t, m, w, posts, b, i)
    note(w, b, i, rec, Event.START, stair, stair)


@compiled_once
def arrivals(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    districts: Rows,
    children: Rows,
    rec: Rec,
) -> None:
    """Children newly at risk, the same in every arm of a comparison."""
    order = 0
    for k in range(len(districts)):
        n = rn.poisson(districts[k].inflow, w.seed, w.replicate, k, w.month, rn.N_ARRIVALS)
        for _ in range(n):
            add_arrival(t, m, w, posts, districts[k], children, rec, number_of_arrival(w.month, order), k)
            if w.overflow:
                return
            order += 1


@compiled_once
def add_arrival(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    d: DistrictRecord,
    children: Rows,
    rec: Rec,
    number: int,
    district: int,
) -> None:
    """Add one child newly at risk, on the lowest stair there is."""
    stair = t.hidden if t.hidden >= 0 else first_known(t)
    index = new_lane(t, w, children, number, district, stair)
    b, i = children[index // LANES], index % LANES
    b.birth[i], b.severity[i], b.has_network[i] = arrival(t, w.seed, w.replicate, number, w.month)
    b.covered[i] = is_covered(w.seed, w.replicate, number, d.reach)
    b.price[i] = first_price(t, w, number, stair)
    d.free[stair] -= 1
    w.book[Col.new_at_risk] += 1.0
    settle(t, b, i, w.month)
    if stair == t.assessment:
        wait_for_others(t, w, b, i)
    recount(t, m, w, posts, b, i)
    note(w, b, i, rec, Event.AT_RISK, stair, stair)


@compiled
def first_price(t: TableRecord, w: WorldRecord, number: int, stair: int) -> float:
    """Return what a new child costs a month."""
    if t.stair[stair].price_sd <= 0.0:
        return t.stair[stair].unit_price
    u = rn.uniform(w.seed, w.replicate, number, rn.UNDATED, rn.START_PRICE)
    return rules.monthly_price(t, u, stair)


# --- undetected, and closed -----------------------------------------------------------------------


@compiled_once
def detection(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    districts: Rows,
    children: Rows,
    marked: Indices,
    rec: Rec,
) -> None:
    """Undetected children become known, are placed in a crisis, or recover; closed cases return."""
    n_marked = 0
    for j in range(blocks_in_use(w)):
        b = children[j]
        draw_luck(t, w, b)
        if b.hidden > 0:
            troubles_grow(t, w, b)
        marks = unknown_who_may_change(t, m, w, b) if b.hidden + b.closed > 0 else 0
        n_marked = list_marked(marked, n_marked, marks, j * LANES)
    for n in range(n_marked):
        b, i = children[marked[n] // LANES], marked[n] % LANES
        if b.stair[i] == t.hidden:
            hidden_month(t, m, w, districts[b.district[i]], b, i, rec)
        else:
            closed_month(t, w, districts[b.district[i]], b, i, rec)
        recount(t, m, w, posts, b, i)


@compiled_once
def troubles_grow(t: TableRecord, w: WorldRecord, b: Block) -> None:
    """Let the problems of the undetected grow by a month."""
    stair, moved, severity = b.stair, b.moved, b.severity
    hidden, month, growth = t.hidden, w.month, t.severity_growth
    for i in range(LANES):
        severity[i] *= growth if (stair[i] == hidden) & (moved[i] < month) else 1.0


@compiled_once
def draw_luck(t: TableRecord, w: WorldRecord, b: Block) -> None:
    """Draw the month's uniforms of everybody in a block.

    Who becomes a case later in the month has moved in it, so nothing else is asked of it.
    """
    number, stair, u_0, u_1, u_2, u_3 = b.number, b.stair, b.u_0, b.u_1, b.u_2, b.u_3
    seed, replicate, month, hidden, cases = w.seed, w.replicate, w.month, t.hidden, t.n_stairs
    for i in range(LANES):
        open_case = (stair[i] != hidden) & (stair[i] < cases)
        block = rn.CASE_MONTH if open_case else rn.HIDDEN_MONTH
        one, two, three, four = rn.philox(number[i], month, block, 0, seed, replicate)
        u_0[i], u_1[i], u_2[i], u_3[i] = rn.unit(one), rn.unit(two), rn.unit(three), rn.unit(four)


@compiled_once
def unknown_who_may_change(t: TableRecord, m: MonthRecord, w: WorldRecord, b: Block) -> int:
    """Mark the undetected and closed children to whom something may happen this month."""
    u_crisis, u_detected, u_faded, u_back = b.u_0, b.u_1, b.u_2, b.u_3
    stair, moved, covered, severity = b.stair, b.moved, b.covered, b.severity
    plain = rules.detection_hazard(t, m.lever[0].outreach)
    reached = rules.detection_hazard(t, m.lever[1].outreach)
    marks = 0
    for i in range(LANES):
        leaves = rules.may_occur(u_crisis[i], rules.hidden_crisis_hazard(t, severity[i]))
        leaves |= rules.may_occur(u_detected[i], reached if covered[i] > 0 else plain)
        leaves |= rules.may_occur(u_faded[i], t.hidden_recovery_hazard)
        returns = rules.may_occur(u_back[i], t.reentry_hazard)
        may = ((stair[i] == t.hidden) & leaves) | ((stair[i] == t.closed) & returns)
        marks |= bit(may & (moved[i] < w.month), i)
    return marks


@compiled_once
def hidden_month(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec
) -> None:
    """What may happen in a month to an undetected child."""
    outreach = m.lever[b.covered[i]].outreach
    if rules.occurs(b.u_0[i], rules.hidden_crisis_hazard(t, b.severity[i])):
        w.book[Col.new_acute] += 1.0
        enter_care(t, m, w, d, b, i, rec, Event.ACUTE_ENTRY)
    elif rules.occurs(b.u_1[i], rules.detection_hazard(t, outreach)):
        w.book[Col.new_detected] += 1.0
        become_known(t, w, d, b, i, rec, Event.DETECTED)
    elif rules.occurs(b.u_2[i], t.hidden_recovery_hazard):
        w.book[Col.new_faded] += 1.0
        move(t, w, d, b, i, rec, t.gone, Event.FADED)


@compiled_once
def closed_month(t: TableRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec) -> None:
    """A closed case comes back, perhaps."""
    if rules.occurs(b.u_3[i], t.reentry_hazard):
        w.book[Col.new_reentries] += 1.0
        become_known(t, w, d, b, i, rec, Event.REENTRY)


# --- between follow-ups ---------------------------------------------------------------------------


@compiled_once
def between_follow_ups(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    districts: Rows,
    children: Rows,
    effects: Floats,
    marked: Indices,
    rec: Rec,
) -> None:
    """Children become ready; crises come."""
    n_marked = 0
    for j in range(blocks_in_use(w)):
        b = children[j]
        if b.cases == 0:
            continue
        if t.crisis_elasticity != 0.0:
            for i in range(LANES):
                b.crisis_effect[i] = effects[1 + b.worker[i]]
        n_marked = list_marked(marked, n_marked, cases_who_may_change(t, w, b), j * LANES)
    for n in range(n_marked):
        b, i = children[marked[n] // LANES], marked[n] % LANES
        case_month(t, m, w, districts[b.district[i]], b, i, rec)


@compiled_once
def cases_who_may_change(t: TableRecord, w: WorldRecord, b: Block) -> int:
    """Mark the cases who may become ready or have a crisis this month, and those in a course."""
    stair, moved, ready, course, ready_chance = b.stair, b.moved, b.ready, b.course, b.ready_chance
    u_ready, u_crisis = b.u_0, b.u_1
    marks = 0
    for i in range(LANES):
        may = rules.becomes_ready(u_ready[i], ready[i] > 0, ready_chance[i])
        may |= rules.may_occur(u_crisis[i], crisis_hazard(t, w, b, i))
        may |= course[i] >= 0
        marks |= bit(may & is_case(t, stair[i]) & (moved[i] < w.month), i)
    return marks


@compiled
def crisis_hazard(t: TableRecord, w: WorldRecord, b: Block, i: int) -> float:
    """Return a child's hazard of a crisis this month, without what a course does to it."""
    overdue = rules.months_overdue(w.month - b.followed[i], b.target[i])
    return rules.crisis_hazard(
        t,
        b.crisis_hazard[i],
        b.severity[i],
        b.crisis_effect[i],
        overdue if b.stair[i] != t.assessment else 0.0,
        b.early[i] > w.month,
        b.handover[i] > w.month,
    )


@compiled_once
def case_month(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec
) -> None:
    """What may happen in a month to a case between follow-ups."""
    ready_chance = b.ready_chance[i]
    hazard = crisis_hazard(t, w, b, i)
    if b.course[i] >= 0:
        programme = t.programme[b.course[i]]
        ready_chance = rules.readiness_in_course(ready_chance, programme.readiness)
        hazard *= programme.crisis
    if rules.becomes_ready(b.u_0[i], b.ready[i] > 0, ready_chance):
        b.ready[i] = 1
        b.touched |= 1 << i
        note(w, b, i, rec, Event.READY, b.stair[i], b.stair[i])
    if rules.occurs(b.u_1[i], hazard):
        crisis(t, m, w, d, b, i, rec)


# --- ageing and bookkeeping -----------------------------------------------------------------------


@compiled_once
def ageing_and_bookkeeping(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    districts: Rows,
    children: Rows,
    marked: Indices,
    rec: Rec,
) -> None:
    """Children reach the leaving age; who stays is counted and costed; the month passes."""
    for p in range(len(posts)):
        if posts[p].begins <= w.month < posts[p].ends:
            w.book[Col.n_fte] += posts[p].counted
    end_month(t, m, w, posts, districts, children, marked, rec)
    here = enter_heads(t, w, posts)
    if m.anniversary:
        look_back(t, w, children)
    if rec is not None:
        trace(t, w, posts, children, rec)
    w.book[Col.dkk_staff] = m.staff_cost
    w.book[Col.dkk_one_off] = m.one_off
    w.book[Col.dkk_programmes] += m.running_cost
    if 3 * (w.n_children - here) > w.n_children:
        recount_touched(t, m, w, posts, children, marked[0])
        squeeze(t, w, children)


@compiled_once
def end_month(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    districts: Rows,
    children: Rows,
    marked: Indices,
    rec: Rec,
) -> None:
    """Let go who leaves, count and cost who stays, and move on who comes into another age band."""
    older, costly, n_older, n_costly = marked[0], marked[1], 0, 0
    lowest = rules.lowest_threshold(m)
    for j in range(blocks_in_use(w)):
        b = children[j]
        if t.n_programmes > 0:
            courses_pass(t, districts, b)
        some_older, some_costly = older_and_costly(b, w.month + 1, lowest)
        n_older = list_marked(older, n_older, some_older, j * LANES)
        n_costly = list_marked(costly, n_costly, some_costly, j * LANES)
    for n in range(n_older):
        b, i = children[older[n] // LANES], older[n] % LANES
        depart(t, w, districts[b.district[i]], b, i, rec)
    recount_touched(t, m, w, posts, children, marked[2])
    for n in range(n_costly):
        b, i = children[costly[n] // LANES], costly[n] % LANES
        w.book[Col.dkk_refund] += rules.refund_accrued(m, b.year_cost[i] - b.price[i], b.price[i])
    for n in range(n_older):
        b, i = children[older[n] // LANES], older[n] % LANES
        if b.stair[i] != t.gone:
            settle(t, b, i, w.month + 1)


@compiled_once
def older_and_costly(b: Block, month: int, lowest: float) -> tuple[int, int]:
    """Add a month's price to each child's cost of the year; mark two kinds of children.

    Those of whom time alone changes something in `month`, and those who cost more than `lowest` DKK.
    """
    until, price, year_cost = b.until, b.price, b.year_cost
    older, costly = 0, 0
    for i in range(LANES):
        year_cost[i] += price[i]
        older |= bit(until[i] <= month, i)
        costly |= bit(year_cost[i] > lowest, i)
    return older, costly


@compiled_once
def depart(t: TableRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec) -> None:
    """Let one child go, if it is time."""
    stair = b.stair[i]
    if rules.comes_of_age(t, w.month - b.birth[i]):
        note(w, b, i, rec, Event.LEFT, stair, t.gone)
        d.free[stair] += 1
        if t.first_care <= stair < t.n_stairs:
            w.book[Col.new_aged_out] += 1.0
        end_course(t, d, b, i)
        empty(t, b, i)
    elif rules.is_out_of_sight(t, stair, w.month - b.moved[i]):
        empty(t, b, i)


@compiled_once
def courses_pass(t: TableRecord, districts: Rows, b: Block) -> None:
    """Let a month of all courses pass."""
    for i in range(LANES):
        if b.course[i] >= 0:
            course_passes(t, districts[b.district[i]], b, i)


@compiled_once
def course_passes(t: TableRecord, d: DistrictRecord, b: Block, i: int) -> None:
    """Let a month of a course pass: at its end the seat is free, later the effect is gone."""
    course = b.course[i]
    programme = t.programme[course]
    was_seated = rules.holds_seat(programme, b.course_left[i])
    b.course_left[i] -= 1
    if was_seated and not rules.holds_seat(programme, b.course_left[i]):
        d.seated[course] -= 1
    if b.course_left[i] == 0:
        b.course[i] = -1


@compiled_once
def enter_heads(t: TableRecord, w: WorldRecord, posts: Rows) -> int:
    """Enter what is counted per stair into the ledger; cases without a caseworker are what is left.

    Return how many children there are, closed cases included.
    """
    closed = w.heads[t.closed]
    unknown, cases = closed[0] + closed[1] + closed[2] + closed[3], 0
    for stair in range(t.n_stairs):
        heads = w.heads[stair]
        ready = heads[2] + heads[3]
        here = heads[0] + heads[1] + ready
        w.book[FIRST_STAIR + stair] += here
        if stair == t.hidden:
            unknown += here
            continue
        cases += here
        w.book[FIRST_STAIR + t.n_stairs + stair] += w.dkk[stair]
        if stair >= t.first_care:
            w.book[Col.n_waiting] += ready
            w.book[Col.n_teens_in_care] += heads[1] + heads[3]
        else:
            w.book[Col.n_waiting_home] += ready
    w.book[Col.n_cases] += cases
    unallocated = cases
    for p in range(len(posts)):
        unallocated -= posts[p].cases
    w.book[Col.n_unallocated] += unallocated
    return unknown + cases


@compiled_once
def look_back(t: TableRecord, w: WorldRecord, children: Rows) -> None:
    """Book who was in care a year ago, who still is, and who of them is on another stair."""
    in_care, stayed, changed = 0, 0, 0
    for j in range(blocks_in_use(w)):
        stair, began = children[j].stair, children[j].began
        for i in range(LANES):
            here = (stair[i] >= t.first_care) & (stair[i] < t.n_stairs)
            there = here & (began[i] != NOBODY)
            in_care += here
            stayed += there
            changed += there & (began[i] != stair[i])
            began[i] = stair[i] if here else NOBODY
    w.book[Col.sum_year_began] += w.in_care_began
    w.book[Col.sum_year_stayed] += stayed
    w.book[Col.sum_year_changed] += changed
    w.in_care_began = in_care
