"""Answer: what a position of the sliders gives, in a few numbers for the page. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.page.state import Chosen
from experiments.small_counts import residential_left_out, stairs_left_out
from simulation.accounts import MONTHS_IN_YEAR, Floats, residential
from simulation.costs import break_even_month, cumulated
from simulation.policy import Policy
from simulation.scenario import Scenario
from simulation.tables import window

LAST = MONTHS_IN_YEAR


@dataclass(frozen=True)
class Arm:
    """Histories of one arm.

    `net` [history, month]: net cost in DKK; `stairs` [history, month, stair]: children.
    """

    net: Floats
    stairs: Floats

    def __add__(self, other: Arm) -> Arm:
        """Return the same histories of two sets of districts together."""
        return Arm(self.net + other.net, self.stairs + other.stairs)

    def until(self, months: int) -> Arm:
        """Return the histories up to a shorter horizon: nothing later changes what came before."""
        return Arm(self.net[:, :months], self.stairs[:, :months])


@dataclass(frozen=True)
class Answer:
    """What a policy gives against carrying on as today, over paired histories.

    `mean`, `low`, `lower`, `upper`, `high` [month + 1]: the cumulated net saving in DKK, from 0 at the
    start: mean, and quantiles at 5, 25, 75 and 95 %. `today`, `as_today`, `after` [stair]: children on
    the first day, and means of all months of the last year without and with the policy; NaN where a case
    list has too few to show. `month`: the policy's month by which half of the histories that pay for
    themselves for good have done so, NaN where none does; `p_paid`: the share that does.
    """

    chosen: Chosen
    histories: int
    draws: int
    begins: int
    mean: Floats
    low: Floats
    lower: Floats
    upper: Floats
    high: Floats
    month: float
    p_paid: float
    today: Floats
    as_today: Floats
    after: Floats
    residential_change: float

    @property
    def total(self) -> tuple[float, float, float]:
        """Mean, 5 and 95 % quantile of the net saving over the whole time, DKK."""
        return float(self.mean[-1]), float(self.low[-1]), float(self.high[-1])

    @property
    def is_certain(self) -> bool:
        """Whether every history saves, or costs, the same."""
        return bool(np.ptp([self.low[-1], self.high[-1]]) < 0.5)


def answer_of(
    chosen: Chosen, scenario: Scenario, policy: Policy, base: Arm, arm: Arm, draws: int
) -> Answer:
    """Return the answer from the histories of both arms; `scenario` has the chosen horizon."""
    saving = base.net - arm.net
    total = np.concatenate([np.zeros((len(saving), 1)), cumulated(saving)], axis=1)
    low, lower, upper, high = np.quantile(total, [0.05, 0.25, 0.75, 0.95], axis=0)
    begins = window(scenario, policy)[0]
    paid = break_even_month(saving, begins)
    known = paid[~np.isnan(paid)]
    as_today, after = (a.stairs[:, -LAST:].mean(axis=(0, 1)) for a in (base, arm))
    stairs = scenario.staircase
    heavy = [i for i in range(len(stairs)) if residential(stairs, i)]
    hidden = np.isin(stairs.keys, list(stairs_left_out(scenario)))
    change = float((after - as_today)[heavy].sum())
    return Answer(
        chosen=chosen, histories=len(saving), draws=draws, begins=begins,
        mean=total.mean(axis=0), low=low, lower=lower, upper=upper, high=high,
        month=float(np.median(known)) if len(known) else np.nan,
        p_paid=len(known) / len(paid),
        today=np.where(hidden, np.nan, _today(scenario)),
        as_today=np.where(hidden, np.nan, as_today), after=np.where(hidden, np.nan, after),
        residential_change=np.nan if residential_left_out(scenario) else change,
    )  # fmt: skip


def _today(scenario: Scenario) -> Floats:
    """Return [stair] children of the first day as the scenario's file shows them."""
    starts = [d.start for d in scenario.districts]
    return np.array([sum(s.get(k, 0) for s in starts) for k in scenario.staircase.keys], float)
