"""Runs: every municipality in every history, with and without the policy; sums only are kept.

Histories come in blocks of `BLOCK`: what is not published is drawn once per block, and with `draws` the
parameters too. A block of one municipality is one task; tasks share nothing, so the result does not
depend on how many work side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from experiments.country.facts import Municipality, municipalities
from experiments.country.town import Town, town
from experiments.country.unknown import Drawn, drawn
from experiments.draws import SPREAD, at_draw, draws, residential_readiness
from experiments.executors import each
from simulation.accounts import MONTHS_IN_YEAR, Floats, Ledger, at_home, in_care, residential
from simulation.costs import at_year_ends, cumulated, family_care, net, placements, staff
from simulation.costs import one_off as one_off_costs
from simulation.costs import programmes as programme_costs
from simulation.ledger import column_names
from simulation.parts import seed_of_district
from simulation.policy import Policy
from simulation.replicates import kernel_ledgers
from simulation.scenario import Scenario
from simulation.tables import build_tables
from simulation.values import with_values

BLOCK = 5
"""Histories at one draw of what is not published."""

OFFICES = 100
"""Numbers of offices that a municipality may have, for its seeds."""

KEPT = (
    "cases", "fte", "extra_fte", "in_care_start", "in_care_end", "residential_start", "at_home_start",
    "placement_cost", "family_cost", "policy_cost", "residential_months_saved", "care_months_saved",
)  # fmt: skip
"""What is kept of every history beside the saving: the baseline's, and differences."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """What is asked: the average municipality at its length, a policy, histories, municipalities."""

    average: Scenario
    policy: str
    replicates: int = 100
    seed: int = 1
    draws: int = 0
    towns: tuple[int, ...] = tuple(range(len(municipalities())))
    caseload_sd: float | None = None
    """Spread of cases per caseworker in log units; None: that of the record."""

    @property
    def blocks(self) -> int:
        """How often what is not published is drawn."""
        return -(-self.replicates // BLOCK)

    @property
    def years(self) -> float:
        """The length of a history in years."""
        return self.average.months / MONTHS_IN_YEAR

    @property
    def municipalities(self) -> tuple[Municipality, ...]:
        """The municipalities asked for."""
        return tuple(municipalities()[i] for i in self.towns)


@dataclass(frozen=True)
class Country:
    """Every history of every municipality.

    `saved` [municipality, history, year] is the net saving cumulated to the end of each year, DKK;
    `kept` [municipality, history, KEPT] the rest.
    """

    plan: Plan
    saved: Floats
    kept: Floats

    def of(self, name: str) -> Floats:
        """Return [municipality, history] of something kept."""
        return np.asarray(self.kept[:, :, KEPT.index(name)])

    @cached_property
    def saving(self) -> Floats:
        """[municipality, history]: net saving over the whole time, DKK."""
        return np.asarray(self.saved[:, :, -1])

    @cached_property
    def children(self) -> Floats:
        """[municipality]: children of 0-17 years, as published."""
        return np.array([m.children for m in self.plan.municipalities], float)

    @cached_property
    def per_child(self) -> Floats:
        """[municipality, history]: net saving per child of 0-17 years and year, DKK."""
        return np.asarray(self.saving / self.children[:, None] / self.plan.years)

    @cached_property
    def per_child_of_all(self) -> Floats:
        """[history]: the same of all municipalities together."""
        return np.asarray(self.saving.sum(axis=0) / self.children.sum() / self.plan.years)


def run(plan: Plan, workers: int | None = None, progress: Progress | None = None) -> Country:
    """Return every history of a plan. `progress` is called with (blocks done, blocks in all).

    Raises ValueError where the scenario is no average municipality, or the policy is for some of its
    districts only. The bytes do not depend on `workers`.
    """
    work = _Work(plan)
    years = -(-plan.average.months // MONTHS_IN_YEAR)
    saved = np.zeros((len(plan.towns), plan.blocks * BLOCK, years))
    kept = np.zeros((len(plan.towns), plan.blocks * BLOCK, len(KEPT)))
    largest = sorted(range(len(plan.towns)), key=lambda i: -plan.municipalities[i].children)
    tasks = [(i, block) for i in largest for block in range(plan.blocks)]
    for done, ((i, block), (by_year, rest)) in enumerate(each(work, tasks, workers=workers), start=1):
        here = slice(block * BLOCK, (block + 1) * BLOCK)
        saved[i, here], kept[i, here] = by_year, rest
        if progress is not None:
            progress(done, len(tasks))
    n = plan.replicates
    return Country(plan, saved[:, :n], kept[:, :n])


class _Work:
    """One block of one municipality at a time; what all municipalities share is made beforehand."""

    def __init__(self, plan: Plan) -> None:
        _check(plan)
        self.plan = plan
        self._drawn = [
            drawn(plan.average, plan.seed, block, plan.caseload_sd) for block in range(plan.blocks)
        ]
        self._draws = draws(plan.draws, plan.average) if plan.draws else []
        self._averages = [at_draw(plan.average, draw) for draw in self._draws[: plan.blocks]]

    def __call__(self, task: tuple[int, int]) -> tuple[Floats, Floats]:
        i, block = task
        place = self.plan.towns[i]
        found = self.town(place, block)
        return _run(found, self.plan, municipalities()[place].code, block)

    def town(self, place: int, block: int) -> Town:
        """Return a municipality in a block."""
        all_drawn = self._drawn[block]
        average = self._average(all_drawn, place, block)
        return town(
            "all", average, average.policy(self.plan.policy), all_drawn.mean[place],
            all_drawn.count[place], float(all_drawn.caseload[place]),
        )  # fmt: skip

    def _average(self, all_drawn: Drawn, place: int, block: int) -> Scenario:
        """Return the average municipality at the parameters of a block, in a municipality's place."""
        if not self._draws:
            return self.plan.average
        at = block % len(self._draws)
        return in_its_place(self._averages[at], self._draws[at][SPREAD], float(all_drawn.place[place]))


def in_its_place(average: Scenario, spread: float, place: float) -> Scenario:
    """Return the average municipality with the residential readiness of one at a place among all."""
    factor = float(np.exp(spread * place))
    rates = average.children.readiness_rate
    names = [name.rpartition(".")[2] for name in residential_readiness(average)]
    new = {f"children.readiness_rate.{key}": rates[key] * factor for key in names}
    return with_values(average, new)


def _check(plan: Plan) -> None:
    policy: Policy = plan.average.policy(plan.policy)
    if policy.districts is not None:
        raise ValueError(
            f"policy {plan.policy!r} is for some districts only; the country needs one for all of them"
        )


def _run(town: Town, plan: Plan, code: int, block: int) -> tuple[Floats, Floats]:
    """Return [history, year] saved and [history, KEPT] of a block of a municipality."""
    stairs = plan.average.staircase
    books = [np.zeros(()), np.zeros(())]
    for office, (scenario, policy) in enumerate(town.offices):
        seed = seed_of_district(plan.seed, code * OFFICES + office)
        for arm, with_policy in enumerate((None, policy)):
            tables = build_tables(scenario, with_policy)
            found = kernel_ledgers(tables, len(column_names(stairs)), seed, block * BLOCK, BLOCK)
            books[arm] = books[arm] + found
    before, after = (Ledger(book, stairs) for book in books)
    saved = at_year_ends(cumulated(net(before) - net(after)))
    return saved, np.stack(_kept(town, before, after), axis=-1)


def _kept(town: Town, before: Ledger, after: Ledger) -> list[Floats]:
    years = before.values.shape[1] / MONTHS_IN_YEAR
    n_care, n_heavy = before.over("n_", in_care), before.over("n_", residential)
    everyone = np.ones(len(n_care))
    extra_cost = sum(f(after) - f(before) for f in (staff, one_off_costs, programme_costs))
    return [
        town.cases * everyone,
        town.fte * everyone,
        town.extra_fte * everyone,
        town.count(in_care) * everyone,
        n_care[:, -MONTHS_IN_YEAR:].mean(axis=1),
        town.count(residential) * everyone,
        town.count(at_home) * everyone,
        placements(before).sum(axis=1) / years,
        family_care(before).sum(axis=1) / years,
        np.asarray(extra_cost).sum(axis=1),
        (n_heavy - after.over("n_", residential)).sum(axis=1),
        (n_care - after.over("n_", in_care)).sum(axis=1),
    ]
