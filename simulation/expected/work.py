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

LONG_AGO = 1_000
"""Months on a stair of a child whose early interval is over."""


@compiled
def count_cases(
    t: TableRecord, w: StateRecord, grid: Grid, people: People, standing: Floats
) -> None:
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
    return rules.follow_up_target(target, on_stair, since)


@compiled
def share_out_hours(
    t: TableRecord, m: MonthRecord, w: StateRecord, posts: Rows, people: People,
    standing: Floats, hold: Floats, book: Floats,
) -> None:  # fmt: skip
    """Enter what each kind of work gets into `w`, and whose follow-up is held into `hold`.

    `hold` [covered, stair, phase, since] is the share of those who stand there. Everybody has the same
    caseworker: all posts together.
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
    w.attention = rules.attention(t, cases, w.fte)
    under_way = people.assessed[0].sum()
    if t.assessment >= 0:
        under_way += people.came[t.assessment].sum()
    assessments = w.backlog + t.assessment_hours * under_way
    due, asked = ask_for_follow_ups(t, m, standing, hold)
    hours = max(0.0, w.hours - w.owed)
    w.reactive, w.assessing, w.following = rules.shared_hours(t, hours, reactive, assessments, asked)
    held = asked
    if w.following < asked - rules.ALL_DONE:
        overdrawn = 0.5 * w.posts * asked / due if w.following > rules.ALL_DONE else 0.0
        held = min(asked, w.following + overdrawn)
        first_the_most_urgent(t, m, posts, standing, hold, held)
    w.owed = max(0.0, held - w.following)
    book[Col.n_followed] += followed
    book[Col.n_due] += due
    book[Col.n_fte_filled] += w.fte
    book[Col.hours_available] += hours
    book[Col.hours_reactive] += w.reactive
    book[Col.hours_follow_up] += held


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
