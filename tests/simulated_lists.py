"""Case lists of simulated municipalities, as their own export would show them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np

from experiments.caselist.reading import CaseList
from experiments.caselist.reading_extras import Cases, FollowUps, Workers
from experiments.caselist.spells import OPEN, Spells
from simulation.ledger import Event
from simulation.model import PlacementModel
from simulation.scenario import Scenario
from simulation.spells import MOVES

HELD_ON = np.timedelta64(0, "D")
"""Follow-ups are held as a month begins; moves count from the next month on, as in the model."""

GOES_ON = 10**6
"""The month in which what has not ended ends."""


class Recorded:
    """A model run month by month, with what the event log does not hold."""

    def __init__(self, s: Scenario, seed: int, replicate: int, months: int) -> None:
        self.model = model = PlacementModel(s, rng=seed, replicate=replicate)
        self.began = {c.number: -c.on_stair for c in model.children}
        self.born: dict[int, int] = {}
        self.cases: list[tuple[int, int, int]] = []
        self.workers: list[tuple[int, float, int]] = []
        holder = {w.number: w.number for w in model.caseworkers}
        new, was = len(holder), {w.number: w.in_post for w in model.caseworkers}
        for month in range(months):
            self.born |= {c.number: c.birth for c in model.children}
            model.step()
            for w in model.caseworkers:
                if w.in_post < 0 <= was[w.number]:
                    holder[w.number], new = new, new + 1
                was[w.number] = w.in_post
                if w.in_post >= 0:
                    self.workers.append((holder[w.number], w.fte, month))
            self.cases += [
                (c.number, holder[c.caseworker.number], month) for c in model.children if c.caseworker
            ]
        self.born |= {c.number: c.birth for c in model.children}
        self.events = model.datacollector.get_table_dataframe("events")
        model.release()


def simulated(s: Scenario, seed: int, replicate: int = 0, months: int | None = None) -> CaseList:
    """Return the case list of a municipality simulated from its first day on, with all its files."""
    months = months or s.months
    run = Recorded(s, seed, replicate, months)
    first = np.datetime64(s.start, "M")
    rows = spell_rows(run, s)
    children = sorted({r[0] for r in rows})
    number = {c: i for i, c in enumerate(children)}
    stairs = tuple(x.key for x in s.staircase if x.is_case)
    spells = Spells(
        stairs,
        np.array([number[r[0]] for r in rows]),
        np.array([stairs.index(r[1]) for r in rows]),
        days(first, [r[2] for r in rows]),
        days(first, [r[3] for r in rows]),
        days(first, [run.born[c] for c in children]),
        days(first, [months])[0],
    )
    held = run.events[run.events["event"] == Event.FOLLOW_UP.name]
    held = held[held["child"].isin(children)]
    on = days(first, held["month"]) + HELD_ON
    follow_ups = FollowUps(np.array([number[c] for c in held["child"]]), np.full(len(on), OPEN), on)
    child, worker, begin, end = zip(*runs((c, w, m) for c, w, m in run.cases if c in number), strict=True)
    cases = Cases(
        np.array([number[c] for c in child]), np.array(worker), days(first, begin),
        days(first, [e if e < months else GOES_ON for e in end]),
    )  # fmt: skip
    worker, fte, begin, end = zip(*runs(run.workers), strict=True)
    workers = Workers(
        np.array(worker), np.array(fte), days(first, begin),
        days(first, [e if e < months else GOES_ON for e in end]),
    )  # fmt: skip
    n = len(rows)
    return CaseList(spells, (), np.full(n, -1), np.full(n, np.nan), follow_ups, cases, workers, ())


def spell_rows(run: Recorded, s: Scenario) -> list[tuple[int, str, int, int]]:
    """Return (child, stair, first month, month after the last), sorted, of cases."""
    stairs = [x.key for x in s.staircase if x.is_case]
    moves = run.events[run.events["event"].isin(MOVES)].sort_values(["child", "month"], kind="stable")
    following = moves.groupby("child").shift(-1)
    rows = []
    for child, event, to, month, end in zip(
        moves["child"], moves["event"], moves["to"], moves["month"], following["month"], strict=True
    ):
        begin = run.began[child] if event == Event.START.name else int(month) + 1
        stop = GOES_ON if np.isnan(end) else int(end) + 1
        if to in stairs and stop != begin:
            rows.append((int(child), str(to), begin, stop))
    return sorted(rows, key=lambda r: (r[0], r[2]))


def runs(months: Iterable[tuple[int, Hashable, int]]) -> list[tuple[int, object, int, int]]:
    """Return (who, what, first month, month after the last) from (who, what, month)."""
    found: list[tuple[int, object, int, int]] = []
    for who, what, month in sorted(months, key=lambda x: (x[0], x[2])):
        if found and found[-1][:2] == (who, what) and found[-1][3] == month:
            found[-1] = (*found[-1][:3], month + 1)
        else:
            found.append((who, what, month, month + 1))
    return found


def days(first: np.datetime64, months: Iterable[int]) -> np.ndarray:
    """Return the first days of months; of `GOES_ON` that of what has no end."""
    found = np.array(list(months), dtype=np.int64)
    at = (first + np.where(found == GOES_ON, 0, found)).astype("datetime64[D]")
    return np.where(found == GOES_ON, OPEN, at)
