"""The order of a month in expectation, and of the whole time."""

from __future__ import annotations

import numpy as np

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting
from simulation.expected.children import (
    cases_month,
    closed_month,
    crises_under_assessment,
    end_assessments,
    hidden_month,
)
from simulation.expected.desks import (
    LOADS,
    QUEUE,
    first_desks,
    let_assessments_come,
    staff_desks,
)
from simulation.expected.destinations import Ways, look_up_ages, look_up_ways
from simulation.expected.first_day import first_day
from simulation.expected.grid import EARLY, MONTHS_ASSESSED, UNHELD, Grid, People
from simulation.expected.moves import known
from simulation.expected.newest import CASES, begin_arrivals, let_arrivals_pass
from simulation.expected.places import chance_of_full, let_a_month_pass
from simulation.expected.refunds import Spent, begin_spending, refund_of_month
from simulation.expected.staffing import first_staff, number_in_post, staff
from simulation.expected.state import StateRecord
from simulation.expected.work import hours_done, share_out_hours
from simulation.layout import PLACES, MonthRecord, Rows, TableRecord
from simulation.ledger import FIRST_STAIR, Col
from simulation.tables import UNLIMITED, Tables


@compiled
def run(
    tables: Tables, grid: Grid, people: People, ways: Ways, spent: Spent, state: Rows, posts: Rows,
    in_post: Floats, chances: Floats, books: Floats,
) -> None:  # fmt: skip
    """Write the expected ledger of one district to `books` [month, column].

    `chances` [stair, children there] are those of how many stand on a stair with limited places; all
    other arguments are room to work in. `state` carries the assessments that want hours.
    """
    t, w = tables.table[0], state[0]
    first_day(tables, grid, people)
    first_staff(t, w, posts, in_post)
    there, before = np.zeros(PLACES), np.zeros(PLACES)
    count(t, people, there, books[0])
    w.attention = rules.attention(t, there[: t.n_stairs].sum() - hidden_of(t, there), w.fte)
    begin_spending(t, spent, there)
    begin_places(t, tables.places[0, 0], there, chances)
    extra = extra_cost(t, tables, there)
    scratch, filled = tables.districts.copy(), np.zeros(len(posts) + 1)
    handed_over, by_arrival = np.zeros(t.n_months), np.zeros((3, t.n_months + 1))
    desks = np.zeros((len(filled), 2, LOADS, QUEUE))
    room = np.zeros(desks.shape)
    first_cases = there[: t.n_stairs].sum() - hidden_of(t, there)
    first_desks(desks, int(w.posts + 0.5), w.backlog)
    begin_arrivals(by_arrival, hidden_of(t, there), first_cases, w.backlog)
    full = np.zeros(PLACES)
    books[:] = 0.0
    for month in range(t.n_months):
        w.month = month
        m, book, places = tables.months[month], books[month], tables.places[month, 0]
        if m.year_begins:
            begin_spending(t, spent, there)
        for stair in range(t.n_stairs):
            limited = places[stair] < UNLIMITED
            full[stair] = chance_of_full(chances[stair], places[stair]) if limited else -1.0
        before[:] = there
        look_up_ages(t, grid, ways, month)
        look_up_ways(t, m, scratch, full, grid, ways)
        staff(t, w, posts, in_post, handed_over, book)
        number_in_post(t, posts, in_post, filled)
        cases = there[: t.n_stairs].sum() - hidden_of(t, there)
        staff_desks(w, desks, filled, room, cases, by_arrival)
        w.spread = spread_of(w, cases)
        children_month(t, m, w, posts, filled, desks, tables.districts, grid, people, ways, book)
        count(t, people, there, book)
        follow_arrivals(t, w, people, by_arrival, tables.districts[0].inflow, there)
        let_places_pass(t, people.flow, before, there, places, full, chances)
        costs(t, m, grid, people, spent, before, there, extra, book)
        tally(t, people.flow, book)


@compiled
def children_month(
    t: TableRecord, m: MonthRecord, w: StateRecord, posts: Rows, filled: Floats, desks: Floats,
    districts: Rows, grid: Grid, people: People, ways: Ways, book: Floats,
) -> None:  # fmt: skip
    """Let a month pass for all children."""
    people.came[:] = 0.0
    people.flow[:] = 0.0
    hold = np.zeros(people.standing.shape)
    new = arrivals(t, w.month, districts[0].inflow, grid, book)
    if t.hidden < 0:
        for cohort in range(new.shape[0]):
            for trait in range(new.shape[1]):
                if new[cohort, trait] > 0.0:
                    known(t, people, t.gone, cohort, trait, new[cohort, trait])
    else:
        hidden_month(t, m, grid, people, ways, book)
    closed_month(t, people, book)
    if t.assessment >= 0 and w.posts > 0.0:
        let_assessments_come(desks, people.came[t.assessment].sum())
    book[Col.hours_available] += available(w)
    share_out_hours(t, m, w, posts, people, hold, filled, desks, book)
    if t.assessment >= 0:
        people.assessed[0, :, :, 0] = people.came[t.assessment, 0]
        people.came[t.assessment] = 0.0
        done = hours_done(t, w, people, book)
        end_assessments(t, grid, people, ways, done, book)
    cases_month(t, m, w, grid, people, ways, hold, book)
    if t.assessment >= 0:
        crises_under_assessment(t, w, grid, people, ways, book)
    end_of_month(t, grid, people, ways, new, book)


@compiled_without_counting
def available(w: StateRecord) -> float:
    """Return the hours for cases, less what is owed."""
    return max(0.0, w.hours - w.new * w.owed[0] - (w.posts - w.new) * w.owed[1])


@compiled_without_counting
def spread_of(w: StateRecord, cases: float) -> float:
    """Return how far few and many cases are from usual: sqrt(3) standard deviations, as a share."""
    return np.sqrt(3.0 * max(0.0, w.variance)) / cases if cases > 0.0 else 0.0


@compiled
def let_chance_pass(
    t: TableRecord, w: StateRecord, flow: Floats, cases: float, came: float, left: float
) -> None:
    """Move the variance of the number of cases on by a month in which some came and some left.

    Who comes and leaves adds its number, as in every birth-and-death process. What draws the number back
    is that more cases mean more who leave; where hours are short they do not, as far as it takes a
    caseworker to leave.
    """
    decided = flow[:, t.closed].sum() + (flow[t.assessment, t.gone] if t.assessment >= 0 else 0.0)
    decided = min(left, decided)
    back = (left - decided * (1.0 - w.ample)) / cases if cases > 0.0 else 1.0
    w.variance = w.variance * (1.0 - min(1.0, back)) ** 2 + came + left


@compiled
def follow_arrivals(
    t: TableRecord, w: StateRecord, people: People, by_arrival: Floats, new: float, there: Floats
) -> None:
    """Let a month pass for the order in which cases came."""
    flow = people.flow
    to_assess, known, back = 0.0, 0.0, flow[t.closed].sum()
    origin = t.hidden if t.hidden >= 0 else t.gone
    for to in range(t.n_stairs):
        known += flow[origin, to]
    undone = w.backlog
    if t.assessment >= 0:
        to_assess = flow[origin, t.assessment]
        undone += people.assessed[0].sum()
    hidden = hidden_of(t, there)
    cases = there[: t.n_stairs].sum() - hidden
    left = max(0.0, by_arrival[CASES].sum() + known + back - cases)
    let_chance_pass(t, w, flow, by_arrival[CASES].sum(), known + back, left)
    let_arrivals_pass(by_arrival, w.month, new, known, to_assess, back, hidden, cases, undone)


@compiled
def arrivals(t: TableRecord, month: int, inflow: float, grid: Grid, book: Floats) -> Floats:
    """Return [cohort, trait]: children newly at risk this month."""
    traits = grid.traits
    new = np.zeros((len(grid.born), len(traits.share)))
    book[Col.new_at_risk] += inflow
    for age in range(len(grid.arriving)):
        if grid.arriving[age] > 0.0:
            cohort = (month - age - grid.born[0]) // (grid.born[1] - grid.born[0])
            for trait in range(len(traits.share)):
                kin = t.has_network if traits.network[trait] > 0 else 1.0 - t.has_network
                new[cohort, trait] += inflow * grid.arriving[age] * traits.share[trait] * kin
    return new


@compiled_without_counting
def end_of_month(
    t: TableRecord, grid: Grid, people: People, ways: Ways, new: Floats, book: Floats
) -> None:
    """Put who moved on the stair they moved to; some reach the leaving age, closed cases go for good."""
    felt = t.early_months > 0 and t.early_hr != 1.0
    for cohort in range(len(grid.born)):
        staying = 1.0 - ways.leaving[cohort]
        for trait in range(new.shape[1]):
            for stair in range(t.first_home, t.n_stairs):
                for early in range(2):
                    n = people.came[stair, early, cohort, trait]
                    phase = EARLY if early > 0 and felt else UNHELD
                    people.cases[stair, cohort, trait, phase, 0, 1] += n * staying
                    people.standing[grid.traits.covered[trait], stair, phase, 1] += n * staying
                    if stair >= t.first_care:
                        book[Col.new_aged_out] += n * (1.0 - staying)
            if t.hidden >= 0:
                people.hidden[cohort, trait] = (
                    people.hidden[cohort, trait] + new[cohort, trait]
                ) * staying
                people.grown[cohort, trait] = (people.grown[cohort, trait] + new[cohort, trait]) * staying
            if t.assessment >= 0:
                a_month_under_assessment(people.assessed[:, cohort, trait], staying)
            n = people.came[t.closed, 0, cohort, trait] + people.came[t.closed, 1, cohort, trait]
            a_month_closed(t, people.closed[cohort, trait], n, staying)


@compiled_without_counting
def a_month_under_assessment(cells: Floats, staying: float) -> None:
    """Let the clocks of assessments [hours done, months] advance."""
    for done in range(2):
        beyond = cells[done, MONTHS_ASSESSED - 1]
        for months in range(MONTHS_ASSESSED - 1, 0, -1):
            cells[done, months] = cells[done, months - 1] * staying
        cells[done, MONTHS_ASSESSED - 1] += beyond * staying
        cells[done, 0] = 0.0


@compiled_without_counting
def a_month_closed(t: TableRecord, cells: Floats, came: float, staying: float) -> None:
    """Let the clocks of closed cases [months] advance, `came` new ones among them."""
    cells[0] = came
    for months in range(len(cells) - 1, -1, -1):
        if rules.is_out_of_sight(t, t.closed, months):
            cells[months] = 0.0
        elif months + 1 < len(cells):
            cells[months + 1] = cells[months] * staying
            cells[months] = 0.0


@compiled_without_counting
def hidden_of(t: TableRecord, there: Floats) -> float:
    """Return the undetected children of `there` [stair]."""
    return there[t.hidden] if t.hidden >= 0 else 0.0


@compiled
def count(t: TableRecord, people: People, there: Floats, book: Floats) -> None:
    """Count children on each stair into `there`, and into the ledger of the month."""
    there[:] = 0.0
    if t.hidden >= 0:
        there[t.hidden] = people.hidden.sum()
    if t.assessment >= 0:
        there[t.assessment] = people.assessed.sum()
    for stair in range(t.first_home, t.n_stairs):
        there[stair] = people.standing[:, stair].sum()
        book[Col.n_waiting if stair >= t.first_care else Col.n_waiting_home] += people.ready[stair]
    for stair in range(t.n_stairs):
        book[FIRST_STAIR + stair] += there[stair]
        if stair != t.hidden:
            book[Col.n_cases] += there[stair]


@compiled_without_counting
def begin_places(t: TableRecord, places: Floats, there: Floats, chances: Floats) -> None:
    """Say for sure how many stand on stairs with limited places on the first day."""
    for stair in range(t.n_stairs):
        for k in range(chances.shape[1]):
            chances[stair, k] = 0.0
        if places[stair] < UNLIMITED:
            chances[stair, int(there[stair] + 0.5)] = 1.0


@compiled
def let_places_pass(
    t: TableRecord, flow: Floats, before: Floats, there: Floats, places: Floats, full: Floats,
    chances: Floats,
) -> None:  # fmt: skip
    """Move the chances of how many stand on stairs with limited places on by a month."""
    for stair in range(t.n_stairs):
        if full[stair] < 0.0:
            continue
        came = flow[:, stair].sum() - flow[stair, stair]
        left = before[stair] + came - there[stair]
        free = 1.0 - full[stair]
        coming = came / free if free > 1e-9 else 0.0
        leaving = left / before[stair] if before[stair] > 0.0 else 0.0
        let_a_month_pass(chances[stair], int(places[stair]), coming, leaving)


@compiled
def extra_cost(t: TableRecord, tables: Tables, there: Floats) -> Floats:
    """Return [stair]: what the children of a case list cost above the usual price, DKK a month."""
    extra = np.zeros(PLACES)
    d = tables.districts[0]
    for stair in range(t.n_stairs):
        if d.given[stair] >= 0:
            for row in range(d.given[stair], d.given[stair] + d.start_count[stair]):
                price = tables.given[row].price
                if not np.isnan(price):
                    extra[stair] += price - t.stair[stair].unit_price
    return extra


@compiled
def costs(
    t: TableRecord, m: MonthRecord, grid: Grid, people: People, spent: Spent, before: Floats,
    there: Floats, extra: Floats, book: Floats,
) -> None:  # fmt: skip
    """Enter what the month costs."""
    for stair in range(t.n_stairs):
        came = people.flow[:, stair].sum()
        if before[stair] > 0.0:
            extra[stair] *= max(0.0, there[stair] - came) / before[stair]
        cost = there[stair] * t.stair[stair].unit_price + extra[stair]
        book[FIRST_STAIR + t.n_stairs + stair] += cost
    book[Col.dkk_refund] = refund_of_month(t, m, spent, grid.prices, people.flow, there)
    book[Col.dkk_staff] = m.staff_cost
    book[Col.dkk_one_off] = m.one_off
    book[Col.dkk_programmes] = m.running_cost


@compiled_without_counting
def tally(t: TableRecord, flow: Floats, book: Floats) -> None:
    """Count the moves of the month: up or down, into care or out of it."""
    for origin in range(PLACES):
        for to in range(PLACES):
            n = flow[origin, to]
            if n <= 0.0 or (origin == t.gone):
                continue
            up_or_down, in_or_out = rules.kind_of_move(t, origin, to)
            if in_or_out == rules.INTO_CARE:
                book[Col.new_entries] += n
                book[FIRST_STAIR + 2 * t.n_stairs + to] += n
            elif in_or_out == rules.OUT_OF_CARE:
                book[Col.new_exits] += n
            if up_or_down == rules.DOWN:
                book[Col.new_moves_down] += n
            elif up_or_down == rules.UP:
                book[Col.new_moves_up] += n
