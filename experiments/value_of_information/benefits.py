"""Benefits: what each decision is worth in each possible world, history by history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.combinations import NULL, PERVERSE
from experiments.executors import THREADS
from experiments.runner import BASELINE
from experiments.sweep.design import Design, Row
from experiments.sweep.run import Sweep
from experiments.sweep.work import Chunk
from experiments.value_of_information.joint import Joint
from simulation.accounts import Floats
from simulation.replicates import Engine
from simulation.scenario import Scenario

CARE_MONTHS = "care_months_saved"


def choices(scenario: Scenario, policies: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the policies that a municipality may choose: those named, or all that are no bad world.

    The null and the perverse world are states of the world, not choices. Raises KeyError where there is
    no such policy, ValueError where there is none to choose, or one named like the baseline.
    """
    if policies:
        chosen = tuple(dict.fromkeys(policies))
        for name in chosen:
            scenario.policy(name)
    else:
        chosen = tuple(name for name in scenario.policies if name not in (NULL, PERVERSE))
    if not chosen or BASELINE in chosen:
        raise ValueError(
            f"policies = {list(chosen)}: there must be at least one beside {BASELINE!r}, which is what "
            f"carrying on as today is called; {scenario.label} has: "
            f"{', '.join(scenario.policies) or 'none'}"
        )
    return chosen


@dataclass(frozen=True)
class Luck:
    """How benefits are run: where, by how many, kept in which folder."""

    seed: int = 1
    engine: Engine = "kernel"
    executor: str = THREADS
    workers: int | None = None
    folder: Path | None = None
    progress: Callable[[int, int], None] | None = None


def benefits(
    scenario: Scenario,
    policies: Sequence[str],
    worlds: Joint,
    replicates: int,
    outcomes: Sequence[str],
    luck: Luck,
) -> tuple[Floats, dict[int, str]]:
    """Return [sample, policy, replicate, outcome] against the baseline, and why samples failed (NaN).

    Within a sample, the baseline and all policies meet the same children with the same luck. Each sample
    has histories of its own: luck that all samples shared would not average out over them.
    """
    n, d = len(worlds.values), len(policies)
    rows = tuple(
        Row(scenario.name, policy, worlds.values[i], int(worlds.draw[i]))
        for i in range(n)
        for policy in policies
    )
    design = Design({scenario.name: scenario}, rows, n * replicates, luck.seed, luck.engine,
                    rows_per_chunk=d, block=replicates)  # fmt: skip
    sweep = Sweep(design, luck.folder, executor=luck.executor, workers=luck.workers,
                  progress=luck.progress)  # fmt: skip
    mine = [
        Chunk(range(i * d, (i + 1) * d), range(i * replicates, (i + 1) * replicates)) for i in range(n)
    ]
    sweep.run(mine)
    found = np.stack([sweep.values(outcomes, chunk.rows, chunk.replicates) for chunk in mine])
    return found, {row // d: why for row, why in sweep.errors.items()}
