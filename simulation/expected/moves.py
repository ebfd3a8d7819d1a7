"""Moves in expectation: children who go to another stair wait in `came` until the month is over."""

from __future__ import annotations

from simulation.accounts import Floats
from simulation.compiled import compiled_without_counting
from simulation.expected.destinations import FOR_WANT, WAITS, Ways
from simulation.expected.grid import Grid, People
from simulation.layout import TableRecord
from simulation.ledger import Col


@compiled_without_counting
def kind_of(grid: Grid, trait: int) -> int:
    """Return the kind of child that `Ways` tells apart: kin or not, covered or not."""
    return grid.traits.network[trait] + 2 * grid.traits.covered[trait]


@compiled_without_counting
def put(people: People, origin: int, to: int, early: int, cohort: int, trait: int, n: float) -> None:
    """Move `n` children between places."""
    people.flow[origin, to] += n
    people.came[to, early, cohort, trait] += n


@compiled_without_counting
def known(t: TableRecord, people: People, origin: int, cohort: int, trait: int, n: float) -> None:
    """Open `n` cases."""
    to = t.assessment if t.assessment >= 0 else t.first_home
    put(people, origin, to, 0, cohort, trait, n)


@compiled_without_counting
def enter_care(
    t: TableRecord, grid: Grid, people: People, ways: Ways, book: Floats,
    origin: int, cohort: int, trait: int, n: float,
) -> None:  # fmt: skip
    """Place `n` children from home."""
    shares = ways.entry[kind_of(grid, trait), cohort]
    for to in range(t.first_home, t.n_stairs):
        if shares[to] > 0.0:
            put(people, origin, to, 0, cohort, trait, n * shares[to])
    book[Col.new_for_want] += n * shares[FOR_WANT]


@compiled_without_counting
def place_higher(
    t: TableRecord, grid: Grid, people: People, ways: Ways,
    stair: int, cohort: int, trait: int, n: float,
) -> None:  # fmt: skip
    """Place `n` children in care on a more intrusive stair."""
    shares = ways.higher[kind_of(grid, trait), cohort, stair]
    for to in range(stair, t.n_stairs):
        if shares[to] > 0.0:
            put(people, stair, to, 0, cohort, trait, n * shares[to])


@compiled_without_counting
def move_down(
    t: TableRecord, people: People, shares: Floats, book: Floats,
    stair: int, cohort: int, trait: int, early: int, n: float,
) -> None:  # fmt: skip
    """Move `n` children down to `shares` [place and WAITS], of whom a share finds no place, and stays."""
    for to in range(t.first_home, t.closed + 1):
        if shares[to] > 0.0:
            put(people, stair, to, early, cohort, trait, n * shares[to])
    book[Col.new_closed] += n * shares[t.closed]
    book[Col.new_unready] += early * n * (1.0 - shares[WAITS])
    book[Col.new_waits] += n * shares[WAITS]


@compiled_without_counting
def move_up(
    t: TableRecord, grid: Grid, people: People, ways: Ways, book: Floats,
    stair: int, cohort: int, trait: int, n: float,
) -> None:  # fmt: skip
    """Move `n` children with unmet need to a more intrusive stair."""
    if stair < t.last_home:
        put(people, stair, stair + 1, 0, cohort, trait, n)
    elif stair == t.last_home:
        enter_care(t, grid, people, ways, book, stair, cohort, trait, n)
    else:
        place_higher(t, grid, people, ways, stair, cohort, trait, n)


@compiled_without_counting
def crisis(
    t: TableRecord, grid: Grid, people: People, ways: Ways, book: Floats,
    stair: int, cohort: int, trait: int, n: float,
) -> None:  # fmt: skip
    """At home: entries into care. In care: breakdowns, re-placed on the same or a higher stair."""
    if stair < t.first_care:
        enter_care(t, grid, people, ways, book, stair, cohort, trait, n)
        return
    book[Col.new_breakdowns] += n
    place_higher(t, grid, people, ways, stair, cohort, trait, n * t.breakdown_up)
    put(people, stair, stair, 0, cohort, trait, n * (1.0 - t.breakdown_up))
