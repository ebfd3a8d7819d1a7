"""What a case list would have said on an earlier day: for forecasts that are made again from then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from experiments.caselist.reading import CaseList
from experiments.caselist.reading_extras import Cases, FollowUps, Workers
from experiments.caselist.spells import OPEN, Days
from experiments.caselist.standing import known_at


def known_list(cases: CaseList, day: np.datetime64) -> CaseList:
    """Return the case list as exported on an earlier `day`: nothing that happened from then on is in it.

    A follow-up that was due by then and held later is due and not held. Prices are as given, since a list
    has one price per stay. Raises ValueError for a day after the list's own.
    """
    seen = cases.spells.start < day
    return replace(
        cases,
        spells=known_at(cases.spells, day),
        district=cases.district[seen],
        price=cases.price[seen],
        follow_ups=cases.follow_ups and _follow_ups(cases.follow_ups, day),
        cases=cases.cases and _cases(cases.cases, day),
        workers=cases.workers and _workers(cases.workers, day),
    )


def _not_yet(days: Days, day: np.datetime64) -> Days:
    """Return the days, those from `day` on as not known."""
    return np.where(days >= day, OPEN, days)


def _follow_ups(f: FollowUps, day: np.datetime64) -> FollowUps:
    seen = (f.held < day) | (f.due < day)
    return FollowUps(f.child[seen], f.due[seen], _not_yet(f.held[seen], day))


def _cases(c: Cases, day: np.datetime64) -> Cases:
    seen = c.start < day
    return Cases(c.child[seen], c.worker[seen], c.start[seen], _not_yet(c.end[seen], day))


def _workers(w: Workers, day: np.datetime64) -> Workers:
    seen = w.start < day
    return Workers(
        w.worker[seen], w.fte[seen], w.start[seen], _not_yet(w.end[seen], day), w.district[seen]
    )
