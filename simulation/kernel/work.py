"""A caseworker's month: reactive work, assessments, follow-ups."""

from __future__ import annotations

from simulation import randomness as rn
from simulation import rules
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.moves import enter_care, move, move_down, move_up
from simulation.kernel.space import CASES, DUE, HELD, NOBODY, Rec, age_band, note
from simulation.layout import (
    ChildRecord,
    DistrictRecord,
    MonthRecord,
    PostRecord,
    Rows,
    TableRecord,
    WorldRecord,
)
from simulation.ledger import Col, Event


@compiled
def working_time(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    districts: Rows,
    children: Rows,
    lists: Rows,
    rec: Rec,
) -> None:
    """Caseworkers divide their hours: reactive work, assessments, follow-ups."""
    for p in range(len(posts)):
        post = posts[p]
        post.asked_reactive = 0.0
        post.reactive_share = 0.0
        post.n_due = 0
        post.first_due = NOBODY
        post.first_assessment = NOBODY
        post.first_waiting = NOBODY
        post.attention = t.attention_floor
        if rules.takes_cases(post, w.month):
            post.attention = rules.attention(t, post.cases, post.fte)
        post.crisis_effect = rules.power(post.attention, -t.crisis_elasticity)
    ask(t, m, w, posts, children, lists)
    for p in range(len(posts)):
        if rules.takes_cases(posts[p], w.month):
            work(t, m, w, posts[p], districts, children, rec)


@compiled
def ask(t: TableRecord, m: MonthRecord, w: WorldRecord, posts: Rows, children: Rows, lists: Rows) -> None:
    """Let every case ask its caseworker for time, last number first, so that lists end up in order."""
    assessed = 0
    n_due = 0
    for j in range(w.n_cases - 1, -1, -1):
        i = lists[CASES, j]
        c = children[i]
        c.hours = 0.0
        c.asked = t.reactive_hours * t.stair[c.stair].weight
        if c.worker != NOBODY:
            posts[c.worker].asked_reactive += c.asked
        if c.stair == t.assessment:
            assessed += 1
            if c.worker == NOBODY:
                continue
            if rules.hours_wanting(t, c.progress) > 0.0:
                c.next = posts[c.worker].first_assessment
                posts[c.worker].first_assessment = i
            else:
                c.next = posts[c.worker].first_waiting
                posts[c.worker].first_waiting = i
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
        c.urgency = rules.urgency(c.since, c.target, c.stair, m.intrusive_first[post.in_policy] > 0)
        c.next = post.first_due
        post.first_due = i
        post.n_due += 1


@compiled
def work(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    post: PostRecord,
    districts: Rows,
    children: Rows,
    rec: Rec,
) -> None:
    """One caseworker's month."""
    earned = rules.hours_earned(t, post)
    hours = max(0.0, earned)
    asked_assessments = 0.0
    i = post.first_assessment
    while i != NOBODY:
        asked_assessments += rules.hours_wanting(t, children[i].progress)
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
    post.balance = rules.carried_over(earned, left)
    w.book[Col.n_fte_filled] += post.fte
    w.book[Col.hours_available] += hours
    w.book[Col.hours_reactive] += reactive


@compiled
def assess(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    post: PostRecord,
    districts: Rows,
    children: Rows,
    rec: Rec,
    left: float,
) -> None:
    """End assessments that waited for others only; spend `left` hours on the others, oldest first."""
    i = post.first_waiting
    while i != NOBODY:
        try_to_finish(t, m, w, districts, children[i], rec)
        i = children[i].next
    while left > rules.ALL_DONE:
        oldest = NOBODY
        i = post.first_assessment
        while i != NOBODY:
            wants = (
                children[i].stair == t.assessment and rules.hours_wanting(t, children[i].progress) > 0.0
            )
            if wants and (oldest == NOBODY or children[i].on_stair > children[oldest].on_stair):
                oldest = i
            i = children[i].next
        if oldest == NOBODY:
            return
        c = children[oldest]
        spent = min(left, rules.hours_wanting(t, c.progress))
        left -= spent
        c.progress += spent
        c.hours += spent
        w.book[Col.hours_assessment] += spent
        if rules.hours_wanting(t, c.progress) <= 0.0:
            try_to_finish(t, m, w, districts, c, rec)


@compiled
def try_to_finish(
    t: TableRecord, m: MonthRecord, w: WorldRecord, districts: Rows, c: ChildRecord, rec: Rec
) -> None:
    """End an assessment whose hours are done, unless it waits for what others must contribute."""
    u = rn.uniform(w.seed, w.replicate, c.number, rn.UNDATED, rn.ASSESSMENT_WAIT, c.moves)
    if rules.all_is_known(t, c.since, u):
        finish_assessment(t, m, w, districts[c.district], c, rec)


@compiled
def finish_assessment(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, c: ChildRecord, rec: Rec
) -> None:
    """Close the case, help at home, or place the child."""
    w.book[Col.new_assessed] += 1.0
    if c.on_stair <= t.assessment_deadline:
        w.book[Col.new_assessed_in_time] += 1.0
    u = rn.uniform(w.seed, w.replicate, c.number, rn.UNDATED, rn.ASSESSMENT, c.moves)
    placed = t.band[age_band(t, w, c)].placed * c.severity
    if c.course >= 0:
        placed *= t.programme[c.course].placed
    ends = rules.assessment_ends(u, t.closed_after_assessment, placed)
    if ends == rules.UP:
        enter_care(t, m, w, d, c, rec, Event.ASSESSED)
    elif ends == rules.DOWN:
        w.book[Col.new_closed] += 1.0
        move(t, w, d, c, rec, t.gone, Event.ASSESSED)
    else:
        move(t, w, d, c, rec, t.first_home, Event.ASSESSED)


@compiled
def hold_follow_ups(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    post: PostRecord,
    districts: Rows,
    children: Rows,
    rec: Rec,
    left: float,
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
def most_urgent(post: PostRecord, children: Rows) -> int:
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
def follow_up(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    d: DistrictRecord,
    c: ChildRecord,
    rec: Rec,
    attention: float,
) -> None:
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
