"""Histories: what happened to single children in a run of the kernel, as arrays.

The ledger counts; some published figures are about children: how many placements each had, how long an
episode in care lasted, who of those moved home came back. A history keeps every move of every child.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulation.kernel import TRACE_FLOATS, TRACE_INTS, Record, run_replicate, work_space
from simulation.layout import WORLD
from simulation.ledger import Event, column_names
from simulation.newcomers import MONTH_SHIFT, arrival, starter
from simulation.policy import Policy
from simulation.scenario import Scenario
from simulation.spells import MOVES
from simulation.tables import Tables, build_tables

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MONTH, CHILD, EVENT, FROM, TO = range(5)
"""Columns of the events."""

OPEN = -1
"""What a spell ended by that had not ended when the simulation did."""

_MOVES = [int(Event[name]) for name in MOVES]


@dataclass(frozen=True)
class Spells:
    """Stays on stairs, one entry each, in order of child and time.

    A spell covers month `start` up to, not including, `end`; `began_by` and `ended_by` are events. A
    child whose case is closed, or who has left, is on no stair: `stair` is then the number of stairs
    or more.
    """

    child: Ints
    stair: Ints
    start: Ints
    end: Ints
    began_by: Ints
    ended_by: Ints

    def __getitem__(self, chosen: Flags | Ints) -> Spells:
        """Return some of the spells."""
        return Spells(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.child)

    @property
    def months(self) -> Ints:
        """How long each spell lasted."""
        return self.end - self.start


@dataclass(frozen=True)
class Episodes:
    """Unbroken times in care, one entry each, in order of child and time.

    `home` says whether the episode ended at home, not at the leaving age and not still open;
    `first` whether it is the child's first in the simulation.
    """

    child: Ints
    start: Ints
    end: Ints
    home: Flags
    ended: Flags
    first: Flags


@dataclass(frozen=True)
class History:
    """One replicate: its scenario, its ledger [month, column], its events [event, (month, ...)]."""

    scenario: Scenario
    tables: Tables
    seed: int
    replicate: int
    book: Floats
    events: Ints

    @cached_property
    def in_care(self) -> Flags:
        """Return [stair]: whether it is a placement; False for the two positions behind the last."""
        return np.array([*(x.in_care for x in self.scenario.staircase), False, False])

    @cached_property
    def spells(self) -> Spells:
        """Return every stay of every child on a stair, or on none."""
        moves = self.events[np.isin(self.events[:, EVENT], _MOVES)]
        m = moves[np.argsort(moves[:, CHILD], kind="stable")]
        goes_on = np.append(m[1:, CHILD] == m[:-1, CHILD], False)
        following = np.roll(m, -1, axis=0)
        return Spells(
            child=m[:, CHILD],
            stair=m[:, TO],
            start=m[:, MONTH],
            end=np.where(goes_on, following[:, MONTH], self.scenario.months),
            began_by=m[:, EVENT],
            ended_by=np.where(goes_on, following[:, EVENT], OPEN),
        )

    @cached_property
    def placements(self) -> Spells:
        """Return the spells in care; a breakdown placed anew on the same stair begins another one."""
        return self.spells[self.in_care[self.spells.stair]]

    @cached_property
    def episodes(self) -> Episodes:
        """Return the unbroken times in care."""
        p = self.placements
        same_child = p.child[1:] == p.child[:-1]
        goes_on = np.append(same_child & (p.start[1:] == p.end[:-1]), False)[: len(p)]
        begins = np.append(True, ~goes_on[:-1])[: len(p)]
        child, ended_by = p.child[begins], p.ended_by[~goes_on]
        ended = ended_by != OPEN
        return Episodes(
            child=child,
            start=p.start[begins],
            end=p.end[~goes_on],
            home=ended & (ended_by != Event.LEFT),
            ended=ended,
            first=np.append(True, child[1:] != child[:-1])[: len(child)],
        )

    def births(self, children: Ints) -> Ints:
        """Return the month of birth of each child (the first month is 0)."""
        t, started = self.tables.table[0], self._starters
        known, luck = (self.tables.start_age, self.tables.given), (self.seed, self.replicate)
        born = (
            starter(t, *known, started[child][0], *luck, child, started[child][1])[0]
            if child in started
            else arrival(t, *luck, child, (child >> MONTH_SHIFT) - 1)[0]
            for child in map(int, children)
        )
        return np.fromiter(born, np.int64, len(children))

    @cached_property
    def _starters(self) -> dict[int, tuple[int, int]]:
        """Children of the first day: (row of what is given of them, -1 for none; stair)."""
        first_day = self.events[self.events[:, EVENT] == Event.START]
        next_row = self.tables.districts[0]["given"].tolist()
        found = {}
        for child, stair in first_day[:, [CHILD, TO]].tolist():
            found[child] = (next_row[stair], stair)
            next_row[stair] += next_row[stair] >= 0
        return found


def histories(
    scenario: Scenario, policy: Policy | None = None, *, seed: int, replicates: int
) -> Iterator[History]:
    """Yield replicates 0 .. replicates - 1 of the kernel with every event.

    The scenario must have one district (`simulation.parts` makes one of many). Two arms with the same
    seed meet the same children with the same luck.
    """
    tables = build_tables(scenario, policy)
    columns = len(column_names(scenario.staircase))
    room, rows = 4096, 1 << 14
    for replicate in range(replicates):
        while True:
            book = np.zeros((scenario.months, columns))
            events = np.zeros((rows, 5), np.int64)
            world = np.zeros(1, WORLD)
            world["seed"], world["replicate"] = seed, replicate
            no_trace = np.zeros((0, len(TRACE_INTS)), np.int64), np.zeros((0, len(TRACE_FLOATS)))
            run_replicate(tables, work_space(tables, room), world, Record(events, *no_trace), book)
            noted = int(world["n_events"][0])
            if not world["overflow"][0] and noted <= rows:
                break
            room = 2 * room if world["overflow"][0] else room
            rows = max(rows, noted + 1)
        yield History(scenario, tables, seed, replicate, book, events[:noted])
