"""Sensitivity studies from a question to indices with errors: `study(question)`.

From a script:

    from experiments.sensitivity.question import question
    from experiments.sensitivity.study import study
    found = study(question(scenario, "sobol", "swedish_model", samples=256, replicates=32))
    found.indices["net_saving"].total.values        # [factor], in the order of found.asked.factors
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from experiments.sensitivity import indices
from experiments.sensitivity.indices import Index, Morris, Sobol, Tornado
from experiments.sensitivity.points import Points, morris_points, moves, sobol_points, tornado_points
from experiments.sensitivity.question import Question
from experiments.sensitivity.ranking import Ranking, ranking
from experiments.sensitivity.runs import Outcomes, Setup, run
from simulation.accounts import Floats

Indices = Tornado | Morris | Sobol


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Indices of every factor by outcome, with what was asked and what had to be left out."""

    asked: Question
    indices: dict[str, Indices]
    histories: dict[str, int]
    samples: int
    rows: int
    notes: tuple[str, ...]

    def main(self, outcome: str) -> Index:
        """Return the index that factors are ranked by: length of the bar, mu*, or total index."""
        return main_index(self.indices[outcome])

    def ranking(self, outcome: str) -> Ranking:
        """Return the factors from the most important to the least."""
        return self._rankings[outcome]

    def first(self, outcome: str, most: int) -> list[int]:
        """Return the first factors of the ranking, without those of a tornado whose rows failed."""
        values = self.main(outcome).values
        is_bar = self.asked.method == "tornado"
        ranks = [i for i in self.ranking(outcome).order if not (is_bar and np.isnan(values[i]))]
        return ranks[:most]

    @cached_property
    def _rankings(self) -> dict[str, Ranking]:
        return {outcome: ranking(self.main(outcome)) for outcome in self.indices}


def main_index(found: Indices) -> Index:
    """Return what factors are ranked by: length of the bar, mu*, or total index."""
    if isinstance(found, Tornado):
        return found.width
    return found.star if isinstance(found, Morris) else found.total


def points_of(asked: Question) -> Points:
    """Return the points of a question's design."""
    if asked.method == "tornado":
        return tornado_points(len(asked.numbers))
    draw = sobol_points if asked.method == "sobol" else morris_points
    return draw(asked.factor_of, asked.samples, asked.seed)


def study(asked: Question, setup: Setup | None = None) -> Sensitivity:
    """Return the indices of a question; runs what `setup.folder` does not hold yet.

    All rows have the same histories, those of the study seed. Outcomes are sums over the scenario's
    months: DKK at its price year, child-months, and so on (`sweep.outcomes.KEPT`). Raises ValueError
    where a scenario cannot be run, or an outcome is not defined.
    """
    points = points_of(asked)
    outcomes = run(asked, points, setup or Setup())
    found = {name: analysed(asked, points, outcomes, name) for name in asked.outcomes}
    histories = {name: values.shape[1] for name, values in outcomes.values.items()}
    return Sensitivity(asked, found, histories, outcomes.bases, len(points.quantiles), outcomes.notes)


def analysed(asked: Question, points: Points, outcomes: Outcomes, name: str) -> Indices:
    """Return the indices of one outcome."""
    values: Floats = outcomes.values[name]
    if asked.method == "tornado":
        return indices.tornado(values)
    by_base = values.reshape(outcomes.bases, points.per_base, -1)
    if asked.method == "sobol":
        return indices.sobol(by_base)
    factor, step, groups = moves(points, asked.factor_of)
    return indices.morris(by_base, factor[outcomes.kept], step[outcomes.kept], groups)


def widest(asked: Question, setup: Setup) -> Question:
    """Return a question about its `top` numbers: those with the longest bars for its first outcome.

    The tornado that chooses has the same policy, histories and seed. What matters only together with
    other numbers does not show in it.
    """
    first = replace(asked, method="tornado", group=None, samples=0, outcomes=asked.outcomes[:1], top=None)
    found = study(first, setup)
    chosen = set(found.ranking(asked.outcomes[0]).order[: asked.top])
    return replace(asked, numbers=tuple(u for i, u in enumerate(asked.numbers) if i in chosen))
