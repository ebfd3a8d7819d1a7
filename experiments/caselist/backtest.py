"""Back-test: the forecast made again from earlier days, with what was known then, against what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.caselist.forecast import Forecast, forecast, no_change, plain_markov
from experiments.caselist.pooling import DRAWS
from experiments.caselist.rates import Rates
from experiments.caselist.spells import Spells
from experiments.caselist.standing import day_after, known_at, standing
from simulation.accounts import Floats

OURS, MARKOV, NO_CHANGE = "partially pooled", "pooled Markov", "no change"
SIMULATION = "simulation"
"""The baseline of the simulation (`simulated`)."""

METHODS = (OURS, MARKOV, NO_CHANGE, SIMULATION)

LONGEST_GAP = 60
"""Days before the first end of a spell in which none may have ended by chance."""


@dataclass(frozen=True)
class BackTest:
    """One forecast made `ahead` years before the export, and what came.

    Arrays are [stair and last the total in care], as `stairs` and `in_care` [stair] say. `stood` were
    there when it was made.
    """

    method: str
    ahead: float
    stairs: tuple[str, ...]
    in_care: np.ndarray
    forecast: Floats
    low: Floats
    high: Floats
    came: Floats
    stood: Floats

    @property
    def error(self) -> Floats:
        """Children too many (negative: too few) in the forecast."""
        return self.forecast - self.came

    @property
    def covered(self) -> np.ndarray:
        """Whether the 90 % interval held what came; that of no change is a point."""
        return np.asarray((self.low <= self.came) & (self.came <= self.high))


@dataclass(frozen=True)
class Skipped:
    """A look back that was not made, and why, as a sentence."""

    ahead: float
    why: str


@dataclass(frozen=True)
class BackTests:
    """The back-tests that were made, by years ahead and method, and those that were not."""

    made: tuple[BackTest, ...]
    skipped: tuple[Skipped, ...]


def first_complete(spells: Spells) -> np.datetime64:
    """Return the first day from which a case list seems complete: by the ends of its spells.

    The first end, less the usual time between two, at most `LONGEST_GAP` days: ends come now and then.
    Starts say nothing: who has been in care for ten years is in a list of the last two. A list in which
    nothing has ended is complete on its last day alone.
    """
    ends = np.unique(spells.end[~np.isnat(spells.end)])
    if len(ends) < 2:
        return spells.until if not len(ends) else ends[0]
    gap = int((ends[-1] - ends[0]).astype(np.int64)) // (len(ends) - 1)
    return ends[0] - np.timedelta64(min(gap, LONGEST_GAP), "D")


def back_tests(
    spells: Spells,
    prior: Rates,
    window: float,
    rng: np.random.Generator,
    aheads: tuple[float, ...] = (1.0, 3.0),
    draws: int = DRAWS,
    in_care: np.ndarray | None = None,
    complete_from: np.datetime64 | None = None,
) -> BackTests:
    """Return the back-tests of all methods from so many years before the export.

    `complete_from`: the first day from which the list holds every spell; `first_complete` if None. A look
    back that would need what was before that day is skipped. `in_care` [stair] as in `forecast`.
    """
    complete = first_complete(spells) if complete_from is None else complete_from
    made: list[BackTest] = []
    skipped: list[Skipped] = []
    for ahead in aheads:
        day = day_after(spells.until, -ahead)
        reach = day_after(day, -window)
        if reach < complete:
            skipped.append(Skipped(ahead, _too_short(ahead, window, reach, complete)))
            continue
        known = known_at(spells, day)
        methods: dict[str, Forecast] = {
            OURS: forecast(known, prior, window, (ahead,), rng, draws, in_care),
            MARKOV: plain_markov(known, window, (ahead,), rng, draws, in_care),
            NO_CHANGE: no_change(known, (ahead,), in_care),
        }
        made += [scored(spells, day, method, ahead, f) for method, f in methods.items()]
    return BackTests(tuple(made), tuple(skipped))


def _too_short(ahead: float, window: float, reach: np.datetime64, complete: np.datetime64) -> str:
    return (
        f"{ahead:g} year{'' if ahead == 1.0 else 's'} back: not tested, the list is too short. The "
        f"forecast of then needs what happened from {reach} on ({12.0 * window:.0f} months); the list "
        f"seems complete from {complete}."
    )


def scored(spells: Spells, day: np.datetime64, method: str, ahead: float, made: Forecast) -> BackTest:
    """Return a forecast made on `day` beside who was there then and who came to be there."""

    def children(on: np.datetime64) -> Floats:
        n = standing(spells, on).per_stair(len(spells.stairs))
        return np.append(n, n[made.in_care].sum()).astype(float)

    low, high = made.interval[:, 0]
    came, stood = children(spells.until), children(day)
    return BackTest(method, ahead, made.stairs, made.in_care, made.middle[0], low, high, came, stood)
