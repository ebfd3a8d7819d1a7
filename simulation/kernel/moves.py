"""Moves: from one stair to another, and what decides where to."""

from __future__ import annotations

from simulation import randomness as rn
from simulation import rules
from simulation.compiled import compiled_once
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.space import Rec, note, settle
from simulation.layout import Block, DistrictRecord, MonthRecord, TableRecord, WorldRecord
from simulation.ledger import FIRST_STAIR, Col, Event


@compiled
def become_known(
    t: TableRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec, event: int
) -> None:
    """Open (or reopen) a case."""
    move(t, w, d, b, i, rec, first_known(t), event)


@compiled
def first_known(t: TableRecord) -> int:
    """Return the stair on which a child becomes a case."""
    return t.assessment if t.assessment >= 0 else t.first_home


@compiled_once
def move_down(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    d: DistrictRecord,
    b: Block,
    i: int,
    rec: Rec,
    decision: int,
) -> None:
    """Move a child to a less intrusive stair, if one has room."""
    _, u_network, u_price, u_home = rn.four_uniforms(
        w.seed, w.replicate, b.number[i], rn.UNDATED, rn.PLACEMENT, b.moves[i]
    )
    search = m.lever[b.covered[i]].network_search
    found = rules.network_is_found(b.has_network[i] > 0, u_network, search)
    to = rules.stair_below(t, d, b.stair[i], w.month - b.birth[i], found, u_home)
    if to == rules.WAIT:
        w.book[Col.new_waits] += 1.0
        note(w, b, i, rec, Event.NO_PLACE, b.stair[i], b.stair[i])
        return
    if to == t.closed:
        w.book[Col.new_closed] += 1.0
    if decision == rules.DOWN_UNREADY:
        w.book[Col.new_unready] += 1.0
        move_at(t, w, d, b, i, rec, to, Event.MOVE_DOWN_UNREADY, u_price)
        b.early[i] = w.month + t.early_months + 1  # the month of the move does not count
    else:
        move_at(t, w, d, b, i, rec, to, Event.MOVE_DOWN, u_price)


@compiled_once
def move_up(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec
) -> None:
    """Move a child with unmet need to a more intrusive stair."""
    if b.stair[i] < t.last_home:
        move(t, w, d, b, i, rec, b.stair[i] + 1, Event.MOVE_UP)
    elif b.stair[i] == t.last_home:
        enter_care(t, m, w, d, b, i, rec, Event.MOVE_UP)
    else:
        place_higher(t, m, w, d, b, i, rec, Event.MOVE_UP)


@compiled_once
def crisis(
    t: TableRecord, m: MonthRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec
) -> None:
    """At home: entry into care. In care: a breakdown, re-placed on the same or a higher stair."""
    if b.stair[i] < t.first_care:
        enter_care(t, m, w, d, b, i, rec, Event.CRISIS_ENTRY)
        return
    w.book[Col.new_breakdowns] += 1.0
    w.book[Col.new_breakdowns_teen] += t.band[b.band[i]].teen
    u_up = rn.uniform(w.seed, w.replicate, b.number[i], rn.UNDATED, rn.BREAKDOWN_UP, b.moves[i])
    if rules.goes_higher(t, u_up):
        place_higher(t, m, w, d, b, i, rec, Event.BREAKDOWN)
    else:
        move(t, w, d, b, i, rec, b.stair[i], Event.BREAKDOWN)


@compiled
def enter_care(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    d: DistrictRecord,
    b: Block,
    i: int,
    rec: Rec,
    event: int,
) -> None:
    """Place a child from home."""
    u_type, u_network, u_price, _ = rn.four_uniforms(
        w.seed, w.replicate, b.number[i], rn.UNDATED, rn.PLACEMENT, b.moves[i]
    )
    search = m.lever[b.covered[i]].network_search
    found = rules.network_is_found(b.has_network[i] > 0, u_network, search)
    shares = m.entry_share[b.covered[i], b.band[i]]
    to, for_want = rules.entry_stair(t, d, shares, w.month - b.birth[i], found, u_type)
    w.book[Col.new_for_want] += for_want
    move_at(t, w, d, b, i, rec, to, event, u_price)


@compiled
def place_higher(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    d: DistrictRecord,
    b: Block,
    i: int,
    rec: Rec,
    event: int,
) -> None:
    """Place a child in care on the next more intrusive stair that is open."""
    _, u_network, u_price, _ = rn.four_uniforms(
        w.seed, w.replicate, b.number[i], rn.UNDATED, rn.PLACEMENT, b.moves[i]
    )
    search = m.lever[b.covered[i]].network_search
    found = rules.network_is_found(b.has_network[i] > 0, u_network, search)
    to = rules.stair_above(t, d, b.stair[i], w.month - b.birth[i], found)
    move_at(t, w, d, b, i, rec, to, event, u_price)


@compiled
def move(
    t: TableRecord, w: WorldRecord, d: DistrictRecord, b: Block, i: int, rec: Rec, to: int, event: int
) -> None:
    """Put a child on a stair (or t.closed, t.gone); draw what it costs there, if that is not fixed."""
    u_price = 0.0
    if t.stair[to].price_sd > 0.0:
        u_price = rn.uniform(w.seed, w.replicate, b.number[i], rn.UNDATED, rn.PRICE, b.moves[i])
    move_at(t, w, d, b, i, rec, to, event, u_price)


@compiled
def move_at(
    t: TableRecord,
    w: WorldRecord,
    d: DistrictRecord,
    b: Block,
    i: int,
    rec: Rec,
    to: int,
    event: int,
    u_price: float,
) -> None:
    """Put a child on a stair (or t.closed, t.gone) and note what that means."""
    origin = b.stair[i]
    b.stair[i] = to
    stair = b.stair[i]  # `to`, known to have no sign
    note(w, b, i, rec, event, origin, stair)
    tally(t, w, origin, stair, b.band[i])
    d.free[origin] += 1
    d.free[stair] -= 1
    if stair >= t.n_stairs:
        b.handover[i] = 0
        end_course(t, d, b, i)
    b.moved[i] = w.month
    b.followed[i] = w.month
    b.early[i] = 0
    b.progress[i] = 0.0
    b.ready[i] = 0
    b.price[i] = rules.monthly_price(t, u_price, stair)
    b.moves[i] += 1
    if stair == t.assessment:
        wait_for_others(t, w, b, i)
    settle(t, b, i, w.month)


@compiled
def wait_for_others(t: TableRecord, w: WorldRecord, b: Block, i: int) -> None:
    """Find out in which month all is known that others must contribute to an assessment."""
    u = 0.0
    if t.assessment_wait > 0.0:
        u = rn.uniform(w.seed, w.replicate, b.number[i], rn.UNDATED, rn.ASSESSMENT_WAIT, b.moves[i])
    b.known[i] = b.followed[i] + rules.months_until_known(t, u)


@compiled
def end_course(t: TableRecord, d: DistrictRecord, b: Block, i: int) -> None:
    """End a child's course and its effect; a seat it held is free again."""
    if b.course[i] >= 0:
        if rules.holds_seat(t.programme[b.course[i]], b.course_left[i]):
            d.seated[b.course[i]] -= 1
        b.course[i] = -1
        b.course_left[i] = 0


@compiled_once
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
