"""`make bench`: one table, figure beside goal, ratios within one run.

Each figure is the fastest of several rounds, and what is compared is measured in turns, because a
shared machine changes its speed from minute to minute.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import caselist_speed, country, scale, sobol
from benchmarks.plain_mesa import PlainModel
from simulation import randomness as rn
from simulation.accounts import Ledger
from simulation.compiled import compiled
from simulation.costs import net
from simulation.expected import expected_ledger
from simulation.horizon import with_months
from simulation.kernel import run_replicates, work_space
from simulation.layout import WORLD
from simulation.ledger import column_names
from simulation.model import PlacementModel
from simulation.reading import find_scenario
from simulation.replicates import kernel_ledgers, ledgers
from simulation.tables import build_tables

REPLICATES = 20
ROUNDS = 40


@compiled
def random_blocks(n, months, replicate):
    """Draw n x months blocks of four uniforms, as the kernel draws them."""
    total = 0.0
    for month in range(months):
        for who in range(n):
            a, b, c, d = rn.four_uniforms(7, replicate, who, month, rn.CASE_MONTH)
            total += a + b + c + d
    return total


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def fastest(*works: Callable[[], object], rounds: int) -> list[float]:
    """Return the shortest time of each, measured in turns."""
    return [
        min(times) for times in zip(*([seconds(w) for w in works] for _ in range(rounds)), strict=True)
    ]


def blocks_per_child_month() -> float:
    """Return how many blocks of random numbers one child-month of Fanø draws, counted in a run."""
    drawn = [0]

    class Counting(PlacementModel):
        def uniform(self, *args):
            drawn[0] += 1
            return super().uniform(*args)

        def uniforms(self, *args):
            drawn[0] += 1
            return super().uniforms(*args)

        def numbered_uniform(self, *args):
            drawn[0] += 1
            return super().numbered_uniform(*args)

        def numbered_uniforms(self, *args):
            drawn[0] += 1
            return super().numbered_uniforms(*args)

    model = Counting("fano", rng=1, events=False)
    drawn[0] = 3 * len(model.children)  # two blocks and a price for each child of the first day
    model.traced = []
    model.run_for(60)
    arrived = model.datacollector.get_model_vars_dataframe()["new_at_risk"].sum()
    return (drawn[0] + 2 * arrived + 60) / len(model.traced)


def kernel_and_random() -> tuple[float, float]:
    """Return ns per child-month of the kernel, and of the random numbers it draws."""
    scenario = find_scenario("fano")
    tables, columns = build_tables(scenario), len(column_names(scenario.staircase))
    space, world = work_space(tables, 1000), np.zeros(1, WORLD)
    books = np.zeros((REPLICATES, scenario.months, columns))
    run_replicates(tables, space, world, 0, books)
    random_blocks(1, 1, 0)
    kernel, blocks = fastest(
        lambda: run_replicates(tables, space, world, 0, books),
        lambda: random_blocks(1000, 500, 3),
        rounds=ROUNDS,
    )
    first = column_names(scenario.staircase).index("n_" + scenario.staircase.keys[0])
    n = books[:, :, first : first + len(scenario.staircase)].sum()
    return kernel / n * 1e9, blocks / 500_000 * 1e9 * blocks_per_child_month()


def agents_and_plain() -> tuple[float, float]:
    """Return ns per child-month of the agents engine and of plain Mesa."""

    def agents() -> None:
        model = PlacementModel("fano", rng=1, events=False)
        model.run_for(60)
        frame = model.datacollector.get_model_vars_dataframe()
        keys = model.municipality.staircase.keys
        months["agents"] = frame[[f"n_{k}" for k in keys]].to_numpy()[1:].sum()
        model.release()

    def plain() -> None:
        model = PlainModel(seed=1)
        for _ in range(60):
            model.step()
        months["plain"] = model.child_months

    months: dict[str, float] = {}
    times = fastest(agents, plain, rounds=5)
    return times[0] / months["agents"] * 1e9, times[1] / months["plain"] * 1e9


def two_threads() -> float:
    """Return how many times faster two threads are than one."""
    scenario = find_scenario("fano")
    tables, columns = build_tables(scenario), len(column_names(scenario.staircase))

    def chunk(first: int) -> None:
        kernel_ledgers(tables, columns, 1, first, 100)

    def side_by_side() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(chunk, range(0, 800, 100)))

    one, two = fastest(lambda: [chunk(i) for i in range(0, 800, 100)], side_by_side, rounds=4)
    return one / two


def whole_process() -> float:
    """Return seconds of `trappe compare fano`, one policy, 1,000 paired replicates, warm cache."""
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for i in range(4):
            command = [sys.executable, "-m", "experiments.cli", "compare", "fano", "--policy",
                       "swedish_model", "--replicates", "1000", "--out", f"{folder}/{i}"]  # fmt: skip
            times.append(seconds(lambda c=command: subprocess.run(c, check=True, capture_output=True)))
    return min(times[1:])


def started(*arguments: str) -> float:
    """Return seconds of a Python process with these arguments, the fastest of five."""
    command = [sys.executable, *arguments]
    return min(
        seconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(5)
    )


def expected_values() -> float:
    """Return seconds of expected values of the average municipality, 12 months with cost, in process."""
    scenario = with_months(find_scenario("denmark"), 12)
    return fastest(lambda: net(Ledger(expected_ledger(scenario), scenario.staircase)), rounds=6)[0]


def variance_ratios(policy: str, n: int = 2000) -> list[float]:
    """Return [year]: variance of the yearly net saving, independent seeds / paired."""
    scenario = find_scenario("fano")

    def yearly(name: str | None) -> np.ndarray:
        books = ledgers(scenario, scenario.policies[name] if name else None, replicates=n)
        return net(Ledger(books, scenario.staircase)).reshape(n, -1, 12).sum(axis=2)

    base, with_policy = yearly(None), yearly(policy)
    return list((base.var(axis=0) + with_policy.var(axis=0)) / (base - with_policy).var(axis=0))


def country_rows() -> list[tuple[str, str, str]]:
    """Return the rows about the whole country, from a tenth of its histories."""
    found, power = country.apart()
    times = country.HISTORIES / country.PART
    return [
        (
            "98 municipalities, 70,000 cases, 10 years, 100 paired, two threads, s (from a tenth)",
            f"{times * found.wall:.0f}",
            "at most 60",
        ),
        ("of it beside the kernel, in kernel time", f"{found.aside:.0%}", ""),
        ("of it largest memory, MiB", f"{found.memory:.0f}", "at most 2,048"),
        ("its cost grows with the power, 64 to 70,000 cases", f"{power:.2f}", "at most 1.05"),
    ]


def main() -> None:
    kernel, own = kernel_and_random()
    agents, plain = agents_and_plain()
    table = Table("what", "figure", "goal", title="Indsatstrappe, speed on Fanø", title_justify="left")
    rows = [
        ("kernel, ns per child-month", f"{kernel:.1f}", ""),
        ("its own random numbers, ns per child-month", f"{own:.1f}", ""),
        ("kernel / its random numbers", f"{kernel / own:.1f}", "at most 1.5"),
        ("plain Mesa, ns per child-month", f"{plain:,.0f}", ""),
        ("plain Mesa / kernel, one core", f"{plain / kernel:.0f}", "at least 100"),
        ("agents engine / plain Mesa", f"{agents / plain:.2f}", "at most 1"),
        ("two threads, times as fast as one", f"{two_threads():.2f}", "at least 1.85"),
        (
            "1,000 paired replicates, 60 months, whole process, s",
            f"{whole_process():.1f}",
            "at most 3",
        ),
    ]
    rows += [
        ("trappe --help, s", f"{started('-m', 'experiments.cli', '--help'):.2f}", "at most 0.5"),
        ("import simulation, s", f"{started('-c', 'import simulation'):.2f}", "at most 1"),
    ]
    rows.append(("expected values, 570 cases, 12 months, s", f"{expected_values():.2f}", "at most 0.1"))
    rows += [("cost of a month grows with the power", line, "at most 1.05") for line in scale.exponents()]
    aside = sobol.parts()
    rows += [
        (
            "Sobol, 20 numbers x 1,024, two threads, minutes (from a sixteenth)",
            f"{16 * sobol.minutes(sobol.BASE_POINTS // 16):.1f}",
            "at most 5",
        ),
        (
            "of it beside the kernel, in kernel time",
            f"{aside.whole / aside.kernel - 1:.0%}",
            "at most 5 %",
        ),
        ("of that tables", f"{aside.tables / aside.kernel:.0%}", ""),
    ]
    rows += country_rows()
    for children, goal in ((caselist_speed.SMALL, 1), (caselist_speed.LARGE, 5)):
        rows.append(
            (
                f"case list of {children:,} children: reading, rates, a year's forecast with cost, s",
                f"{caselist_speed.seconds(children):.1f}",
                f"at most {goal}",
            )
        )
    for policy in ("swedish_model", "staff_only", "reviews_only", "practice_only", "supply_only"):
        ratios = ", ".join(f"{r:.0f}" for r in variance_ratios(policy))
        rows.append((f"variance, independent / paired, {policy}, years 1-5", ratios, "20"))
    for row in rows:
        table.add_row(*row)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
