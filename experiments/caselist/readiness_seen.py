"""What was seen of readiness: follow-ups and moves down on each stair, as arrays for a likelihood.

A stretch is the part of a spell in which follow-ups were recorded: from the spell's start, or, where it
began before they were recorded, from the first one that was. It ends in a move down, or it is cut: by a
crisis, a move up, another place on the same stair, the age at which care ends, the last day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.caselist.counts import BIRTHDAY
from experiments.caselist.reading import CaseList
from experiments.caselist.spells import Days, Ints, Spells
from experiments.caselist.standing import DAYS_A_YEAR, in_window, moves_on, years
from experiments.caselist.work_done import (
    MONTHS,
    changes_of_worker,
    held_by_spell,
    is_recorded,
    recorded_from,
)
from simulation.accounts import Floats
from simulation.staircase import Staircase

DECIDED = np.timedelta64(56, "D")
"""A move down so soon after a follow-up was decided by it."""


@dataclass(frozen=True)
class Stretches:
    """Follow-ups on stretches: `stair` [stretch], `before` [stretch] years on the stair until it begins.

    `before` is 0 where it begins with the spell. `gap` holds years from one follow-up to the next, those
    of stretch i from `offset[i]` up to `offset[i + 1]`, the first from the stretch's begin. `down`
    [stretch]: the last one moved the child. `unrecorded` [stretch]: that follow-up itself was not
    recorded, only the move. `felt` like `gap`: it was held soon after a change of caseworker.
    """

    stair: Ints
    before: Floats
    offset: Ints
    gap: Floats
    down: np.ndarray
    unrecorded: np.ndarray
    felt: np.ndarray


def moves_down(spells: Spells, stairs: Staircase, leave_age: float) -> np.ndarray:
    """Return [spell] which end in a move down: to a less intrusive stair or, not by age, out of all help.

    From care that is care lower down or home, at home another stair below or the end of the case.
    """
    to = np.full(len(spells), -1)
    source, target = moves_on(spells)
    position = np.array([stairs.index(key) for key in spells.stairs])
    to[source] = position[spells.stair[target]]
    here = position[spells.stair]
    followed = np.array([x.kind in ("home", "care") for x in stairs])
    age = years(spells.last - spells.birth[spells.child])
    out = (to < 0) & (age < leave_age - BIRTHDAY)
    lower = (to >= 0) & (to < here) & followed[np.maximum(to, 0)]
    return np.asarray(~np.isnat(spells.end) & followed[here] & (out | lower))


def moves_up(spells: Spells, stairs: Staircase) -> tuple[np.ndarray, np.ndarray]:
    """Return [spell] which end in a move up, and which in a move to another place on the same stair."""
    position = np.array([stairs.index(key) for key in spells.stairs])
    followed = np.array([x.kind in ("home", "care") for x in stairs])
    source, target = moves_on(spells)
    here, to = position[spells.stair[source]], position[spells.stair[target]]
    up, same = np.zeros(len(spells), bool), np.zeros(len(spells), bool)
    up[source] = followed[here] & (to > here)
    same[source] = followed[here] & (to == here)
    return up, same


def stretches(
    cases: CaseList, begin: np.datetime64, stairs: Staircase, leave_age: float, handover_months: float
) -> tuple[Stretches, np.ndarray]:
    """Return the stretches from `begin`, or from where follow-ups are recorded, on; [stair] which are.

    A move down more than `DECIDED` after the last follow-up held is read as the decision of one that was
    not recorded, on the day of the move. What a follow-up decides shows within `DECIDED`, so stretches
    end that long before the last day known, and before the age at which care ends.
    """
    spells, follow_ups = cases.spells, cases.follow_ups
    recorded = None if follow_ups is None else recorded_from(follow_ups)
    if follow_ups is None or recorded is None:
        return _none(), np.zeros(len(spells.stairs), bool)
    begin = max(begin, recorded)
    spell, held = held_by_spell(spells, follow_ups, begin)
    shown = is_recorded(spells, spell, begin)
    shown &= np.array([stairs[stairs.index(k)].kind in ("home", "care") for k in spells.stairs])
    of_age = spells.birth[spells.child] + np.timedelta64(round(leave_age * DAYS_A_YEAR), "D")
    shows = np.asarray(np.minimum(spells.until, of_age) - DECIDED, "datetime64[D]")
    in_time = (held < shows[spell]) & shown[spells.stair[spell]]
    spell, held = spell[in_time], held[in_time]
    down = moves_down(spells, stairs, leave_age)
    latest = np.full(len(spells), np.datetime64("0001-01-01", "D"))
    latest[spell] = held  # sorted: the last one stays
    decided = down & (spells.last - latest <= DECIDED)
    unrecorded = down & ~decided & in_window(spells.end, begin + DECIDED, spells.until)
    unrecorded &= (spells.end < shows) & shown[spells.stair]
    kept = shown[spells.stair] & (decided | unrecorded | (latest >= begin))
    none = np.zeros(0, np.int64), np.zeros(0, "datetime64[D]")
    changes = none if cases.cases is None else changes_of_worker(cases.cases, spells.until)
    found = _arrays(
        spells, begin, kept, (spell, held), decided | unrecorded, unrecorded, changes, handover_months
    )
    return found, shown


def _arrays(
    spells: Spells,
    begin: np.datetime64,
    kept: np.ndarray,
    followed: tuple[Ints, Days],
    down: np.ndarray,
    unrecorded: np.ndarray,
    changes: tuple[Ints, Days],
    months: float,
) -> Stretches:
    """Return stretches of the spells `kept`, with follow-ups (spell, day) and unrecorded ones added.

    The first follow-up of a spell that began before `begin` is where its stretch begins.
    """
    added = np.flatnonzero(unrecorded)
    spell = np.concatenate([followed[0], added])
    day = np.concatenate([followed[1], spells.end[added]])
    order = np.lexsort((day, spell))
    spell, day = spell[order], day[order]
    is_first = np.append(True, spell[1:] != spell[:-1])[: len(spell)]
    from_day = spells.start.copy()
    anchor = is_first & (spells.start < begin)[spell]
    from_day[spell[anchor]] = day[anchor]
    since = np.where(is_first, from_day[spell], np.append(begin, day[:-1])[: len(day)])
    since = np.where(np.append(False, anchor[:-1])[: len(day)], from_day[spell], since)
    spell, day, since = spell[~anchor], day[~anchor], since[~anchor]
    count = np.bincount(spell, minlength=len(spells))
    which = np.flatnonzero(kept & (count > 0))
    return Stretches(
        spells.stair[which],
        years(from_day[which] - spells.start[which]),
        np.concatenate([[0], np.cumsum(count[which])]),
        years(day - since),
        down[which],
        unrecorded[which],
        _felt(spells.child[spell], day, changes, months),
    )


def _felt(child: Ints, day: Days, changes: tuple[Ints, Days], months: float) -> np.ndarray:
    """Return [follow-up]: whether the child's caseworker changed in the `months` up to its day."""
    if not len(changes[0]) or not len(child):
        return np.zeros(len(child), bool)
    first = min(int(changes[1].astype(np.int64).min()), int(day.astype(np.int64).min()))
    wide = max(int(changes[1].astype(np.int64).max()), int(day.astype(np.int64).max())) - first + 1
    changed = changes[0] * wide + changes[1].astype(np.int64) - first
    at = child * wide + day.astype(np.int64) - first
    last = np.searchsorted(changed, at, "right") - 1
    same = (last >= 0) & (changes[0][last] == child)
    return np.asarray(same & ((at - changed[last]) < round(months * DAYS_A_YEAR / MONTHS)))


def _none() -> Stretches:
    i, f, b = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool)
    return Stretches(i, f, np.zeros(1, np.int64), f, b, b, b)
