"""What a report is asked, and the three studies that answer it: comparison, causes, what it hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments import attribution, business_case
from experiments.attribution import Attribution
from experiments.business_case import Progress
from experiments.chosen_policy import chosen_policy
from experiments.combinations import Question, question
from experiments.results import Study
from experiments.sensitivity.question import Question as TornadoQuestion
from experiments.sensitivity.question import question as tornado_question
from experiments.sensitivity.runs import Setup
from experiments.sensitivity.study import Sensitivity
from experiments.sensitivity.study import study as sensitivity_study
from experiments.words import Language
from simulation.reading import find_scenario
from simulation.scenario import Scenario

REPLICATES, DRAWS = 1000, 100
"""Histories per policy, draws of the parameters."""

TORNADO, TORNADO_LEAST = 400, 100
"""Histories per value of the tornado: at most, where few are on the stairs, and at least."""

EXACT = 30_000
"""Histories per value times those on the stairs: where they are many, chance needs fewer histories."""

QUICK = {"replicates": 100, "tornado": 16}

SHOWN, SHOWN_QUICK = 8, 3
"""Numbers of the tornado that are told."""


@dataclass(frozen=True)
class Asked:
    """A report that is wanted. `name`: the scenario as asked for; `tornado`: histories per value."""

    name: str
    scenario: Scenario
    policy: str
    language: Language
    replicates: int
    draws: int
    tornado: int
    seed: int
    quick: bool

    @property
    def shown(self) -> int:
        """How many of the numbers that matter most are told."""
        return SHOWN_QUICK if self.quick else SHOWN

    @property
    def causes(self) -> Question:
        """What has to be run to share out the policy's effect."""
        return question(self.scenario, self.policy)

    @property
    def doubt(self) -> TornadoQuestion:
        """What has to be run to say what the net saving hangs on."""
        return tornado_question(
            self.scenario, "tornado", self.policy, ("net_saving",), replicates=self.tornado,
            seed=self.seed,
        )  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """What was found: the policy against the baseline, its causes, and what the net saving hangs on."""

    asked: Asked
    study: Study
    causes: Attribution
    doubt: Sensitivity

    @property
    def scenario(self) -> Scenario:
        """The scenario that the report is about."""
        return self.asked.scenario

    @property
    def policy(self) -> str:
        """The policy that the report is about."""
        return self.asked.policy


def asked(
    scenario: str,
    language: Language = "da",
    policy: str | None = None,
    *,
    replicates: int | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    quick: bool = False,
) -> Asked:
    """Return a report that is wanted, with what is not said filled in.

    `policy`: None is the scenario's first. Raises ScenarioError, KeyError or ValueError where there is no
    such scenario or policy, or where a number is out of its range.
    """
    found = find_scenario(scenario)
    name = chosen_policy(found, policy)
    histories = replicates or (QUICK["replicates"] if quick else REPLICATES)
    tornado = QUICK["tornado"] if quick else _tornado(found)
    return Asked(scenario, found, name, language, histories, draws, tornado, seed, quick)


def _tornado(scenario: Scenario) -> int:
    """Return the histories per value of the tornado, by how many are on the stairs today."""
    everybody = sum(n for district in scenario.districts for n in district.start.values())
    return int(min(TORNADO, max(TORNADO_LEAST, EXACT // max(1, everybody))))


def findings(
    wanted: Asked,
    workers: int | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
) -> Findings:
    """Return what the three studies found; each goes on from what its results folder holds.

    `folder`: where the three folders lie; None: those that `trappe compare`, `attribute` and
    `sensitivity` have by default.
    """
    s, name = wanted.scenario, wanted.policy
    run: dict[str, Any] = {
        "replicates": wanted.replicates, "seed": wanted.seed, "draws": wanted.draws,
        "workers": workers, "progress": progress,
    }  # fmt: skip
    causes = wanted.causes  # refuses before anything has run
    study = business_case.compare(
        s, [name], **run,
        out=_in(folder, business_case.default_folder(s, [name], wanted.seed, "kernel", wanted.draws)),
    )  # fmt: skip
    shared = attribution.attribute(
        s, name, **run,
        out=_in(folder, attribution.default_folder(causes, wanted.seed, wanted.draws)),
    )  # fmt: skip
    tornado = wanted.doubt
    where = _in(folder, tornado.default_folder()) / "runs"
    return Findings(
        wanted,
        study,
        shared,
        sensitivity_study(tornado, Setup(where, workers=workers, progress=progress)),
    )


def _in(folder: Path | None, usual: Path) -> Path:
    return usual if folder is None else folder / usual.name
