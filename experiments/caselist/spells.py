"""Spells: where each child was from when to when, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

OPEN = np.datetime64("NaT", "D")
"""The end of a spell that has not ended."""


@dataclass(frozen=True)
class Spells:
    """Spells of children on stairs, clean: sorted by child and start, no overlaps, ends after starts.

    `child` [spell] numbers children 0, 1, ..., `stair` [spell] is a position in `stairs` (keys of a
    staircase), `start` and `end` [spell] are days, the end exclusive and NaT while it is open, `birth`
    [child] days. `until`: the day of the export; nothing is known from then on. A spell whose end is the
    next one's start is a move; a gap is time out of care.
    """

    stairs: tuple[str, ...]
    child: Ints
    stair: Ints
    start: Days
    end: Days
    birth: Days
    until: np.datetime64

    def __len__(self) -> int:
        """Return the number of spells."""
        return len(self.child)

    @property
    def last(self) -> Days:
        """[spell]: the end, or `until` where it is open."""
        return np.where(np.isnat(self.end), self.until, self.end)
