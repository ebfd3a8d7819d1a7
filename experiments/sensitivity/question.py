"""Questions: what a sensitivity study asks, and which numbers it asks about."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from experiments.labels import label, label_of_group, plain_name
from experiments.runner import BASELINE
from experiments.sensitivity.points import check_bases
from experiments.sweep.outcomes import KEPT
from experiments.unknowns import GROUPS, Group, Unknown, unknowns
from experiments.words import Language, policy_name
from simulation.replicates import Engine
from simulation.scenario import Scenario

Method = Literal["tornado", "morris", "sobol"]
METHODS: tuple[Method, ...] = get_args(Method)

OUTCOMES = ("net_saving", "care_months_saved")
OUTCOMES_AS_TODAY = ("net_cost", "care_months")
"""Outcomes by default, with a policy and without."""


@dataclass(frozen=True)
class Question:
    """Which of `numbers` matters for `outcomes` of a scenario under a policy, by one method.

    `samples`: trajectories of Morris, base points of Sobol, none of a tornado. `group`: the numbers of a
    group move together as one factor. `top`: only so many of the numbers, which `study.widest` chooses.
    """

    scenario: Scenario
    policy: str
    outcomes: tuple[str, ...]
    numbers: tuple[Unknown, ...]
    method: Method
    group: Group | None
    samples: int
    replicates: int
    seed: int
    engine: Engine = "kernel"
    top: int | None = None

    @property
    def factor_of(self) -> list[str]:
        """The factor that each number belongs to: itself, or its group."""
        return [u.name if self.group is None else u.group[self.group] for u in self.numbers]

    @property
    def factors(self) -> list[str]:
        """The names of the factors, in the order of the evidence."""
        return list(dict.fromkeys(self.factor_of))

    @property
    def labels(self) -> list[str]:
        """The factors' names for people."""
        return labels_of(self, "en")

    @property
    def policy_label(self) -> str:
        """The policy's name for people."""
        return policy_name(self.scenario, self.policy, "en")

    def identity(self) -> str:
        """Return eight hex digits of all that the result depends on, but for the code."""
        asked = [
            self.scenario.model_dump(mode="json"), self.policy, self.outcomes, self.method, self.group,
            [[u.name, u.value, u.low, u.high] for u in self.numbers], self.samples, self.replicates,
            self.seed, self.engine, self.top,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:8]

    def default_folder(self) -> Path:
        """Return the results folder where none is named."""
        return Path("results") / f"{self.method}-{self.scenario.name}-{self.identity()}"


def labels_of(asked: Question, language: Language) -> list[str]:
    """Return the names of a question's factors for people."""
    if asked.group is not None:
        return [label_of_group(asked.group, name, asked.scenario, language) for name in asked.factors]
    return [label(u, asked.scenario, language) for u in asked.numbers]


def question(
    scenario: Scenario,
    method: str = "tornado",
    policy: str | None = None,
    outcomes: Sequence[str] | None = None,
    parameters: Iterable[str] | None = None,
    group: str | None = None,
    samples: int | None = None,
    replicates: int | None = None,
    seed: int = 1,
    engine: str = "kernel",
    quick: bool = False,
    top: int | None = None,
) -> Question:
    """Return a question with what is not said filled in; ValueError or KeyError says what is wrong.

    `policy`: None is the scenario's first, "baseline" is carrying on as today. `outcomes`: names of
    `sweep.outcomes.KEPT`. `parameters`: names, or beginnings of names, of the numbers to move; None is
    all that the evidence gives a range. `samples` and `replicates`: None is the method's own.
    """
    _check(method, METHODS, "--method")
    _check(engine, ("kernel", "agents"), "--engine")
    if group is not None:
        _check(group, GROUPS, "--group")
    if group is not None and method == "tornado":
        raise ValueError("--group is for morris and sobol: a tornado moves one number at a time")
    if samples is not None and method == "tornado":
        raise ValueError("--samples is for morris and sobol: a tornado looks at two ends of each number")
    if samples is not None and method == "sobol":
        check_bases(samples)
    if top is not None and method == "tornado":
        raise ValueError("--top is for morris and sobol: a tornado is what it chooses by")
    chosen = policy or next(iter(scenario.policies), BASELINE)
    usual = OUTCOMES_AS_TODAY if chosen == BASELINE else OUTCOMES
    named = tuple(dict.fromkeys(outcomes or usual))
    for name in named:
        if name not in KEPT:
            raise KeyError(f"no outcome {name!r}{_near(name, KEPT)}; there are {', '.join(KEPT)}")
    known = unknowns(scenario, None if chosen == BASELINE else chosen)
    numbers = tuple(known if parameters is None else selected(known, parameters))
    found = Question(
        scenario, chosen, named, numbers, method, group,  # type: ignore[arg-type]
        samples if samples is not None else _SAMPLES[quick][method],
        replicates if replicates is not None else _REPLICATES[quick][method], seed,
        engine, top,  # type: ignore[arg-type]
    )  # fmt: skip
    if top is not None and not 1 <= top <= len(numbers):
        raise ValueError(f"--top {top} must lie between 1 and {len(numbers)}, the numbers there are")
    if found.replicates < 2:
        raise ValueError(
            f"--replicates {found.replicates} must be at least 2: chance is told by a second"
        )
    return found


_SAMPLES = {
    False: {"tornado": 0, "morris": 20, "sobol": 256},
    True: {"tornado": 0, "morris": 3, "sobol": 2},
}
_REPLICATES = {
    False: {"tornado": 1000, "morris": 100, "sobol": 32},
    True: {"tornado": 16, "morris": 4, "sobol": 4},
}
"""By whether it is quick, by method."""


def selected(known: Sequence[Unknown], wanted: Iterable[str]) -> list[Unknown]:
    """Return the numbers whose names, or beginnings of names, are wanted; in the order of the evidence.

    A policy's numbers may be called by what follows its name ("supply.outreach"). Names may be joined by
    commas. Raises KeyError where a name fits none.
    """
    names = [name.strip() for part in wanted for name in part.split(",") if name.strip()]
    for name in names:
        if not any(_fits(u, name) for u in known):
            raise KeyError(
                f"no number {name!r} that is not known exactly{_near(name, [u.name for u in known])}; "
                "those that are chosen or counted have no range: trappe parameters"
            )
    return [u for u in known if any(_fits(u, name) for name in names)]


def _fits(u: Unknown, name: str) -> bool:
    full = (u.name, plain_name(u.name), plain_name(u.name).removeprefix("policy."))
    stem = name if name.endswith(".") else f"{name}."
    return name in full or any(x.startswith(stem) for x in full)


def _check(value: str, allowed: Sequence[str], option: str) -> None:
    if value not in allowed:
        raise ValueError(f"{option} {value!r} must be {', '.join(allowed[:-1])} or {allowed[-1]}")


def _near(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else ""
