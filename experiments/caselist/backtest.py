"""Back-test: the forecast made again from earlier days, with what was known then, against what came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from experiments.caselist.forecast import Forecast, forecast, no_change, plain_markov
from experiments.caselist.pooling import DRAWS
from experiments.caselist.rates import Rates
from experiments.caselist.spells import Spells
from experiments.caselist.standing import day_after, known_at, standing
from simulation.accounts import Floats

OURS, MARKOV, NO_CHANGE = "partially pooled", "pooled Markov", "no change"

_Method = Callable[[], Forecast]


@dataclass(frozen=True)
class BackTest:
    """One forecast made `ahead` years before the export, and what came: [stair and last the total]."""

    method: str
    ahead: float
    forecast: Floats
    low: Floats
    high: Floats
    came: Floats

    @property
    def error(self) -> Floats:
        """Children too many (negative: too few) in the forecast."""
        return self.forecast - self.came

    @property
    def covered(self) -> np.ndarray:
        """Whether the 90 % interval held what came; that of no change is a point."""
        return np.asarray((self.low <= self.came) & (self.came <= self.high))


def back_tests(
    spells: Spells,
    prior: Rates,
    window: float,
    rng: np.random.Generator,
    aheads: tuple[float, ...] = (1.0, 3.0),
    draws: int = DRAWS,
) -> list[BackTest]:
    """Return the back-tests of all methods from so many years before the export.

    A day from which the case list does not reach back a whole `window` is left out.
    """
    found = []
    now = standing(spells, spells.until).per_stair(len(spells.stairs))
    came = np.append(now, now.sum()).astype(float)
    for ahead in aheads:
        day = day_after(spells.until, -ahead)
        if not len(spells) or day_after(day, -window) < spells.start.min():
            continue
        for method, made in _made(known_at(spells, day), prior, window, ahead, rng, draws).items():
            f = made()
            low, high = f.interval[:, 0]
            found.append(BackTest(method, ahead, f.middle[0], low, high, came))
    return found


def _made(
    known: Spells, prior: Rates, window: float, ahead: float, rng: np.random.Generator, draws: int
) -> dict[str, _Method]:
    """Return each method's forecast of one day, to be made."""
    return {
        OURS: lambda: forecast(known, prior, window, (ahead,), rng, draws),
        MARKOV: lambda: plain_markov(known, window, (ahead,), rng, draws),
        NO_CHANGE: lambda: no_change(known, (ahead,)),
    }
