"""Attribution: what each of a policy's four causes does of the whole, and the whole in two bad worlds.

All 16 combinations of the causes (`Policy.keeping`) meet the same children with the same luck. The effect
of the whole is shared out by Shapley values, history by history, so the shares sum to the whole. It is
never the effect of one cause: published successes changed all four together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.business_case import DEFAULT_REPLICATES, Progress, compare
from experiments.business_case import default_folder as folder_of_comparison
from experiments.combinations import EVERYTHING, Question, name_of, question
from experiments.results import Study, as_csv
from experiments.runner import BASELINE
from experiments.shapley import Coalition, alone, interaction, last, shapley
from experiments.store import Store
from simulation.accounts import Floats, in_care, residential
from simulation.policy import CAUSES, CONTACT
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.sections import PERSON_MONTHS
from simulation.staircase import Staircase

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
PAIR = " x ".join(CONTACT)
"""What `cause` says in the tables for the whole policy, and for capacity and reviews together."""


@dataclass(frozen=True)
class Gain:
    """Something better for the budget, or fewer months in care, in each history."""

    label: str
    unit: str
    function: Callable[[Study, str], Floats]


def _saving(study: Study, arm: str) -> Floats:
    return study.cumulated_saving(arm)[:, -1]


def _discounted(study: Study, arm: str) -> Floats:
    return study.cumulated_saving(arm, discount=True)[:, -1]


def _months_avoided(which: Callable[[Staircase, int], bool]) -> Callable[[Study, str], Floats]:
    def avoided(study: Study, arm: str) -> Floats:
        stairs = study.plan.scenario.staircase
        columns = [i for i in range(len(stairs)) if which(stairs, i)]
        before, after = (study.arm(a).stairs[:, :, columns].sum(axis=(1, 2)) for a in (BASELINE, arm))
        return before - after

    return avoided


GAINS: dict[str, Gain] = {
    "net_saving": Gain("Net saving", "DKK", _saving),
    "net_saving_discounted": Gain("Net saving, discounted", "DKK", _discounted),
    "care_months_avoided": Gain("Months in care avoided", PERSON_MONTHS, _months_avoided(in_care)),
    "residential_months_avoided": Gain(
        "Months in residential care avoided", PERSON_MONTHS, _months_avoided(residential)
    ),
}
"""What is shared out: over the whole time, baseline - policy, paired history by history."""


@dataclass(frozen=True)
class Attribution:
    """A policy's effect, shared out among its causes.

    What is shared out are the `GAINS`, each an array [replicate] of baseline - policy over the whole
    time: kroner saved, months avoided.
    """

    question: Question
    study: Study

    @property
    def policy(self) -> str:
        """The name of the policy."""
        return self.question.policy

    @property
    def replicates(self) -> int:
        """How many histories each combination of causes was given."""
        return self.study.replicates

    def game(self, gain: str) -> dict[Coalition, Floats]:
        """Return [replicate] of a gain for each of the 16 combinations of causes."""
        by_arm = {arm: GAINS[gain].function(self.study, arm) for arm in self.study.plan.arms}
        return {kept: by_arm[arm] for kept, arm in self.question.arms.items()}

    def whole(self, gain: str) -> Floats:
        """Return [replicate] of a gain under the whole policy."""
        return GAINS[gain].function(self.study, self.question.arms[EVERYTHING])

    def world(self, world: str, gain: str) -> Floats:
        """Return [replicate] of a gain in the null or the perverse world."""
        return GAINS[gain].function(self.study, self.question.worlds[world])

    def shares(self, gain: str) -> dict[str, Floats]:
        """Return [replicate] of the share (Shapley value) of each cause; they sum to the whole."""
        return shapley(self.game(gain))

    def measures(self, gain: str) -> dict[tuple[str, str], Floats]:
        """Return [replicate] by (cause, measure).

        Of every cause `share` (its Shapley value), `alone` (what it does without the others) and `last`
        (what it adds to all others). Of capacity and reviews their `interaction`: what they do together,
        without practice and supply, beyond what each of them does alone.
        """
        game = self.game(gain)
        found: dict[tuple[str, str], Floats] = {}
        shares = shapley(game)
        for cause in CAUSES:
            found[cause, "share"] = shares[cause]
            found[cause, "alone"] = alone(game, cause)
            found[cause, "last"] = last(game, cause)
        found[PAIR, "interaction"] = interaction(game, *CONTACT)
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per gain and cause and measure, and for the whole and the worlds."""
        rows = []
        for gain in GAINS:
            rows.append(self._row(gain, self.whole(gain), self.policy, ALL, "whole"))
            for (cause, measure), values in self.measures(gain).items():
                rows.append(self._row(gain, values, self.policy, cause, measure))
            for world in self.question.worlds:
                rows.append(self._row(gain, self.world(world, gain), world, ALL, "whole"))
        return rows

    def combination_rows(self) -> list[dict[str, Any]]:
        """Return one row per gain and combination of causes: what it does against the baseline."""
        rows = []
        for gain in GAINS:
            for kept, values in self.game(gain).items():
                told = {"policy": self.policy, "combination": name_of(kept)}
                on: dict[str, Any] = {cause: int(cause in kept) for cause in CAUSES}
                rows.append({**told, **on, **self._numbers(gain, values)})
        return rows

    def summary(self) -> pd.DataFrame:
        """Return `rows` as a table."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def _row(self, gain: str, values: Floats, policy: str, cause: str, measure: str) -> dict[str, Any]:
        told = {"policy": policy, "cause": cause, "measure": measure}
        return {**told, **self._numbers(gain, values)}

    def _numbers(self, gain: str, values: Floats) -> dict[str, Any]:
        e = self.study.estimate(values)
        return {
            "outcome": gain,
            "unit": self.study.plan.scenario.in_words(GAINS[gain].unit),
            "mean": e.mean,
            "low": e.low,
            "high": e.high,
            "mean_error": e.error,
            "covers": self.study.covers,
            "replicates": self.replicates,
        }


def attribute(
    scenario: str | Path | Scenario,
    policy: str | None = None,
    *,
    replicates: int = DEFAULT_REPLICATES,
    seed: int = 1,
    workers: int | None = None,
    draws: int = 0,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Return a policy's effect, shared out among capacity, reviews, practice and supply.

    Args:
        scenario: name, path of a TOML file, or Scenario.
        policy: name of a policy; None: the first one that changes two causes or more.
        replicates: random histories per combination of causes.
        seed: study seed, 0 to 2**32 - 1.
        workers: threads; None: one per processor. The bytes do not depend on it.
        draws: draws of the parameters that histories are spread over; 0: parameters at their values.
        out: results folder, written chunk by chunk and resumed; None: nothing is kept.
        progress: called with (chunks done, chunks in all).

    Raises:
        ScenarioError, KeyError: no such scenario or policy. ValueError: a number out of its range, or a
        policy with nothing to share out (`question`). StoreError: the folder cannot be used.
    """
    asked = question(find_scenario(scenario), policy)
    study = compare(
        asked.scenario, replicates=replicates, seed=seed, workers=workers, draws=draws, out=out,
        progress=progress,
    )  # fmt: skip
    found = Attribution(asked, study)
    if study.folder is not None:
        store = Store(study.folder, study.plan)
        store.write_text("attribution.csv", as_csv(found.rows()))
        store.write_text("combinations.csv", as_csv(found.combination_rows()))
    return found


def default_folder(asked: Question, seed: int, draws: int = 0) -> Path:
    """Return the folder an attribution gets by default: its own, whatever else was run before."""
    return folder_of_comparison(asked.scenario, None, seed, "kernel", draws)
