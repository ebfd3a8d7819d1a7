"""How long a case list takes: reading it, learning its rates, a forecast of a year with its cost.

`python -m benchmarks.caselist_speed` prints the seconds for 460 and for 14,000 children in care, five
years of spells each, made up by `experiments.caselist.synthetic` and written as csv with prices.
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from experiments.caselist.forecast import forecast
from experiments.caselist.national import in_care, listed
from experiments.caselist.outlook import WINDOW, prior_of
from experiments.caselist.prices import prices_of
from experiments.caselist.reading import LEAVE_AGE, read_case_list
from experiments.caselist.standing import known_at
from experiments.caselist.synthetic import FIRST_DAY, history
from simulation.staircase import DEFAULT_STAIRCASE

SMALL, LARGE = 460, 14_000
ROUNDS = 4


def write_list(folder: Path, children: int) -> date:
    """Write a case list of so many children in care; return the day of its export."""
    made = history(1, children=children)
    s = known_at(made.spells, made.forecast_day)
    kept = np.isnat(s.end) | (s.end >= FIRST_DAY)
    rows = ["child_id;stair;start_date;end_date;birth_date;unit_price;price_unit"]
    rows += [
        f"B{child};{s.stairs[stair]};{start};{'' if np.isnat(end) else end};{s.birth[child]};40000;month"
        for child, stair, start, end in zip(
            s.child[kept], s.stair[kept], s.start[kept], s.end[kept], strict=True
        )
    ]
    (folder / "spells.csv").write_text("\n".join(rows) + "\n", "utf-8")
    day: date = made.forecast_day.item()
    return day


def look_ahead(folder: Path, until: date) -> float:
    """Return the cost of the year to come, DKK, from the files of a folder."""
    cases = read_case_list(folder, until=until)
    spells = listed(cases.spells, DEFAULT_STAIRCASE)
    prior = prior_of(spells, DEFAULT_STAIRCASE, LEAVE_AGE)
    rng = np.random.Generator(np.random.PCG64(1))
    made = forecast(spells, prior, WINDOW, (1.0,), rng, in_care=in_care(DEFAULT_STAIRCASE, spells.stairs))
    prices = prices_of(cases).last_year
    return float(made.cost(np.array([prices[key] or np.nan for key in spells.stairs])).mean())


def seconds(children: int) -> float:
    """Return the shortest time of several rounds, the first one, which compiles, left out."""
    times = []
    with tempfile.TemporaryDirectory() as name:
        until = write_list(Path(name), children)
        for _ in range(1 + ROUNDS):
            began = time.perf_counter()
            look_ahead(Path(name), until)
            times.append(time.perf_counter() - began)
    return min(times[1:])


if __name__ == "__main__":
    for n in (SMALL, LARGE):
        print(f"{n} children in care: {seconds(n):.2f} s")
