"""What of a table of children by stair may be shown: no count under 5, and none that gives one away."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from experiments.caselist.quality import SMALLEST, hidden, total_hidden

HIDDEN = "(hidden)"
Count = TypeVar("Count", int, float)


def hidden_stairs(counts: np.ndarray, in_care: np.ndarray) -> np.ndarray:
    """Return [stair and last the total in care]: what is hidden of children by stair.

    `counts` [stair], `in_care` [stair]. Stairs out of care are in no total, so each is hidden by itself.
    """
    hide = np.zeros(len(counts) + 1, bool)
    care = np.flatnonzero(in_care)
    hide[:-1] = ~in_care & (counts > 0) & (counts < SMALLEST)
    hide[care] = hidden(counts[care].tolist())
    hide[-1] = total_hidden(counts[care].tolist())
    return hide


def to_fives(count: int) -> int:
    """Return a count to the nearest five: 1 and 2 become 0, 3 to 7 become 5.

    Every count is rounded, each by itself: were the small ones alone, the others would give them away.
    """
    return SMALLEST * ((count + SMALLEST // 2) // SMALLEST)


def up_to_fives(count: int) -> int:
    """Return the next multiple of five that is not below a count."""
    return SMALLEST * -(-count // SMALLEST)
