"""Programmes beside casework: who gets a seat in a course."""

from __future__ import annotations

from simulation import rules
from simulation.compiled import compiled_once
from simulation.kernel.space import NOBODY, Rec, blocks_in_use, note
from simulation.layout import LANES, MonthRecord, Rows, TableRecord, WorldRecord
from simulation.ledger import Col, Event


@compiled_once
def programmes(
    t: TableRecord, m: MonthRecord, w: WorldRecord, districts: Rows, children: Rows, rec: Rec
) -> None:
    """Fill the free seats of every programme in every district of the policy; count those taken."""
    for k in range(len(districts)):
        if districts[k].in_policy == 0:
            continue
        for p in range(t.n_programmes):
            while districts[k].seated[p] < m.seats[p]:
                i = next_to_take_part(t, w, k, p, children)
                if i == NOBODY:
                    break
                b, lane = children[i // LANES], i % LANES
                b.course[lane] = p
                b.course_left[lane] = t.programme[p].months + t.programme[p].lasts
                b.taken[lane] |= 1 << p
                districts[k].seated[p] += 1
                w.book[Col.new_courses] += 1.0
                w.book[Col.dkk_programmes] += t.programme[p].cost
                note(w, b, lane, rec, Event.COURSE, b.stair[lane], b.stair[lane])
            w.book[Col.n_in_course] += districts[k].seated[p]


@compiled_once
def next_to_take_part(t: TableRecord, w: WorldRecord, k: int, p: int, children: Rows) -> int:
    """Return the child of district k who gets the next seat of programme p, or NOBODY."""
    programme = t.programme[p]
    best, gravest, longest = NOBODY, 0.0, 0
    for j in range(blocks_in_use(w)):
        b = children[j]
        for i in range(LANES):
            if b.district[i] != k or not rules.may_take_part(
                programme, 1 << p, b.stair[i], w.month - b.birth[i], b.covered[i], b.course[i], b.taken[i]
            ):
                continue
            on_stair = w.month - b.moved[i]
            if best == NOBODY or rules.goes_first(programme, b.severity[i], on_stair, gravest, longest):
                best, gravest, longest = j * LANES + i, b.severity[i], on_stair
    return best
