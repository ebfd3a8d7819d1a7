"""How the cost of a month grows with the number of cases: one municipality, scaled from 57 to 70,000."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np

from simulation.kernel import run_replicates, work_space
from simulation.layout import WORLD
from simulation.ledger import column_names
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.tables import build_tables

FACTORS = (0.1, 1.0, 10.0, 120.0)
"""Of the average municipality: some 57, 570, 5,700 and 68,000 cases."""

MONTHS = 24


def scaled(factor: float) -> Scenario:
    """Return the average municipality with `factor` times its children, inflow, places and posts."""
    data = find_scenario("denmark").model_dump(mode="json")
    district = data["districts"][0]
    district["inflow"] *= factor
    for counts in ("start", "places"):
        district[counts] = {
            key: None if n is None else round(n * factor) for key, n in district[counts].items()
        }
    fte = sum(district["caseworkers"]) * factor
    district["caseworkers"] = [1.0] * int(fte) if fte >= 1 else [fte]
    return Scenario.model_validate({**data, "policies": {}, "months": MONTHS})


def seconds_per_month(factor: float) -> tuple[float, float]:
    """Return (open cases, seconds per month simulated) at a factor, the fastest of three rounds."""
    s = scaled(factor)
    tables, columns = build_tables(s), column_names(s.staircase)
    replicates = max(1, int(60 / factor))
    books = np.zeros((replicates, MONTHS, len(columns)))
    space, world = work_space(tables, int(4000 * factor + 500)), np.zeros(1, WORLD)
    times = []
    for _ in range(3):
        began = time.perf_counter()
        assert run_replicates(tables, space, world, 0, books) == replicates
        times.append(time.perf_counter() - began)
    return books[:, :, columns.index("n_cases")].mean(), min(times) / replicates / MONTHS


def exponents() -> list[str]:
    """Return the power with which the cost grows from each size to the next, and over all."""
    sizes = [seconds_per_month(factor) for factor in FACTORS]
    steps = [*pairwise(sizes), (sizes[0], sizes[-1])]
    return [
        f"{a[0]:,.0f} to {b[0]:,.0f} cases: {np.log(b[1] / a[1]) / np.log(b[0] / a[0]):.2f}"
        for a, b in steps
    ]
