"""Ranking: which factors can be told apart, and what it would take where they cannot.

The rule: two neighbours in the ranking are told apart where the difference of their indices is larger
than its own 90 % half-width. (Both are made with the same points and histories, so that much of their
error is shared and drops out of the difference.) A factor is told from nothing where its index is larger
than its own 90 % half-width. The order is called settled where every neighbour among the first `TOP` is
told from the next, or exactly like it; else there is a warning. Each comparison by itself is wrong in at
most 10 of 100 studies.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from experiments.sensitivity.crossed import Error
from experiments.sensitivity.indices import Index, order

TOP = 5
"""The first ranks, whose order is what one asks for."""

HARDLY = 0.1
"""Share of a squared error below which more of its source would not help."""

MOST_TIMES = 100.0
"""More than so many times the work is not worth naming."""

Source = Literal["histories", "samples", "histories and samples"]


@dataclass(frozen=True)
class Pair:
    """Two neighbours in the ranking: how far apart they are, and the error of that."""

    first: int
    second: int
    difference: float
    error: Error

    @property
    def is_told(self) -> bool:
        """Whether the first is known to come before the second."""
        return self.difference > self.error.both

    @property
    def is_tie(self) -> bool:
        """Whether the two are exactly alike, as those that do nothing at all are."""
        return self.difference == 0.0 and self.error.both == 0.0

    @property
    def times(self) -> float:
        """How many times the work would tell them apart, errors falling with its square root."""
        return (self.error.both / self.difference) ** 2 if self.difference > 0.0 else float("inf")

    @property
    def source(self) -> Source:
        """What there would have to be more of."""
        points, histories = self.error.points**2, self.error.histories**2
        if points < HARDLY * (points + histories):
            return "histories"
        return "samples" if histories < HARDLY * (points + histories) else "histories and samples"


@dataclass(frozen=True, eq=False)
class Ranking:
    """Factors from the largest index to the smallest, and neighbours `pairs` of ranks m and m + 1."""

    index: Index
    order: list[int]
    pairs: list[Pair]

    @property
    def is_settled(self) -> bool:
        """Whether the first `TOP` are all told from the next."""
        return not self.unsettled

    @property
    def unsettled(self) -> list[list[int]]:
        """Runs of factors among the first `TOP` and the next, each not told from the one after it."""
        found: list[list[int]] = []
        for pair in self.pairs[:TOP]:
            if pair.is_told or pair.is_tie:
                continue
            if found and found[-1][-1] == pair.first:
                found[-1].append(pair.second)
            else:
                found.append([pair.first, pair.second])
        return found

    def is_something(self, factor: int) -> bool:
        """Whether a factor's index is told from 0."""
        return float(self.index.values[factor]) > self.index.errors[factor].both


def ranking(index: Index) -> Ranking:
    """Return the ranking of the factors of an index."""
    ranks = list(order(index.values))
    pairs = [Pair(a, b, *index.difference(a, b)) for a, b in pairwise(ranks)]
    return Ranking(index, ranks, pairs)


def warning(found: Ranking, labels: list[str], histories: int, samples: int) -> str:
    """Return in words what cannot be ranked and what it would take; "" where the order is settled."""
    if found.is_settled or np.isnan(found.index.values).all():
        return ""
    runs = "; ".join(_run(found, run, labels) for run in found.unsettled)
    return f"WARNING: the order of the first {min(TOP, len(labels))} is not settled: {runs}. " + _cure(
        found, labels, histories, samples
    )


def _run(found: Ranking, run: list[int], labels: list[str]) -> str:
    first = found.order.index(run[0]) + 1
    names = " / ".join(labels[i] for i in run)
    return f"ranks {first} to {first + len(run) - 1} ({names}) are not told from the next"


def _cure(found: Ranking, labels: list[str], histories: int, samples: int) -> str:
    """Return what the easiest pair to settle would take."""
    pair = min((p for p in found.pairs[:TOP] if not (p.is_told or p.is_tie)), key=lambda p: p.times)
    two = f"{labels[pair.first]} from {labels[pair.second]}"
    if pair.times > MOST_TIMES:
        return f"No affordable number of histories tells {two}: take them as alike."
    needed = {"histories": f"{_round_up(histories * pair.times):,} histories"}
    needed["samples"] = f"{_round_up(samples * pair.times):,} samples"
    needed["histories and samples"] = f"{needed['histories']} and {needed['samples']}"
    return (
        f"To tell {two} would take about {needed[pair.source]} (here: {_here(pair, histories, samples)})."
    )


def _here(pair: Pair, histories: int, samples: int) -> str:
    here = {"histories": f"{histories:,}", "samples": f"{samples:,}"}
    return here.get(pair.source, f"{histories:,} and {samples:,}")


def _round_up(x: float) -> int:
    """Return a number of histories or samples with two digits that count."""
    import math

    step = 10 ** max(0, math.floor(math.log10(x)) - 1)
    return int(math.ceil(x / step) * step)
