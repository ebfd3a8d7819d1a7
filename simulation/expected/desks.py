"""What waits on caseworkers' desks: the hours that assessments still want, as chances.

`desks` [in post, class, load, units]: how many caseworkers are in post, whether one is a newcomer,
whether the municipality has few, usual or many cases, and how many units of hours assessments want of
one. An entry is the chance of that many in post and that load, times the caseworkers so placed; with
nobody in post it is the chance alone, of what waits for whoever comes. A queue lasts longer than what
made it (a vacancy, a newcomer who took over the newest cases), so it is carried from month to month
beside these.
"""

from __future__ import annotations

import numpy as np

from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled, compiled_without_counting
from simulation.expected.newest import undone_among_newest
from simulation.expected.state import StateRecord
from simulation.layout import TableRecord

QUARTERS = 4

QUEUE = 160
"""Units of a quarter of an assessment's hours that are told apart."""

NEWCOMER, EXPERIENCED = range(2)

LOADS = 3
LIKELY = (1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0)
"""Chances of the three points that have the mean and the variance of a normal distribution."""

UNLIKELY = 1e-6
"""Chances below this are left out."""


@compiled_without_counting
def unit_of(t: TableRecord) -> float:
    """Return the hours in which the queue of assessments is counted: a quarter of one."""
    return max(t.assessment_hours, rules.ALL_DONE) / QUARTERS


@compiled_without_counting
def assessments_on(desks: Floats) -> float:
    """Return the assessments that want hours: on each desk one may be half done."""
    total = 0.0
    for n in range(desks.shape[0]):
        for kind in range(2):
            for load in range(LOADS):
                for i in range(1, desks.shape[3]):
                    total += ((i + QUARTERS - 1) // QUARTERS) * desks[n, kind, load, i]
    return total


@compiled
def first_desks(desks: Floats, in_post: int, assessments: float) -> None:
    """Put on experienced caseworkers' desks, all 0, `assessments` that are not yet done."""
    heads = max(1, in_post)
    for load in range(LOADS):
        desks[in_post, EXPERIENCED, load, 0] = LIKELY[load] * heads
    let_assessments_come(desks, assessments)


@compiled
def let_assessments_come(desks: Floats, come: float) -> None:
    """Let `come` assessments come, on average, shared out evenly among whoever is in post."""
    last = desks.shape[3] - 1
    before = np.zeros(desks.shape[3])
    for n in range(desks.shape[0]):
        chances = chances_of(come / max(1, n), 1.0)
        for kind in range(2):
            for load in range(LOADS):
                queue, last_used = desks[n, kind, load], -1
                for i in range(len(before)):
                    before[i] = queue[i]
                    queue[i] = 0.0
                    if before[i] > 0.0:
                        last_used = i
                for i in range(last_used + 1):
                    if before[i] > 0.0:
                        for k in range(len(chances)):
                            queue[min(i + k * QUARTERS, last)] += chances[k] * before[i]


@compiled
def chances_of(hours: float, each: float) -> Floats:
    """Return [0, 1, 2, ...]: Poisson chances of so many tasks of `each` hours, `hours` on average."""
    mean = hours / each if each > 0.0 else 0.0
    most = int(mean + 5.0 * np.sqrt(mean)) + 2
    chances = np.zeros(most)
    if mean > 200.0:
        chances[int(mean)] = 1.0
        return chances
    chances[0] = np.exp(-mean)
    for k in range(1, most):
        chances[k] = chances[k - 1] * mean / k
    return chances / chances.sum()


@compiled_without_counting
def put_on_desk(queue: Floats, units: float, chance: float) -> None:
    """Add the chance that so many units wait, split between the whole numbers around it."""
    last = len(queue) - 1
    low = min(int(units), last)
    part = min(1.0, units - low) if low < last else 0.0
    queue[low] += chance * (1.0 - part)
    if part > 0.0:
        queue[low + 1] += chance * part


@compiled_without_counting
def staff_desks(
    w: StateRecord, desks: Floats, filled: Floats, before: Floats, cases: float, by_arrival: Floats
) -> None:
    """Let caseworkers leave and come, as `w` says; what waits goes with the cases.

    `filled` [number] the chances of so many in post afterwards; `before` is room to work in.
    """
    if w.leaves > 0.0:
        clear_into(desks, before)
        for n in range(desks.shape[0]):
            there = heads_at(before[n])
            for k in range(n + 1 if there > UNLIKELY else 0):
                chance = binomial(n, k, w.leaves)
                if chance * there > UNLIKELY:
                    let_leave(before[n], desks[n - k], n, k, chance)
                elif k > n * w.leaves:
                    break  # more are less likely still
    if w.comes > 0.0 or w.opening > 0:
        clear_into(desks, before)
        for n in range(desks.shape[0]):
            vacant, there = max(0, w.open - w.opening - n), heads_at(before[n])
            for k in range(vacant + 1 if there > UNLIKELY else 0):
                chance = binomial(vacant, k, w.comes)
                new = k + w.opening
                if chance * there <= UNLIKELY and k > vacant * w.comes:
                    break
                if chance * there > UNLIKELY and n + new < desks.shape[0]:
                    moved = undone_among_newest(by_arrival, cases * new / max(1, n + new))
                    let_come(before[n], desks[n + new], n, new, moved, chance)
    agree(w, desks, filled)


@compiled_without_counting
def clear_into(desks: Floats, before: Floats) -> None:
    """Copy the desks to `before`, and clear them."""
    for n in range(desks.shape[0]):
        for kind in range(2):
            for load in range(LOADS):
                for i in range(desks.shape[3]):
                    before[n, kind, load, i] = desks[n, kind, load, i]
                    desks[n, kind, load, i] = 0.0


@compiled_without_counting
def heads_at(desks: Floats) -> float:
    """Return the sum of desks [class, load, units]."""
    total = 0.0
    for kind in range(2):
        for load in range(LOADS):
            for i in range(desks.shape[2]):
                total += desks[kind, load, i]
    return total


@compiled_without_counting
def binomial(n: int, k: int, p: float) -> float:
    """Return the chance of k of n, each with chance p."""
    chance = 1.0
    for i in range(k):
        chance *= p * (n - i) / (i + 1)
    return chance * (1.0 - p) ** (n - k)


@compiled_without_counting
def mean_of(desks: Floats, load: int) -> float:
    """Return the mean units on desks [class, load, units]."""
    n, units = 0.0, 0.0
    for kind in range(2):
        for i in range(desks.shape[2]):
            n += desks[kind, load, i]
            units += i * desks[kind, load, i]
    return units / n if n > 0.0 else 0.0


@compiled_without_counting
def let_leave(old: Floats, now: Floats, n: int, k: int, chance: float) -> None:
    """Let k of n leave: those who stay share what waited on their desks, or it waits for who comes."""
    stay = n - k
    heads = chance * max(1, stay) / max(1, n)
    for load in range(LOADS):
        more = mean_of(old, load) * (k / stay if stay > 0 else k - 1.0) if k > 0 else 0.0
        for kind in range(2):
            for i in range(old.shape[2]):
                if old[kind, load, i] > 0.0:
                    put_on_desk(now[kind, load], i + more, heads * old[kind, load, i])


@compiled_without_counting
def let_come(old: Floats, now: Floats, n: int, new: int, moved: float, chance: float) -> None:
    """Let `new` come to n: a share `moved` of what waits on all desks moves to theirs."""
    for load in range(LOADS):
        others = mean_of(old, load) * (n - 1.0) if n > 0 else 0.0
        for kind in range(2):
            for i in range(old.shape[2]):
                p = chance * old[kind, load, i]
                if p <= 0.0:
                    continue
                if new == 0:
                    now[kind, load, i] += p
                elif n == 0:
                    put_on_desk(now[NEWCOMER, load], i / new, p * new)
                else:
                    put_on_desk(now[kind, load], i * (1.0 - moved), p)
                    put_on_desk(now[NEWCOMER, load], (i + others) * moved / new, p * new / n)


@compiled_without_counting
def agree(w: StateRecord, desks: Floats, filled: Floats) -> None:
    """Bring the desks to the chances of so many in post, and to the expected number of newcomers."""
    new = 0.0
    for n in range(desks.shape[0]):
        total, right = heads_at(desks[n]), filled[n] * max(1, n)
        for kind in range(2):
            for load in range(LOADS):
                for i in range(desks.shape[3]):
                    desks[n, kind, load, i] *= right / total if total > 0.0 else 1.0
                    new += desks[n, kind, load, i] if n > 0 and kind == NEWCOMER else 0.0
    if new <= w.new:
        return
    experienced = 1.0 - w.new / new
    for n in range(1, desks.shape[0]):
        for load in range(LOADS):
            for i in range(desks.shape[3]):
                part = experienced * desks[n, NEWCOMER, load, i]
                desks[n, EXPERIENCED, load, i] += part
                desks[n, NEWCOMER, load, i] -= part
