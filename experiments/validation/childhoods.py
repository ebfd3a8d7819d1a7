"""Childhoods: placements per child, teenagers' breakdowns, reunification and re-entry."""

from __future__ import annotations

import numpy as np

from experiments.validation.histories import Flags, History, Ints, histories
from experiments.validation.settings import Experiment, Found, Setting, named
from simulation.ledger import Event

YEAR = 12
MONTHS, HISTORIES = 300, 10
PLACED_BY = MONTHS - 18 * YEAR
"""Who enters care by this month is followed to 18 by the end, however young."""


def childhoods(at: Setting) -> Found:
    """Return placements per child, breakdowns of teenagers' placements, reunification, re-entry."""
    s = at.country(MONTHS)
    tallies = [_tally(h) for h in histories(s, seed=at.seed, replicates=HISTORIES)]
    top, bottom = np.sum(tallies, axis=0).T
    shares = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return {name: np.array([x]) for name, x in zip(_TARGETS, shares, strict=True)}


_TARGETS = named(
    "denmark", "placements_one", "placements_two", "placements_three", "placements_four_or_more",
    "teen_placements_broken", "breakdowns_first_year", "reunified_5_years", "reentries_2_years",
)  # fmt: skip


def _tally(h: History) -> list[tuple[int, int]]:
    """Return (children or placements that did, all of them) for each of _TARGETS."""
    children, births = _born(h)
    return [
        *_placements_per_child(h),
        *_teenagers_placements(h, children, births),
        *_small_children(h, children, births),
    ]


def _born(h: History) -> tuple[Ints, Ints]:
    """Return the children ever in care, in order, and their months of birth."""
    children = np.unique(h.placements.child)
    return children, h.births(children)


def _new_in_care(h: History) -> Flags:
    """Return which episodes are a child's first; who was in care on the first day has none."""
    there = h.placements.child[h.placements.began_by == Event.START]
    return h.episodes.first & ~np.isin(h.episodes.child, there)


def _placements_per_child(h: History) -> list[tuple[int, int]]:
    """Return how many of the children newly in care had one, two, three, four or more placements."""
    early = _new_in_care(h) & (h.episodes.start < PLACED_BY)
    chosen = h.episodes.child[early]
    child, number = np.unique(h.placements.child, return_counts=True)
    each = number[np.searchsorted(child, chosen)]
    counts = [int((each == n).sum()) for n in (1, 2, 3)]
    return [(n, len(each)) for n in (*counts, int((each >= 4).sum()))]


def _teenagers_placements(h: History, children: Ints, births: Ints) -> list[tuple[int, int]]:
    """Return the placements begun at 13-17 that broke down, and those breakdowns in the first year."""
    p = h.placements
    age = p.start - births[np.searchsorted(children, p.child)]
    last_start = h.scenario.months - 5 * YEAR  # so that all have ended
    p = p[(p.began_by != Event.START) & (age >= 13 * YEAR) & (p.start < last_start)]
    broken = p[p.ended_by == Event.BREAKDOWN]
    return [(len(broken), len(p)), (int((broken.months <= YEAR).sum()), len(broken))]


def _small_children(h: History, children: Ints, births: Ints) -> list[tuple[int, int]]:
    """Return who of those first placed before 3 was home within five years, and who came back in two."""
    e = h.episodes
    age = e.start - births[np.searchsorted(children, e.child)]
    small = _new_in_care(h) & (age < 3 * YEAR)
    followed = small & (e.start <= h.scenario.months - 5 * YEAR)
    home = followed & e.home & (e.end - e.start <= 5 * YEAR)
    went_home = small & e.home & (e.end <= h.scenario.months - 2 * YEAR)
    again = np.append((e.child[1:] == e.child[:-1]) & (e.start[1:] - e.end[:-1] <= 2 * YEAR), False)
    return [
        (int(home.sum()), int(followed.sum())),
        (int((went_home & again[: len(went_home)]).sum()), int(went_home.sum())),
    ]


def experiments() -> tuple[Experiment, ...]:
    """Return the experiment of this file."""
    return (Experiment(childhoods, _TARGETS),)
