"""What the kernel works in: records of children, lists of them, and what is written down."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.compiled import compiled_without_counting as compiled
from simulation.layout import CHILD, ChildRecord, Rows, TableRecord, WorldRecord
from simulation.tables import Ints, Tables

NOBODY = -1
"""Caseworker of a child who has none; the end of a list."""

HELD = -1.0
"""Urgency of a follow-up that was held; below any that is due."""

TRACE_INTS = ("month", "child", "stair", "on_stair", "since", "caseworker", "ready", "handover")
TRACE_FLOATS = ("hours", "price", "year_cost", "severity")


class Space(NamedTuple):
    """Room for one replicate at a time to work in; one per thread."""

    posts: NDArray[np.void]  # POST
    districts: NDArray[np.void]  # DISTRICT
    children: NDArray[np.void]  # CHILD, in order of number
    lists: NDArray[np.int32]  # [HIDDEN, CLOSED, ..., position]: indices


HIDDEN, CLOSED, CASES, DUE = 0, 1, 2, 3


def work_space(tables: Tables, n_children: int) -> Space:
    """Return room for replicates of up to `n_children` children at a time."""
    return Space(
        tables.posts.copy(),
        tables.districts.copy(),
        np.zeros(n_children, CHILD),
        np.zeros((4, n_children), np.int32),
    )


class Record(NamedTuple):
    """Where a replicate writes down single events and child-months, as far as the rows go."""

    events: NDArray[np.int64]  # [event, (month, child, event, from, to)]
    trace_ints: NDArray[np.int64]  # [child-month, TRACE_INTS]
    trace_floats: NDArray[np.float64]  # [child-month, TRACE_FLOATS]


Rec = Any
"""A Record or None; with None the compiler leaves the recording out."""


@compiled
def new_record(w: WorldRecord, children: Rows, number: int, district: int, stair: int) -> ChildRecord:
    """Return a fresh record; the last one again (and overflow set) where all are used."""
    if w.n_children == len(children):
        w.overflow = 1
        w.n_children -= 1
    c = children[w.n_children]
    w.n_children += 1
    c.number = number
    c.district = district
    c.stair = stair
    c.began = NOBODY
    c.worker = NOBODY
    c.on_stair = 0
    c.since = 0
    c.handover = 0
    c.early = 0
    c.moves = 0
    c.follow_ups = 0
    c.progress = 0.0
    c.year_cost = 0.0
    c.hours = 0.0
    c.asked = 0.0
    c.target = 0.0
    c.ready = 0
    c.course = -1
    c.course_left = 0
    c.taken = 0
    return c


@compiled
def is_case(t: TableRecord, c: ChildRecord) -> bool:
    """Return whether a child is an open case of the municipality."""
    return c.stair != t.hidden and c.stair < t.n_stairs


@compiled
def age_band(t: TableRecord, w: WorldRecord, c: ChildRecord) -> int:
    """Return the age band of a child."""
    return t.band_of_year[(w.month - c.birth) // 12]


@compiled
def note(w: WorldRecord, c: ChildRecord, rec: Rec, event: int, origin: int, to: int) -> None:
    """Write an event down, where events are recorded."""
    if rec is not None:
        if w.n_events < len(rec.events):
            row = rec.events[w.n_events]
            row[0], row[1], row[2], row[3], row[4] = w.month, c.number, event, origin, to
        w.n_events += 1


@compiled
def insert(row: Ints, n: int, i: int) -> int:
    """Put index i into a list of n in order; return the new length."""
    j = n
    while j > 0 and row[j - 1] > i:
        row[j] = row[j - 1]
        j -= 1
    row[j] = i
    return n + 1


@compiled
def sort_out(t: TableRecord, w: WorldRecord, children: Rows, lists: Rows) -> None:
    """Squeeze out the children who are gone and list the others."""
    kept = 0
    w.n_hidden = 0
    w.n_closed = 0
    w.n_cases = 0
    for i in range(w.n_children):
        if children[i].stair == t.gone:
            continue
        if kept < i:
            children[kept] = children[i]
        c = children[kept]
        lists[HIDDEN, w.n_hidden] = kept
        lists[CLOSED, w.n_closed] = kept
        lists[CASES, w.n_cases] = kept
        w.n_hidden += c.stair == t.hidden
        w.n_closed += c.stair == t.closed
        w.n_cases += is_case(t, c)
        kept += 1
    w.n_children = kept


@compiled
def trace(t: TableRecord, w: WorldRecord, posts: Rows, children: Rows, rec: Rec) -> None:
    """Write down the month of every child on a stair, for tests and pictures."""
    for i in range(w.n_children):
        c = children[i]
        if c.stair >= t.n_stairs:
            continue
        if w.n_traced < len(rec.trace_ints):
            row = rec.trace_ints[w.n_traced]
            row[0], row[1], row[2], row[3] = w.month, c.number, c.stair, c.on_stair
            row[4], row[5], row[6], row[7] = c.since, c.worker, c.ready, c.handover
            hours = c.hours if is_case(t, c) else 0.0
            if c.worker != NOBODY:
                hours += c.asked * posts[c.worker].reactive_share
            numbers = rec.trace_floats[w.n_traced]
            numbers[0], numbers[1], numbers[2], numbers[3] = hours, c.price, c.year_cost, c.severity
        w.n_traced += 1
