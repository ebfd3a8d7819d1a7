"""Rates of entering, leaving and moving in care, one set or many draws of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from experiments.caselist.counts import Cells, Counts
from simulation.accounts import Floats


@dataclass(frozen=True)
class Rates:
    """Rates per year, [draw, ...] each; one draw where they are known.

    `entries` [draw, stair, age] children a year; `leave` and `move` [draw, stair, age, time on the stair]
    per child and year; `to` [draw, stair, age, stair] where moves lead, summing to 1. Who reaches
    `cells.leave_age` leaves besides. `growth` [draw]: by how much the logarithm of `entries`, which are
    those of today, grows in a year; 0 where it is not given.
    """

    stairs: tuple[str, ...]
    cells: Cells
    entries: Floats
    leave: Floats
    move: Floats
    to: Floats
    growth: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Raise ValueError where shapes do not fit, a rate is negative or moves do not sum to 1."""
        d, n = len(self.entries), len(self.stairs)
        a, t = len(self.cells.ages), len(self.cells.on_stair)
        shapes = {"entries": (d, n, a), "leave": (d, n, a, t), "move": (d, n, a, t), "to": (d, n, a, n)}
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value.shape != shape:
                raise ValueError(f"{name} has the shape {value.shape}; {shape} is needed")
            if not np.all(np.isfinite(value) & (value >= 0.0)):
                raise ValueError(f"{name}: every rate must be a number of 0 or more")
        if not self.growth.size:
            object.__setattr__(self, "growth", np.zeros(d))
        if self.growth.shape != (d,) or not np.isfinite(self.growth).all():
            raise ValueError("growth: one finite number is needed for each draw")
        if not np.allclose(self.to.sum(axis=-1), 1.0):
            raise ValueError("to: where moves lead must sum to 1 for each stair and age band")

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.entries)


def counted_rates(counts: Counts) -> Rates:
    """Return events / exposure per cell, 0 where there is none: no pooling, no uncertainty."""
    exposure = np.where(counts.exposure > 0.0, counts.exposure, np.inf)
    n = len(counts.stairs)
    to = counts.to + 1e-9 * (1.0 - np.eye(n))[:, None, :] + (1e-9 if n == 1 else 0.0)
    return Rates(
        counts.stairs,
        counts.cells,
        counts.entered[None] / counts.years,
        (counts.left / exposure)[None],
        (counts.moved / exposure)[None],
        (to / to.sum(axis=-1, keepdims=True))[None],
    )
