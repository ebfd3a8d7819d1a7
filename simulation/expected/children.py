"""Children through a month in expectation, in the order of the model's month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting
from simulation.expected.destinations import WAITS, Ways
from simulation.expected.grid import (
    EARLY,
    EARLY_HELD,
    HELD,
    MONTHS_APART,
    MONTHS_ASSESSED,
    PHASES,
    UNHELD,
    YOUNG,
    Grid,
    People,
)
from simulation.expected.moves import crisis, enter_care, kind_of, known, move_down, move_up, put
from simulation.expected.state import StateRecord
from simulation.expected.work import target_of
from simulation.layout import Lever, MonthRecord, TableRecord, Target
from simulation.ledger import Col

IN_ORDER = (HELD, UNHELD, EARLY_HELD, EARLY, YOUNG)
"""Phases in an order in which nobody who goes on to another phase is met there again."""

PHASE, SINCE, HOLD, DUE, OVER = range(5)
CLOCKS = 5
"""What is looked up for a phase and the months since the last follow-up."""


class Chances(NamedTuple):
    """What the month holds for the children of one stair, cohort and trait."""

    down_ready: float
    down_unready: float
    up: float
    ready: float
    staying: float  # below the leaving age
    waits: float  # ready, for want of a place
    waits_unready: float
    base: float  # hazard of a crisis
    severity: float
    effect: float  # of attention on it


@compiled_without_counting
def hidden_month(
    t: TableRecord, m: MonthRecord, grid: Grid, people: People, ways: Ways, book: Floats
) -> None:
    """Undetected children are placed in a crisis, become known, or recover; closed cases return."""
    traits = grid.traits
    for cohort in range(people.hidden.shape[0]):
        for trait in range(people.hidden.shape[1]):
            n = people.hidden[cohort, trait]
            if n <= 0.0:
                continue
            people.grown[cohort, trait] *= t.severity_growth
            grown = people.grown[cohort, trait] / n
            severity = traits.severity[trait] * grown
            outreach = m.lever[traits.covered[trait]].outreach
            acute = n * rules.chance(rules.hidden_crisis_hazard(t, severity))
            found = (n - acute) * rules.chance(rules.detection_hazard(t, outreach))
            faded = (n - acute - found) * rules.chance(t.hidden_recovery_hazard)
            book[Col.new_acute] += acute
            book[Col.new_detected] += found
            book[Col.new_faded] += faded
            people.flow[t.hidden, t.gone] += faded
            people.hidden[cohort, trait] = n - acute - found - faded
            people.grown[cohort, trait] = grown * people.hidden[cohort, trait]
            harder = harder_share(grid, trait, grown)
            for to, part in ((trait, 1.0 - harder), (traits.above[trait], harder)):
                if part > 0.0:
                    enter_care(t, grid, people, ways, book, t.hidden, cohort, to, acute * part)
                    known(t, people, t.hidden, cohort, to, found * part)


@compiled_without_counting
def harder_share(grid: Grid, trait: int, grown: float) -> float:
    """Return which share goes to the next higher severity, so that the mean is `grown` times as high."""
    here = grid.traits.severity[trait]
    above = grid.traits.severity[grid.traits.above[trait]]
    return min(1.0, here * (grown - 1.0) / (above - here)) if above > here else 0.0


@compiled
def closed_month(t: TableRecord, people: People, book: Floats) -> None:
    """Closed cases come back."""
    back = rules.chance(t.reentry_hazard)
    for cohort in range(people.closed.shape[0]):
        for trait in range(people.closed.shape[1]):
            n = people.closed[cohort, trait].sum() * back
            if n > 0.0:
                book[Col.new_reentries] += n
                known(t, people, t.closed, cohort, trait, n)
                people.closed[cohort, trait] *= 1.0 - back


@compiled_without_counting
def end_assessments(
    t: TableRecord, grid: Grid, people: People, ways: Ways, done: float, book: Floats
) -> None:
    """End the assessments whose hours are done, a share `done` of all, and for which all is known."""
    for cohort in range(people.assessed.shape[1]):
        for trait in range(people.assessed.shape[2]):
            ended = 0.0
            for months in range(MONTHS_ASSESSED):
                now = people.assessed[0, cohort, trait, months] * done
                before = people.assessed[1, cohort, trait, months]
                if now + before <= 0.0:
                    continue
                people.assessed[0, cohort, trait, months] -= now
                ends = now * known_share(t, 0, months) + before * known_share(t, months - 1, months)
                people.assessed[1, cohort, trait, months] += now - ends
                if months <= t.assessment_deadline:
                    book[Col.new_assessed_in_time] += ends
                ended += ends
            if ended > 0.0:
                book[Col.new_assessed] += ended
                assessed(t, grid, people, ways, book, cohort, trait, ended)


@compiled_without_counting
def known_share(t: TableRecord, before: int, months: int) -> float:
    """Return the chance that all is known after `months`, where it was not yet `before`."""
    if t.assessment_wait <= 0.0:
        return 1.0
    unknown = 1.0 - rules.known_by(t, before)
    return 1.0 - (1.0 - rules.known_by(t, months)) / unknown


@compiled_without_counting
def assessed(
    t: TableRecord, grid: Grid, people: People, ways: Ways, book: Floats,
    cohort: int, trait: int, n: float,
) -> None:  # fmt: skip
    """Close the case, help at home, or place: for `n` children whose assessment ends."""
    closed = t.closed_after_assessment
    spread = grid.traits.spread[trait]
    placed = 0.0
    for k in range(len(spread)):
        chance = ways.placed[cohort] * grid.traits.severity[trait] * spread[k]
        placed += rules.placed_share(closed, chance) / len(spread)
    book[Col.new_closed] += n * closed
    people.flow[t.assessment, t.gone] += n * closed
    enter_care(t, grid, people, ways, book, t.assessment, cohort, trait, n * placed)
    put(people, t.assessment, t.first_home, 0, cohort, trait, n * (1.0 - closed - placed))


@compiled_without_counting
def crises_under_assessment(
    t: TableRecord, w: StateRecord, grid: Grid, people: People, ways: Ways, book: Floats
) -> None:
    """Place children in crises who were under assessment when the month began."""
    effect = rules.power(w.attention, -t.crisis_elasticity)
    for cohort in range(people.assessed.shape[1]):
        for trait in range(people.assessed.shape[2]):
            base, severity = ways.crisis[cohort, t.assessment], grid.traits.severity[trait]
            c = crisis_chance(t, w, base, severity, effect, 0.0, False)
            n = 0.0
            for done in range(2):
                for months in range(1, MONTHS_ASSESSED):
                    n += people.assessed[done, cohort, trait, months]
                    people.assessed[done, cohort, trait, months] *= 1.0 - c
            if n > 0.0:
                enter_care(t, grid, people, ways, book, t.assessment, cohort, trait, n * c)


@compiled_without_counting
def crisis_chance(
    t: TableRecord, w: StateRecord, base: float, severity: float, effect: float, overdue: float,
    is_early: bool,
) -> float:  # fmt: skip
    """Return the chance of a crisis, of which a share of the children feels a change of caseworker."""
    settled = rules.crisis_hazard(t, base, severity, effect, overdue, is_early, False)
    handover = rules.crisis_hazard(t, base, severity, effect, overdue, is_early, True)
    return rules.chance(settled + w.in_handover * (handover - settled))


@compiled_without_counting
def down_ready(t: TableRecord, w: StateRecord, lever: Lever) -> float:
    """Return the chance that a follow-up moves a ready child down."""
    attention = rules.power(w.attention, t.recognition_elasticity)
    settled = rules.down_chance(t, lever, True, False, attention)
    handover = rules.down_chance(t, lever, True, True, attention)
    return settled + w.in_handover * (handover - settled)


@compiled
def cases_month(
    t: TableRecord, m: MonthRecord, w: StateRecord, grid: Grid, people: People, ways: Ways,
    hold: Floats, book: Floats,
) -> None:  # fmt: skip
    """Hold follow-ups, then let children become ready, crises come, and some reach the leaving age."""
    effect = rules.power(w.attention, -t.crisis_elasticity)
    stays, traits = np.zeros((PHASES, 2)), grid.traits
    before, clocks = people.standing.copy(), np.zeros((CLOCKS, PHASES * MONTHS_APART))
    people.standing[:] = 0.0
    people.ready[:] = 0.0
    for covered in range(2):
        lever = m.lever[covered]
        ready, unready = down_ready(t, w, lever), rules.down_chance(t, lever, False, False, 1.0)
        for stair in range(t.first_home, t.n_stairs):
            target, up = m.target[covered, stair], rules.up_chance(t, lever, stair)
            used = look_up_clocks(t, target, before[covered, stair], hold[covered, stair], clocks)
            for cohort in range(people.cases.shape[1]):
                if used == 0 or ways.ages[cohort].sum() <= 0.0:
                    continue
                for trait in range(people.cases.shape[2]):
                    if traits.covered[trait] != covered:
                        continue
                    lower = ways.lower[kind_of(grid, trait), cohort, stair]
                    again = ways.again[kind_of(grid, trait), cohort, stair]
                    waiters = waiters_among_ready(people, clocks, used, stair, cohort, trait)
                    c = Chances(
                        ready, unready, up, ways.ready[cohort, stair], 1.0 - ways.leaving[cohort],
                        lower[WAITS] + waiters * (again[WAITS] - lower[WAITS]), lower[WAITS],
                        ways.crisis[cohort, stair], traits.severity[trait], effect,
                    )  # fmt: skip
                    group_month(
                        t, w, target, c, grid, people, ways, clocks, used, stays, book,
                        stair, cohort, trait, waiters,
                    )  # fmt: skip


@compiled_without_counting
def waiters_among_ready(
    people: People, clocks: Floats, used: int, stair: int, cohort: int, trait: int
) -> float:
    """Return the share of the ready who waited for a place before."""
    waiting = people.waiting[stair, cohort, trait]
    if waiting <= 0.0:
        return 0.0
    ready = 0.0
    for i in range(used):
        ready += people.cases[stair, cohort, trait, int(clocks[PHASE, i]), 1, int(clocks[SINCE, i])]
    return min(1.0, waiting / ready) if ready > 0.0 else 0.0


@compiled_without_counting
def add(
    people: People, c: Chances, covered: int, stair: int, cohort: int, trait: int, phase: int, since: int,
    unready: float, ready: float,
) -> float:  # fmt: skip
    """Put children where they stand at the end of the month; return how many reach the leaving age."""
    now_ready = ready + unready * c.ready
    n, stay = unready + ready, c.staying
    people.cases[stair, cohort, trait, phase, 0, since] += (n - now_ready) * stay
    people.cases[stair, cohort, trait, phase, 1, since] += now_ready * stay
    people.standing[covered, stair, phase, since] += n * stay
    people.ready[stair] += now_ready * stay
    return n * (1.0 - stay)


@compiled_without_counting
def after_follow_up(target: Target, phase: int) -> int:
    """Return the phase of a child who stays after a follow-up."""
    if phase == EARLY:
        return EARLY_HELD
    if phase == YOUNG or (phase == UNHELD and target.early_months > target.first):
        return YOUNG if target.early != target.later else HELD
    return HELD


@compiled_without_counting
def leaves_phase(t: TableRecord, target: Target, phase: int, since: int) -> float:
    """Return the share whose phase is over when the clock will show `since`.

    The first follow-up is taken to have been on time, and the early interval to end by chance.
    """
    if phase == EARLY:
        return 1.0 if since > t.early_months else 0.0
    if phase == EARLY_HELD:
        return 1.0 if np.ceil(target.first) + since > t.early_months else 0.0
    if phase == YOUNG:
        return min(1.0, 1.0 / max(1.0, target.early_months - target.first))
    return 0.0


@compiled_without_counting
def look_up_clocks(t: TableRecord, target: Target, standing: Floats, hold: Floats, clocks: Floats) -> int:
    """Work out what goes with a phase and the months since the last follow-up, on one stair.

    Returns how many phases and months `clocks` lists: those where somebody stands, in an order in which
    nobody who goes on is met again. `clocks` [PHASE, SINCE, HOLD, DUE or OVER, position]: share whose
    follow-up is held, months after which it is due, share whose phase is over when the month is.
    """
    used = 0
    for phase in IN_ORDER:
        for since in range(MONTHS_APART - 1, 0, -1):
            if standing[phase, since] > 0.0:
                clocks[PHASE, used] = phase
                clocks[SINCE, used] = since
                clocks[HOLD, used] = hold[phase, since]
                clocks[DUE, used] = target_of(target, phase, since)
                clocks[OVER, used] = leaves_phase(t, target, phase, since + 1)
                used += 1
    return used


@compiled
def group_month(
    t: TableRecord, w: StateRecord, target: Target, c: Chances, grid: Grid, people: People, ways: Ways,
    clocks: Floats, used: int, stays: Floats, book: Floats,
    stair: int, cohort: int, trait: int, waiters: float,
) -> None:  # fmt: skip
    """Let a month pass for the children of one stair, cohort and trait.

    `waiters` is the share of the ready who waited for a place before.
    """
    cells, covered = people.cases[stair, cohort, trait], grid.traits.covered[trait]
    stays[:] = 0.0
    moved, hurt, left = (0.0, 0.0, 0.0), 0.0, 0.0
    all_ready, seen_ready = 0.0, 0.0
    usual = crisis_chance(t, w, c.base, c.severity, c.effect, 0.0, False)
    early = crisis_chance(t, w, c.base, c.severity, c.effect, 0.0, True)
    for i in range(used):
        phase, since = int(clocks[PHASE, i]), int(clocks[SINCE, i])
        unready, ready = cells[phase, 0, since], cells[phase, 1, since]
        if unready + ready <= 0.0:
            continue
        cells[phase, 0, since] = 0.0
        cells[phase, 1, since] = 0.0
        is_early = phase in (EARLY, EARLY_HELD)
        chance = early if is_early else usual
        share = clocks[HOLD, i]
        all_ready += ready
        if share > 0.0:
            seen_ready += ready * share
            gone = follow_ups(
                c, book, unready * share, ready * share, since, phase in (UNHELD, EARLY),
                since <= clocks[DUE, i], stays[after_follow_up(target, phase)],
            )  # fmt: skip
            moved = (moved[0] + gone[0], moved[1] + gone[1], moved[2] + gone[2])
            unready *= 1.0 - share
            ready *= 1.0 - share
        if t.overdue_effect != 0.0:
            overdue = rules.months_overdue(since, clocks[DUE, i])
            chance = crisis_chance(t, w, c.base, c.severity, c.effect, overdue, is_early)
        hurt += (unready + ready) * chance
        unready *= 1.0 - chance
        ready *= 1.0 - chance
        later, over = min(since + 1, MONTHS_APART - 1), clocks[OVER, i]
        if over > 0.0:
            then = UNHELD if phase == EARLY else HELD
            left += add(
                people, c, covered, stair, cohort, trait, then, later, unready * over, ready * over
            )
            unready *= 1.0 - over
            ready *= 1.0 - over
        left += add(people, c, covered, stair, cohort, trait, phase, later, unready, ready)
    for phase in range(PHASES):
        unready, ready = stays[phase, 0], stays[phase, 1]
        if unready + ready > 0.0:
            chance = early if phase == EARLY_HELD else usual
            hurt += (unready + ready) * chance
            over = phase == EARLY_HELD and leaves_phase(t, target, phase, 1) > 0.0
            to, calm = HELD if over else phase, 1.0 - chance
            left += add(people, c, covered, stair, cohort, trait, to, 1, unready * calm, ready * calm)
    still_there = (1.0 - usual) * c.staying
    if all_ready > 0.0:
        still_there *= 1.0 - c.up * seen_ready / all_ready
    leave_stair(t, grid, people, ways, book, moved, hurt, waiters, still_there, stair, cohort, trait)
    if stair >= t.first_care:
        book[Col.new_aged_out] += left


@compiled
def leave_stair(
    t: TableRecord, grid: Grid, people: People, ways: Ways, book: Floats,
    moved: tuple[float, float, float], hurt: float, waiters: float, still_there: float,
    stair: int, cohort: int, trait: int,
) -> None:  # fmt: skip
    """Move children down, up and through crises; count who waits for a place, of whom some leave."""
    kind = kind_of(grid, trait)
    lower, again = ways.lower[kind, cohort, stair], ways.again[kind, cohort, stair]
    fresh, tried = moved[0] * (1.0 - waiters), moved[0] * waiters
    if fresh > 0.0:
        move_down(t, people, lower, book, stair, cohort, trait, 0, fresh)
    if tried > 0.0:
        move_down(t, people, again, book, stair, cohort, trait, 0, tried)
    if moved[1] > 0.0:
        move_down(t, people, lower, book, stair, cohort, trait, 1, moved[1])
    waiting = people.waiting[stair, cohort, trait] + fresh * lower[WAITS] - tried * (1.0 - again[WAITS])
    people.waiting[stair, cohort, trait] = max(0.0, waiting) * still_there
    if moved[2] > 0.0:
        move_up(t, grid, people, ways, book, stair, cohort, trait, moved[2])
    if hurt > 0.0:
        crisis(t, grid, people, ways, book, stair, cohort, trait, hurt)


@compiled_without_counting
def follow_ups(
    c: Chances, book: Floats, unready: float, ready: float, since: int, first: bool, in_time: bool,
    stays: Floats,
) -> tuple[float, float, float]:  # fmt: skip
    """Hold follow-ups; return who was found ready to move down, moves down unready, and moves up.

    `stays` [ready] gets who stays, those who find no place among them.
    """
    n = unready + ready
    book[Col.new_follow_ups] += n
    book[Col.sum_interval] += n * since
    if first:
        book[Col.new_first] += n
        if in_time:
            book[Col.new_first_in_time] += n
    down_ready_, down_unready = ready * c.down_ready, unready * c.down_unready
    up_ready, up_unready = (ready - down_ready_) * c.up, (unready - down_unready) * c.up
    stays[1] += ready - up_ready - down_ready_ * (1.0 - c.waits)
    stays[0] += unready - up_unready - down_unready * (1.0 - c.waits_unready)
    return down_ready_, down_unready, up_ready + up_unready
