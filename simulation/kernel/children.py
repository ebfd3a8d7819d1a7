"""Children through a month: arriving, undetected, between follow-ups, growing older."""

from __future__ import annotations

from simulation import randomness as rn
from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.moves import become_known, crisis, end_course, enter_care, first_known, move
from simulation.kernel.space import (
    CASES,
    CLOSED,
    HIDDEN,
    NOBODY,
    Rec,
    age_band,
    insert,
    new_record,
    note,
    sort_out,
    trace,
)
from simulation.layout import ChildRecord, DistrictRecord, MonthRecord, Rows, TableRecord, WorldRecord
from simulation.ledger import FIRST_STAIR, Col, Event
from simulation.newcomers import (
    arrival,
    is_covered,
    number_of_arrival,
    row_of_next,
    starter,
    starting_price,
)


@compiled
def add_starter(
    t: TableRecord,
    w: WorldRecord,
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
    c = new_record(w, children, number, k, stair)
    birth, stay, since, ready, severity, network, progress = starter(
        t, start_age, given, row, w.seed, w.replicate, number, stair
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
    c.price = starting_price(given, row, rules.monthly_price(t, u_price, stair))
    d.free[stair] -= 1
    if t.first_care <= stair:
        c.began = stair
        w.in_care_began += 1
    note(w, c, rec, Event.START, stair, stair)


@compiled
def arrivals(
    t: TableRecord, w: WorldRecord, districts: Rows, children: Rows, lists: Rows, rec: Rec
) -> None:
    """Children newly at risk, the same in every arm of a comparison."""
    order = 0
    for k in range(len(districts)):
        n = rn.poisson(districts[k].inflow, w.seed, w.replicate, k, w.month, rn.N_ARRIVALS)
        for _ in range(n):
            add_arrival(t, w, districts[k], children, rec, number_of_arrival(w.month, order), k)
            if w.overflow:
                return
            list_newcomer(t, w, lists)
            order += 1


@compiled
def list_newcomer(t: TableRecord, w: WorldRecord, lists: Rows) -> None:
    """Put the latest child on its list; it has the highest number of all."""
    if t.hidden >= 0:
        lists[HIDDEN, w.n_hidden] = w.n_children - 1
        w.n_hidden += 1
    else:
        lists[CASES, w.n_cases] = w.n_children - 1
        w.n_cases += 1


@compiled
def add_arrival(
    t: TableRecord,
    w: WorldRecord,
    d: DistrictRecord,
    children: Rows,
    rec: Rec,
    number: int,
    district: int,
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
def detection(
    t: TableRecord, m: MonthRecord, w: WorldRecord, districts: Rows, children: Rows, lists: Rows, rec: Rec
) -> None:
    """Undetected children become known, are placed in a crisis, or recover; closed cases return.

    For those who stay as they are the month passes here and now: nothing else will happen to them.
    """
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
    w.n_closed = kept


@compiled
def hidden_month(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, c: ChildRecord, rec: Rec
) -> None:
    """One month of an undetected child."""
    c.severity *= t.severity_growth
    u_crisis, u_detected, u_faded, _ = rn.four_uniforms(
        w.seed, w.replicate, c.number, w.month, rn.HIDDEN_MONTH
    )
    outreach = m.lever[c.covered].outreach
    if rules.occurs(u_crisis, rules.hidden_crisis_hazard(t, c.severity)):
        w.book[Col.new_acute] += 1.0
        enter_care(t, m, w, d, c, rec, Event.ACUTE_ENTRY)
    elif rules.occurs(u_detected, rules.detection_hazard(t, outreach)):
        w.book[Col.new_detected] += 1.0
        become_known(t, w, d, c, rec, Event.DETECTED)
    elif rules.occurs(u_faded, t.hidden_recovery_hazard):
        w.book[Col.new_faded] += 1.0
        move(t, w, d, c, rec, t.gone, Event.FADED)


@compiled
def between_follow_ups(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    districts: Rows,
    children: Rows,
    lists: Rows,
    rec: Rec,
) -> None:
    """Children become ready; crises come."""
    uncared = rules.power(t.attention_floor, -t.crisis_elasticity)
    for j in range(w.n_cases):
        c = children[lists[CASES, j]]
        if c.on_stair == 0:
            continue
        u_ready, u_crisis, _, _ = rn.four_uniforms(w.seed, w.replicate, c.number, w.month, rn.CASE_MONTH)
        rate = t.rate[c.stair, age_band(t, w, c)]
        ready_chance = rate.ready_chance
        if c.course >= 0:
            ready_chance = rules.readiness_in_course(ready_chance, t.programme[c.course].readiness)
        if rules.becomes_ready(u_ready, c.ready > 0, ready_chance):
            c.ready = 1
            note(w, c, rec, Event.READY, c.stair, c.stair)
        effect = posts[c.worker].crisis_effect if c.worker != NOBODY else uncared
        overdue = rules.months_overdue(c.since, c.target) if c.stair != t.assessment else 0.0
        hazard = rules.crisis_hazard(
            t, rate.crisis_hazard, c.severity, effect, overdue, c.early > 0, c.handover > 0
        )
        if c.course >= 0:
            hazard *= t.programme[c.course].crisis
        if rules.occurs(u_crisis, hazard):
            crisis(t, m, w, districts[c.district], c, rec)


@compiled
def ageing_and_bookkeeping(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    districts: Rows,
    children: Rows,
    lists: Rows,
    rec: Rec,
) -> None:
    """Children reach the leaving age; who stays is counted and costed; the month passes.

    One look at each child for both: neither depends on another child.
    """
    for p in range(len(posts)):
        posts[p].cases = 0
        if posts[p].begins <= w.month < posts[p].ends:
            w.book[Col.n_fte] += posts[p].counted
    end_month_of_cases(t, m, w, posts, districts, children, lists, rec)
    if m.anniversary:
        look_back(t, w, children, lists)
    if t.hidden >= 0:
        w.book[FIRST_STAIR + t.hidden] += w.n_hidden
    w.book[Col.n_cases] += w.n_cases
    if rec is not None:
        trace(t, w, posts, children, rec)
    w.book[Col.dkk_staff] = m.staff_cost
    w.book[Col.dkk_one_off] = m.one_off
    w.book[Col.dkk_programmes] += m.running_cost
    if 4 * (w.n_children - w.n_hidden - w.n_closed - w.n_cases) > w.n_children:
        sort_out(t, w, children, lists)


@compiled
def end_month_of_cases(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    districts: Rows,
    children: Rows,
    lists: Rows,
    rec: Rec,
) -> None:
    """Enter open cases into the ledger: stairs, costs, refund, who waits, who has no caseworker."""
    unallocated = 0
    waiting = 0
    waiting_home = 0
    teens = 0
    kept = 0
    for j in range(w.n_cases):
        i = lists[CASES, j]
        c = children[i]
        lists[CASES, kept] = i
        stays = month_passes(t, w, districts[c.district], c, rec)
        if c.stair >= t.closed:
            if stays:
                w.n_closed = insert(lists[CLOSED], w.n_closed, i)
            continue
        kept += 1
        w.book[FIRST_STAIR + c.stair] += 1.0
        w.book[FIRST_STAIR + t.n_stairs + c.stair] += c.price
        w.book[Col.dkk_refund] += rules.refund_accrued(m, c.year_cost, c.price)
        c.year_cost += c.price
        in_care = c.stair >= t.first_care
        waiting += in_care & (c.ready > 0)
        if in_care:
            teens += t.band[t.band_of_year[(w.month - c.birth) // 12]].teen
        waiting_home += (not in_care) & (c.ready > 0)
        if c.worker == NOBODY:
            unallocated += 1
        else:
            posts[c.worker].cases += 1
    w.n_cases = kept
    w.book[Col.n_unallocated] += unallocated
    w.book[Col.n_waiting] += waiting
    w.book[Col.n_teens_in_care] += teens
    w.book[Col.n_waiting_home] += waiting_home


@compiled
def look_back(t: TableRecord, w: WorldRecord, children: Rows, lists: Rows) -> None:
    """Book who was in care a year ago, who still is, and who of them is on another stair."""
    in_care = 0
    w.book[Col.sum_year_began] += w.in_care_began
    for j in range(w.n_cases):
        c = children[lists[CASES, j]]
        here = c.stair if c.stair >= t.first_care else NOBODY
        if here != NOBODY:
            in_care += 1
            if c.began != NOBODY:
                w.book[Col.sum_year_stayed] += 1.0
                w.book[Col.sum_year_changed] += c.began != here
        c.began = here
    for j in range(w.n_closed):
        children[lists[CLOSED, j]].began = NOBODY
    w.in_care_began = in_care


@compiled
def month_passes(t: TableRecord, w: WorldRecord, d: DistrictRecord, c: ChildRecord, rec: Rec) -> bool:
    """Advance a child's clocks; return whether it is still here.

    It is not when it reaches the leaving age, or when a closed case can no longer come back.
    """
    if rules.comes_of_age(t, w.month - c.birth) and c.stair != t.gone:
        note(w, c, rec, Event.LEFT, c.stair, t.gone)
        d.free[c.stair] += 1
        if t.first_care <= c.stair < t.n_stairs:
            w.book[Col.new_aged_out] += 1.0
        c.stair = t.gone
        c.worker = NOBODY
        end_course(t, d, c)
    elif rules.is_out_of_sight(t, c.stair, c.on_stair):
        c.stair = t.gone
    c.on_stair += 1
    c.since += 1
    c.handover = max(0, c.handover - 1)
    c.early = max(0, c.early - 1)
    if c.course >= 0:
        course_passes(t, d, c)
    return c.stair != t.gone


@compiled
def course_passes(t: TableRecord, d: DistrictRecord, c: ChildRecord) -> None:
    """Let a month of a course pass: at its end the seat is free, later the effect is gone."""
    programme = t.programme[c.course]
    was_seated = rules.holds_seat(programme, c.course_left)
    c.course_left -= 1
    if was_seated and not rules.holds_seat(programme, c.course_left):
        d.seated[c.course] -= 1
    if c.course_left == 0:
        c.course = -1
