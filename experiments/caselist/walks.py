"""Walks of children over stairs under given rates, compiled: of forecasts and of synthetic histories."""

from __future__ import annotations

import numpy as np

from experiments.caselist.spells import Ints
from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting, inlined

AGED_OUT, LEFT, MOVED, STAYED = 0, 1, 2, 3
"""How a stay on a stair ends; STAYED: not before the time looked at."""


@inlined
def band(value: float, edges: Floats) -> int:
    """Return the band that holds a value: the last whose least value in `edges` is not above it."""
    i = 0
    while i + 1 < len(edges) and edges[i + 1] <= value:
        i += 1
    return i


@inlined
def next_event(
    rng: np.random.Generator,
    age: float,
    on_stair: float,
    stair: int,
    bands: tuple[int, int],
    leave: Floats,
    move: Floats,
    older: Floats,
    longer: Floats,
    limit: float,
) -> tuple[float, int, int]:
    """Return (years until the stay on a stair ends, how it ends, band of age then), `limit` ahead.

    `leave` and `move` [stair, age, time on the stair] are rates per year, constant in each band; `older`
    and `longer` are where the bands of age and time end, so a unit exponential is used up from one
    edge to the next. `bands` are those of `age` and `on_stair`.
    """
    i, j = bands
    waited = 0.0
    left = rng.standard_exponential()
    while waited < limit:
        until_older, until_longer = older[i] - age, longer[j] - on_stair
        until = max(waited, min(until_older, until_longer, limit))
        rate = leave[stair, i, j] + move[stair, i, j]
        used = rate * (until - waited)
        if used > left:
            kind = LEFT if rng.random() * rate < leave[stair, i, j] else MOVED
            return waited + left / rate, kind, i
        left -= used
        waited = until
        if waited >= limit:
            break
        if until_longer <= until_older:
            j += 1
        else:
            i += 1
            if i == len(older):
                return waited, AGED_OUT, i - 1
    return limit, STAYED, i


@inlined
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


@compiled_without_counting
def count_walk(
    rng: np.random.Generator,
    at: float,
    age: float,
    on_stair: float,
    stair: int,
    bands: tuple[int, int],
    leave: Floats,
    move: Floats,
    to: Floats,
    older: Floats,
    longer: Floats,
    horizons: Floats,
    counts: Ints,
    child_years: Floats,
) -> None:
    """Add where a child stands at each horizon to counts [horizon, stair], from year `at` on.

    Its time on each stair goes to child_years [year, stair].
    """
    last = horizons[-1]
    h = band(at, horizons) + (at >= horizons[0])
    while at < last:
        wait, kind, i = next_event(
            rng, age, on_stair, stair, bands, leave, move, older, longer, last - at
        )
        end = last if kind == STAYED else at + wait
        while h < len(horizons) and (horizons[h] < end or kind == STAYED):
            counts[h, stair] += 1
            h += 1
        for year in range(int(at), min(len(child_years), int(np.ceil(end)))):
            child_years[year, stair] += min(end, year + 1.0) - max(at, float(year))
        if kind != MOVED:
            return
        at, age = end, age + wait
        stair, on_stair, bands = destination(rng, to[stair, i]), 0.0, (i, 0)


@compiled
def count_futures(
    rng: np.random.Generator,
    age: Floats,
    stair: Ints,
    on_stair: Floats,
    entries: Floats,
    growth: Floats,
    leave: Floats,
    move: Floats,
    to: Floats,
    ages: Floats,
    stays: Floats,
    leave_age: float,
    horizons: Floats,
    counts: Ints,
    child_years: Floats,
) -> None:
    """Fill counts [draw, horizon, stair] and child_years [draw, year, stair]: one future for each draw.

    `age`, `stair`, `on_stair` [child] as the first day finds them; the rates as in `Rates`; horizons
    [horizon] years ahead, rising.
    """
    last = horizons[-1]
    older, longer = np.append(ages[1:], leave_age), np.append(stays[1:], np.inf)
    of_age = np.array([band(x, ages) for x in age])
    of_stay = np.array([band(x, stays) for x in on_stair])
    for d in range(len(entries)):
        args = leave[d], move[d], to[d], older, longer, horizons, counts[d], child_years[d]
        for c in range(len(age)):
            count_walk(rng, 0.0, age[c], on_stair[c], stair[c], (of_age[c], of_stay[c]), *args)
        # entries grow exponentially; their times are drawn by inversion
        more = np.expm1(growth[d] * last)
        grown = more / growth[d] if abs(more) > 1e-9 else last
        for s in range(entries.shape[1]):
            for a in range(entries.shape[2]):
                for _ in range(rng.poisson(entries[d, s, a] * grown)):
                    u = rng.random()
                    at = np.log1p(u * more) / growth[d] if abs(more) > 1e-9 else last * u
                    old = ages[a] + (older[a] - ages[a]) * rng.random()
                    count_walk(rng, at, old, 0.0, s, (a, 0), *args)


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
    older, longer = np.append(ages[1:], leave_age), np.append(stays[1:], np.inf)
    for c in range(len(at)):
        now, old, s = at[c], age[c], stair[c]
        while now < end:
            bands = (band(old, ages), 0)
            wait, kind, i = next_event(rng, old, 0.0, s, bands, leave, move, older, longer, np.inf)
            if n == len(rows):
                return -1
            rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3] = c, s, now, now + wait
            n += 1
            now += wait
            old += wait
            if kind != MOVED:
                break
            s = destination(rng, to[s, i])
    return n
