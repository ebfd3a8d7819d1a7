"""Work: a block of histories of one municipality, with and without the policy; sums only are kept.

Histories come in blocks of `BLOCK`: what is not published is drawn once per block, and with `draws` the
parameters too. A block of one municipality is one task, a pure function of the plan: tasks share nothing,
so the result does not depend on where they run, nor on how many run side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from experiments.country.balance import balanced_at_draw
from experiments.country.facts import Municipality, municipalities
from experiments.country.town import Town, town
from experiments.country.unknown import Drawn, drawn
from experiments.draws import SPREAD, draws, residential_readiness
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
    "cases", "fte", "extra_fte", "in_care_start", "in_care_mean", "in_care_end", "residential_start",
    "residential_end", "at_home_start", "placement_cost", "family_cost", "policy_cost",
    "residential_months_saved", "care_months_saved",
)  # fmt: skip
"""What is kept of every history beside the saving: the baseline's, and differences."""

Task = tuple[int, int]
"""Position of a municipality in the file, and number of a block."""


@dataclass(frozen=True)
class Plan:
    """What is asked: the average municipality at its length, a policy, histories, municipalities.

    `average` is in balance (`balance.in_balance`), or its baseline drifts.
    """

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
    def calendar(self) -> int:
        """Years that are begun."""
        return -(-self.average.months // MONTHS_IN_YEAR)

    @property
    def municipalities(self) -> tuple[Municipality, ...]:
        """The municipalities asked for."""
        return tuple(municipalities()[i] for i in self.towns)


@dataclass(frozen=True, eq=False)
class Job:
    """A plan and the name of all it rests on, by which a worker knows what it has made ready before."""

    plan: Plan
    digest: str

    def __eq__(self, other: object) -> bool:
        """Return whether the work is the same."""
        return isinstance(other, Job) and self.digest == other.digest

    def __hash__(self) -> int:
        """Return a hash that goes with equality."""
        return hash(self.digest)


def done(job: Job, task: Task) -> tuple[Floats, Floats]:
    """Return [history, year] the net saving so far, DKK, and [history, KEPT], of a block of one town."""
    place, block = task
    found = town_in(job, place, block)
    return _run(found, job.plan, municipalities()[place].code, block)


def check(plan: Plan) -> None:
    """Raise ValueError where the policy is for some districts only, or there are not so many draws."""
    policy: Policy = plan.average.policy(plan.policy)
    if policy.districts is not None:
        raise ValueError(
            f"policy {plan.policy!r} is for some districts only; the country needs one for all of them"
        )
    if plan.draws:
        draws(plan.draws, plan.average)


@dataclass(frozen=True)
class _Block:
    """What all municipalities share in a block; `spread` is 0 where parameters stand at their values."""

    drawn: Drawn
    average: Scenario
    spread: float


@lru_cache(maxsize=64)
def _block(job: Job, block: int) -> _Block:
    plan = job.plan
    all_drawn = drawn(plan.average, plan.seed, block, plan.caseload_sd)
    if not plan.draws:
        return _Block(all_drawn, plan.average, 0.0)
    of_them = draws(plan.draws, plan.average)
    draw = of_them[block % len(of_them)]
    return _Block(all_drawn, balanced_at_draw(plan.average, draw), draw[SPREAD])


def town_in(job: Job, place: int, block: int) -> Town:
    """Return a municipality, by its position in the file, as it is in a block."""
    shared = _block(job, block)
    average, all_drawn = shared.average, shared.drawn
    if job.plan.draws:
        average = in_its_place(average, shared.spread, float(all_drawn.place[place]))
    return town(
        "all", average, average.policy(job.plan.policy), all_drawn.mean[place],
        all_drawn.count[place], float(all_drawn.caseload[place]),
    )  # fmt: skip


def in_its_place(average: Scenario, spread: float, place: float) -> Scenario:
    """Return the average municipality with the residential readiness of one at a place among all."""
    factor = float(np.exp(spread * place))
    rates = average.children.readiness_rate
    names = [name.rpartition(".")[2] for name in residential_readiness(average)]
    new = {f"children.readiness_rate.{key}": rates[key] * factor for key in names}
    return with_values(average, new)


def _run(town: Town, plan: Plan, code: int, block: int) -> tuple[Floats, Floats]:
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
        n_care.mean(axis=1),
        n_care[:, -MONTHS_IN_YEAR:].mean(axis=1),
        town.count(residential) * everyone,
        n_heavy[:, -MONTHS_IN_YEAR:].mean(axis=1),
        town.count(at_home) * everyone,
        placements(before).sum(axis=1) / years,
        family_care(before).sum(axis=1) / years,
        np.asarray(extra_cost).sum(axis=1),
        (n_heavy - after.over("n_", residential)).sum(axis=1),
        (n_care - after.over("n_", in_care)).sum(axis=1),
    ]
