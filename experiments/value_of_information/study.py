"""Study of the value of information: worlds drawn, benefits run, every unknown and group valued."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from experiments.executors import THREADS
from experiments.results import SAVINGS
from experiments.runner import BASELINE
from experiments.sweep.outcomes import KEPT
from experiments.unknowns import GROUPS, Group
from experiments.value_of_information.benefits import CARE_MONTHS, Luck, benefits, choices
from experiments.value_of_information.joint import Joint, Quantity, joint
from experiments.value_of_information.worth import (
    CROSSED,
    Benefits,
    Perfect,
    Worth,
    explained,
    floor_of,
    perfect,
    worth_of,
)
from simulation.accounts import MONTHS_IN_YEAR, Floats
from simulation.replicates import Engine
from simulation.scenario import Scenario

SAMPLES, REPLICATES = 1000, 20
OUTCOMES = tuple(name for name in KEPT if name in SAVINGS or name.endswith("_saved"))
"""What may be decided by: differences to carrying on as today."""


@dataclass(frozen=True)
class Question:
    """What is decided, by what, at how many possible worlds with how many histories each.

    `care_month` DKK are added for every month in care that a decision saves.
    """

    scenario: Scenario
    policies: tuple[str, ...]
    outcome: str = "net_saving"
    care_month: float = 0.0
    group: Group = "cause"
    samples: int = SAMPLES
    replicates: int = REPLICATES
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome = {self.outcome!r} must be one of: {', '.join(OUTCOMES)}")
        if self.group not in GROUPS:
            raise ValueError(f"group = {self.group!r} must be one of: {', '.join(GROUPS)}")
        if self.samples < 20:
            raise ValueError(f"samples = {self.samples} must be at least 20; 1000 is a good number")
        if self.replicates < 2:
            raise ValueError(f"replicates = {self.replicates} must be at least 2, to tell chance apart")
        if self.care_month and (self.outcome not in SAVINGS or self.care_month < 0):
            raise ValueError(
                f"care_month = {self.care_month:g} DKK must be 0 or more, and goes with an outcome in "
                f"kroner: {', '.join(SAVINGS)}"
            )

    @property
    def decisions(self) -> tuple[str, ...]:
        """Carrying on as today, and the policies."""
        return (BASELINE, *self.policies)

    @property
    def unit(self) -> str:
        """Unit of the benefit."""
        return self.scenario.in_words(KEPT[self.outcome].unit)

    @property
    def years(self) -> float:
        """Length in years."""
        return self.scenario.months / MONTHS_IN_YEAR

    @property
    def folder(self) -> Path:
        """Return the folder a study gets by default: its own, whatever else was run before."""
        asked = self.scenario.model_dump_json() + repr(
            (self.policies, self.outcome, self.care_month, self.group, self.samples, self.replicates,
             self.seed)
        )  # fmt: skip
        mark = hashlib.sha256(asked.encode()).hexdigest()[:8]
        return Path("results") / f"information-{self.scenario.name}-{mark}"


@dataclass(frozen=True)
class Information:
    """What came out: every unknown and every group with what knowing it is worth.

    `unknowns` and `groups` are sorted by worth. `failed` says why samples were left out.
    """

    question: Question
    worlds: Joint
    benefits: Benefits
    perfect: Perfect
    unknowns: tuple[tuple[Quantity, Worth], ...]
    groups: tuple[tuple[str, int, Worth], ...]
    failed: dict[int, str]

    @cached_property
    def p_best(self) -> Floats:
        """[decision]: how likely each is the best."""
        return self.benefits.p_best()

    @property
    def best(self) -> str:
        """The decision to take with what is known today."""
        return self.question.decisions[self.benefits.best]

    def numbers(self, quantity: Quantity) -> Floats:
        """Return [sample]: the numbers that an unknown took."""
        return self.worlds.x[:, self.worlds.quantities.index(quantity)]


def value_of_information(
    scenario: Scenario,
    policies: Sequence[str] | None = None,
    *,
    outcome: str = "net_saving",
    care_month: float = 0.0,
    group: Group = "cause",
    samples: int = SAMPLES,
    replicates: int = REPLICATES,
    seed: int = 1,
    engine: Engine = "kernel",
    executor: str = THREADS,
    workers: int | None = None,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Information:
    """Return what it is worth to know each unknown before choosing among policies and today's way.

    Args:
        scenario: the municipality.
        policies: what it may choose; None: all its policies that are no bad world (null, perverse).
        outcome: what it decides by, a difference to the baseline over the whole time (`OUTCOMES`).
        care_month: DKK that a month in care saved is worth beside, 0 or more.
        group: unknowns are also valued together, by cause, grade or section.
        samples: possible worlds, 20 or more.
        replicates: histories of each decision in each world, 2 or more.
        seed: study seed; worlds and histories follow from it.
        engine: "kernel" or "agents".
        executor: where it runs (`experiments.executors`).
        workers: how many work side by side; the bytes depend on neither.
        folder: where chunks of results are kept and found again; None: nowhere.
        progress: called with (chunks done, chunks in all).

    Raises:
        KeyError, ValueError: no such policy, outcome or group, or a number out of its range.
    """
    chosen = choices(scenario, policies)
    asked = Question(scenario, chosen, outcome, care_month, group, samples, replicates, seed)
    return answered(asked, Luck(seed, engine, executor, workers, folder, progress))


def answered(asked: Question, luck: Luck) -> Information:
    """Return the answer to a question."""
    worlds = joint(asked.scenario, asked.policies, asked.samples, asked.seed)
    kept = (asked.outcome, CARE_MONTHS) if asked.care_month else (asked.outcome,)
    values, failed = benefits(asked.scenario, asked.policies, worlds, asked.replicates, kept, luck)
    y = values[..., 0] + (asked.care_month * values[..., 1] if asked.care_month else 0.0)
    good = np.array([i not in failed for i in range(asked.samples)])
    if good.sum() < asked.samples / 2:
        why = next(iter(failed.values()))
        raise ValueError(f"{(~good).sum()} of {asked.samples} possible worlds could not be run: {why}")
    names = worlds.quantities
    worlds = Joint(names, worlds.x[good], worlds.draw[good],
                   tuple(v for v, ok in zip(worlds.values, good, strict=True) if ok))  # fmt: skip
    b = Benefits(y[good], worlds.draw)
    return Information(asked, worlds, b, perfect(b), *_valued(asked, worlds, b), failed)


def _valued(
    asked: Question, worlds: Joint, b: Benefits
) -> tuple[tuple[tuple[Quantity, Worth], ...], tuple[tuple[str, int, Worth], ...]]:
    """Return unknowns and groups with their worths, the largest first."""
    floor = floor_of(b, seed=asked.seed)
    x = worlds.x

    def single(i: int) -> tuple[Quantity, Worth]:
        return worlds.quantities[i], worth_of(b, x[:, [i]], floor=floor, seed=asked.seed)

    members: dict[str, list[int]] = {}
    for i, quantity in enumerate(worlds.quantities):
        members.setdefault(quantity.group[asked.group], []).append(i)

    def together(item: tuple[str, list[int]]) -> tuple[str, int, Worth]:
        name, inside = item
        if len(inside) == 1:
            return name, 1, single(inside[0])[1]
        order = np.argsort([-explained(b, x[:, i]) for i in inside], kind="stable")
        crossed = [int(i) for i in order[:CROSSED]]
        least = floor_of(b, x[:, inside], crossed, asked.seed)
        return name, len(inside), worth_of(b, x[:, inside], crossed, least, asked.seed)

    singles = map(single, range(len(worlds.quantities)))
    groups = map(together, members.items())
    return (
        tuple(sorted(singles, key=lambda found: -found[1].value)),
        tuple(sorted(groups, key=lambda found: -found[2].value)),
    )
