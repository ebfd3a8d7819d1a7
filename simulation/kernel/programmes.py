"""Programmes beside casework: who gets a seat in a course."""

from __future__ import annotations

from simulation import rules
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.space import CASES, NOBODY, Rec, note
from simulation.layout import MonthRecord, Rows, TableRecord, WorldRecord
from simulation.ledger import Col, Event


@compiled
def programmes(
    t: TableRecord, m: MonthRecord, w: WorldRecord, districts: Rows, children: Rows, lists: Rows, rec: Rec
) -> None:
    """Fill the free seats of every programme in every district of the policy; count those taken."""
    for k in range(len(districts)):
        if districts[k].in_policy == 0:
            continue
        for p in range(t.n_programmes):
            while districts[k].seated[p] < m.seats[p]:
                i = next_to_take_part(t, w, k, p, children, lists)
                if i == NOBODY:
                    break
                c = children[i]
                c.course = p
                c.course_left = t.programme[p].months + t.programme[p].lasts
                c.taken |= 1 << p
                districts[k].seated[p] += 1
                w.book[Col.new_courses] += 1.0
                w.book[Col.dkk_programmes] += t.programme[p].cost
                note(w, c, rec, Event.COURSE, c.stair, c.stair)
            w.book[Col.n_in_course] += districts[k].seated[p]


@compiled
def next_to_take_part(t: TableRecord, w: WorldRecord, k: int, p: int, children: Rows, lists: Rows) -> int:
    """Return the child of district k who gets the next seat of programme p, or NOBODY."""
    programme = t.programme[p]
    best = NOBODY
    for j in range(w.n_cases):
        i = lists[CASES, j]
        c = children[i]
        if c.district != k or not rules.may_take_part(
            programme, 1 << p, c.stair, w.month - c.birth, c.covered, c.course, c.taken
        ):
            continue
        if best == NOBODY or rules.goes_first(
            programme, c.severity, c.on_stair, children[best].severity, children[best].on_stair
        ):
            best = i
    return best
