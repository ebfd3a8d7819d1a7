"""What the kernel works in: blocks of children, and what is written down of them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation import rules
from simulation.compiled import compiled_once, lowest_bit
from simulation.compiled import compiled_without_counting as compiled
from simulation.layout import CHILDREN, LANES, NEVER, Block, MonthRecord, Rows, TableRecord, WorldRecord
from simulation.tables import Tables

NOBODY = -1
"""Caseworker of a child who has none, and the like. Somebody is `> NOBODY`: then no index is below 0."""

Indices = NDArray[np.uint32]
"""Numbers of posts or children. Without a sign, so that no index need be looked at for one."""

HELD = -1.0
"""Urgency of a follow-up that was held; below any that is due."""

MARKED_LISTS = 3
"""Lists of marked children that are in use at the same time."""

TRACE_INTS = ("month", "child", "stair", "on_stair", "since", "caseworker", "ready", "handover")
TRACE_FLOATS = ("hours", "price", "year_cost", "severity")


class Space(NamedTuple):
    """Room for one replicate at a time to work in; one per thread."""

    posts: NDArray[np.void]  # POST
    districts: NDArray[np.void]  # DISTRICT
    children: NDArray[np.void]  # CHILDREN; blocks and lanes in order of number
    queue: Indices  # posts that wait for cases
    effects: NDArray[np.float64]  # [1 + post, 0 for nobody]: what attention does to crises this month
    marked: Indices  # [list, place] indices of children to look at alone
    listed: Indices  # index of each case to be worked on, post by post
    urgency: NDArray[np.float64]  # of a due follow-up in that list


def work_space(tables: Tables, n_children: int) -> Space:
    """Return room for replicates of up to `n_children` children at a time."""
    blocks = -(-n_children // LANES)
    posts, districts = tables.posts.copy(), tables.districts.copy()
    return Space(
        posts,
        districts,
        np.zeros(blocks, CHILDREN),
        np.zeros(len(posts), np.uint32),
        np.ones(1 + len(posts)),
        np.zeros((MARKED_LISTS, LANES * blocks + 1), np.uint32),
        np.zeros(LANES * blocks, np.uint32),
        np.zeros(LANES * blocks),
    )


class Record(NamedTuple):
    """Where a replicate writes down single events and child-months, as far as the rows go."""

    events: NDArray[np.int64]  # [event, (month, child, event, from, to)]
    trace_ints: NDArray[np.int64]  # [child-month, TRACE_INTS]
    trace_floats: NDArray[np.float64]  # [child-month, TRACE_FLOATS]


Rec = Any
"""A Record or None; with None the compiler leaves the recording out."""


@compiled
def blocks_in_use(w: WorldRecord) -> int:
    """Return how many blocks hold the children."""
    return (w.n_children + LANES - 1) // LANES


@compiled
def new_lane(
    t: TableRecord, w: WorldRecord, children: Rows, number: int, district: int, stair: int
) -> int:
    """Return the index of a new child; the last one again (and overflow set) where all are used."""
    if w.n_children == LANES * len(children):
        w.overflow = 1
        w.n_children -= 1
    index = w.n_children
    b, i = children[np.uint32(index) // LANES], np.uint32(index) % LANES
    if i == 0:
        never_used(t, b, 0)
        b.hidden, b.closed, b.cases, b.assessed, b.loose = 0, 0, 0, 0, 0
        b.touched = 0
    w.n_children += 1
    b.number[i] = number
    b.district[i] = district
    b.stair[i] = stair
    b.began[i] = NOBODY
    b.moved[i] = w.month
    b.followed[i] = w.month
    b.known[i] = 0
    b.handover[i] = 0
    b.early[i] = 0
    b.moves[i] = 0
    b.follow_ups[i] = 0
    b.progress[i] = 0.0
    b.year_cost[i] = 0.0
    b.target[i] = 0.0
    b.crisis_effect[i] = 1.0
    b.ready[i] = 0
    b.course_left[i] = 0
    b.taken[i] = 0
    return index


@compiled
def empty(t: TableRecord, b: Block, i: int) -> None:
    """Leave a lane without a child: nothing happens in it, and it costs nothing.

    Its caseworker is released, and it is no longer counted, with all others of the month.
    """
    b.touched |= 1 << i
    b.stair[i] = t.gone
    b.until[i] = NEVER
    b.first[i] = b.early_rule[i] = b.later[i] = math.inf
    b.course[i] = -1
    b.price[i] = 0.0
    b.crisis_hazard[i] = 0.0
    b.ready_chance[i] = 0.0
    b.ready[i] = 0
    b.began[i] = NOBODY


@compiled
def never_used(t: TableRecord, b: Block, first: int) -> None:
    """Make the lanes from `first` on as if there had never been a child in them."""
    for i in range(first, LANES):
        empty(t, b, i)
        b.worker[i] = NOBODY
        b.crisis_effect[i] = 1.0
        b.teen[i] = 0
        b.counted_for[i] = NOBODY
        b.counted_on[i] = t.gone
        b.counted_kind[i] = 0
        b.counted_price[i] = 0.0


@compiled
def bit(yes: bool, lane: int) -> int:
    """Return a number in which the bit of a lane says yes."""
    return np.int64(yes) << np.int64(lane)  # type: ignore[return-value]


@compiled
def list_marked(marked: Indices, n: int, marks: int, first: int) -> int:
    """List the children whose bits are set behind n others, and return how many there are then.

    `first` is the index of the block's first child. Few are marked in a block, so the first ones are
    listed without a branch, which the processor could only guess.
    """
    for _ in range(3):
        marked[n] = first + lowest_bit(marks)
        n += marks != 0
        marks &= marks - 1
    while marks:
        marked[n] = first + lowest_bit(marks)
        n += 1
        marks &= marks - 1
    return n


@compiled
def is_case(t: TableRecord, stair: int) -> bool:
    """Return whether who stands on a stair is an open case of the municipality."""
    return (stair != t.hidden) & (stair < t.n_stairs)


@compiled
def settle(t: TableRecord, b: Block, i: int, month: int) -> None:
    """Bring up to date what follows from a child's stair and age: age band, chances, and until when."""
    band = t.band_of_year[np.uint32(month - b.birth[i]) // 12]
    stair = b.stair[i]
    b.touched |= 1 << i
    b.band[i] = band
    b.teen[i] = t.band[band].teen
    b.until[i] = rules.unchanged_until(t, stair, band, b.birth[i], b.moved[i])
    b.crisis_hazard[i] = t.rate[stair, band].crisis_hazard
    b.ready_chance[i] = t.rate[stair, band].ready_chance


@compiled
def follow_rules(t: TableRecord, m: MonthRecord, b: Block, i: int) -> None:
    """Bring up to date by which rule a child is followed up; never, where it is not."""
    stair = b.stair[i]
    if not is_case(t, stair) or stair == t.assessment:
        b.first[i] = b.early_rule[i] = b.later[i] = math.inf
        return
    target = m.target[b.covered[i], stair]
    b.first[i] = target.first
    b.early_rule[i] = target.early
    b.later[i] = target.later
    b.early_months[i] = target.early_months


@compiled
def note(w: WorldRecord, b: Block, i: int, rec: Rec, event: int, origin: int, to: int) -> None:
    """Write an event down, where events are recorded."""
    if rec is not None:
        if w.n_events < len(rec.events):
            row = rec.events[w.n_events]
            row[0], row[1], row[2], row[3], row[4] = w.month, b.number[i], event, origin, to
        w.n_events += 1


@compiled
def recount(t: TableRecord, m: MonthRecord, w: WorldRecord, posts: Rows, b: Block, i: int) -> None:
    """Count a child as what it is now: on its stair, in its block and among the cases of its post."""
    stair, worker, kind = b.stair[i], b.worker[i], 2 * b.ready[i] + b.teen[i]
    add(t, w, posts, b, b.counted_on[i], b.counted_for[i], b.counted_kind[i], -1)
    add(t, w, posts, b, stair, worker, kind, 1)
    w.dkk[b.counted_on[i]] -= b.counted_price[i]
    w.dkk[stair] += b.price[i]
    b.counted_on[i], b.counted_for[i], b.counted_kind[i] = stair, worker, kind
    b.counted_price[i] = b.price[i]
    b.touched &= ~(1 << i)
    follow_rules(t, m, b, i)


@compiled
def add(
    t: TableRecord, w: WorldRecord, posts: Rows, b: Block, stair: int, worker: int, kind: int, n: int
) -> None:
    """Add n to whatever a child on a stair with a caseworker counts in."""
    w.heads[stair, kind] += n
    if stair == t.hidden:
        b.hidden += n
    elif stair == t.closed:
        b.closed += n
    elif stair < t.n_stairs:
        b.cases += n
        if stair == t.assessment:
            b.assessed += n
        if worker <= NOBODY:
            b.loose += n
    if worker > NOBODY:
        posts[worker].asked_reactive += n * t.stair[stair].reactive_hours


@compiled_once
def squeeze(t: TableRecord, w: WorldRecord, children: Rows) -> None:
    """Squeeze out the children who are gone; nobody may be touched."""
    blocks, kept = blocks_in_use(w), 0
    for j in range(blocks):
        b = children[j]
        for i in range(min(LANES, w.n_children - LANES * j)):
            if b.stair[i] != t.gone:
                if kept < LANES * j + i:
                    copy_lane(b, i, children[kept // LANES], kept % LANES)
                kept += 1
    w.n_children = kept
    if kept % LANES > 0:
        never_used(t, children[kept // LANES], kept % LANES)
    for j in range(blocks_in_use(w)):
        count_block(t, children[j])


@compiled_once
def count_block(t: TableRecord, b: Block) -> None:
    """Count anew what is counted in a block, and note as what each child is counted."""
    b.hidden, b.closed, b.cases, b.assessed, b.loose = 0, 0, 0, 0, 0
    for i in range(LANES):
        stair, case = b.stair[i], is_case(t, b.stair[i])
        b.hidden += stair == t.hidden
        b.closed += stair == t.closed
        b.cases += case
        b.assessed += stair == t.assessment
        b.loose += case & (b.worker[i] == NOBODY)
        b.counted_for[i], b.counted_on[i], b.counted_price[i] = b.worker[i], stair, b.price[i]
        b.counted_kind[i] = 2 * b.ready[i] + b.teen[i]
    b.touched = 0


@compiled_once
def copy_lane(b: Block, i: int, to: Block, lane: int) -> None:
    """Copy what is known of a child to another lane; what holds for a month only is left."""
    to.severity[lane] = b.severity[i]
    to.price[lane] = b.price[i]
    to.year_cost[lane] = b.year_cost[i]
    to.progress[lane] = b.progress[i]
    to.target[lane] = b.target[i]
    to.crisis_hazard[lane] = b.crisis_hazard[i]
    to.ready_chance[lane] = b.ready_chance[i]
    to.number[lane] = b.number[i]
    to.birth[lane] = b.birth[i]
    to.moved[lane] = b.moved[i]
    to.followed[lane] = b.followed[i]
    to.handover[lane] = b.handover[i]
    to.early[lane] = b.early[i]
    to.until[lane] = b.until[i]
    to.band[lane] = b.band[i]
    to.moves[lane] = b.moves[i]
    to.follow_ups[lane] = b.follow_ups[i]
    to.course_left[lane] = b.course_left[i]
    to.worker[lane] = b.worker[i]
    to.district[lane] = b.district[i]
    to.stair[lane] = b.stair[i]
    to.known[lane] = b.known[i]
    to.first[lane] = b.first[i]
    to.early_rule[lane] = b.early_rule[i]
    to.later[lane] = b.later[i]
    to.early_months[lane] = b.early_months[i]
    to.teen[lane] = b.teen[i]
    to.began[lane] = b.began[i]
    to.ready[lane] = b.ready[i]
    to.has_network[lane] = b.has_network[i]
    to.covered[lane] = b.covered[i]
    to.course[lane] = b.course[i]
    to.taken[lane] = b.taken[i]


@compiled_once
def trace(t: TableRecord, w: WorldRecord, posts: Rows, children: Rows, rec: Rec) -> None:
    """Write down the month of every child on a stair, for tests and pictures."""
    after = w.month + 1
    for index in range(w.n_children):
        b, i = children[index // LANES], index % LANES
        stair, worker = b.stair[i], b.worker[i]
        if stair >= t.n_stairs:
            continue
        if w.n_traced < len(rec.trace_ints):
            row = rec.trace_ints[w.n_traced]
            row[0], row[1], row[2], row[3] = w.month, b.number[i], stair, after - b.moved[i]
            row[4], row[5], row[6] = after - b.followed[i], worker, b.ready[i]
            row[7] = max(0, b.handover[i] - after)
            hours = b.hours[i] if is_case(t, stair) else 0.0
            if worker > NOBODY:
                hours += b.asked[i] * posts[worker].reactive_share
            numbers = rec.trace_floats[w.n_traced]
            numbers[0], numbers[1], numbers[2] = hours, b.price[i], b.year_cost[i]
            numbers[3] = b.severity[i]
        w.n_traced += 1
