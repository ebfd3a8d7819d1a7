"""How long the country takes: seconds and memory, and how they grow with the number of cases.

`python -m benchmarks.country` times municipalities and groups of them from some 50 cases to the whole
country, enlarged to 70,000 cases, 10 years with and without a policy, and fits the power of cases by
which processor time grows. `python -m benchmarks.country 100` also times 100 histories of all of it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.country import work
from experiments.country.balance import in_balance
from experiments.country.facts import municipalities, places_of
from experiments.country.run import BLOCK, Plan, run
from experiments.country.town import average_cases
from simulation.horizon import with_months
from simulation.reading import find_scenario
from simulation.replicates import kernel_ledgers
from simulation.scenario import Scenario

CASES = 70_000
MONTHS = 120
HISTORIES = 100
THREADS = 2
PART = 2 * BLOCK
"""Histories that stand for all: two draws of opposite luck of what is not published."""

ROUNDS = 2
"""How often they are timed, the fastest counts."""

SIZES = (["Ærø"], ["Glostrup"], ["Slagelse"], ["København"], None)
"""Who is timed: from the smallest to all."""

LEAST = 1.0
"""Seconds of processor time that a size is timed for, at least."""


@dataclass(frozen=True)
class Whole:
    """How long histories of the whole country take: `wall` and `processor` seconds, memory in MiB."""

    wall: float
    processor: float
    aside: float
    """Processor time beside the kernel, as a share of the kernel's."""
    memory: float


def country_of(cases: float) -> Scenario:
    """Return the average municipality of a country with so many cases, in balance."""
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


def growth(average: Scenario) -> tuple[np.ndarray, float]:
    """Return [size, (cases, seconds per history)], and the power of cases by which seconds grow."""
    found = np.array([timed(average, names) for names in SIZES])
    return found, float(np.polyfit(np.log(found[:, 0]), np.log(found[:, 1]), 1)[0])


def whole(average: Scenario, histories: int, draws: int = 20) -> Whole:
    """Return how long so many histories of the whole country take, in two threads, in this process."""
    in_kernel: list[float] = []

    def noted(*arguments: object) -> object:
        began = time.thread_time()
        found = kernel_ledgers(*arguments)
        in_kernel.append(time.thread_time() - began)
        return found

    work.kernel_ledgers = noted
    try:
        wall, spent = time.perf_counter(), time.process_time()
        run(Plan(average, "swedish_model", histories, draws=draws), workers=THREADS)
        wall, spent = time.perf_counter() - wall, time.process_time() - spent
    finally:
        work.kernel_ledgers = kernel_ledgers
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return Whole(wall, spent, spent / sum(in_kernel) - 1.0, memory)


def apart() -> tuple[Whole, float]:
    """Return `whole` of PART histories in a process of its own, and the power of `growth`."""
    command = [sys.executable, "-c", "from benchmarks.country import told; told()"]
    said = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    *numbers, power = map(float, said.stdout.split())
    return Whole(*numbers), power


def told() -> None:
    """Print what `apart` reads."""
    average = country_of(CASES)
    timed(average, ["Fanø"])  # compiles
    found = min((whole(average, PART) for _ in range(ROUNDS)), key=lambda one: one.wall)
    print(found.wall, found.processor, found.aside, found.memory, growth(average)[1])


def main(replicates: int = 0) -> None:
    """Print the table, and the whole country where histories are asked for."""
    average = country_of(CASES)
    timed(average, ["Fanø"])  # compiles
    found, power = growth(average)
    for cases, seconds in found:
        print(f"{cases:8.0f} cases: {seconds:8.4f} s of processor time per history of both arms")
    print(f"time grows with cases to the power {power:.2f}")
    if replicates:
        all_of_it = whole(average, replicates)
        print(
            f"{replicates} histories, {THREADS} threads: {all_of_it.wall:.0f} s, "
            f"{all_of_it.processor:.0f} s of processor time; beside the kernel {all_of_it.aside:.0%}"
        )
    print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
