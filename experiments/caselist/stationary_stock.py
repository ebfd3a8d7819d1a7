"""The stock that constant rates settle into: expected children per stair, and by age."""

from __future__ import annotations

import numpy as np

from experiments.caselist.rates import Rates
from simulation.accounts import Floats

STEP = 0.25
"""Years of a step of age."""


def expected_stock(rates: Rates) -> Floats:
    """Return [draw, stair]: children in care in the long run; with growth, beside today's entries."""
    return np.asarray(expected_cells(rates).sum(axis=(2, 3)))


def expected_cells(rates: Rates) -> Floats:
    """Return [draw, stair, age, time on the stair]: children in care in the long run, by band.

    Each year of age gets its entrants and keeps who stays: the stock of age x is what is left at x of all
    who came younger. Steps of a quarter of a year, events at a constant rate within one; who comes in a
    step is counted from its middle, and may move once more in it. Where entries have grown, those who
    came earlier were so many fewer.
    """
    cells = rates.cells
    stays = round(cells.on_stair[-1] / STEP) + 1
    halves = [(np.arange(stays) + x) * STEP for x in (0.75, 1.25)]
    longer = [np.searchsorted(cells.on_stair, half, "right") - 1 for half in halves]
    d, n = rates.entries.shape[:2]
    here, stock = np.zeros((d, n, stays)), np.zeros((d, n, len(cells.ages), stays))
    fewer = np.exp(-STEP * rates.growth)[:, None, None]
    for step in range(round(cells.leave_age / STEP)):
        i = int(np.searchsorted(cells.ages, (step + 0.5) * STEP, "right")) - 1
        leave, move = (
            (x[:, :, i, longer[0]] + x[:, :, i, longer[1]]) / 2 for x in (rates.leave, rates.move)
        )
        new = rates.entries[:, :, i] / cells.widths[i]
        here, mean = _older(here, new, leave, move, rates.to[:, :, i])
        here *= fewer
        stock[:, :, i] += STEP * mean
    # who has stayed k steps is k to k + 1 steps on the stair
    band = np.searchsorted(cells.on_stair, (np.arange(stays) + 0.5) * STEP, "right") - 1
    return np.stack([stock[..., band == t].sum(axis=-1) for t in range(len(cells.on_stair))], axis=-1)


def _older(here: Floats, new: Floats, leave: Floats, move: Floats, to: Floats) -> tuple[Floats, Floats]:
    """Return [draw, stair, stay] per year of age: a step older, and the mean on the way."""
    total = leave + move
    gone = -np.expm1(-total * STEP)
    moved = (here * gone * move / np.maximum(total, 1e-12)).sum(axis=-1)
    came = _led(moved, to) + new * STEP
    first = total[..., 0]
    half = np.exp(-0.5 * STEP * first)
    again = _led(came * (1.0 - half) * move[..., 0] / np.maximum(first, 1e-12), to)
    kept = here * (1.0 - gone)
    after = np.zeros_like(kept)
    after[..., 1:] = kept[..., :-1]
    after[..., -1] += kept[..., -1]
    after[..., 0] += came * half + again
    mean = np.where(total > 0.0, gone / np.maximum(total * STEP, 1e-12), 1.0) * here
    mean[..., 0] += 0.5 * came * np.exp(-0.25 * STEP * first) + again / 3.0
    return after, mean


def _led(moved: Floats, to: Floats) -> Floats:
    """Return [draw, stair]: who comes by the moves [draw, stair] from each stair."""
    return np.asarray(np.einsum("ds,dst->dt", moved, to))
