"""Moves: from one stair to another, and what decides where to."""

from __future__ import annotations

from simulation import randomness as rn
from simulation import rules
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.space import NOBODY, Rec, age_band, note
from simulation.layout import ChildRecord, DistrictRecord, MonthRecord, TableRecord, WorldRecord
from simulation.ledger import FIRST_STAIR, Col, Event


@compiled
def become_known(
    t: TableRecord, w: WorldRecord, d: DistrictRecord, c: ChildRecord, rec: Rec, event: int
) -> None:
    """Open (or reopen) a case."""
    move(t, w, d, c, rec, first_known(t), event)


@compiled
def first_known(t: TableRecord) -> int:
    """Return the stair on which a child becomes a case."""
    return t.assessment if t.assessment >= 0 else t.first_home


@compiled
def move_down(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    d: DistrictRecord,
    c: ChildRecord,
    rec: Rec,
    decision: int,
) -> None:
    """Move a child to a less intrusive stair, if one has room."""
    _, u_network, _, u_home = rn.four_uniforms(
        w.seed, w.replicate, c.number, rn.UNDATED, rn.PLACEMENT, c.moves
    )
    search = m.lever[c.covered].network_search
    found = rules.network_is_found(c.has_network > 0, u_network, search)
    to = rules.stair_below(t, d, c.stair, w.month - c.birth, found, u_home)
    if to == rules.WAIT:
        w.book[Col.new_waits] += 1.0
        note(w, c, rec, Event.NO_PLACE, c.stair, c.stair)
        return
    if to == t.closed:
        w.book[Col.new_closed] += 1.0
    if decision == rules.DOWN_UNREADY:
        w.book[Col.new_unready] += 1.0
        move(t, w, d, c, rec, to, Event.MOVE_DOWN_UNREADY)
        c.early = t.early_months + 1  # the month of the move does not count
    else:
        move(t, w, d, c, rec, to, Event.MOVE_DOWN)


@compiled
def move_up(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, c: ChildRecord, rec: Rec
) -> None:
    """Move a child with unmet need to a more intrusive stair."""
    if c.stair < t.last_home:
        move(t, w, d, c, rec, c.stair + 1, Event.MOVE_UP)
    elif c.stair == t.last_home:
        enter_care(t, m, w, d, c, rec, Event.MOVE_UP)
    else:
        place_higher(t, m, w, d, c, rec, Event.MOVE_UP)


@compiled
def crisis(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, c: ChildRecord, rec: Rec
) -> None:
    """At home: entry into care. In care: a breakdown, re-placed on the same or a higher stair."""
    if c.stair < t.first_care:
        enter_care(t, m, w, d, c, rec, Event.CRISIS_ENTRY)
        return
    w.book[Col.new_breakdowns] += 1.0
    w.book[Col.new_breakdowns_teen] += t.band[age_band(t, w, c)].teen
    u_up = rn.uniform(w.seed, w.replicate, c.number, rn.UNDATED, rn.BREAKDOWN_UP, c.moves)
    if rules.goes_higher(t, u_up):
        place_higher(t, m, w, d, c, rec, Event.BREAKDOWN)
    else:
        move(t, w, d, c, rec, c.stair, Event.BREAKDOWN)


@compiled
def enter_care(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    d: DistrictRecord,
    c: ChildRecord,
    rec: Rec,
    event: int,
) -> None:
    """Place a child from home."""
    u_type, u_network, _, _ = rn.four_uniforms(
        w.seed, w.replicate, c.number, rn.UNDATED, rn.PLACEMENT, c.moves
    )
    search = m.lever[c.covered].network_search
    found = rules.network_is_found(c.has_network > 0, u_network, search)
    shares = m.entry_share[c.covered, age_band(t, w, c)]
    to, for_want = rules.entry_stair(t, d, shares, w.month - c.birth, found, u_type)
    w.book[Col.new_for_want] += for_want
    move(t, w, d, c, rec, to, event)


@compiled
def place_higher(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    d: DistrictRecord,
    c: ChildRecord,
    rec: Rec,
    event: int,
) -> None:
    """Place a child in care on the next more intrusive stair that is open."""
    _, u_network, _, _ = rn.four_uniforms(
        w.seed, w.replicate, c.number, rn.UNDATED, rn.PLACEMENT, c.moves
    )
    search = m.lever[c.covered].network_search
    found = rules.network_is_found(c.has_network > 0, u_network, search)
    to = rules.stair_above(t, d, c.stair, w.month - c.birth, found)
    move(t, w, d, c, rec, to, event)


@compiled
def move(
    t: TableRecord, w: WorldRecord, d: DistrictRecord, c: ChildRecord, rec: Rec, to: int, event: int
) -> None:
    """Put a child on a stair (or t.closed, t.gone) and note what that means."""
    origin = c.stair
    note(w, c, rec, event, origin, to)
    tally(t, w, origin, to, age_band(t, w, c))
    d.free[origin] += 1
    d.free[to] -= 1
    if to >= t.n_stairs:
        c.worker = NOBODY
        c.handover = 0
        end_course(t, d, c)
    c.stair = to
    c.on_stair = 0
    c.since = 0
    c.early = 0
    c.progress = 0.0
    c.ready = 0
    c.price = t.stair[to].unit_price
    if t.stair[to].price_sd > 0.0:
        u_price = rn.uniform(w.seed, w.replicate, c.number, rn.UNDATED, rn.PRICE, c.moves)
        c.price = rules.monthly_price(t, u_price, to)
    c.moves += 1


@compiled
def end_course(t: TableRecord, d: DistrictRecord, c: ChildRecord) -> None:
    """End a child's course and its effect; a seat it held is free again."""
    if c.course >= 0:
        if rules.holds_seat(t.programme[c.course], c.course_left):
            d.seated[c.course] -= 1
        c.course = -1
        c.course_left = 0


@compiled
def tally(t: TableRecord, w: WorldRecord, origin: int, to: int, band: int) -> None:
    """Count a move: up or down, into care or out of it."""
    up_or_down, in_or_out = rules.kind_of_move(t, origin, to)
    if in_or_out == rules.INTO_CARE:
        w.book[Col.new_entries] += 1.0
        w.book[Col.new_entries_youngest] += band == 0
        w.book[Col.new_entries_teen] += t.band[band].teen
        w.book[FIRST_STAIR + 2 * t.n_stairs + to] += 1.0
    elif in_or_out == rules.OUT_OF_CARE:
        w.book[Col.new_exits] += 1.0
    if up_or_down == rules.DOWN:
        w.book[Col.new_moves_down] += 1.0
    elif up_or_down == rules.UP:
        w.book[Col.new_moves_up] += 1.0
