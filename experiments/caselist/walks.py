"""Walks of children over stairs under given rates, compiled: of forecasts and of synthetic histories."""

from __future__ import annotations

import numpy as np

from experiments.caselist.spells import Ints
from simulation.accounts import Floats
from simulation.compiled import compiled

AGED_OUT, LEFT, MOVED = 0, 1, 2
"""How a stay on a stair ends."""


@compiled
def next_event(
    rng: np.random.Generator,
    age: float,
    on_stair: float,
    leave: Floats,
    move: Floats,
    ages: Floats,
    stays: Floats,
    leave_age: float,
) -> tuple[float, int, int]:
    """Return (years until the stay on a stair ends, how it ends, band of age then).

    `leave` and `move` [age, time on the stair] are the stair's rates per year; constant between the
    edges `ages` and `stays`, so a unit exponential is used up from one edge to the next.
    """
    i, j, waited = 0, 0, 0.0
    while i + 1 < len(ages) and ages[i + 1] <= age:
        i += 1
    while j + 1 < len(stays) and stays[j + 1] <= on_stair:
        j += 1
    left = rng.standard_exponential()
    while True:
        until_older = (ages[i + 1] if i + 1 < len(ages) else leave_age) - age - waited
        until_longer = stays[j + 1] - on_stair - waited if j + 1 < len(stays) else np.inf
        rate = leave[i, j] + move[i, j]
        step = min(until_older, until_longer)
        if rate * step > left:
            kind = LEFT if rng.random() * rate < leave[i, j] else MOVED
            return waited + left / rate, kind, i
        left -= rate * max(0.0, step)
        waited += max(0.0, step)
        if until_longer <= until_older:
            j += 1
        elif i + 1 < len(ages):
            i += 1
        else:
            return waited, AGED_OUT, i


@compiled
def destination(
    rng: np.random.Generator,
    shares: Floats,
) -> int:
    """Return the stair drawn from `shares`, which sum to 1."""
    u = rng.random()
    for k in range(len(shares)):
        u -= shares[k]
        if u < 0.0 and shares[k] > 0.0:
            return k
    return int(np.argmax(shares))


@compiled
def count_walk(
    rng: np.random.Generator,
    at: float,
    age: float,
    stair: int,
    on_stair: float,
    leave: Floats,
    move: Floats,
    to: Floats,
    ages: Floats,
    stays: Floats,
    leave_age: float,
    horizons: Floats,
    counts: Ints,
) -> None:
    """Add to counts [horizon, stair] where a child stands at each horizon, from year `at` on."""
    h = 0
    while h < len(horizons) and horizons[h] <= at:
        h += 1
    while h < len(horizons):
        wait, kind, band = next_event(
            rng, age, on_stair, leave[stair], move[stair], ages, stays, leave_age
        )
        at += wait
        age += wait
        while h < len(horizons) and horizons[h] < at:
            counts[h, stair] += 1
            h += 1
        if kind != MOVED:
            return
        stair, on_stair = destination(rng, to[stair, band]), 0.0


@compiled
def count_futures(
    rng: np.random.Generator,
    age: Floats,
    stair: Ints,
    on_stair: Floats,
    entries: Floats,
    leave: Floats,
    move: Floats,
    to: Floats,
    ages: Floats,
    stays: Floats,
    leave_age: float,
    horizons: Floats,
    counts: Ints,
) -> None:
    """Fill counts [draw, horizon, stair]: one future for each draw of the rates.

    `age`, `stair`, `on_stair` [child] as the first day finds them; the rates as in `Rates`; horizons
    [horizon] years ahead, rising.
    """
    last = horizons[-1]
    for d in range(len(entries)):
        for c in range(len(age)):
            count_walk(
                rng, 0.0, age[c], stair[c], on_stair[c], leave[d], move[d], to[d], ages, stays, leave_age,
                horizons, counts[d],
            )  # fmt: skip
        for s in range(entries.shape[1]):
            for a in range(entries.shape[2]):
                oldest = ages[a + 1] if a + 1 < len(ages) else leave_age
                for _ in range(rng.poisson(entries[d, s, a] * last)):
                    at = last * rng.random()
                    count_walk(
                        rng, at, ages[a] + (oldest - ages[a]) * rng.random(), s, 0.0, leave[d], move[d],
                        to[d], ages, stays, leave_age, horizons, counts[d],
                    )  # fmt: skip


@compiled
def record_walks(
    rng: np.random.Generator,
    at: Floats,
    age: Floats,
    stair: Ints,
    leave: Floats,
    move: Floats,
    to: Floats,
    ages: Floats,
    stays: Floats,
    leave_age: float,
    end: float,
    rows: Floats,
) -> int:
    """Write the stays of entrants [child] as rows (child, stair, start, end), years; return how many.

    Stays that begin before `end` are written, whenever they end. Returns -1 where `rows` is too short.
    """
    n = 0
    for c in range(len(at)):
        now, old, s = at[c], age[c], stair[c]
        while now < end:
            wait, kind, band = next_event(rng, old, 0.0, leave[s], move[s], ages, stays, leave_age)
            if n == len(rows):
                return -1
            rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3] = c, s, now, now + wait
            n += 1
            now += wait
            old += wait
            if kind != MOVED:
                break
            s = destination(rng, to[s, band])
    return n
