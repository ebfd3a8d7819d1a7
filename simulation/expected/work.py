"""Caseworkers' hours in expectation: what is asked for, what is given, whose follow-up is held."""

from __future__ import annotations

import numpy as np

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting
from simulation.expected.desks import (
    LOADS,
    NEWCOMER,
    UNLIKELY,
    assessments_on,
    chances_of,
    put_on_desk,
    unit_of,
)
from simulation.expected.grid import (
    EARLY,
    MONTHS_APART,
    PHASES,
    UNHELD,
    YOUNG,
    People,
)
from simulation.expected.state import StateRecord
from simulation.layout import MonthRecord, Rows, TableRecord, Target
from simulation.ledger import Col

LONG_AGO = 1_000
"""Months on a stair of a child whose early interval is over."""


@compiled_without_counting
def target_of(target: Target, phase: int, since: int) -> float:
    """Return the months after which a follow-up is due, in a phase of the stay."""
    on_stair = LONG_AGO
    if phase in (UNHELD, EARLY):
        on_stair = since
    elif phase == YOUNG:
        on_stair = since + 1
    return rules.follow_up_target(
        target.first, target.early, target.later, target.early_months, on_stair, since
    )


@compiled
def share_out_hours(
    t: TableRecord, m: MonthRecord, w: StateRecord, posts: Rows, people: People,
    hold: Floats, filled: Floats, desks: Floats, book: Floats,
) -> None:  # fmt: skip
    """Enter what each kind of work gets into `w`, and whose follow-up is held into `hold`.

    `hold` [covered, stair, phase, since] is the share of those who stand there; `filled` [number] the
    chances of so many caseworkers in post, `desks` what waits for them.
    """
    reactive, followed, cases, standing = 0.0, 0.0, 0.0, people.standing
    for stair in range(t.n_stairs):
        if stair == t.hidden:
            continue
        n = standing[:, stair].sum() + people.came[stair].sum()
        if stair == t.assessment:
            n += people.assessed.sum()
        else:
            followed += n
        reactive += t.stair[stair].reactive_hours * n
        cases += n
    under_way = people.assessed[0].sum()
    if t.assessment >= 0:
        under_way += people.came[t.assessment].sum()
    assessments = w.backlog + under_way
    due, asked = ask_for_follow_ups(t, m, standing, hold)
    held = work_on_average(t, w, cases, reactive, assessments, due, asked, filled, desks)
    if held < asked - rules.ALL_DONE:
        first_the_most_urgent(t, m, posts, standing, hold, held)
    book[Col.n_followed] += followed
    book[Col.n_due] += due
    book[Col.n_overdue] += due * (1.0 - held / asked) if asked > 0.0 else 0.0
    book[Col.n_fte_filled] += w.fte
    book[Col.hours_reactive] += w.reactive
    book[Col.hours_follow_up] += held


@compiled
def work_on_average(
    t: TableRecord, w: StateRecord, cases: float, reactive: float, assessments: float, due: float,
    asked: float, filled: Floats, desks: Floats,
) -> float:  # fmt: skip
    """Enter hours given and attention into `w`, on average over chance; return the follow-ups' hours.

    Chance: what `desks` tell apart, and how many follow-ups are due, Poisson. It is what makes one month
    short of hours and another not.
    """
    attention, ample, wanted, given = 0.0, 0.0, np.zeros(3), np.zeros(3)
    owed, heads = np.zeros(2), np.zeros(2)
    each = asked / due if due > 0.0 else 0.0
    unit, waiting = unit_of(t), assessments_on(desks)
    larger = assessments / waiting if waiting > 0.0 else 0.0
    left = np.zeros(desks.shape[3])
    for n in range(1, len(filled)):
        if filled[n] <= UNLIKELY:
            continue
        for load in range(LOADS):
            more = max(0.0, 1.0 + w.spread * (load - 1))
            follow = chances_of(more * asked / n, each)
            before = given[2]
            for kind in range(2):
                queue = desks[n, kind, load]
                hours = hours_of(w, kind)
                for i in range(len(queue)):
                    left[i] = 0.0
                for i in range(len(queue)):
                    if queue[i] > UNLIKELY * UNLIKELY:
                        over, all_held = a_month_at_a_desk(
                            t, hours, more * reactive / n, i, unit * larger, follow, each, queue[i],
                            wanted, given, left, unit,
                        )  # fmt: skip
                        owed[kind] += over
                        ample += all_held
                        heads[kind] += queue[i]
                for i in range(len(queue)):
                    queue[i] = left[i]
            here = rules.attention(t, more * cases / n, w.fte / w.posts)
            attention += (given[2] - before) * here
    for kind in range(2):
        w.owed[kind] = owed[kind] / heads[kind] if heads[kind] > 0.0 else 0.0
    w.ample = ample / heads.sum() if heads.sum() > 0.0 else 1.0
    usual = rules.attention(t, cases, w.fte)
    w.attention = attention / given[2] if given[2] > 0.0 else usual
    w.reactive = reactive * part_of(given[0], wanted[0])
    w.assessing = given[1]
    w.done = max(0.0, assessments - assessments_on(desks))
    return asked * part_of(given[2], wanted[2])


@compiled_without_counting
def a_month_at_a_desk(
    t: TableRecord, hours: float, reactive: float, units: int, unit_now: float, follow: Floats,
    each: float, chance: float, wanted: Floats, given: Floats, left: Floats, unit: float,
) -> tuple[float, float]:  # fmt: skip
    """Share out a caseworker's hours; return (hours overdrawn, chance that all follow-ups are held).

    Both times `chance`. `follow` [number due] are chances. As long as follow-ups ask for less than is
    guaranteed to them, what the rest gets hangs on their number; beyond, it does not.
    """
    wants = units * unit_now
    guaranteed = t.share_follow_ups * hours
    rest, rest_due = 1.0, 0.0
    for j in range(len(follow)):
        rest_due += j * follow[j]
    wanted[0] += chance * reactive
    wanted[1] += chance * wants
    wanted[2] += chance * rest_due * each
    few = 0
    while few < len(follow) and few * each < guaranteed:
        r, a, f = rules.shared_hours(t, hours, reactive, wants, few * each)
        p = chance * follow[few]
        given[0] += p * r
        given[1] += p * a
        given[2] += p * f
        put_on_desk(left, (wants - a) / unit, p)
        rest -= follow[few]
        rest_due -= few * follow[few]
        few += 1
    if few >= len(follow) or rest <= 0.0:
        return 0.0, chance
    r, a, f = rules.shared_hours(t, hours, reactive, wants, np.inf)
    given[0] += chance * rest * r
    given[1] += chance * rest * a
    put_on_desk(left, (wants - a) / unit, chance * rest)
    if f <= rules.ALL_DONE or each <= 0.0:
        return 0.0, chance * (1.0 - rest)
    begun = int(np.ceil((f - rules.ALL_DONE) / each))  # one may be begun while any hours are left
    held, all_begun = 0.0, rest
    for j in range(few, min(begun, len(follow))):
        held += j * follow[j]
        all_begun -= follow[j]
    all_begun = max(0.0, all_begun)
    given[2] += chance * (held + begun * all_begun) * each
    short = all_begun - (follow[begun] if begun < len(follow) else 0.0)
    return chance * all_begun * max(0.0, begun * each - f), chance * (1.0 - short)


@compiled_without_counting
def hours_of(w: StateRecord, kind: int) -> float:
    """Return the hours of a newcomer or of another caseworker, on average, less what is overdrawn."""
    if kind == NEWCOMER:
        hours = w.hours_of_new / w.new if w.new > 0.0 else 0.0
    else:
        others = w.posts - w.new
        hours = (w.hours - w.hours_of_new) / others if others > rules.ALL_DONE else 0.0
    return max(0.0, hours - w.owed[kind])


@compiled_without_counting
def part_of(given: float, wanted: float) -> float:
    """Return given / wanted: all chances that are too small to count are left out of both."""
    return min(1.0, given / wanted) if wanted > 0.0 else 0.0


@compiled_without_counting
def ask_for_follow_ups(
    t: TableRecord, m: MonthRecord, standing: Floats, hold: Floats
) -> tuple[float, float]:
    """Mark all due follow-ups as held in `hold`; return their number and hours."""
    due, hours = 0.0, 0.0
    hold[:] = 0.0
    for covered in range(2):
        for stair in range(t.first_home, t.n_stairs):
            for phase in range(PHASES):
                for since in range(1, MONTHS_APART):
                    n = standing[covered, stair, phase, since]
                    target = target_of(m.target[covered, stair], phase, since)
                    if n > 0.0 and rules.is_due(since, target, since):
                        hold[covered, stair, phase, since] = 1.0
                        due += n
                        hours += n * t.stair[stair].follow_up_hours
    return due, hours


@compiled
def first_the_most_urgent(
    t: TableRecord, m: MonthRecord, posts: Rows, standing: Floats, hold: Floats, left: float
) -> None:
    """Hold due follow-ups for `left` hours, most urgent first; who is as urgent gets the same share."""
    flat, there = hold.ravel(), standing.ravel()
    due = np.flatnonzero(flat)
    urgency, hours = np.zeros(len(due)), np.zeros(len(due))
    intrusive_first = m.intrusive_first[posts[0].in_policy] > 0 if len(posts) > 0 else False
    for i in range(len(due)):
        since = due[i] % MONTHS_APART
        phase = due[i] // MONTHS_APART % PHASES
        stair = due[i] // (MONTHS_APART * PHASES) % hold.shape[1]
        covered = due[i] // (MONTHS_APART * PHASES * hold.shape[1])
        target = target_of(m.target[covered, stair], phase, since)
        urgency[i] = rules.urgency(since, target, stair, intrusive_first)
        hours[i] = there[due[i]] * t.stair[stair].follow_up_hours
        flat[due[i]] = 0.0
    below = np.inf
    while left > 0.0:
        highest, together = next_urgency(urgency, hours, below)
        if highest < 0.0:
            return
        share = min(1.0, left / together) if together > 0.0 else 1.0
        for i in range(len(due)):
            if highest - rules.ALL_DONE <= urgency[i] < below:
                flat[due[i]] = share
        left -= together
        below = highest - rules.ALL_DONE


@compiled_without_counting
def next_urgency(urgency: Floats, hours: Floats, below: float) -> tuple[float, float]:
    """Return the highest urgency below a bound (-1: none), and the hours of all that are as urgent."""
    highest, together = -1.0, 0.0
    for i in range(len(urgency)):
        if urgency[i] < below:
            highest = max(highest, urgency[i])
    for i in range(len(urgency)):
        if highest - rules.ALL_DONE <= urgency[i] < below:
            together += hours[i]
    return highest, together


@compiled
def hours_done(t: TableRecord, w: StateRecord, people: People, book: Floats) -> float:
    """Return the share of the assessments whose hours are done, however long they have waited.

    On a desk the oldest goes first; but the desk it lies on decides how long it waits, and what waits on
    desks differs about as much as its mean.
    """
    book[Col.hours_assessment] += w.assessing
    undone = w.backlog + people.assessed[0].sum()
    share = min(1.0, w.done / undone) if undone > 0.0 else 1.0
    w.backlog *= 1.0 - share
    return share
