"""A caseworker's month: reactive work, assessments, follow-ups."""

from __future__ import annotations

import numpy as np

from simulation import randomness as rn
from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled_once, how_many_bits, lowest_bit
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.moves import enter_care, move, move_down, move_up
from simulation.kernel.space import (
    HELD,
    NOBODY,
    Rec,
    Space,
    bit,
    blocks_in_use,
    follow_rules,
    list_marked,
    note,
)
from simulation.layout import (
    LANES,
    Block,
    DistrictRecord,
    MonthRecord,
    PostRecord,
    Rows,
    TableRecord,
    WorldRecord,
)
from simulation.ledger import Col, Event


@compiled_once
def working_time(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    space: Space,
    rec: Rec,
) -> None:
    """Caseworkers divide their hours: reactive work, assessments, follow-ups."""
    posts, effects = space.posts, space.effects
    first = 0
    for p in range(len(posts)):
        post = posts[p]
        post.reactive_share = 0.0
        post.n_due = 0
        post.asked_follow_ups = 0.0
        post.asked_assessments = 0.0
        post.n_assessments = 0
        post.n_done = 0
        post.oldest = NOBODY
        post.first = first
        first += post.cases
        post.last = first - 1
        post.attention = t.attention_floor
        if rules.takes_cases(post, w.month):
            post.attention = rules.attention(t, post.cases, post.fte)
        effects[1 + p] = rules.power(post.attention, -t.crisis_elasticity)
    effects[0] = rules.power(t.attention_floor, -t.crisis_elasticity)
    ask(t, m, w, space, rec)
    for p in range(len(posts)):
        if rules.takes_cases(posts[p], w.month):
            work(t, m, w, posts[p], space, rec)


@compiled_once
def ask(t: TableRecord, m: MonthRecord, w: WorldRecord, space: Space, rec: Rec) -> None:
    """Let every case ask its caseworker for time, in order of number."""
    n_followed, n_due, n_assessed = 0, 0, 0
    some_intrusive = m.intrusive_first[0] + m.intrusive_first[1] > 0
    for j in range(blocks_in_use(w)):
        b = space.children[j]
        if b.cases == 0:
            continue
        n_followed += b.cases - b.assessed
        if m.new_rules:
            for i in range(LANES):
                follow_rules(t, m, b, i)
        if rec is not None:
            for i in range(LANES):
                b.asked[i] = t.stair[b.stair[i]].reactive_hours
                b.hours[i] = 0.0
        marks = due(w, b)
        n_due += how_many_bits(marks)
        while marks:
            i = lowest_bit(marks)
            marks &= marks - 1
            list_due(t, m, w, space, b, i, j * LANES + i, some_intrusive)
        marks = assessed(t, w, b) if b.assessed > 0 else 0
        n_assessed = list_marked(space.marked[0], n_assessed, marks, j * LANES)
    for n in range(n_assessed):
        list_assessment(t, space, space.marked[0][n])
    w.book[Col.n_followed] += n_followed
    w.book[Col.n_due] += n_due


@compiled_once
def due(w: WorldRecord, b: Block) -> int:
    """Set everybody's target, and mark those whose follow-up is due."""
    moved, held, target, month = b.moved, b.followed, b.target, w.month
    first, early, later, early_months = b.first, b.early_rule, b.later, b.early_months
    marks = 0
    for i in range(LANES):
        on_stair, since = month - moved[i], month - held[i]
        target[i] = rules.follow_up_target(first[i], early[i], later[i], early_months[i], on_stair, since)
        marks |= bit(rules.is_due(since, target[i], on_stair), i)
    return marks


@compiled_once
def assessed(t: TableRecord, w: WorldRecord, b: Block) -> int:
    """Mark the assessments of a caseworker that need hours, or of which all is known."""
    stair, worker, progress, known = b.stair, b.worker, b.progress, b.known
    marks = 0
    for i in range(LANES):
        may_end = (rules.hours_wanting(t, progress[i]) > 0.0) | (known[i] <= w.month)
        marks |= bit((stair[i] == t.assessment) & (worker[i] != NOBODY) & may_end, i)
    return marks


@compiled_once
def list_due(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    space: Space,
    b: Block,
    i: int,
    index: int,
    some_intrusive: bool,
) -> None:
    """Put a child behind the due follow-ups of its post; without one it is overdue."""
    if b.worker[i] <= NOBODY:
        w.book[Col.n_overdue] += 1.0
        return
    post = space.posts[b.worker[i]]
    first = some_intrusive and m.intrusive_first[post.in_policy] > 0
    place = np.uint32(post.first + post.n_due)
    space.listed[place] = index
    space.urgency[place] = rules.urgency(w.month - b.followed[i], b.target[i], b.stair[i], first)
    post.n_due += 1
    post.asked_follow_ups += t.stair[b.stair[i]].follow_up_hours


@compiled_once
def list_assessment(t: TableRecord, space: Space, index: int) -> None:
    """Put a child behind the assessments of its post; they are listed from the end."""
    b, i = space.children[index // LANES], index % LANES
    post = space.posts[b.worker[i]]
    space.listed[np.uint32(post.last - post.n_assessments)] = index
    post.n_assessments += 1
    hours = rules.hours_wanting(t, b.progress[i])
    post.asked_assessments += hours
    if hours <= 0.0:
        post.n_done += 1
    elif post.oldest <= NOBODY or b.moved[i] < post.oldest_began:
        post.oldest, post.oldest_began = index, b.moved[i]


@compiled_once
def work(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    post: PostRecord,
    space: Space,
    rec: Rec,
) -> None:
    """One caseworker's month."""
    earned = rules.hours_earned(t, post)
    hours = max(0.0, earned)
    reactive, assessing, following = rules.shared_hours(
        t, hours, post.asked_reactive, post.asked_assessments, post.asked_follow_ups
    )
    if post.asked_reactive > 0.0:
        post.reactive_share = reactive / post.asked_reactive
    assess(t, m, w, post, space, rec, assessing)
    left = hold_follow_ups(t, m, w, post, space, rec, following)
    post.balance = rules.carried_over(earned, left)
    w.book[Col.n_fte_filled] += post.fte
    w.book[Col.hours_available] += hours
    w.book[Col.hours_reactive] += reactive


@compiled_once
def assess(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    post: PostRecord,
    space: Space,
    rec: Rec,
    left: float,
) -> None:
    """End assessments that waited for others only; spend `left` hours on the others, oldest first."""
    children, districts = space.children, space.districts
    for n in range(post.n_assessments if post.n_done > 0 else 0):
        index = space.listed[post.last - n]
        b, i = children[index // LANES], index % LANES
        if rules.hours_wanting(t, b.progress[i]) <= 0.0:
            try_to_finish(t, m, w, districts, b, i, rec)
    oldest = post.oldest
    while left > rules.ALL_DONE and oldest > NOBODY:
        b, i = children[oldest // LANES], oldest % LANES
        spent = min(left, rules.hours_wanting(t, b.progress[i]))
        left -= spent
        b.progress[i] += spent
        if rec is not None:
            b.hours[i] += spent
        w.book[Col.hours_assessment] += spent
        if rules.hours_wanting(t, b.progress[i]) <= 0.0:
            try_to_finish(t, m, w, districts, b, i, rec)
        oldest = oldest_assessment(t, post, space) if left > rules.ALL_DONE else NOBODY


@compiled_once
def oldest_assessment(t: TableRecord, post: PostRecord, space: Space) -> int:
    """Return the child longest under assessment that needs hours (ties: lowest number), or NOBODY."""
    oldest, since = NOBODY, 0
    for n in range(post.n_assessments):
        index = space.listed[post.last - n]
        b, i = space.children[index // LANES], index % LANES
        wants = b.stair[i] == t.assessment and rules.hours_wanting(t, b.progress[i]) > 0.0
        if wants and (oldest <= NOBODY or b.moved[i] < since):
            oldest, since = index, b.moved[i]
    return oldest


@compiled
def try_to_finish(
    t: TableRecord, m: MonthRecord, w: WorldRecord, districts: Rows, b: Block, i: int, rec: Rec
) -> None:
    """End an assessment whose hours are done, unless it waits for what others must contribute."""
    if b.known[i] <= w.month:
        finish_assessment(t, m, w, districts[b.district[i]], b, i, rec)


@compiled_once
def finish_assessment(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec
) -> None:
    """Close the case, help at home, or place the child."""
    w.book[Col.new_assessed] += 1.0
    if w.month - b.moved[i] <= t.assessment_deadline:
        w.book[Col.new_assessed_in_time] += 1.0
    u = rn.uniform(w.seed, w.replicate, b.number[i], rn.UNDATED, rn.ASSESSMENT, b.moves[i])
    placed = t.band[b.band[i]].placed * b.severity[i]
    if b.course[i] >= 0:
        placed *= t.programme[b.course[i]].placed
    ends = rules.assessment_ends(u, t.closed_after_assessment, placed)
    if ends == rules.UP:
        enter_care(t, m, w, d, b, i, rec, Event.ASSESSED)
    elif ends == rules.DOWN:
        w.book[Col.new_closed] += 1.0
        move(t, w, d, b, i, rec, t.gone, Event.ASSESSED)
    else:
        move(t, w, d, b, i, rec, t.first_home, Event.ASSESSED)


@compiled_once
def hold_follow_ups(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    post: PostRecord,
    space: Space,
    rec: Rec,
    left: float,
) -> float:
    """Hold due follow-ups while hours are left, most urgent first; return what is left (or overdrawn)."""
    if post.n_due == 0:
        return left
    attention, is_known = 0.0, False  # what it does is asked for by the ready only
    held = 0
    listed = space.listed[post.first : post.first + post.n_due]
    urgency = space.urgency[post.first : post.first + post.n_due]
    while left > rules.ALL_DONE and held < post.n_due:
        index = listed[take_most_urgent(urgency)]
        b, i = space.children[index // LANES], index % LANES
        hours = t.stair[b.stair[i]].follow_up_hours
        left -= hours
        if rec is not None:
            b.hours[i] += hours
        if b.ready[i] and not is_known:
            attention, is_known = rules.power(post.attention, t.recognition_elasticity), True
        held += 1
        w.book[Col.hours_follow_up] += hours
        follow_up(t, m, w, space.districts[b.district[i]], b, i, rec, attention)
    w.book[Col.n_overdue] += post.n_due - held
    return left


@compiled_once
def take_most_urgent(urgency: Floats) -> int:
    """Return the place of the due case that comes next, and mark it as held.

    Ties: lowest number, hence the first. A caseworker holds few follow-ups a month, so looking for the
    next one costs less than sorting.
    """
    most = HELD
    for place in range(len(urgency)):
        most = urgency[place] if urgency[place] > most else most
    for place in range(len(urgency)):
        if urgency[place] == most:
            urgency[place] = HELD
            return place
    return 0  # never: one of them is the most urgent


@compiled_once
def follow_up(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    d: DistrictRecord,
    b: Block,
    i: int,
    rec: Rec,
    attention: float,
) -> None:
    """Hold one follow-up and do what it decides."""
    w.book[Col.new_follow_ups] += 1.0
    since = w.month - b.followed[i]
    w.book[Col.sum_interval] += since
    if since >= w.month - b.moved[i]:
        w.book[Col.new_first] += 1.0
        w.book[Col.new_first_in_time] += since <= b.target[i]
    note(w, b, i, rec, Event.FOLLOW_UP, b.stair[i], b.stair[i])
    b.followed[i] = w.month
    lever = m.lever[b.covered[i]]
    u_down, u_up, _, _ = rn.four_uniforms(
        w.seed, w.replicate, b.number[i], rn.UNDATED, rn.FOLLOW_UP, b.follow_ups[i]
    )
    b.follow_ups[i] += 1
    decision = rules.follow_up_decision(
        t, lever, b.stair[i], b.ready[i] > 0, b.handover[i] > w.month, attention, u_down, u_up
    )
    if decision == rules.UP:
        move_up(t, m, w, d, b, i, rec)
    elif decision != rules.STAY:
        move_down(t, m, w, d, b, i, rec, decision)
