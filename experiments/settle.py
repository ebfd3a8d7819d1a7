"""Settle: find the flows at which a scenario's counts of today hold, by simulation.

A municipality can count its children; nobody can count those newly at risk. This finds the inflow of each
district, the share of assessments that end in care and the odds of residential care at entry at which,
without a policy, the children helped at home, in care, and in residential care stay as many as they are.
The search starts from the closed form of `simulation.settling` and takes Newton steps on simulated means,
with the same luck in every trial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.accounts import Floats, Ledger, at_home, in_care, residential
from simulation.replicates import ledgers
from simulation.scenario import Scenario
from simulation.tables import entry_shares

FIRST, LAST = 12, 60
"""Months over which counts are to hold, on average."""

CHILD_MONTHS = 2_000_000
"""What one trial may cost: some tenths of a second."""

STEP = 0.15
"""Change of a logarithm in a trial step."""

CLOSE = 0.02
"""Largest relative difference that counts as held."""


@dataclass(frozen=True)
class Settled:
    """A scenario whose counts hold, and how far they are off, as shares (negative: too few)."""

    scenario: Scenario
    off: dict[str, float]

    @property
    def holds(self) -> bool:
        """Whether every count holds to CLOSE."""
        return all(abs(x) <= CLOSE for x in self.off.values())


def settle(scenario: Scenario, steps: int = 5, seed: int = 1) -> Settled:
    """Return the scenario with flows at which its counts hold, by up to `steps` Newton steps.

    Raises ValueError where nobody is helped at home or in care, so that there is nothing to hold.
    """
    trial = _Trial(scenario, seed)
    x = np.zeros(len(trial.unknowns))
    off = trial.off(x)
    for _ in range(steps):
        if np.abs(off).max() <= CLOSE / 2:
            break
        slope = np.array([(trial.off(x + STEP * e) - off) / STEP for e in np.eye(len(x))]).T
        change = np.clip(np.linalg.lstsq(slope, -off, rcond=1e-3)[0], -1.0, 1.0)
        better = _best(trial, x, change, off)
        if better is None:
            break
        x, off = better
    return Settled(trial.at(x), dict(zip(trial.names, map(float, np.expm1(off)), strict=True)))


def _best(trial: _Trial, x: Floats, change: Floats, off: Floats) -> tuple[Floats, Floats] | None:
    """Return the longest of some steps along `change` that brings the counts nearer, or None."""
    for length in (1.0, 0.5, 0.25, 0.1):
        there = trial.off(x + length * change)
        if np.abs(there).max() < np.abs(off).max():
            return x + length * change, there
    return None


class _Trial:
    """The scenario at changed flows; unknowns are logarithms of factors."""

    def __init__(self, s: Scenario, seed: int) -> None:
        self.s = s.model_copy(update={"months": LAST})
        self.original, self.seed = s, seed
        self.districts = [d.name for d in s.districts]
        keys = s.staircase.keys
        self.groups = {
            "in care": [i for i in range(len(keys)) if in_care(s.staircase, i)],
            "in residential care": [i for i in range(len(keys)) if residential(s.staircase, i)],
        }
        homes = [i for i in range(len(keys)) if at_home(s.staircase, i)]
        self.start: dict[str, float] = {}
        for d in s.districts:
            self.start[f"helped at home, {d.name}"] = sum(d.start.get(keys[i], 0) for i in homes)
        for name, group in self.groups.items():
            self.start[name] = sum(d.start.get(keys[i], 0) for d in s.districts for i in group)
        self.names = [name for name, n in self.start.items() if n > 0]
        if not self.names:
            raise ValueError(f"scenario {s.name!r} has nobody on any stair; there is nothing to settle")
        self.unknowns = [*self.districts, "placed", "odds"]
        cases = sum(sum(d.start.values()) + 2.0 * d.inflow for d in s.districts)
        self.replicates = int(np.clip(CHILD_MONTHS / (LAST * max(cases, 1.0)), 20, 2000))

    def at(self, x: Floats, s: Scenario | None = None) -> Scenario:
        """Return the scenario with flows changed by exp(x)."""
        s = s or self.original
        factors = np.exp(x)
        districts = tuple(
            d.model_copy(update={"inflow": d.inflow * f})
            for d, f in zip(s.districts, factors, strict=False)
        )
        c, keys = s.children, s.staircase.keys
        placed = min(1.0 - c.closed_after_assessment, c.placed_after_assessment * factors[-2])
        shares = entry_shares(s, float(factors[-1]))
        entry = {key: tuple(map(float, shares[:, keys.index(key)])) for key in c.entry_share}
        children = c.model_copy(update={"placed_after_assessment": placed, "entry_share": entry})
        return s.model_copy(update={"districts": districts, "children": children})

    def off(self, x: Floats) -> Floats:
        """Return the logarithm of mean count / count of today, for each count."""
        changed = self.at(x, self.s)
        books = {
            d: Ledger(
                ledgers(changed, seed=self.seed, replicates=self.replicates, district=d), self.s.staircase
            )
            for d in self.districts
        }
        found = {f"helped at home, {d}": _mean(b.over("n_", at_home)) for d, b in books.items()}
        found["in care"] = sum(_mean(b.over("n_", in_care)) for b in books.values())
        found["in residential care"] = sum(_mean(b.over("n_", residential)) for b in books.values())
        return np.log([max(found[name], 1e-3) / self.start[name] for name in self.names])


def _mean(counts: Floats) -> float:
    return float(counts[:, FIRST:].mean())
