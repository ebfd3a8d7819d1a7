"""How long the country takes: seconds and memory, and how they grow with the number of cases.

`python -m benchmarks.country` times municipalities and groups of them from some 50 cases to the whole
country, enlarged to 70,000 cases, 10 years with and without a policy, and fits the power of cases by
which processor time grows. `python -m benchmarks.country 100` also times 100 histories of all of it.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from experiments.country.balance import in_balance
from experiments.country.facts import municipalities, places_of
from experiments.country.run import BLOCK, Plan, run
from experiments.country.town import average_cases
from simulation.horizon import with_months
from simulation.reading import find_scenario
from simulation.scenario import Scenario

CASES = 70_000
MONTHS = 120
SIZES = (["Ærø"], ["Glostrup"], ["Slagelse"], ["København"], None)
"""Who is timed: from the smallest to all."""

LEAST = 1.0
"""Seconds of processor time that a size is timed for, at least."""


def country_of(cases: float) -> Scenario:
    """Return the average municipality of a country with so many cases."""
    average = in_balance(with_months(find_scenario("denmark"), MONTHS))
    size = cases / len(municipalities()) / average_cases(average)
    (today,) = average.districts
    larger = today.model_copy(
        update={
            "inflow": today.inflow * size,
            "caseworkers": (average.fte * size,),
            "start": {key: round(n * size) for key, n in today.start.items()},
            "places": {key: round(n * size) for key, n in today.places.items()},
        }
    )
    return average.model_copy(update={"districts": (larger,)})


def timed(average: Scenario, names: list[str] | None) -> tuple[float, float]:
    """Return cases, and seconds of processor time per history of both arms, in one thread."""
    plan = Plan(average, "swedish_model", BLOCK, towns=places_of(names))
    spent, histories, cases = 0.0, 0, 0.0
    while spent < LEAST:
        began = time.process_time()
        cases = float(run(plan, workers=1).of("cases").sum(axis=0).mean())
        spent += time.process_time() - began
        histories += BLOCK
    return cases, spent / histories


def main(replicates: int = 0) -> None:
    """Print the table, and the whole country where histories are asked for."""
    average = country_of(CASES)
    timed(average, ["Fanø"])  # compiles
    found = np.array([timed(average, names) for names in SIZES])
    for cases, seconds in found:
        print(f"{cases:8.0f} cases: {seconds:8.4f} s of processor time per history of both arms")
    power = np.polyfit(np.log(found[:, 0]), np.log(found[:, 1]), 1)[0]
    print(f"time grows with cases to the power {power:.2f}")
    if replicates:
        began, spent = time.perf_counter(), time.process_time()
        run(Plan(average, "swedish_model", replicates))
        wall, processor = time.perf_counter() - began, time.process_time() - spent
        print(f"{replicates} histories: {wall:.0f} s, {processor:.0f} s of processor time")
    print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
