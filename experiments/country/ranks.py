"""Ranks with intervals, and groups of municipalities that cannot be told apart.

Every history is one country that may be: in each of them the municipalities have an order. A rank's
interval holds 90 of 100 of these orders. Two municipalities are told apart where one of them is ahead in
95 of 100 histories or more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from experiments.estimates import COVERAGE
from simulation.accounts import Floats
from simulation.tables import Ints

CLEAR = 0.95
"""Share of histories in which one must be ahead of another to be told apart from it."""

FEWEST = 100
"""Histories below which nobody is told apart from anybody: those of a block share what was drawn, so 100
are 20 different countries."""


@dataclass(frozen=True)
class Ranks:
    """Ranks of municipalities, 1 for the most. Arrays [municipality]."""

    middle: Floats
    """Mean rank over histories."""
    low: Ints
    high: Ints
    """The interval, whole ranks."""
    group: Ints
    """From 1. Within a group nobody is told apart from anybody."""
    against: Ints
    """1: ahead of the country in 95 of 100 histories or more, -1: behind it, 0: neither."""


def ranks(values: Floats, country: Floats) -> Ranks:
    """Return the ranks of [municipality, history], beside the country's [history].

    Ties share their mean rank; an interval never leaves out part of a rank.
    """
    rank = np.apply_along_axis(_shared_ranks, 0, -values)
    tail = (1.0 - COVERAGE) / 2.0
    low = np.floor(np.quantile(rank, tail, axis=1, method="lower"))
    high = np.ceil(np.quantile(rank, 1.0 - tail, axis=1, method="higher"))
    middle = rank.mean(axis=1)
    return Ranks(
        middle=middle,
        low=low.astype(np.int64),
        high=high.astype(np.int64),
        group=groups(values, np.argsort(middle, kind="stable")),
        against=np.array([ahead(row, country) for row in values]),
    )


def _shared_ranks(values: Floats) -> Floats:
    """Return ranks from 1 for the least; ties share their mean rank."""
    inorder = np.sort(values)
    before, until = (np.searchsorted(inorder, values, side) for side in ("left", "right"))
    return np.asarray((before + until + 1) / 2.0)


def ahead(a: Floats, b: Floats) -> int:
    """Return 1 where a is ahead of b in enough histories, -1 where it is behind, else 0."""
    n = len(a)
    if n < FEWEST:
        return 0
    enough = math.ceil(CLEAR * n - 1e-9)
    return int((a > b).sum() >= enough) - int((a < b).sum() >= enough)


def groups(values: Floats, order: Ints) -> Ints:
    """Return [municipality]: its group, counted along `order`.

    A new group begins with the first who is told apart from anybody in the group before. So two in one
    group are never told apart; two in neighbouring groups may not be either.
    """
    found = np.ones(len(values), np.int64)
    members: list[int] = []
    number = 1
    for i in order:
        if any(ahead(values[i], values[j]) for j in members):
            number += 1
            members = []
        members.append(int(i))
        found[i] = number
    return found
