"""Work done: follow-ups held, caseload, turnover and handovers, as a case list shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.caselist.reading import CaseList
from experiments.caselist.reading_extras import Cases, FollowUps, Workers
from experiments.caselist.spells import Days, Ints, Spells
from experiments.caselist.standing import day_after, in_window, years
from simulation.accounts import Floats

WINDOW = 3.0
"""Years back from the export that are counted."""
MONTHS = 12.0
QUARTERS = 4
"""Quarters in a year."""
SAME_WORKER = np.timedelta64(31, "D")
"""Who begins again so soon after an end did not leave (another full-time share, another contract)."""
SAME_CASE = np.timedelta64(183, "D")
"""A new caseworker so soon after the last one is a handover; later it is a new case."""
FEWEST = 0.5
"""Follow-ups a child and year on a stair below which they are taken not to be recorded there."""


@dataclass(frozen=True)
class Intervals:
    """Months between follow-ups on a stair, `first` ones from the move or later ones from the last.

    `held` intervals ended in a follow-up; `cut` did not: the stay ended first, or the last day known
    came. `median` (Kaplan and Meier) counts both; NaN where under half would have ended. `due` were due
    in the window by a stated date and `in_time` of them held by it.
    """

    stair: str
    first: bool
    held: int
    cut: int
    median: float
    due: int
    in_time: int


@dataclass(frozen=True)
class Caseload:
    """Open cases and full-time shares as a quarter ends."""

    day: np.datetime64
    cases: int
    fte: float

    @property
    def per_fte(self) -> float:
        """Cases per FTE."""
        return self.cases / self.fte


@dataclass(frozen=True)
class Counted:
    """Events over a time in years, such as caseworkers who left over worker-years."""

    events: int
    years: float

    @property
    def rate(self) -> float:
        """Events a year; NaN without any time."""
        return self.events / self.years if self.years > 0.0 else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The central 90 % of the rate: a gamma with Jeffreys' prior."""
        if self.years <= 0.0:
            return 0.0, float("inf")
        low, high = stats.gamma.ppf([0.05, 0.95], self.events + 0.5) / self.years
        return float(low), float(high)


@dataclass(frozen=True)
class WorkDone:
    """What was done in a window; None where the file for it is not there.

    `intervals` two for each stair with recorded follow-ups; `caseload` at the end of each quarter,
    oldest first; `turnover` caseworkers who left by worker-years; `handovers` by case-years.
    """

    intervals: tuple[Intervals, ...] | None
    caseload: tuple[Caseload, ...] | None
    turnover: Counted | None
    handovers: Counted | None

    @property
    def cases_per_fte(self) -> float | None:
        """Mean caseload of the quarters; None without a caseload."""
        return float(np.mean([c.per_fte for c in self.caseload])) if self.caseload else None


def work_done(cases: CaseList, window: float = WINDOW) -> WorkDone:
    """Return what was done in the last `window` years; ValueError where it is not positive."""
    if not window > 0.0:
        raise ValueError(f"window = {window:g} years: must be above 0; 3 is usual")
    begin = day_after(cases.spells.until, -window)
    return WorkDone(
        None if cases.follow_ups is None else intervals(cases.spells, cases.follow_ups, begin),
        None if cases.workers is None else caseloads(cases, cases.workers, window),
        None if cases.workers is None else turnover(cases.workers, begin, cases.spells.until),
        None if cases.cases is None else handovers(cases.cases, begin, cases.spells.until),
    )


# --- follow-ups ---------------------------------------------------------------------------------


def spell_of(spells: Spells, child: Ints, day: Days) -> Ints:
    """Return [row]: the spell that `day` lies in, after its start and up to its end; -1 for none.

    A follow-up on the day of a move belongs to the stair that the child left.
    """
    found = np.full(len(child), -1)
    if not len(spells):
        return found
    given = np.flatnonzero(~np.isnat(day))
    day = day[given]
    first, number = spells.start.astype(np.int64), day.astype(np.int64)
    earliest = min(int(first.min()), int(number.min(initial=first[0])))
    wide = int(spells.until.astype(np.int64)) - earliest + 2
    starts = spells.child * wide + first - earliest
    days = child[given] * wide + np.minimum(number - earliest, wide - 1)
    last = np.searchsorted(starts, days, "left") - 1
    there = (last >= 0) & (spells.child[last] == child[given]) & (day <= spells.last[last])
    found[given] = np.where(there, last, -1)
    return found


def recorded_from(follow_ups: FollowUps) -> np.datetime64 | None:
    """Return the day from which follow-ups were recorded: one held in a hundred lies before it."""
    held = np.sort(follow_ups.held[~np.isnat(follow_ups.held)])
    return np.datetime64(held[len(held) // 100]) if len(held) else None


def held_by_spell(spells: Spells, follow_ups: FollowUps, begin: np.datetime64) -> tuple[Ints, Days]:
    """Return the spell and the day of each follow-up held from `begin` on, sorted, one a day."""
    held = follow_ups.held
    found = spell_of(spells, follow_ups.child, held)
    kept = (found >= 0) & (held >= begin)
    pairs = np.unique(np.stack([found[kept], held[kept].astype(np.int64)]), axis=1)
    return pairs[0], pairs[1].astype("datetime64[D]")


def is_recorded(spells: Spells, spell: Ints, begin: np.datetime64) -> np.ndarray:
    """Return [stair]: whether follow-ups (by `spell`) are recorded, `FEWEST` a child-year or more."""
    time = years(spells.last - np.maximum(spells.start, begin))
    n = len(spells.stairs)
    exposure = np.bincount(spells.stair, np.maximum(time, 0.0), n)
    held = np.bincount(spells.stair[spell], minlength=n)
    return np.asarray((held > 0) & (held >= FEWEST * exposure))


def intervals(spells: Spells, follow_ups: FollowUps, begin: np.datetime64) -> tuple[Intervals, ...]:
    """Return the intervals on each stair from `begin`, or from where follow-ups are recorded, on."""
    recorded = recorded_from(follow_ups)
    if recorded is None:
        return ()
    begin = max(begin, recorded)
    spell, held = held_by_spell(spells, follow_ups, begin)
    first, later = _gaps(spells, spell, held, begin)
    due = _in_time(spells, follow_ups, begin)
    found = []
    for stair in np.flatnonzero(is_recorded(spells, spell, begin)):
        for is_first, (place, months, ended) in ((True, first), (False, later)):
            here = spells.stair[place] == stair
            n, in_time = due[int(is_first), :, stair]
            found.append(
                Intervals(
                    spells.stairs[stair], is_first, int(ended[here].sum()), int((~ended[here]).sum()),
                    median(months[here], ended[here]), int(n), int(in_time),
                )
            )  # fmt: skip
    return tuple(found)


_Gaps = tuple[Ints, Floats, np.ndarray]
"""Spell, months and whether a follow-up ended it, [gap] each."""


def _gaps(spells: Spells, spell: Ints, held: Days, begin: np.datetime64) -> tuple[_Gaps, _Gaps]:
    """Return first and later gaps: to a follow-up, or to the end of the spell or of what is known."""
    begun = np.flatnonzero(spells.start >= begin)
    opens = np.concatenate([begun, spell])
    from_day = np.concatenate([spells.start[begun], held])
    order = np.lexsort((from_day, opens))
    opens, from_day = opens[order], from_day[order]
    is_first = order < len(begun)
    followed = np.append(opens[1:] == opens[:-1], False)
    to_day = np.where(followed, np.append(from_day[1:], spells.until), spells.last[opens])
    months = years(to_day - from_day) * MONTHS
    kept = (months > 0.0) | followed
    return tuple(  # type: ignore[return-value]
        (opens[which], months[which], followed[which]) for which in (kept & is_first, kept & ~is_first)
    )


def median(months: Floats, ended: np.ndarray) -> float:
    """Return the median of times of which some were cut short (Kaplan and Meier 1958); NaN without."""
    if not ended.any():
        return float("nan")
    times, place = np.unique(months, return_inverse=True)
    at_risk = len(months) - np.concatenate([[0], np.cumsum(np.bincount(place))[:-1]])
    left = np.cumprod(1.0 - np.bincount(place, ended) / at_risk)
    reached = np.flatnonzero(left <= 0.5 + 1e-12)
    return float(times[reached[0]]) if len(reached) else float("nan")


def _in_time(spells: Spells, follow_ups: FollowUps, begin: np.datetime64) -> Ints:
    """Return [later or first, (due, held by then), stair]; due in the window and before its last day."""
    day = np.where(np.isnat(follow_ups.held), follow_ups.due, follow_ups.held)
    spell = spell_of(spells, follow_ups.child, day)
    which = (spell >= 0) & in_window(follow_ups.due, begin, spells.until)
    row = np.flatnonzero(spell >= 0)
    row = row[np.lexsort((day[row], spell[row]))]
    first = np.zeros(len(day), bool)
    first[row[np.append(True, spell[row][1:] != spell[row][:-1])[: len(row)]]] = True
    first[which] &= spells.start[spell[which]] >= begin
    in_time = which & (follow_ups.held <= follow_ups.due)
    found = np.zeros((2, 2, len(spells.stairs)), np.int64)
    for i, counted in enumerate((which, in_time)):
        np.add.at(found, (first[counted].astype(int), i, spells.stair[spell[counted]]), 1)
    return found


# --- caseworkers --------------------------------------------------------------------------------


def quarter_ends(until: np.datetime64, window: float) -> Days:
    """Return the days as which quarters ended and the next ones began in the last years, oldest first."""
    quarters = max(1, round(window * QUARTERS))
    month = until.astype("datetime64[M]").astype(int)
    first = month - month % 3
    return (first - 3 * np.arange(quarters)[::-1]).astype("datetime64[M]").astype("datetime64[D]")


def caseloads(cases: CaseList, workers: Workers, window: float) -> tuple[Caseload, ...]:
    """Return the caseload as each quarter of the last years ended, from where caseworkers are recorded.

    A case is a child of the file of cases or, without one, a child on a stair.
    """
    found = []
    listed = cases.cases or cases.spells
    ends = np.where(np.isnat(listed.end), cases.spells.until, listed.end)
    for day in quarter_ends(cases.spells.until, window):
        fte = float(workers.on(day).sum())
        there = (listed.start < day) & (ends >= day)
        n = len(np.unique(listed.child[there]))
        if fte > 0.0 and n > 0:
            found.append(Caseload(np.datetime64(day), n, fte))
    return tuple(found)


def turnover(workers: Workers, begin: np.datetime64, until: np.datetime64) -> Counted:
    """Return the caseworkers who left in [begin, until), and the worker-years there."""
    last = np.where(np.isnat(workers.end), until, np.minimum(workers.end, until))
    time = np.maximum(years(last - np.maximum(workers.start, begin)), 0.0)
    order = np.lexsort((last, workers.worker))
    worker, end, start = workers.worker[order], workers.end[order], workers.start
    left = 0
    for w, day in zip(worker, end, strict=True):
        if in_window(np.array([day]), begin, until)[0]:
            own = workers.worker == w
            goes_on = np.isnat(workers.end[own]) | (workers.end[own] > day)
            left += not (goes_on & (start[own] <= day + SAME_WORKER)).any()
    return Counted(int(left), float(time.sum()))


def handovers(cases: Cases, begin: np.datetime64, until: np.datetime64) -> Counted:
    """Return how often a case got another caseworker in [begin, until), and the case-years there."""
    last = np.where(np.isnat(cases.end), until, np.minimum(cases.end, until))
    time = np.maximum(years(last - np.maximum(cases.start, begin)), 0.0)
    _, day = changes_of_worker(cases, until)
    return Counted(int(in_window(day, begin, until).sum()), float(time.sum()))


def changes_of_worker(cases: Cases, until: np.datetime64) -> tuple[Ints, Days]:
    """Return the child and the day of each change of caseworker, sorted."""
    order = np.lexsort((cases.start, cases.child))
    child, worker, start = cases.child[order], cases.worker[order], cases.start[order]
    end = np.where(np.isnat(cases.end), until, cases.end)[order]
    other = (child[1:] == child[:-1]) & (worker[1:] != worker[:-1])
    other &= start[1:] - end[:-1] <= SAME_CASE
    return child[1:][other], start[1:][other]
