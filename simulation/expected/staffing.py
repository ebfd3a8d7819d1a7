"""Caseworkers in expectation: who is in post, their hours, and how many children change caseworker.

`in_post` [post, month] holds chances: first that the post is vacant, as many months as a vacancy lasts;
then that its caseworker is in the first, second, ... month as a newcomer; last, that it is an experienced
one.
"""

from __future__ import annotations

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting
from simulation.expected.state import StateRecord
from simulation.layout import Rows, TableRecord
from simulation.ledger import Col


@compiled_without_counting
def first_staff(t: TableRecord, w: StateRecord, posts: Rows, in_post: Floats) -> None:
    """Fill the posts of the first day with experienced caseworkers."""
    for p in range(len(posts)):
        for i in range(in_post.shape[1]):
            in_post[p, i] = 0.0
        if posts[p].experience >= 0:
            in_post[p, in_post.shape[1] - 1] = 1.0
    look_at_posts(t, w, posts, in_post)


@compiled
def fte_in_post(t: TableRecord, posts: Rows, in_post: Floats) -> float:
    """Return the expected FTE of caseworkers in post."""
    fte = 0.0
    for p in range(len(posts)):
        fte += posts[p].fte * in_post[p, t.vacancy_months :].sum()
    return fte


@compiled
def staff(
    t: TableRecord, w: StateRecord, posts: Rows, in_post: Floats, handed_over: Floats, book: Floats
) -> None:
    """Let caseworkers leave and come; enter FTE, posts and hours of the month into `w`.

    `handed_over` [month] gets the share of cases that change caseworker.
    """
    fte_before, leaving, coming = w.fte, 0.0, 0.0
    posts_before, gone, come = w.posts, 0.0, 0.0
    w.open, w.opening = 0, 0
    for p in range(len(posts)):
        post = posts[p]
        if w.month == post.ends:
            there = in_post[p, t.vacancy_months :].sum()
            leaving += post.fte * there
            gone += there if post.fte > 0.0 else 0.0
            in_post[p] = 0.0
        if w.month < post.begins or w.month >= post.ends:
            continue
        book[Col.n_fte] += post.counted
        if w.month == post.begins and post.experience < 0:
            in_post[p, t.vacancy_months] = 1.0
            coming += post.fte
            w.open += post.fte > 0.0
            w.opening += post.fte > 0.0
            continue
        hazard = 0.0
        if post.fte > 0.0:
            hazard = rules.leaving_hazard(t.turnover_rate, w.attention, t.turnover_elasticity)
        left, came = a_month_in_post(t, in_post[p], rules.chance(hazard))
        book[Col.new_resignations] += left
        leaving += post.fte * left
        coming += post.fte * came
        if post.fte > 0.0:
            w.open += 1
            gone += left
            come += came
    stayed = posts_before - gone
    w.leaves = gone / posts_before if posts_before > 0.0 else 0.0
    vacant = w.open - w.opening - stayed
    w.comes = min(1.0, come / vacant) if vacant > rules.ALL_DONE else 0.0
    look_at_posts(t, w, posts, in_post)
    share = leaving / fte_before if fte_before > 0.0 else 0.0
    share += coming / w.fte if w.fte > 0.0 else 0.0
    handed_over[w.month] = min(1.0, share)
    spared = 1.0
    for month in range(max(0, w.month - t.handover_months + 1), w.month + 1):
        spared *= 1.0 - handed_over[month]
    w.in_handover = 1.0 - spared


@compiled_without_counting
def a_month_in_post(t: TableRecord, chances: Floats, leaves: float) -> tuple[float, float]:
    """Move the chances of one post on by a month; return how likely somebody left and somebody came."""
    vacancy, last = t.vacancy_months, len(chances) - 1
    came = chances[vacancy - 1] if vacancy > 0 else 0.0
    experienced = chances[last]
    for i in range(last, 0, -1):
        chances[i] = chances[i - 1] if i != vacancy else 0.0
    chances[0] = 0.0
    chances[last] += experienced
    left = 0.0
    for i in range(vacancy, last + 1):
        left += chances[i] * leaves
        chances[i] *= 1.0 - leaves
    chances[0] += left  # vacant, or filled at once where a vacancy lasts no time
    chances[vacancy] += came
    return left, came if vacancy > 0 else left


@compiled
def look_at_posts(t: TableRecord, w: StateRecord, posts: Rows, in_post: Floats) -> None:
    """Enter into `w` the expected FTE in post, their number and their hours."""
    w.fte = fte_in_post(t, posts, in_post)
    w.posts = 0.0
    w.hours = 0.0
    w.new = 0.0
    w.hours_of_new = 0.0
    new = t.vacancy_months + t.new_worker_months
    for p in range(len(posts)):
        post = posts[p]
        if post.fte <= 0.0:
            continue
        post.balance = 0.0
        post.in_post = 0
        newcomer = rules.hours_earned(t, post)
        post.in_post = t.new_worker_months
        experienced = rules.hours_earned(t, post)
        newcomers = in_post[p, t.vacancy_months : new].sum()
        w.new += newcomers
        w.hours_of_new += newcomer * newcomers
        w.hours += newcomer * newcomers + experienced * in_post[p, new]
        w.posts += in_post[p, t.vacancy_months :].sum()


@compiled
def number_in_post(t: TableRecord, posts: Rows, in_post: Floats, filled: Floats) -> None:
    """Enter into `filled` [number] how likely so many caseworkers are in post."""
    filled[:] = 0.0
    filled[0] = 1.0
    for p in range(len(posts)):
        if posts[p].fte > 0.0:
            there = in_post[p, t.vacancy_months :].sum()
            for n in range(len(filled) - 1, -1, -1):
                came = filled[n - 1] * there if n > 0 else 0.0
                filled[n] = filled[n] * (1.0 - there) + came
