"""Start counts: the children on each stair on the last day known, and how they may be shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.caselist.quality import SMALLEST
from experiments.caselist.reading import CaseList
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


def rounded(counts: Sequence[int]) -> list[int]:
    """Return counts of which none lies between 0 and `SMALLEST`: 1 and 2 become 0, 3 and 4 become 5.

    The largest count takes what that adds or takes away, so that the total stays, unless that would
    make it too small itself.
    """
    near = [n if n >= SMALLEST or n == 0 else SMALLEST * (2 * n >= SMALLEST) for n in counts]
    largest = max(range(len(near)), key=lambda i: counts[i])
    if counts[largest] >= SMALLEST:
        near[largest] = max(near[largest] + sum(counts) - sum(near), SMALLEST)
    return near


def shown_counts(cases: CaseList, internal: bool) -> list[list[int]]:
    """Return the start counts [district][stair], `rounded` in each district unless `internal`."""
    return [row if internal else rounded(row) for row in start_counts(cases).tolist()]


def staircase_in_words(cases: CaseList, internal: bool) -> list[str]:
    """Return the children on each stair on the last day known, line by line."""
    counts = np.array(shown_counts(cases, internal)).sum(axis=0)
    last = (cases.spells.until - np.timedelta64(1, "D")).astype("datetime64[D]")
    rounding = "" if internal else " (1 to 4 in a district become 0 or 5)"
    lines = [f"Children on the last day known, {last}{rounding}:"]
    return [
        *lines,
        *(f"  {n:8d}  {stair}" for stair, n in zip(cases.spells.stairs, counts, strict=True) if n > 0),
    ]
