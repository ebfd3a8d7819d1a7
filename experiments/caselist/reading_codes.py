"""English codes of placements: which stair each is, and what temporary moves and short breaks are.

A temporary move (codes T0 to T4) ends the row of a placement and begins one of its own, but the placement
goes on: the child is to come back, and nobody decided on a new home. So its row counts to the placement
before it, and so does what follows on the same stair.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from experiments.caselist.quality import Note, Reason
from experiments.caselist.reading_names import LEFT_OUT_NAME, Names, plain, words
from experiments.caselist.rows import LEFT_OUT, Row
from simulation.staircase import Staircase

TEMPORARY = -3
"""The stair of a temporary move, until it is known which placement it belongs to."""
SHORT_BREAKS = ("V3", "V4")
"""Legal statuses of children who live at home and are away for agreed short breaks."""

TEMPORARY_MOVE = Reason("temporary_move", "dropped", "a temporary move, within or without a placement")
SHORT_BREAK = Reason("short_break", "dropped", "an agreed short break (V3, V4) of a child living at home")

_TEMPORARY_NAME = "temporary"
_CODE = re.compile(r"([A-Z]\d{1,2})\b", re.IGNORECASE)


def code_of(cell: str) -> str:
    """Return the code a cell begins with ("U4 - long term" is U4), or all of it where it has none."""
    found = _CODE.match(cell)
    return found[1].upper() if found else cell


def code_positions(names: Names, staircase: Staircase) -> dict[str, int]:
    """Return the stair of each placement code, by plain name; the names file's word goes before ours."""
    ours = {code: key for key, codes in words()["ssda903"].items() for code in codes}
    given = {**{plain(k): v for k, v in ours.items()}, **{plain(k): v for k, v in names.stairs.items()}}
    none = {LEFT_OUT_NAME: LEFT_OUT, _TEMPORARY_NAME: TEMPORARY}
    return {
        code: none[key] if key in none else staircase.index(key)
        for code, key in given.items() if key in none or key in staircase.keys
    }  # fmt: skip


def with_temporary_moves(rows: Iterable[Row]) -> tuple[list[Row], list[Note]]:
    """Return one return's rows, temporary moves as parts of placements, and notes on the others."""
    by_child: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_child[row.child].append(row)
    out: list[Row] = []
    notes: list[Note] = []
    for own in by_child.values():
        if any(row.stair == TEMPORARY for row in own):
            own, more = _settled(own)
            notes += more
        out += own
    return sorted(out, key=lambda row: row.id), notes


def _settled(own: list[Row]) -> tuple[list[Row], list[Note]]:
    out: list[Row] = []
    notes: list[Note] = []
    placement: int | None = None  # the stair that a temporary move just ended belongs to
    for row in sorted(own, key=lambda r: (r.start, r.end, r.id)):
        before = out[-1] if out else None
        touches = before is not None and before.end == row.start
        if row.stair != TEMPORARY:
            back = touches and row.stair == placement
            out.append(replace(row, goes_on=True) if back else row)
            placement = None
        elif before is not None and touches and before.stair >= 0:
            placement = before.stair
            out.append(replace(row, stair=placement, goes_on=True, place=""))
        else:
            notes.append(Note(row.id, TEMPORARY_MOVE))
    return out, notes
