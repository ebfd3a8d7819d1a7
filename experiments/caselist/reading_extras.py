"""The optional files of a case list: follow-ups, whose case it was, and the caseworkers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from experiments.caselist.quality import Note, Place, Quality, Reason
from experiments.caselist.reading_columns import (
    UNREADABLE_DATE,
    UNREADABLE_NUMBER,
    Cells,
    Numbers,
)
from experiments.caselist.reading_names import Names, found_columns
from experiments.caselist.reading_text import Table
from experiments.caselist.rows import MISSING, OPEN_END
from experiments.caselist.spells import OPEN, Days, Ints

FOLLOW_UPS = ("child_id", "due_date", "held_date")
CASES = ("child_id", "worker_id", "start_date", "end_date")
WORKERS = ("worker_id", "fte", "start_date", "end_date")
WORKERS_OPTIONAL = ("district",)
MOST_FTE = 1.5

OTHER_CHILD = Reason("other_child", "dropped", "the child has no spell that is used")
NO_WORKER = Reason("no_worker", "dropped", "no caseworker is named")
NO_DATE = Reason("no_date", "dropped", "no date")
NO_FTE = Reason("no_fte", "dropped", "no full-time share")
HELD_LATER = Reason("held_later", "dropped", "held after the last day known")
STARTS_LATER = Reason("starts_later", "dropped", "starts after the last day known")
END_BEFORE_START = Reason("end_before_start", "dropped", "ends before it starts, or on the same day")
ENDS_LATER = Reason("ends_later", "corrected", "ends after the last day known; counted as not ended")
SAME = Reason("duplicate", "merged", "says the same as another row")

Line = tuple[float, ...]
"""A row in numbers."""
Read = tuple[float | None, ...]
"""A row in numbers, None where a cell cannot be read."""
Excluded = Mapping[int, Reason]
"""Rows that are not used, and why, before anything in them is looked at."""
Check = Callable[[Line], Reason | None]


@dataclass(frozen=True)
class FollowUps:
    """Follow-ups: `child` [row] as in the spells, `due` and `held` [row] days, NaT where not given."""

    child: Ints
    due: Days
    held: Days


@dataclass(frozen=True)
class Cases:
    """Whose case a child was: `child` as in the spells, `worker` as in `Workers`, NaT while it lasts."""

    child: Ints
    worker: Ints
    start: Days
    end: Days


@dataclass(frozen=True)
class Workers:
    """Caseworkers: `worker` [row] a number, `fte` full-time share, days; NaT while it lasts.

    `district` [row]: a position among the districts of the case list, -1 where it is not known.
    """

    worker: Ints
    fte: NDArray[np.float64]
    start: Days
    end: Days
    district: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        if len(self.district) != len(self.worker):
            object.__setattr__(self, "district", np.full(len(self.worker), -1, dtype=np.int64))

    def on(self, day: np.datetime64) -> NDArray[np.float64]:
        """Return the full-time shares of those there on a day."""
        there = (self.start <= day) & (np.isnat(self.end) | (self.end > day)) & (self.fte > 0.0)
        return self.fte[there]


def follow_ups_in(
    table: Table, names: Names, child_of: Mapping[int, int], children: Numbers, until: int,
    excluded: Excluded | None = None,
) -> tuple[FollowUps, Quality]:  # fmt: skip
    """Return the follow-ups in a table and the account of its rows.

    `child_of`: the child in the spells by the number of its identifier, which `children` has.
    """
    cells = Cells(table, found_columns(table, names, FOLLOW_UPS, ()))
    read: list[Read] = list(
        zip(
            _children(cells, child_of, children),
            cells.days("due_date"),
            cells.days("held_date"),
            strict=True,
        )
    )
    lines, quality = _account("follow_ups", table, read, [
        lambda x: OTHER_CHILD if x[0] < 0 else None,
        lambda x: NO_DATE if x[1] == MISSING and x[2] == MISSING else None,
        lambda x: HELD_LATER if x[2] >= until else None,
    ], excluded=excluded)  # fmt: skip
    child, due, held = _columns(lines, 3)
    return FollowUps(child, _days(due), _days(held)), quality


def cases_in(
    table: Table, names: Names, child_of: Mapping[int, int], children: Numbers, workers: Numbers,
    until: int, excluded: Excluded | None = None,
) -> tuple[Cases, Quality]:  # fmt: skip
    """Return whose case each child was and the account of the rows; like `follow_ups_in`."""
    cells = Cells(table, found_columns(table, names, CASES, ()))
    ids = [workers.of(cell) for cell in cells.ids("worker_id")]
    read: list[Read] = list(
        zip(_children(cells, child_of, children), ids, cells.days("start_date"), cells.ends("end_date"),
            strict=True)
    )  # fmt: skip
    lines, quality = _account("cases", table, read, [
        lambda x: OTHER_CHILD if x[0] < 0 else None,
        lambda x: NO_WORKER if x[1] < 0 else None,
        *_times(until),
    ], until, excluded)  # fmt: skip
    child, worker, start, end = _columns(lines, 4)
    return Cases(child, worker, _days(start), _days(end)), quality


def workers_in(
    table: Table, names: Names, workers: Numbers, until: int, districts: Sequence[str] = ()
) -> tuple[Workers, Quality]:
    """Return the caseworkers in a table and the account of its rows.

    `districts`: their names, by position; a district that is none of them is not known.
    """
    cells = Cells(table, found_columns(table, names, WORKERS, WORKERS_OPTIONAL))
    ids = [workers.of(cell) for cell in cells.ids("worker_id")]
    position = {name: i for i, name in enumerate(districts)}
    at = [position.get(cell, -1) for cell in cells.text("district")]
    read: list[Read] = list(
        zip(ids, at, cells.numbers("fte", 0.0, MOST_FTE), cells.days("start_date"),
            cells.ends("end_date"), strict=True)
    )  # fmt: skip
    lines, quality = _account("workers", table, read, [
        lambda x: NO_WORKER if x[0] < 0 else None,
        lambda x: NO_FTE if math.isnan(x[2]) else None,
        *_times(until),
    ], until, number=2)  # fmt: skip
    fte = np.array([line[2] for line in lines], dtype=np.float64)
    worker, district, start, end = _columns([(*x[:2], *x[3:]) for x in lines], 4)
    return Workers(worker, fte, _days(start), _days(end), district), quality


def _children(cells: Cells, child_of: Mapping[int, int], children: Numbers) -> list[int]:
    return [child_of.get(children.find(cell), -1) for cell in cells.ids("child_id")]


def _times(until: int) -> list[Check]:
    """Return the checks of lines of which the last two numbers are start and end."""
    return [
        lambda x: NO_DATE if x[-2] == MISSING else None,
        lambda x: STARTS_LATER if x[-2] >= until else None,
        lambda x: END_BEFORE_START if x[-1] <= x[-2] else None,
    ]


def _account(
    what: str, table: Table, read: Sequence[Read], checks: Sequence[Check],
    open_from: int | None = None, excluded: Excluded | None = None, number: int | None = None,
) -> tuple[list[Line], Quality]:  # fmt: skip
    """Return the lines that can be read and pass every check, once each, and the account.

    `open_from`: lines whose last number lies after that day count as open. `number`: which of a line is a
    number, where the others that may be unreadable are dates.
    """
    kept: dict[Line, None] = {}
    notes: list[Note] = []
    for i, found in enumerate(read):
        reason = excluded.get(i) if excluded else None
        if reason is None and None in found:
            unreadable_number = number is not None and found[number] is None
            reason = UNREADABLE_NUMBER if unreadable_number else UNREADABLE_DATE
        if reason is not None:
            notes.append(Note(i, reason))
            continue
        line = cast(Line, found)
        for check in checks:
            if (reason := check(line)) is not None:
                break
        else:
            if open_from is not None and open_from < line[-1] < OPEN_END:
                notes.append(Note(i, ENDS_LATER))
                line = (*line[:-1], OPEN_END)
            reason = SAME if line in kept else None
        if reason is not None:
            notes.append(Note(i, reason))
        else:
            kept[line] = None
    return list(kept), Quality(what, [Place(table.file, n) for n in table.numbers], notes)


def _columns(lines: Sequence[Line], n: int) -> list[Ints]:
    return [np.array([int(line[i]) for line in lines], dtype=np.int64) for i in range(n)]


def _days(values: Ints) -> Days:
    found = values.astype("datetime64[D]")
    found[(values == OPEN_END) | (values == MISSING)] = OPEN
    return found
