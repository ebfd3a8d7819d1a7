"""Where children go, as shares: the rules of `simulation.rules` over all they are asked with.

A rule is asked once for each class of age, for kin found or not, and for each stair with limited places
full or not; the answers are weighted with their chances.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled_without_counting
from simulation.expected.grid import COHORT, Grid
from simulation.layout import PLACES, DistrictRecord, MonthRecord, Rows, TableRecord
from simulation.tables import Ints

WAITS = -1
"""Last position of the shares of moves down: they fail for want of a place."""

FOR_WANT = -1
"""Last position of the shares of entries: those for want of a place in a family."""


class Ways(NamedTuple):
    """Shares of where children go. A kind is kin or not, plus 2 where the policy covers the child."""

    entry: Floats  # [kind, cohort, place and FOR_WANT]
    lower: Floats  # [kind, cohort, stair, place and WAITS]
    again: Floats  # [kind, cohort, stair, place and WAITS] of those who waited for a place before
    higher: Floats  # [kind, cohort, stair, place and one unused]
    by_class: Floats  # [class, question, place and one more] working space: entry, down, again, up
    ages: Floats  # [cohort, class] share of its children; all 0 where the cohort has none
    leaving: Floats  # [cohort] share that reaches the leaving age this month
    crisis: Floats  # [cohort, stair] hazard of a crisis
    ready: Floats  # [cohort, stair] chance of becoming ready
    placed: Floats  # [cohort] chance of care after an assessment at severity 1


def empty_ways(t: np.void, grid: Grid) -> Ways:
    """Return arrays of zeros for a table and its groups."""
    n, cohorts, classes = int(t["n_stairs"]), len(grid.born), len(grid.cuts)
    return Ways(
        entry=np.zeros((4, cohorts, PLACES + 1)),
        lower=np.zeros((4, cohorts, n, PLACES + 1)),
        again=np.zeros((4, cohorts, n, PLACES + 1)),
        higher=np.zeros((4, cohorts, n, PLACES + 1)),
        by_class=np.zeros((classes, 1 + 3 * n, PLACES + 1)),
        ages=np.zeros((cohorts, classes)),
        leaving=np.zeros(cohorts),
        crisis=np.zeros((cohorts, n)),
        ready=np.zeros((cohorts, n)),
        placed=np.zeros(cohorts),
    )


@compiled_without_counting
def look_up_ages(t: TableRecord, grid: Grid, ways: Ways, month: int) -> None:
    """Work out how old the children of each cohort are this month, and what goes with age."""
    ways.ages[:] = 0.0
    ways.leaving[:] = 0.0
    ways.crisis[:] = 0.0
    ways.ready[:] = 0.0
    ways.placed[:] = 0.0
    for cohort in range(len(grid.born)):
        n, leave = 0, 0
        for birth in range(grid.born[cohort], grid.born[cohort] + COHORT):
            age = month - birth
            if 0 <= age < t.leave_age:
                n += 1
                leave += rules.comes_of_age(t, age)
                ways.ages[cohort, class_of(grid.cuts, age)] += 1.0
        if n == 0:
            continue
        ways.leaving[cohort] = leave / n
        for k in range(len(grid.cuts)):
            ways.ages[cohort, k] /= n
            share = ways.ages[cohort, k]
            if share > 0.0:
                band = t.band_of_year[grid.cuts[k] // 12]
                ways.placed[cohort] += share * t.band[band].placed
                for stair in range(t.n_stairs):
                    ways.crisis[cohort, stair] += share * t.rate[stair, band].crisis_hazard
                    ways.ready[cohort, stair] += share * t.rate[stair, band].ready_chance


@compiled_without_counting
def class_of(cuts: Ints, age: int) -> int:
    """Return the class of an age in months."""
    k = len(cuts) - 1
    while cuts[k] > age:
        k -= 1
    return k


@compiled_without_counting
def look_up_ways(
    t: TableRecord, m: MonthRecord, scratch: Rows, full: Floats, grid: Grid, ways: Ways
) -> None:
    """Work out where children go this month; `full` [stair] is the chance that a stair is full.

    `scratch` is a district in which places are declared free or not.
    """
    covered_from, covered_to = min(grid.traits.covered), max(grid.traits.covered)
    for covered in range(covered_from, covered_to + 1):
        search = m.lever[covered].network_search
        for kin in range(2):
            kind = kin + 2 * covered
            ways.by_class[:] = 0.0
            for found in range(2):
                chance = (search if found else 1.0 - search) if kin else 1.0 - found
                if chance > 0.0:
                    ask_all(t, m, scratch, full, grid, ways, covered, found > 0, chance)
            mix(t, ways, kind)


@compiled_without_counting
def ask_all(
    t: TableRecord, m: MonthRecord, scratch: Rows, full: Floats, grid: Grid, ways: Ways,
    covered: int, found: bool, chance: float,
) -> None:  # fmt: skip
    """Ask the rules with every combination of stairs full and free, in order of binary numbers."""
    limited = 0
    for stair in range(t.n_stairs):
        limited += full[stair] >= 0.0
    for combination in range(1 << limited):
        weight = declare(t, scratch[0], full, combination) * chance
        if weight > 0.0:
            for k in range(len(grid.cuts)):
                ask(t, m, scratch[0], ways.by_class[k], grid.cuts[k], covered, found, chance, weight)


@compiled_without_counting
def declare(t: TableRecord, d: DistrictRecord, full: Floats, combination: int) -> float:
    """Declare stairs full or free as a binary number says; return how likely that is."""
    weight, bit = 1.0, 0
    for stair in range(t.n_stairs):
        d.free[stair] = 1
        if full[stair] >= 0.0:
            is_full = (combination >> bit) & 1
            d.free[stair] = 1 - is_full
            weight *= full[stair] if is_full else 1.0 - full[stair]
            bit += 1
    return weight


@compiled_without_counting
def ask(
    t: TableRecord, m: MonthRecord, d: DistrictRecord, shares: Floats, age: int, covered: int,
    found: bool, chance: float, weight: float,
) -> None:  # fmt: skip
    """Add the answers of the rules for one class of age to `shares` [question, place]."""
    types = m.entry_share[covered, t.band_of_year[age // 12]]
    ask_entry(t, d, types, shares[0], age, found, weight)
    for stair in range(t.first_home, t.n_stairs):
        home = t.stair[stair].home_share if stair >= t.first_care else 1.0
        for u, part in ((0.0, home), (1.0, 1.0 - home)):
            if part > 0.0:
                shares[1 + stair, rules.stair_below(t, d, stair, age, found, u)] += weight * part
        if stair >= t.first_care:
            if not found or chance >= 1.0:  # who waits meets the same answers at the next try
                to = rules.stair_below(t, d, stair, age, found, 1.0)
                shares[1 + t.n_stairs + stair, to] += weight / chance
            to = rules.stair_above(t, d, stair, age, found)
            shares[1 + 2 * t.n_stairs + stair, to] += weight


@compiled_without_counting
def ask_entry(
    t: TableRecord, d: DistrictRecord, types: Floats, shares: Floats, age: int, found: bool, weight: float
) -> None:
    """Add where entries into care go, asked in the middle of each share of `types` [stair]."""
    cumulated = 0.0
    for stair in range(t.first_care, t.n_stairs + 1):
        share = 1.0 - cumulated
        if stair < t.n_stairs:
            if t.stair[stair].family_like or age < t.stair[stair].youngest:
                continue
            share = min(share, types[stair])
        if share > 0.0:
            middle = cumulated + 0.5 * share
            to, for_want = rules.entry_stair(t, d, types, age, found, middle)
            shares[to] += weight * share
            shares[FOR_WANT] += weight * share * for_want
            cumulated += share


@compiled_without_counting
def mix(t: TableRecord, ways: Ways, kind: int) -> None:
    """Turn the answers by class of age into shares by cohort."""
    n = t.n_stairs
    for cohort in range(len(ways.ages)):
        mean_answer(ways, 0, cohort, ways.entry[kind, cohort])
        for stair in range(n):
            mean_answer(ways, 1 + stair, cohort, ways.lower[kind, cohort, stair])
            mean_answer(ways, 1 + n + stair, cohort, ways.again[kind, cohort, stair])
            mean_answer(ways, 1 + 2 * n + stair, cohort, ways.higher[kind, cohort, stair])


@compiled_without_counting
def mean_answer(ways: Ways, question: int, cohort: int, shares: Floats) -> None:
    """Enter into `shares` [place and one more] the answers to a question, over the cohort's ages."""
    for to in range(len(shares)):
        shares[to] = 0.0
    for k in range(ways.ages.shape[1]):
        age = ways.ages[cohort, k]
        if age > 0.0:
            for to in range(len(shares)):
                shares[to] += age * ways.by_class[k, question, to]
