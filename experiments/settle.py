"""Settle: find the flows at which a scenario's counts of today hold, by simulation.

A municipality can count its children; nobody can count those newly at risk. This finds the inflow of each
district, the share of assessments that end in care and the odds of residential care at entry at which,
without a policy or posts that open later, the children helped at home, in care, and in residential care
stay as many as they are. The search starts from the scenario's own flows or from the closed form of
`simulation.settling`, what is nearer, and takes Gauss-Newton steps on simulated means, with the same luck
in every trial.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.flows import Flow, multiplied, nearest_start, rounded, unknown_flows
from simulation.accounts import Floats, Ledger, at_home, in_care, residential
from simulation.replicates import ledgers
from simulation.scenario import Scenario

FIRST, LAST = 12, 60
"""Months over which counts are to hold, on average, unless a longer time is asked for."""

CHILD_MONTHS, ROUGH = 6_000_000, 1_000_000
"""What one trial may cost: about a second; and one for a slope, or for the start of the search."""

UNCOUNTED = 2.0
"""Children at a time per child counted: the undetected, the assessed and closed cases come on top."""

FEWEST, MOST = 5, 2000
"""Histories of a trial, whatever it costs; with the same luck in every trial, few do for a slope."""

STEP = 0.15
"""Change of a logarithm when a slope is taken."""

LONGEST = 1.0
"""Largest change of a logarithm in one step."""

CLOSE = 0.02
"""Largest relative difference that counts as held."""

FAR = 0.2
"""A difference that is no chance, even in the few histories of a rough look."""

HELPFUL = 0.97
"""A step is taken where what is off falls to this share of before, or less."""

STEPS = 12
"""Steps at most. Where counts can be held, four or five do."""

SHORTEST = 1e-3
"""Change of a logarithm that is not worth a trial."""

IN_CARE, IN_RESIDENTIAL = "in care", "in residential care"
"""Counts of the whole municipality."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Settled:
    """A scenario with the flows at which its counts hold, or the nearest that were found."""

    scenario: Scenario
    today: dict[str, float]
    """Children by count: helped at home in each district, in care, in residential care."""
    mean: dict[str, float]
    """The same without a policy, mean of the months FIRST to `months` of all histories."""
    stairs: dict[str, tuple[float, float]]
    """Children on each stair, today and on average; not held one by one."""
    replicates: int
    seed: int
    started_right: bool
    """Whether the scenario's own flows hold the counts, so that they were kept."""
    months: int = LAST

    @property
    def off(self) -> dict[str, float]:
        """How far each count is off, as a share of today's (negative: too few)."""
        return {name: self.mean[name] / today - 1.0 for name, today in self.today.items()}

    @property
    def holds(self) -> bool:
        """Whether every count holds to CLOSE."""
        return all(abs(x) <= CLOSE for x in self.off.values())


def settle(
    scenario: Scenario, seed: int = 1, progress: Progress | None = None, months: int = LAST
) -> Settled:
    """Return the scenario with flows at which its counts hold, rounded, or the nearest found.

    They hold on average over the months FIRST to `months`. `progress` is called with (steps done, steps
    at most). Deterministic: the same scenario, seed and months give the same flows. Raises ValueError
    where nobody is helped at home or in care, so that there is nothing to hold, and for fewer than LAST
    months: the first ones still show what the first day is.
    """
    if months < LAST:
        raise ValueError(f"months = {months} must be at least {LAST} for counts to be held")
    counts = _Counts(scenario, seed, months)
    if counts.hold(scenario):
        return _settled(counts, scenario, started_right=True)
    base = nearest_start(scenario, lambda s: float(np.linalg.norm(counts.off(s, rough=True))))
    flows = unknown_flows(base)
    x = _search(counts, base, flows, progress or (lambda done, total: None))
    return _settled(counts, rounded(multiplied(base, flows, x)), started_right=False)


def _settled(counts: _Counts, s: Scenario, started_right: bool) -> Settled:
    found = counts.means(s)
    return Settled(
        scenario=s,
        today=counts.today,
        mean={name: found[name] for name in counts.today},
        stairs={key: (counts.on_stair[key], found[key]) for key in s.staircase.keys},
        replicates=counts.replicates,
        seed=counts.seed,
        started_right=started_right,
        months=counts.months,
    )


def _search(counts: _Counts, base: Scenario, flows: tuple[Flow, ...], progress: Progress) -> Floats:
    """Return the logarithms of factors on `flows` that bring the counts nearest to today's."""

    def off_at(x: Floats, rough: bool = False) -> Floats:
        return counts.off(multiplied(base, flows, x), rough)

    x = np.zeros(len(flows))
    off = off_at(x)
    slope, fresh = None, False
    for step in range(STEPS):
        progress(step, STEPS)
        if np.abs(off).max() <= CLOSE / 2 or not flows:
            break
        if slope is None:
            slope, fresh = _slopes(off_at, x, flows), True
        change = _bounded_step(slope, off, x, flows)
        better = _best(off_at, x, change, off)
        if better is None:
            if fresh:
                break
            slope = None
            continue
        moved = better[0] - x
        # Broyden: the slope that explains what this step did, otherwise as it was
        slope = slope + np.outer(better[1] - off - slope @ moved, moved) / (moved @ moved)
        x, off = better
        fresh = False
    progress(STEPS, STEPS)
    return x


def _slopes(off_at: Callable[[Floats, bool], Floats], x: Floats, flows: tuple[Flow, ...]) -> Floats:
    """Return [count, flow]: how each count answers to each flow; steps lead away from a near bound."""
    here, columns = off_at(x, True), []
    for i, flow in enumerate(flows):
        step = STEP if x[i] + STEP <= flow.high else -STEP
        there = x.copy()
        there[i] += step
        columns.append((off_at(there, True) - here) / step)
    return np.array(columns).T


def _bounded_step(slope: Floats, off: Floats, x: Floats, flows: tuple[Flow, ...]) -> Floats:
    """Return the change within the flows' bounds that by `slope` leaves the least off."""
    from scipy.optimize import lsq_linear

    low = np.array([max(flow.low - at, -LONGEST) for flow, at in zip(flows, x, strict=True)])
    high = np.array([min(flow.high - at, LONGEST) for flow, at in zip(flows, x, strict=True)])
    room = np.maximum(high - low, 1e-9)
    return np.asarray(lsq_linear(slope, -off, (low - 1e-9, low + room)).x)


def _best(
    off_at: Callable[[Floats, bool], Floats], x: Floats, change: Floats, off: Floats
) -> tuple[Floats, Floats] | None:
    """Return the longest of some steps along `change` that helps, or None."""
    if np.abs(change).max() < SHORTEST:
        return None
    for length in (1.0, 0.5, 0.2):
        there = off_at(x + length * change, False)
        if np.linalg.norm(there) <= HELPFUL * np.linalg.norm(off):
            return x + length * change, there
    return None


class _Counts:
    """What is to hold, and what a scenario's flows make of it. Districts are simulated one by one."""

    def __init__(self, s: Scenario, seed: int, months: int = LAST) -> None:
        stairs, self.seed, self.months = s.staircase, seed, months
        self.districts = [d.name for d in s.districts]
        start = {d.name: s.counted(d) for d in s.districts}
        self.on_stair = {k: float(sum(of.get(k, 0) for of in start.values())) for k in stairs.keys}
        homes = [k for i, k in enumerate(stairs.keys) if at_home(stairs, i)]
        placed = [k for i, k in enumerate(stairs.keys) if in_care(stairs, i)]
        heavy = [k for i, k in enumerate(stairs.keys) if residential(stairs, i)]
        counted = {
            helped(d.name): float(sum(start[d.name].get(k, 0) for k in homes)) for d in s.districts
        }
        counted[IN_CARE] = sum(self.on_stair[k] for k in placed)
        if heavy != placed:
            counted[IN_RESIDENTIAL] = sum(self.on_stair[k] for k in heavy)
        self.today = {name: n for name, n in counted.items() if n > 0}
        if not self.today:
            raise ValueError(
                f"scenario {s.name!r} has nobody helped at home or in care; there is nothing to settle: "
                "give today's counts under [districts.start]"
            )
        each = months * UNCOUNTED * sum(self.on_stair[k] for k in (*homes, *placed))
        self.replicates = int(np.clip(CHILD_MONTHS / each, FEWEST, MOST))
        self.rough_replicates = int(np.clip(ROUGH / each, FEWEST, MOST))
        self._known: dict[tuple[object, ...], dict[str, float]] = {}

    def means(self, s: Scenario, rough: bool = False) -> dict[str, float]:
        """Return children by count and by stair, means over histories and the months that count."""
        n = self.rough_replicates if rough else self.replicates
        parts = [self._of_district(s, i, n) for i in range(len(self.districts))]
        found = {helped(d): part["at home"] for d, part in zip(self.districts, parts, strict=True)}
        for name in (IN_CARE, IN_RESIDENTIAL, *s.staircase.keys):
            found[name] = math.fsum(part[name] for part in parts)
        return found

    def hold(self, s: Scenario) -> bool:
        """Return whether a scenario's flows hold the counts; a rough look first, as most are far off."""
        near = np.abs(self.off(s, rough=True)).max() <= FAR
        return bool(near and np.abs(self.off(s)).max() <= CLOSE / 2)

    def off(self, s: Scenario, rough: bool = False) -> Floats:
        """Return the logarithm of mean count / count of today, for each count; rough: fewer histories."""
        found = self.means(s, rough)
        return np.log([max(found[name], 1e-3) / today for name, today in self.today.items()])

    def _of_district(self, s: Scenario, i: int, n: int) -> Mapping[str, float]:
        c = s.children
        key = (i, n, s.districts[i].inflow, c.placed_after_assessment, *c.entry_share.items())
        if key not in self._known:
            books = ledgers(
                _as_today(s, self.months), seed=self.seed, replicates=n, district=self.districts[i]
            )
            self._known[key] = _means(Ledger(books[:, FIRST:], s.staircase))
        return self._known[key]


def _as_today(s: Scenario, months: int) -> Scenario:
    """Return the scenario over the months that count, without the posts that open later."""
    districts = tuple(d.model_copy(update={"later_posts": ()}) for d in s.districts)
    return s.model_copy(update={"months": months, "districts": districts})


def helped(district: str) -> str:
    """Return what the children helped at home in a district are called among the counts."""
    return f"helped at home, {district}"


def _means(book: Ledger) -> dict[str, float]:
    groups = {"at home": at_home, IN_CARE: in_care, IN_RESIDENTIAL: residential}
    found = {name: float(book.over("n_", group).mean()) for name, group in groups.items()}
    return {**found, **{key: float(book[f"n_{key}"].mean()) for key in book.staircase.keys}}
