"""Start counts: the children on each stair on the last day known, and how they may be shown."""

from __future__ import annotations

import numpy as np

from experiments.caselist.reading import CaseList
from experiments.caselist.showing import to_fives
from experiments.caselist.spells import Ints


def start_counts(cases: CaseList) -> Ints:
    """Return the number of children [district, stair] on the last day known.

    There is one district where the list names none; a stay without a district counts to the first.
    """
    spells = cases.spells
    there = np.isnat(spells.end)
    counts = np.zeros((max(len(cases.districts), 1), len(spells.stairs)), dtype=np.int64)
    np.add.at(counts, (np.maximum(cases.district[there], 0), spells.stair[there]), 1)
    return counts


def shown_counts(cases: CaseList, internal: bool) -> list[list[int]]:
    """Return the start counts [district][stair], each to the nearest five unless `internal`."""
    return as_shown(start_counts(cases), internal)


def as_shown(counts: Ints, internal: bool) -> list[list[int]]:
    """Return counts [district][stair], each to the nearest five unless `internal`."""
    return [[n if internal else to_fives(n) for n in row] for row in counts.tolist()]


def staircase_in_words(cases: CaseList, internal: bool) -> list[str]:
    """Return the children on each stair on the last day known, line by line."""
    counts = np.array(shown_counts(cases, internal)).sum(axis=0)
    last = (cases.spells.until - np.timedelta64(1, "D")).astype("datetime64[D]")
    rounding = "" if internal else " (to the nearest five, in each district)"
    lines = [f"Children on the last day known, {last}{rounding}:"]
    return [
        *lines,
        *(f"  {n:8d}  {stair}" for stair, n in zip(cases.spells.stairs, counts, strict=True) if n > 0),
    ]
