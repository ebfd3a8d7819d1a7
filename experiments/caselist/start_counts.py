"""Start counts: the children on each stair on the last day known, and how they may be shown."""

from __future__ import annotations

import numpy as np

from experiments.caselist.reading import CaseList
from experiments.caselist.showing import HIDDEN, hidden_stairs, to_fives
from experiments.caselist.spells import Ints
from simulation.staircase import DEFAULT_STAIRCASE, Staircase


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


def staircase_in_words(
    cases: CaseList, internal: bool, staircase: Staircase = DEFAULT_STAIRCASE
) -> list[str]:
    """Return the children on each stair on the last day known, line by line; small counts hidden."""
    counts = start_counts(cases).sum(axis=0)
    care = np.array([stair.in_care for stair in staircase])
    hide = np.zeros(len(counts) + 1, bool) if internal else hidden_stairs(counts, care)
    last = (cases.spells.until - np.timedelta64(1, "D")).astype("datetime64[D]")
    there = zip(counts.tolist(), cases.spells.stairs, hide[:-1], strict=True)
    return [
        f"Children on the last day known, {last}:",
        *(f"  {HIDDEN if hid else n:>8}  {stair}" for n, stair, hid in there if n > 0),
    ]
