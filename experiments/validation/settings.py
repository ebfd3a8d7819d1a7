"""Settings: one set of parameters with a seed; experiments, and what they find.

An experiment takes a setting and returns target -> values. National figures are pooled over many
histories, so their one value has next to no chance in it. Where the published figure is one small
municipality's (`single`), each value is one history, so chance belongs to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from experiments.calibration.runs import AIMS, with_caseload
from experiments.draws import at_draw
from experiments.validation.histories import History
from simulation.accounts import Floats, Ledger, by_year, months_covered
from simulation.horizon import with_months
from simulation.parameters import parameter, price_factor
from simulation.reading import find_scenario
from simulation.scenario import Scenario

COUNTRY = "denmark"
CASELOAD_TODAY = 32.0
"""The caseload the country is calibrated at."""

Found = dict[str, Floats]
"""Target -> values, one per history that counts as one."""


@dataclass(frozen=True)
class Setting:
    """One set of parameters, and the seed it is run with.

    `draw` is a draw from the posterior; None: the scenarios and evidence records as they stand.
    """

    draw: Mapping[str, float] | None
    seed: int

    def scenario(self, name: str, months: int) -> Scenario:
        """Return a shipped scenario at these parameters, `months` long."""
        found = _shipped(name)
        return with_months(found if self.draw is None else at_draw(found, self.draw), months)

    def country(self, months: int, cases_per_fte: float = CASELOAD_TODAY) -> Scenario:
        """Return the average municipality at a caseload of its own."""
        return with_caseload(self.scenario(COUNTRY, months), cases_per_fte)


@dataclass(frozen=True)
class Experiment:
    """Runs that belong together, and the targets that are read off them.

    `single` names the targets of which each value is one history, as what was published was.
    """

    run: Callable[[Setting], Found]
    targets: tuple[str, ...]
    single: tuple[str, ...] = ()

    def groups(self) -> set[str]:
        """Return the groups of its targets."""
        return {group_of(name) for name in self.targets}


def group_of(target: str) -> str:
    """Return the group of a target: target.<group>.<name>, or <group>.<name> of a requirement."""
    return target.removeprefix("target.").partition(".")[0]


def named(group: str, *names: str) -> tuple[str, ...]:
    """Return the targets of a group by their last names."""
    return tuple(f"target.{group}.{name}" for name in names)


def pooled(values: Floats) -> Floats:
    """Return the one value that many histories stand for: their mean, those without any left out."""
    known = values[~np.isnan(values)]
    return np.array([known.mean() if len(known) else np.nan])


@cache
def _shipped(name: str) -> Scenario:
    return find_scenario(name)


def aims_of(run: str, found: Ledger) -> Found:
    """Return the calibration's own targets of one run, read off as the calibration does."""
    return {aim.target: aim.measure(found) for aim in AIMS if aim.run == run}


def in_the_prices_of(target: str, s: Scenario) -> float:
    """Return what one krone of a scenario is at the price level of a target."""
    year = parameter(target).price_year
    return 1.0 if year is None else price_factor(s.price_year, year)


def yearly(runs: list[History]) -> Ledger:
    """Return the ledger by year [replicate, year, column] of recorded histories."""
    s = runs[0].scenario
    books = np.array([h.book for h in runs])
    return Ledger(by_year(books, s.staircase), s.staircase, months_covered(s.months))
