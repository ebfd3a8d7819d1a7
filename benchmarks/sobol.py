"""Sobol indices of 20 numbers on Fanø: how long the whole takes, and what it takes beside the kernel.

`python -m benchmarks.sobol 1024` runs all of it: 22,528 rows, each two arms of 32 histories of 60 months.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from experiments.sensitivity.question import Question, question
from experiments.sensitivity.runs import Setup, design_of
from experiments.sensitivity.study import points_of, study
from experiments.sweep import work
from experiments.sweep.work import chunks, done, task
from simulation import replicates
from simulation.reading import find_scenario

POLICY = "swedish_model"
HISTORIES, BASE_POINTS = 32, 1024
WORKERS = 2

NUMBERS = (
    "children.readiness_rate.preventive", "children.readiness_rate.foster_care",
    "children.readiness_rate.residential_care", "children.crisis_rate.preventive",
    "children.crisis_rate.foster_care", "children.home_share.residential_care",
    "children.recognition", "children.recognition_elasticity", "children.premature",
    "children.placed_age_factor", "children.severity_sd", "work.case_hours", "work.reactive_hours",
    "work.assessment_hours", "work.follow_up_hours", f"policies.{POLICY}.practice.orientation",
    f"policies.{POLICY}.practice.residential_odds", f"policies.{POLICY}.supply.network_search",
    f"policies.{POLICY}.supply.outreach", f"policies.{POLICY}.world.effect",
)  # fmt: skip
"""Twenty numbers: what children do, what takes time, what the policy changes."""


def asked(base_points: int) -> Question:
    """Return the question, with so many base points."""
    return question(
        find_scenario("fano"), "sobol", POLICY, parameters=NUMBERS, samples=base_points,
        replicates=HISTORIES,
    )  # fmt: skip


def minutes(base_points: int) -> float:
    """Return minutes of the study with its folder, on WORKERS threads."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        study(asked(base_points), Setup(Path(folder), workers=WORKERS))
        return (time.perf_counter() - began) / 60


@dataclass
class Parts:
    """Processor seconds of one thread: of the kernel, of tables, and of all."""

    kernel: float = 0.0
    tables: float = 0.0
    whole: float = 0.0


def parts(base_points: int = 4) -> Parts:
    """Return where one thread spends its time while it works through base points."""
    q = asked(base_points)
    design = design_of(q, points_of(q))
    todo = chunks(design, range(len(design.rows)), range(HISTORIES))
    done(task(design, todo[0]))
    found = Parts()
    run, build = replicates.run_replicates, work.tables_of_parts

    def timed(name: str, function: object) -> object:
        def inner(*args: object) -> object:
            began = time.thread_time()
            try:
                return function(*args)  # type: ignore[operator]
            finally:
                setattr(found, name, getattr(found, name) + time.thread_time() - began)

        return inner

    replicates.run_replicates = timed("kernel", run)  # type: ignore[assignment]
    work.tables_of_parts = timed("tables", build)  # type: ignore[assignment]
    try:
        began = time.thread_time()
        for chunk in todo[1:]:
            done(task(design, chunk))
        found.whole = time.thread_time() - began
    finally:
        replicates.run_replicates, work.tables_of_parts = run, build
    return found


def main() -> None:
    """Print minutes and shares; the first argument is the number of base points."""
    base_points = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    found = parts()
    took = minutes(base_points)
    rows = base_points * (len(NUMBERS) + 2)
    print(f"{rows:,} rows, two arms x {HISTORIES} histories of 60 months, {WORKERS} threads on "
          f"{os.cpu_count()} processors: {took:.2f} minutes")  # fmt: skip
    print(f"{BASE_POINTS} base points: {took * BASE_POINTS / base_points:.1f} minutes (goal: at most 5)")
    print(f"beside the kernel: {found.whole / found.kernel - 1:.1%} of its time, of which tables "
          f"{found.tables / found.kernel:.1%} (goal: at most 5 %)")  # fmt: skip


if __name__ == "__main__":
    main()
