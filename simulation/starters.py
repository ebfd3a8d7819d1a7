"""Starters: children who enter the model, each drawn in one compiled call, for the agents engine."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simulation import randomness as rn
from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import compiled
from simulation.layout import Rows
from simulation.newcomers import (
    arrival,
    counted_at_start,
    is_covered,
    next_to_number,
    row_of_next,
    starter,
    starting_price,
)
from simulation.tables import Tables

STARTER = np.dtype(
    [
        ("district", "i8"),
        ("stair", "i8"),
        ("birth", "i8"),  # month
        ("on_stair", "i8"),  # months
        ("since", "i8"),  # months
        ("ready", "?"),
        ("severity", "f8"),
        ("has_network", "?"),
        ("progress", "f8"),  # hours
        ("covered", "i8"),
        ("price", "f8"),  # DKK per month
    ]
)


class Starter(NamedTuple):
    """A child of the first day; the fields are those of `Child`."""

    district: int
    stair: int
    birth: int
    on_stair: int
    since: int
    ready: bool
    severity: float
    has_network: bool
    progress: float
    covered: int
    price: float


def starters(tables: Tables, seed: int, replicate: int) -> list[Starter]:
    """Return the children of the first day in order of number, which begins at 0."""
    districts = tables.districts.copy()
    n = _count(tables.table, districts, seed, replicate)
    drawn: Any = np.zeros(n, STARTER)
    _draw(tables.table, tables.start_age, tables.given, districts, seed, replicate, drawn)
    return [Starter(*row) for row in drawn.tolist()]


@compiled
def arriving(
    table: Rows, reach: float, seed: int, replicate: int, number: int, month: int, stair: int
) -> tuple[int, float, bool, int, float]:
    """Return (birth month, severity, has_network, covered, price) of a child newly at risk in `month`.

    It comes to `stair`, in a district of which a policy reaches a share `reach`.
    """
    birth, severity, has_network = arrival(table[0], seed, replicate, number, month)
    covered = int(is_covered(seed, replicate, number, reach))
    u_price = rn.uniform(seed, replicate, number, rn.UNDATED, rn.START_PRICE)
    return birth, severity, has_network, covered, rules.monthly_price(table[0], u_price, stair)


@compiled
def _count(table: Rows, districts: Rows, seed: int, replicate: int) -> int:
    """Count the children on each stair of each district; return how many there are in all."""
    n = 0
    for k in range(len(districts)):
        d = districts[k]
        for stair in range(table[0].n_stairs):
            d.starting[stair] = counted_at_start(table[0], d, seed, replicate, k, stair)
            d.left[stair] = d.starting[stair]
            n += d.starting[stair]
    return n


@compiled
def _draw(
    table: Rows,
    start_age: Floats,
    given: Rows,
    districts: Rows,
    seed: int,
    replicate: int,
    drawn: Rows,
) -> None:
    """Draw each child in order of number."""
    t = table[0]
    number = 0
    for k in range(len(districts)):
        d = districts[k]
        stair = next_to_number(d, t.n_stairs)
        while stair >= 0:
            row = row_of_next(d, stair)
            c = drawn[number]
            c.district = k
            c.stair = stair
            c.birth, c.on_stair, c.since, c.ready, c.severity, c.has_network, c.progress = starter(
                t, start_age, given, row, seed, replicate, number, stair
            )
            c.covered = is_covered(seed, replicate, number, d.reach)
            u_price = rn.uniform(seed, replicate, number, rn.UNDATED, rn.START_PRICE)
            c.price = starting_price(given, row, rules.monthly_price(t, u_price, stair))
            d.left[stair] -= 1
            number += 1
            stair = next_to_number(d, t.n_stairs)
