"""Staff and allocation: who has which case."""

from __future__ import annotations

import numpy as np

from simulation import randomness as rn
from simulation import rules
from simulation.compiled import compiled_once, lowest_bit
from simulation.compiled import compiled_without_counting as compiled
from simulation.kernel.space import (
    NOBODY,
    Indices,
    Rec,
    bit,
    blocks_in_use,
    is_case,
    list_marked,
    note,
    recount,
)
from simulation.layout import LANES, Block, MonthRecord, PostRecord, Rows, TableRecord, WorldRecord
from simulation.ledger import Col, Event


@compiled_once
def staff(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    children: Rows,
    queue: Indices,
    rec: Rec,
) -> None:
    """Caseworkers leave, vacant posts are filled, newcomers take over cases."""
    some_left = False
    for p in range(len(posts)):
        post = posts[p]
        if w.month == post.ends:
            post.left, post.cases, some_left = 1, 0, True
        if w.month < post.begins or w.month >= post.ends:
            continue
        begins = w.month == post.begins and post.experience < 0
        if begins:
            post.in_post = 0
        elif post.in_post < 0:
            post.in_post += 1
            begins = post.in_post == 0
        else:
            post.in_post += 1
            if post.fte <= 0.0:
                continue
            if leaves(t, w, post, p):
                w.book[Col.new_resignations] += 1.0
                post.left, post.cases, some_left = 1, 0, True
                post.in_post = -t.vacancy_months
                post.balance = 0.0
                begins = post.in_post == 0
        if begins:
            if post.left:  # filled at once: whom it takes over now are not those it leaves
                release_cases(t, m, w, posts, children, queue, rec)
            take_over(t, m, w, p, posts, children, rec)
    if some_left:
        release_cases(t, m, w, posts, children, queue, rec)


@compiled_once
def leaves(t: TableRecord, w: WorldRecord, post: PostRecord, p: int) -> bool:
    """Return whether the caseworker of post p leaves this month."""
    u = rn.uniform(w.seed, w.replicate, p, w.month, rn.TURNOVER)
    if not rules.may_occur(u, t.leaving_hazard):
        return False
    return rules.occurs(u, rules.leaving_hazard(t.turnover_rate, post.attention, t.turnover_elasticity))


@compiled
def release_cases(
    t: TableRecord,
    m: MonthRecord,
    w: WorldRecord,
    posts: Rows,
    children: Rows,
    queue: Indices,
    rec: Rec,
) -> None:
    """Leave all cases of those who left without a caseworker; their handover begins.

    Until then nobody takes one over: who has left carries none.
    """
    leavers = 0
    for p in range(len(posts)):
        if posts[p].left:
            queue[leavers] = p
            leavers += 1
            posts[p].left = 0
    for j in range(blocks_in_use(w)):
        b = children[j]
        marks = 0
        for n in range(leavers if b.cases > b.loose else 0):
            marks |= cases_of(t, b, queue[n])
        while marks:
            i = lowest_bit(marks)
            marks &= marks - 1
            b.worker[i] = NOBODY
            recount(t, m, w, posts, b, i)
            begin_handover(t, w, b, i, rec)


@compiled_once
def cases_of(t: TableRecord, b: Block, p: int) -> int:
    """Mark the cases of post p."""
    worker, stair = b.worker, b.stair
    marks = 0
    for i in range(LANES):
        marks |= bit((worker[i] == p) & is_case(t, stair[i]), i)
    return marks


@compiled
def begin_handover(t: TableRecord, w: WorldRecord, b: Block, i: int, rec: Rec) -> None:
    """Let a child feel a change of caseworker."""
    b.handover[i] = w.month + t.handover_months
    w.book[Col.new_handovers] += 1.0
    note(w, b, i, rec, Event.NEW_CASEWORKER, b.stair[i], b.stair[i])


@compiled_once
def take_over(
    t: TableRecord, m: MonthRecord, w: WorldRecord, p: int, posts: Rows, children: Rows, rec: Rec
) -> None:
    """Give a newcomer the newest cases of colleagues who carry more than the even load."""
    post = posts[p]
    if not rules.takes_cases(post, w.month):
        return
    cases = 0.0
    fte = 0.0
    for q in range(len(posts)):
        if posts[q].district == post.district and rules.takes_cases(posts[q], w.month):
            cases += posts[q].cases
            fte += posts[q].fte
    even = cases / fte
    givers = 0
    for q in range(len(posts)):
        here = posts[q].district == post.district and rules.takes_cases(posts[q], w.month)
        givers += here and posts[q].cases > even * posts[q].fte
    for j in range(blocks_in_use(w) - 1, -1, -1):
        b = children[j]
        for i in range(LANES - 1, -1, -1):
            q = b.worker[i]
            if q <= NOBODY or q == p or posts[q].district != post.district:
                continue
            if rules.hands_over(posts[q].cases, posts[q].fte, post.cases, post.fte, even):
                posts[q].cases -= 1
                post.cases += 1
                b.worker[i] = p
                recount(t, m, w, posts, b, i)
                begin_handover(t, w, b, i, rec)
                givers -= posts[q].cases <= even * posts[q].fte
        if givers == 0 or not rules.has_room(post.cases, post.fte, even):
            return


@compiled
def allocation(
    t: TableRecord, m: MonthRecord, w: WorldRecord, posts: Rows, children: Rows, queue: Indices
) -> None:
    """Each case without a caseworker goes to the one in its district with fewest cases per FTE."""
    for k in range(t.n_districts):
        posts_in_queue = NOBODY  # not asked for yet
        for j in range(blocks_in_use(w)):
            b = children[j]
            marks = unallocated(t, b, k) if b.loose > 0 else 0
            if marks and posts_in_queue == NOBODY:
                posts_in_queue = queue_up(w, posts, k, queue)
            while marks and posts_in_queue > 0:
                i = lowest_bit(marks)
                marks &= marks - 1
                b.worker[i] = queue[0]
                one_more(posts[queue[0]])
                settle_down(posts, queue, 0, posts_in_queue)
                recount(t, m, w, posts, b, i)


@compiled_once
def unallocated(t: TableRecord, b: Block, k: int) -> int:
    """Mark the cases of district k without a caseworker."""
    stair, worker, district = b.stair, b.worker, b.district
    marks = 0
    for i in range(LANES):
        marks |= bit(is_case(t, stair[i]) & (worker[i] == NOBODY) & (district[i] == k), i)
    return marks


@compiled
def recount_touched(
    t: TableRecord, m: MonthRecord, w: WorldRecord, posts: Rows, children: Rows, touched: Indices
) -> None:
    """Count anew all of whom something changed, and release who is no case any more."""
    n_touched = 0
    for j in range(blocks_in_use(w)):
        n_touched = list_marked(touched, n_touched, children[j].touched, j * LANES)
    for n in range(n_touched):
        b, i = children[touched[n] // LANES], touched[n] % LANES
        if b.worker[i] > NOBODY and b.stair[i] >= t.n_stairs:
            posts[b.worker[i]].cases -= 1
            b.worker[i] = NOBODY
        recount(t, m, w, posts, b, i)


@compiled_once
def queue_up(w: WorldRecord, posts: Rows, k: int, queue: Indices) -> int:
    """Queue up those of district k who can take cases, the least loaded in front; return how many.

    The queue is a heap: each stands before those at twice its place and one or two more.
    """
    n = 0
    for p in range(len(posts)):
        if posts[p].district == k and rules.takes_cases(posts[p], w.month):
            queue[n] = p
            posts[p].load = rules.load(posts[p].cases, posts[p].fte)
            n += 1
    for place in range(n // 2 - 1, -1, -1):
        settle_down(posts, queue, place, n)
    return n


@compiled_once
def one_more(post: PostRecord) -> None:
    """Give a post a case more."""
    post.cases += 1
    post.load = rules.load(post.cases, post.fte)


@compiled
def settle_down(posts: Rows, queue: Indices, place: int, n: int) -> None:
    """Move the post at a place back in a queue of n to where it belongs."""
    at = np.uint32(place)
    p = queue[at]
    while 2 * at + 1 < n:
        after = 2 * at + 1
        if after + 1 < n and goes_before(posts, queue[after + 1], queue[after]):
            after += 1
        if not goes_before(posts, queue[after], p):
            break
        queue[at] = queue[after]
        at = np.uint32(after)
    queue[at] = p


@compiled
def goes_before(posts: Rows, p: int, q: int) -> bool:
    """Return whether post p has fewer cases per FTE than post q (ties: the lower number)."""
    return posts[p].load < posts[q].load or (posts[p].load == posts[q].load and p < q)
