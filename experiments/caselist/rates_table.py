"""The rates of a municipality next to the country's, cell by cell, without what may not be shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.caselist.counts import Cells, Counts, counted
from experiments.caselist.national import listed, national_rates
from experiments.caselist.own_numbers import OwnNumbers, own_numbers
from experiments.caselist.pooling import DRAWS, Pooled, pooled
from experiments.caselist.quality import SMALLEST, hidden, total_hidden
from experiments.caselist.rates import Rates
from experiments.caselist.reading import CaseList
from experiments.caselist.spells import Ints, Spells
from experiments.caselist.standing import day_after, joined, on_stairs
from experiments.caselist.work_done import WINDOW
from simulation.accounts import Floats
from simulation.scenario import Scenario

ENOUGH = 5.0
"""Events to be expected in an age band before it is shown by itself."""

KINDS = {"leave": "leave", "move": "move to another stair"}


@dataclass(frozen=True)
class RateLine:
    """One rate: of leaving or moving per child and year, or entries a year.

    `ages` is "" for all. `events`, `years`, `own` and `weight` are None where they may not be shown;
    `national`, `middle`, `low`, `high` are the country's rate, and mean and 90 % interval here. `weight`
    is the share of the result that is the municipality's own, 0 to 1.
    """

    kind: str
    stair: str
    ages: str
    events: int | None
    years: float | None
    own: float | None
    national: float
    middle: float
    low: float
    high: float
    weight: float | None


@dataclass(frozen=True)
class Part:
    """Rates of some stairs: those in care, or those before it. Only the stairs `shown` are for the page.

    `spells` are the case list's on stairs that it is about; for care those in care alone, so that to go
    home is to leave, and to come from home is to enter.
    """

    spells: Spells
    counts: Counts
    prior: Rates
    pooled: Pooled
    shown: tuple[str, ...]

    def lines(self, internal: bool) -> list[RateLine]:
        """Return the lines of leaving, moving, entering; small counts hidden unless `internal`."""
        found = []
        for kind in KINDS:
            found += self._events(kind, internal)
        return found + self._entries(internal)

    def _events(self, kind: str, internal: bool) -> list[RateLine]:
        c = self.counts
        events = (c.left if kind == "leave" else c.moved).sum(axis=2)
        expected, rates = self.pooled.expected[kind], getattr(self.pooled.rates, kind)
        national, weight = getattr(self.prior, kind)[0], self.pooled.weight[kind]
        hide = self._hidden(events, internal)
        found = []
        for s in np.flatnonzero(c.exposure.sum(axis=(1, 2)) > 0.0):
            if c.stairs[s] not in self.shown:
                continue
            bands = [a for a in range(events.shape[1]) if expected[s, a] >= ENOUGH]
            single = [[a] for a in bands] if len(bands) > 1 else []
            hide_ages = _within(events[s], hide[s], internal)
            for chosen in [list(range(events.shape[1])), *single]:
                whole = len(chosen) == events.shape[1]
                years = c.exposure[s, chosen]
                draws = (rates[:, s, chosen] * years).sum(axis=(1, 2)) / years.sum()
                hid = hide[s] if whole else hide_ages[chosen[0]]
                n = int(events[s, chosen].sum())
                share = float(np.average(weight[s, chosen], weights=expected[s, chosen] + 1e-12))
                where = (kind, c.stairs[s], "" if whole else _ages(c.cells, chosen[0]))
                country = float((national[s, chosen] * years).sum() / years.sum())
                found.append(_line(where, hid, n, float(years.sum()), draws, country, share))
        return found

    def _hidden(self, events: Ints, internal: bool) -> list[bool]:
        """Return [stair]: whether counts there are hidden: few events, few children, or complementary."""
        if internal:
            return [False] * len(events)
        few = self._children() < SMALLEST
        totals = events.sum(axis=1)
        counts = np.where(few & (totals > 0), np.minimum(totals, SMALLEST - 1), totals)
        hide = np.array(hidden(counts.tolist())) | few
        return list(hide | (total_hidden(counts.tolist()) & (totals > 0)))

    def _children(self) -> Ints:
        """Return [stair]: children who were there in the window."""
        begin = day_after(self.spells.until, -self.counts.years)
        there = self.spells.last > begin
        pairs = np.unique(np.stack([self.spells.stair[there], self.spells.child[there]]), axis=1)
        return np.bincount(pairs[0], minlength=len(self.spells.stairs))

    def _entries(self, internal: bool) -> list[RateLine]:
        """Return entries a year by stair and, where all stairs are shown, by age over all of them."""
        c, rates, weight = self.counts, self.pooled.rates.entries, self.pooled.weight["entries"]
        national = self.prior.entries[0]
        by_stair, by_age = c.entered.sum(axis=1), c.entered.sum(axis=0)
        found = []
        whole = self.shown == c.stairs
        for counts, axis in ((by_stair, 1), (by_age, 0))[: 1 + whole]:
            hide = [False] * len(counts) if internal else hidden(counts.tolist())
            hide = [h or (not internal and total_hidden(counts.tolist())) for h in hide]
            mean = rates.mean(axis=0)
            share = (weight * mean).sum(axis=axis) / np.maximum(mean.sum(axis=axis), 1e-12)
            for i, n in enumerate(counts):
                if axis == 1 and c.stairs[i] not in self.shown:
                    continue
                stair = c.stairs[i] if axis == 1 else ""
                ages = "" if axis == 1 else _ages(c.cells, i)
                draws, country = rates.sum(axis=axis + 1)[:, i], float(national.sum(axis=axis)[i])
                found.append(
                    _line(
                        ("enter", stair, ages), hide[i], int(n), c.years, draws, country, float(share[i])
                    )
                )
        return found


@dataclass(frozen=True)
class OwnRates:
    """A municipality's own rates: those in care, those before it (None without), and its own numbers."""

    care: Part
    before: Part | None
    numbers: OwnNumbers

    @property
    def parts(self) -> tuple[Part, ...]:
        """Care first, then what comes before it."""
        return (self.care,) if self.before is None else (self.care, self.before)


def own_rates(
    cases: CaseList,
    scenario: Scenario,
    rng: np.random.Generator,
    *,
    window: float = WINDOW,
    cells: Cells | None = None,
    draws: int = DRAWS,
) -> OwnRates:
    """Return the own rates from the last `window` years of a case list.

    The country's rates are `national_rates`, with entries that hold as many in care as there are here.
    Raises ValueError where nobody of the list is in care, or the window is not positive.
    """
    cells = cells or Cells(tuple(map(float, scenario.age_bands)), leave_age=float(scenario.leave_age))
    spells = listed(joined(cases.spells), scenario.staircase)
    in_care = {x.key for x in scenario.staircase if x.in_care}
    care = tuple(key for key in spells.stairs if key in in_care)
    others = tuple(key for key in spells.stairs if key not in in_care)
    if not care:
        raise ValueError("the case list has no stair in care; there are no rates of care to count")
    numbers = own_numbers(cases, scenario, rng, window=window)
    part = _part(on_stairs(spells, care), scenario, cells, window, rng, draws, care)
    if not others:
        return OwnRates(part, None, numbers)
    return OwnRates(part, _part(spells, scenario, cells, window, rng, draws, others), numbers)


def _part(
    spells: Spells,
    scenario: Scenario,
    cells: Cells,
    window: float,
    rng: np.random.Generator,
    draws: int,
    shown: tuple[str, ...],
) -> Part:
    counts = counted(spells, cells, window)
    in_care = [scenario.staircase[scenario.staircase.index(key)].in_care for key in spells.stairs]
    children = float(counts.exposure[in_care].sum() / counts.years)
    prior = national_rates(scenario.staircase, cells, spells.stairs, children)
    return Part(spells, counts, prior, pooled(counts, prior, rng, draws), shown)


def _within(events: Ints, total_hid: bool, internal: bool) -> list[bool]:
    """Return [age]: whether a count within a stair is hidden, given whether its total is."""
    if internal:
        return [False] * len(events)
    if total_hid:
        return [True] * len(events)
    counts = events.tolist()
    return [h or total_hidden(counts) for h in hidden(counts)]


def _line(
    where: tuple[str, str, str],
    hid: bool,
    events: int,
    years: float,
    draws: Floats,
    national: float,
    weight: float,
) -> RateLine:
    low, high = np.quantile(draws, [0.05, 0.95])
    return RateLine(
        *where,
        None if hid else events,
        None if hid else years,
        None if hid else events / years,
        national,
        float(draws.mean()),
        float(low),
        float(high),
        None if hid else weight,
    )


def _ages(cells: Cells, band: int) -> str:
    """Return an age band in words, such as "4-11"."""
    edges = [*cells.ages, cells.leave_age]
    return f"{edges[band]:g}-{edges[band + 1] - 1:g}"
