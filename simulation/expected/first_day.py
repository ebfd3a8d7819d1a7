"""The first day in expectation: the same rules as `newcomers.starter`, over evenly spaced uniforms."""

from __future__ import annotations

import numpy as np

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting
from simulation.expected.grid import COHORT, HELD, MONTHS_APART, MONTHS_ASSESSED, UNHELD, Grid, People
from simulation.layout import DistrictRecord, Rows, TableRecord
from simulation.tables import Tables

STAYS = 32
"""Points that stand for the length of a stay."""

CLOCKS = 12
"""Points that stand for the months since the last follow-up."""

TOGETHER = 3
"""Months of age at the move that one point stands for."""


@compiled_without_counting
def children_on(d: DistrictRecord, stair: int) -> float:
    """Return the expected children on a stair on the first day."""
    return float(d.start_count[stair]) if d.start_count[stair] >= 0 else d.start_mean[stair]


@compiled
def first_day(tables: Tables, grid: Grid, people: People) -> None:
    """Put the expected children of the first day into their groups."""
    t, d = tables.table[0], tables.districts[0]
    for stair in range(t.n_stairs):
        n = children_on(d, stair)
        if n <= 0.0:
            continue
        if d.given[stair] >= 0:
            add_given(t, tables.given, d.given[stair], int(n), grid, people, stair)
        else:
            add_drawn(t, tables.start_age[stair], grid, people, stair, n)
        share_among_traits(t, grid, people, stair)
        count_standing(t, grid, people, stair)


@compiled
def add_drawn(
    t: TableRecord, cumulated: Floats, grid: Grid, people: People, stair: int, n: float
) -> None:
    """Add `n` children of a stair whose ages and clocks are drawn."""
    s = t.stair[stair]
    before, ready = 0.0, chances_of_ready(t, stair)
    for first in range(0, len(cumulated), TOGETHER):
        last = min(first + TOGETHER, len(cumulated)) - 1
        age, share = (first + last) // 2, cumulated[last] - before
        before = cumulated[last]
        if share <= 0.0:
            continue
        longest = max(1, t.leave_age - age)
        for i in range(STAYS):
            u = (i + 0.5) / STAYS
            stay = min(1 + rules.truncated_stay(u, s.start_hazard, float(t.leave_age - age)), longest)
            clocks = CLOCKS if s.start_later > 0.0 else 1
            part = n * share / STAYS / clocks
            for j in range(clocks):
                on_stair, since = stay, stay
                if s.start_later > 0.0:
                    on_stair, since = rules.settled_clocks(
                        stay - 1, s.start_first, s.start_later, longest, (j + 0.5) / clocks
                    )
                add(t, grid, people, ready, stair, 1 - age - on_stair, on_stair, since, part)


@compiled
def add_given(
    t: TableRecord, given: Rows, first: int, n: int, grid: Grid, people: People, stair: int
) -> None:
    """Add the children of a case list who stand on a stair."""
    s, ready = t.stair[stair], chances_of_ready(t, stair)
    for row in range(first, first + n):
        stay, since = given[row].on_stair, given[row].since
        clocks = CLOCKS if since < 0 else 1
        for j in range(clocks):
            known = since
            if stair == t.assessment:
                known = stay
            elif since < 0:
                u = (j + 0.5) / clocks
                known = rules.since_follow_up(stay, s.start_first, s.start_later, u)
            add(t, grid, people, ready, stair, -given[row].age, stay, known, 1.0 / clocks)


@compiled
def chances_of_ready(t: TableRecord, stair: int) -> Floats:
    """Return [a follow-up was held, months since]: how likely a child of the first day is ready."""
    s, chances = t.stair[stair], np.zeros((2, t.leave_age + 2))
    for since in range(chances.shape[1]):
        chances[0, since] = rules.ready_since_follow_up(1.0, s.start_ready_hazard, since)
        chances[1, since] = rules.ready_since_follow_up(s.start_unready, s.start_ready_hazard, since)
    return chances


@compiled_without_counting
def add(
    t: TableRecord, grid: Grid, people: People, chances: Floats, stair: int, birth: int, stay: int,
    since: int, n: float,
) -> None:  # fmt: skip
    """Add `n` children alike in all but their traits, under the first trait."""
    cohort = (birth - grid.born[0]) // COHORT
    grown = t.severity_growth**stay if stair == t.hidden else 1.0
    ready = chances[int(since < stay), since]
    phase = HELD if since < stay else UNHELD
    if stair == t.hidden:
        people.hidden[cohort, 0] += n
        people.grown[cohort, 0] += n * grown
    elif stair == t.assessment:
        people.assessed[1, cohort, 0, min(stay, MONTHS_ASSESSED - 1)] += n
    else:
        clock = min(since, MONTHS_APART - 1)
        cells = people.cases[stair, cohort, 0, phase]
        cells[1, clock] += n * ready
        cells[0, clock] += n * (1.0 - ready)


@compiled_without_counting
def share_among_traits(t: TableRecord, grid: Grid, people: People, stair: int) -> None:
    """Share the children of a stair, all put under the first trait, among the traits."""
    traits = grid.traits
    kin = 1.0 if t.stair[stair].needs_network > 0 else t.has_network
    for trait in range(len(traits.share) - 1, -1, -1):
        share = traits.share[trait] * (kin if traits.network[trait] > 0 else 1.0 - kin)
        for cohort in range(len(grid.born)):
            if stair == t.hidden:
                people.hidden[cohort, trait] = people.hidden[cohort, 0] * share
                people.grown[cohort, trait] = people.grown[cohort, 0] * share
            elif stair == t.assessment:
                for months in range(MONTHS_ASSESSED):
                    n = people.assessed[1, cohort, 0, months]
                    people.assessed[1, cohort, trait, months] = n * share
            else:
                for phase in (UNHELD, HELD):
                    cells, first = people.cases[stair, cohort, trait], people.cases[stair, cohort, 0]
                    for since in range(MONTHS_APART):
                        cells[phase, 0, since] = first[phase, 0, since] * share
                        cells[phase, 1, since] = first[phase, 1, since] * share


@compiled_without_counting
def count_standing(t: TableRecord, grid: Grid, people: People, stair: int) -> None:
    """Sum up who stands where on a stair."""
    if stair < t.first_home:
        return
    for cohort in range(len(grid.born)):
        for trait in range(len(grid.traits.share)):
            there = people.standing[grid.traits.covered[trait], stair]
            for phase in (UNHELD, HELD):
                cells = people.cases[stair, cohort, trait, phase]
                for since in range(MONTHS_APART):
                    there[phase, since] += cells[0, since] + cells[1, since]
                    people.ready[stair] += cells[1, since]


def undone_at_start(tables: Tables) -> float:
    """Return the assessments of the first day: half done each, on average, so half as many whole ones."""
    t, d = tables.table[0], tables.districts[0]
    if t["assessment"] < 0:
        return 0.0
    return float(0.5 * children_on(d, int(t["assessment"])))


def growth_felt(tables: Tables) -> float:
    """Return a factor that the growth of severity until detection seldom exceeds; 1 without growth.

    Over the mean of a stay whose hazard is that of the first day, plus a tenth for longer ones.
    """
    t = tables.table[0]
    growth = float(t["severity_growth"])
    if t["hidden"] < 0 or growth <= 1.0:
        return 1.0
    staying = float(np.exp(-t["stair"]["start_hazard"][t["hidden"]]))
    ratio = growth * staying
    return 1.1 * growth * (1.0 - staying) / (1.0 - ratio) if ratio < 1.0 else 2.0
