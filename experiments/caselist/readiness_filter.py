"""The filter: how likely what was seen at follow-ups is, given recognition and the rate of readiness.

Whether a child is ready is never seen. Two numbers are carried along a stretch: the chance of all that
was seen so far with the child not ready, and with it ready. Over a gap the first flows into the second at
the rate of readiness; a follow-up moves a ready child with chance `seen`, one that is not ready with
chance `early`, and leaves the others. Their sum at the end is the likelihood.
"""

from __future__ import annotations

import math

import numpy as np

from experiments.caselist.readiness_seen import Stretches
from experiments.caselist.spells import Ints
from simulation.accounts import Floats
from simulation.compiled import compiled

_SMALL = 1e-100


def log_likelihood(
    found: Stretches,
    seen: Floats,
    seen_soon: Floats,
    ready: Floats,
    early: float,
    first: Floats,
    later: Floats,
) -> Floats:
    """Return [stair, rate, chance]: log-likelihood of all stretches of a stair.

    `seen` [chance] that a follow-up moves a ready child, `seen_soon` that one does soon after a change of
    caseworker, `ready` [stair, rate] a year, `early` the chance that it moves one that is not. Who came
    before follow-ups were recorded is taken to have had them after `first` and then every `later` [stair]
    years or so up to the first recorded one, none of which moved it; only its state afterwards counts.
    """
    out = np.zeros((len(ready), ready.shape[1], len(seen)))
    _add_up(
        found.stair, found.before, found.offset, found.gap, found.down,
        found.felt, seen, seen_soon, np.ascontiguousarray(ready), early, first, later, out,
    )  # fmt: skip
    return out


@compiled
def _add_up(
    stair: Ints,
    before: Floats,
    offset: Ints,
    gap: Floats,
    down: np.ndarray,
    felt: np.ndarray,
    seen: Floats,
    seen_soon: Floats,
    ready: Floats,
    early: float,
    first: Floats,
    later: Floats,
    out: Floats,
) -> None:
    """Add the log-likelihood of each stretch to out [stair, rate, chance]."""
    longest = 1
    for i in range(len(stair)):
        longest = max(longest, offset[i + 1] - offset[i])
    stays = np.empty(longest)
    for i in range(len(stair)):
        s, n = stair[i], offset[i + 1] - offset[i]
        if n == 0:
            continue
        for r in range(ready.shape[1]):
            rate = ready[s, r]
            for k in range(n):
                stays[k] = math.exp(-rate * gap[offset[i] + k])
            for c in range(len(seen)):
                unready = _unready_after(before[i], rate, seen[c], early, first[s], later[s])
                out[s, r, c] += _log_chance(
                    unready, stays, felt[offset[i] : offset[i + 1]], down[i], seen[c], seen_soon[c], early
                )


@compiled
def _unready_after(
    time: float, rate: float, seen: float, early: float, first: float, later: float
) -> float:
    """Return the chance that a child is not ready after a time with follow-ups that did not move it.

    The last of them was held at its end, the others as evenly as `first` and `later` allow.
    """
    if time <= 0.0:
        return 1.0
    further = 0
    if time > first and later > 0.0:
        further = round((time - first) / later)
    left = math.exp(-rate * (min(time, first) if further > 0 else time))
    stays = math.exp(-rate * (time - first) / further) if further > 0 else 1.0
    unready = 1.0
    for k in range(further + 1):
        still = unready * (left if k == 0 else stays)
        u = still * (1.0 - early)
        unready = u / (u + (1.0 - still) * (1.0 - seen))
    return unready


@compiled
def _log_chance(
    unready: float,
    stays: Floats,
    felt: np.ndarray,
    down: bool,
    seen: float,
    seen_soon: float,
    early: float,
) -> float:
    """Return log P(follow-ups did not move the child, but for the last one where `down`)."""
    u, r, total, n = unready, 1.0 - unready, 0.0, len(felt)
    for k in range(n):
        r += u * (1.0 - stays[k])
        u *= stays[k]
        chance = seen_soon if felt[k] else seen
        if down and k == n - 1:
            return total + math.log(u * early + r * chance)
        u *= 1.0 - early
        r *= 1.0 - chance
        if u + r < _SMALL:
            total += math.log(u + r)
            u, r = u / (u + r), r / (u + r)
    return total + math.log(u + r)
