"""The order of a month, and of a replicate."""

from __future__ import annotations

from simulation.accounts import Floats
from simulation.compiled import compiled_once
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.children import (
    add_starter,
    ageing_and_bookkeeping,
    arrivals,
    between_follow_ups,
    detection,
)
from simulation.kernel.programmes import programmes
from simulation.kernel.space import Rec, Space, blocks_in_use
from simulation.kernel.staffing import allocation, staff
from simulation.kernel.work import working_time
from simulation.layout import LANES, PLACES, MonthRecord, Rows, TableRecord, WorldRecord
from simulation.newcomers import counted_at_start, next_to_number
from simulation.tables import Ints, Tables


@compiled
def run_replicates(tables: Tables, space: Space, world: Rows, first: int, books: Floats) -> int:
    """Simulate replicates first, first + 1, ...; write their ledgers to `books` [replicate, ...].

    Return how many were finished: fewer than asked where one needs room for more children.
    """
    for r in range(books.shape[0]):
        world[0].replicate = first + r
        run_replicate(tables, space, world, None, books[r])
        if world[0].overflow:
            return r
    return books.shape[0]


@compiled
def run_replicate(tables: Tables, space: Space, world: Rows, rec: Rec, books: Floats) -> None:
    """Simulate one replicate; write its ledger to `books` [month, column].

    `world` (one row) carries seed and replicate; `space` is room to work in. Where it holds too few
    children, world.overflow is 1 at the end and the ledger worthless.
    """
    t, w = tables.table[0], world[0]
    first_day(t, w, tables, space, rec)
    for month in range(t.n_months):
        w.month = month
        run_month(t, tables.months[month], w, tables.places, space, rec)
        if w.overflow:
            return
        for column in range(books.shape[1]):
            books[month, column] = w.book[column]


@compiled_once
def run_month(
    t: TableRecord, m: MonthRecord, w: WorldRecord, places: Ints, space: Space, rec: Rec
) -> None:
    """Simulate one month, in the fixed order of the model."""
    posts, districts, children, queue = space.posts, space.districts, space.children, space.queue
    begin_month(t, m, w, places, districts, children)
    staff(t, m, w, posts, children, queue, rec)
    arrivals(t, m, w, posts, districts, children, rec)
    detection(t, m, w, posts, districts, children, space.marked[0], rec)
    allocation(t, m, w, posts, children, queue)
    working_time(t, m, w, space, rec)
    if t.n_programmes > 0:
        programmes(t, m, w, districts, children, rec)
    between_follow_ups(t, m, w, districts, children, space.effects, space.marked[0], rec)
    ageing_and_bookkeeping(t, m, w, posts, districts, children, space.marked, rec)


@compiled
def first_day(t: TableRecord, w: WorldRecord, tables: Tables, space: Space, rec: Rec) -> None:
    """Set up posts, places and the children who stand there on the first day."""
    posts, districts, children = space.posts, space.districts, space.children
    w.month = 0
    w.n_children = 0
    w.n_events = 0
    w.n_traced = 0
    w.overflow = 0
    w.in_care_began = 0
    for place in range(PLACES):
        w.dkk[place] = 0.0
        for kind in range(4):
            w.heads[place, kind] = 0
    for p in range(len(posts)):
        posts[p].in_post = posts[p].experience
        posts[p].cases = 0
        posts[p].left = 0
        posts[p].balance = 0.0
        posts[p].attention = 1.0
        posts[p].asked_reactive = 0.0
    number = 0
    for k in range(len(districts)):
        d = districts[k]
        for stair in range(len(d.free)):
            d.free[stair] = tables.places[0, k, stair]
        for p in range(len(d.seated)):
            d.seated[p] = 0
        for stair in range(t.n_stairs):
            d.starting[stair] = counted_at_start(t, d, w.seed, w.replicate, k, stair)
            d.left[stair] = d.starting[stair]
        stair = next_to_number(d, t.n_stairs)
        while stair >= 0:
            add_starter(
                t,
                tables.months[0],
                w,
                posts,
                tables.start_age,
                tables.given,
                d,
                children,
                rec,
                number,
                k,
                stair,
            )
            d.left[stair] -= 1
            number += 1
            stair = next_to_number(d, t.n_stairs)
    allocation(t, tables.months[0], w, posts, children, space.queue)


@compiled_once
def begin_month(
    t: TableRecord, m: MonthRecord, w: WorldRecord, places: Ints, districts: Rows, children: Rows
) -> None:
    """Open a new page of the ledger, open or close places as the policy says.

    In January each child's cost of the year begins anew.
    """
    if m.year_begins:
        for j in range(blocks_in_use(w)):
            for i in range(LANES):
                children[j].year_cost[i] = 0.0
    for column in range(len(w.book)):
        w.book[column] = 0.0
    if w.month > 0:
        for k in range(len(districts)):
            for stair in range(t.n_stairs):
                change = places[w.month, k, stair] - places[w.month - 1, k, stair]
                districts[k].free[stair] += change
