"""Posts: how many caseworkers a municipality has on children's cases, from the workers of its list.

A list has people, a scenario has posts, vacant ones too. Who was there on the last day fills posts; where
more were there on average over the last year, the difference counts as posts that are vacant today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.caselist.reading import CaseList
from experiments.caselist.reading_extras import Workers
from experiments.caselist.standing import day_after
from simulation.accounts import MONTHS_IN_YEAR

TEMPLATE_CASES, TEMPLATE_POSTS = 229, 5
"""What the template's made-up municipality has; in proportion, where the list says nothing."""

SMALLEST_POST = 0.2
"""Full-time share below which a difference is not read as a vacant post."""

NOWHERE = -1
"""The district of a caseworker for whom none is known."""


@dataclass(frozen=True)
class Posts:
    """Full-time shares of the posts of each district, and where they are from in words."""

    shares: list[list[float]]
    source: str


def posts_of(cases: CaseList, sizes: Sequence[int]) -> Posts:
    """Return the posts of each district, of which `sizes` are the cases.

    Posts of no known district go to where there are most cases per post.
    """
    if cases.workers is None or not len(_there(cases.workers, _last(cases))):
        n = max(round(TEMPLATE_POSTS * sum(sizes) / TEMPLATE_CASES), 1)
        words = "In proportion to the cases, as in the template. Replace it."
        return Posts(_shared([1.0] * n, [[] for _ in sizes], sizes), words)
    shares, free, vacant = [], [], 0.0
    for district in (*range(len(sizes)), NOWHERE):
        today = _shares_on(cases.workers, _last(cases), district)
        more = max(0.0, _usual(cases, district) - sum(today))
        vacant += more if more >= SMALLEST_POST else 0.0
        found = [*today, *(_pieces(more) if more >= SMALLEST_POST else ())]
        if district == NOWHERE:
            free = found
        else:
            shares.append(found)
    words = "workers.csv, those there on the last day"
    if vacant:
        words += f", and {vacant:.1f} posts that were filled in the last year and are vacant"
    return Posts(_shared(free, shares, sizes), words + ".")


def _last(cases: CaseList) -> np.datetime64:
    return cases.spells.until - np.timedelta64(1, "D")


def _there(workers: Workers, day: np.datetime64) -> np.ndarray:
    """Return the positions of those there on a day."""
    on = (workers.start <= day) & (np.isnat(workers.end) | (workers.end > day)) & (workers.fte > 0.0)
    return np.flatnonzero(on)


def _shares_on(workers: Workers, day: np.datetime64, district: int) -> list[float]:
    """Return the posts of a district filled on a day: who has more than full time fills two."""
    there = _there(workers, day)
    fte = workers.fte[there][workers.district[there] == district]
    return [x for share in fte.tolist() for x in _pieces(share)]


def _usual(cases: CaseList, district: int) -> float:
    """Return the mean FTE of a district at the ends of the last 12 months, as far as the list goes."""
    assert cases.workers is not None
    first = cases.workers.start.min()
    days = [day_after(_last(cases), -month / MONTHS_IN_YEAR) for month in range(MONTHS_IN_YEAR)]
    totals = [sum(_shares_on(cases.workers, day, district)) for day in days if day >= first]
    return float(np.mean(totals)) if totals else 0.0


def _pieces(fte: float) -> list[float]:
    """Return a full-time share as posts of at most full time."""
    whole, rest = divmod(round(fte, 3), 1.0)
    return [1.0] * int(whole) + ([round(rest, 3)] if rest > 0.0 else [])


def _shared(posts: Sequence[float], shares: list[list[float]], sizes: Sequence[int]) -> list[list[float]]:
    """Return shares with posts added one after the other to where there are most cases per post."""
    for post in sorted(posts, reverse=True):
        fewest = max(range(len(sizes)), key=lambda i: (sizes[i] + 1e-9) / (sum(shares[i]) + 1e-6))
        shares[fewest].append(post)
    return shares
