"""Caseworkers' hours in expectation: what is asked for, what is given, whose follow-up is held."""

from __future__ import annotations

import numpy as np

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled
from simulation.expected.grid import (
    EARLY,
    MONTHS_APART,
    MONTHS_ASSESSED,
    PHASES,
    UNHELD,
    YOUNG,
    Grid,
    People,
)
from simulation.expected.state import StateRecord
from simulation.layout import MonthRecord, Rows, TableRecord, Target
from simulation.ledger import Col

QUARTERS = 4

QUEUE = 80
"""Units of a quarter of an assessment's hours that are told apart."""

LONG_AGO = 1_000
"""Months on a stair of a child whose early interval is over."""


@compiled
def count_cases(t: TableRecord, w: StateRecord, grid: Grid, people: People, standing: Floats) -> None:
    """Count who stands where into `standing` [covered, stair, phase, months since the follow-up]."""
    standing[:] = 0.0
    for stair in range(t.first_home, t.n_stairs):
        for cohort in range(people.cases.shape[1]):
            for trait in range(people.cases.shape[2]):
                cells = people.cases[stair, cohort, trait]
                here = standing[grid.traits.covered[trait], stair]
                for phase in range(PHASES):
                    for since in range(1, w.longest + 1):
                        here[phase, since] += cells[phase, 0, since] + cells[phase, 1, since]


@compiled
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
    standing: Floats, hold: Floats, filled: Floats, queue: Floats, book: Floats,
) -> None:  # fmt: skip
    """Enter what each kind of work gets into `w`, and whose follow-up is held into `hold`.

    `hold` [covered, stair, phase, since] is the share of those who stand there; `filled` [number] the
    chances of so many caseworkers in post, `queue` as in `let_assessments_come`.
    """
    reactive, followed, cases = 0.0, 0.0, 0.0
    for stair in range(t.n_stairs):
        if stair == t.hidden:
            continue
        n = standing[:, stair].sum() + people.came[stair].sum()
        if stair == t.assessment:
            n += people.assessed.sum()
        else:
            followed += n
        reactive += t.reactive_hours * t.stair[stair].weight * n
        cases += n
    under_way = people.assessed[0].sum()
    if t.assessment >= 0:
        under_way += people.came[t.assessment].sum()
    assessments = w.backlog + t.assessment_hours * under_way
    due, asked = ask_for_follow_ups(t, m, standing, hold)
    held = work_on_average(t, w, cases, reactive, assessments, due, asked, filled, queue)
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
    asked: float, filled: Floats, queue: Floats,
) -> float:  # fmt: skip
    """Enter hours given and attention into `w`, on average over chance; return the follow-ups' hours.

    Chance: how many caseworkers are in post (`filled` [number]); whether one is a newcomer; how many
    cases one has, by a normal distribution with the variance of a Poisson one; what assessments want of
    one (`queue`); how many follow-ups are due, Poisson. It is what makes one month short of hours and
    another not.
    """
    attention, owed = 0.0, 0.0
    wanted_of, given_of = np.zeros(3), np.zeros(3)
    each = asked / due if due > 0.0 else 0.0
    unit, still = unit_of(t), np.zeros(len(queue))
    mean = unit * (queue * np.arange(len(queue))).sum()
    for n in range(1, len(filled)):
        if filled[n] <= 1e-6:
            continue
        larger = assessments / n / mean if mean > 0.0 else 0.0
        for kind in range(6):
            hours, load, weight = a_caseworker(w, kind, cases / n)
            weight *= filled[n]
            if weight <= 0.0:
                continue
            follow, before = chances_of(load * asked / n, each), given_of[2]
            for i in range(len(queue)):
                wanted = i * unit * larger
                for j in range(len(follow)):
                    p = weight * queue[i] * follow[j]
                    if p <= 1e-8:
                        continue
                    r, a, f = rules.shared_hours(t, hours, load * reactive / n, wanted, j * each)
                    given = follow_ups_begun(f, each, j)
                    note(wanted_of, p * n, load * reactive / n, wanted, j * each)
                    note(given_of, p * n, r, a, given)
                    owed += p * n * max(0.0, given - f)
                    leave_in_queue(still, (wanted - a) / unit, p)
            here = rules.attention(t, load * cases / n, w.fte / w.posts)
            attention += (given_of[2] - before) * here
    if still.sum() > 0.0:
        queue[:] = still / still.sum()
    w.owed = owed
    usual = rules.attention(t, cases, w.fte)
    w.attention = attention / given_of[2] if given_of[2] > 0.0 else usual
    w.reactive = reactive * part_of(given_of[0], wanted_of[0])
    w.assessing = assessments * part_of(given_of[1], wanted_of[1])
    return asked * part_of(given_of[2], wanted_of[2])


@compiled
def note(hours: Floats, weight: float, reactive: float, assessments: float, follow_ups: float) -> None:
    """Add the hours of the three kinds of work to `hours`."""
    hours[0] += weight * reactive
    hours[1] += weight * assessments
    hours[2] += weight * follow_ups


@compiled
def part_of(given: float, wanted: float) -> float:
    """Return given / wanted: all chances that are too small to count are left out of both."""
    return min(1.0, given / wanted) if wanted > 0.0 else 0.0


@compiled
def a_caseworker(w: StateRecord, kind: int, cases: float) -> tuple[float, float, float]:
    """Return (hours, cases / the mean of `cases`, chance) of one of six kinds of caseworker.

    Newcomers and others, each with few, usual and many cases: the points of a normal distribution that
    have its mean and variance.
    """
    owed = w.owed / w.posts
    share = w.new / w.posts
    if kind < 3:
        hours = w.hours_of_new / w.new if w.new > 0.0 else 0.0
    else:
        share = 1.0 - share
        hours = (w.hours - w.hours_of_new) / (w.posts - w.new) if share > 0.0 else 0.0
    spread = np.sqrt(3.0 / max(cases, 3.0))
    load = 1.0 + spread * (kind % 3 - 1)
    return max(0.0, hours - owed), load, share * (2.0 / 3.0 if kind % 3 == 1 else 1.0 / 6.0)


@compiled
def unit_of(t: TableRecord) -> float:
    """Return the hours in which the queue of assessments is counted: a quarter of one."""
    return max(t.assessment_hours, rules.ALL_DONE) / QUARTERS


@compiled
def leave_in_queue(queue: Floats, units: float, chance: float) -> None:
    """Add the chance that so many units are left, split between the whole numbers around it."""
    last = len(queue) - 1
    low = min(int(units), last)
    part = min(1.0, units - low) if low < last else 0.0
    queue[low] += chance * (1.0 - part)
    queue[min(low + 1, last)] += chance * part


@compiled
def let_assessments_come(queue: Floats, per_post: float) -> None:
    """Let as many assessments come to a caseworker, on average, as `per_post` says.

    `queue` [units of hours] are the chances of what assessments still want of a caseworker's time.
    """
    come, before = chances_of(per_post, 1.0), queue.copy()
    queue[:] = 0.0
    for k in range(len(come)):
        for i in range(len(before)):
            if before[i] > 0.0:
                queue[min(i + k * QUARTERS, len(queue) - 1)] += come[k] * before[i]


@compiled
def chances_of(hours: float, each: float) -> Floats:
    """Return [0, 1, 2, ...]: Poisson chances of so many tasks of `each` hours, `hours` on average."""
    mean = hours / each if each > 0.0 else 0.0
    most = int(mean + 5.0 * np.sqrt(mean)) + 2
    chances = np.zeros(most)
    if mean > 200.0:
        chances[int(mean)] = 1.0
        return chances
    chances[0] = np.exp(-mean)
    for k in range(1, most):
        chances[k] = chances[k - 1] * mean / k
    return chances / chances.sum()


@compiled
def follow_ups_begun(left: float, each: float, due: int) -> float:
    """Return the hours of the follow-ups that are held: one may be begun while any hours are left."""
    if each <= 0.0 or left <= rules.ALL_DONE:
        return 0.0
    return min(float(due) * each, left + 0.5 * each)  # the last one ends, on average, half of it later


@compiled
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
                        hours += n * t.follow_up_hours * t.stair[stair].weight
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
        hours[i] = there[due[i]] * t.follow_up_hours * t.stair[stair].weight
    order = np.argsort(-urgency)
    i = 0
    while i < len(order):
        alike, together = i, 0.0
        while alike < len(order) and urgency[order[alike]] >= urgency[order[i]] - rules.ALL_DONE:
            together += hours[order[alike]]
            alike += 1
        share = min(1.0, max(0.0, left) / together) if together > 0.0 else 1.0
        for j in range(i, alike):
            flat[due[order[j]]] = share
        left -= together
        i = alike


@compiled
def hours_done(t: TableRecord, w: StateRecord, people: People, done: Floats, book: Floats) -> None:
    """Spend the hours of assessments, oldest first: `done` [months] is the share whose hours are done."""
    left = w.assessing
    book[Col.hours_assessment] += left
    spent = min(left, w.backlog)
    w.backlog -= spent
    left -= spent
    for months in range(MONTHS_ASSESSED - 1, -1, -1):
        asked = t.assessment_hours * people.assessed[0, :, :, months].sum()
        done[months] = 1.0 if asked <= left + rules.ALL_DONE else left / asked
        left = max(0.0, left - asked)
