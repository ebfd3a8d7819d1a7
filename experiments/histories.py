"""Histories: all replicates of a study, and what they saved, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.estimates import BOTH, CHANCE, Estimate, estimate
from experiments.runner import BASELINE, Arm, Plan
from experiments.shares import Spread, spread
from simulation import law
from simulation.accounts import Floats, months_covered
from simulation.costs import (
    View,
    at_year_ends,
    break_even_month,
    broken_even,
    check_view,
    cumulated,
    discounted,
)
from simulation.outcomes import measured
from simulation.policy import Policy
from simulation.tables import Ints, window


@dataclass(frozen=True)
class Histories:
    """All replicates of a baseline and its policies, as arrays.

    Differences are paired: the same children with the same luck, with and without the policy.

    Money is seen in two views. The municipality's budget is net of the state refund and not discounted.
    Society's is before it (a transfer between public purses), discounted at `discount_rate` a year, and
    with the loss from taxation on top where `tax_distortion` is set (`simulation.law` has both).
    """

    plan: Plan
    arms: dict[str, Arm]
    folder: Path | None = None
    discount_rate: float | None = None
    tax_distortion: bool = False

    @property
    def replicates(self) -> int:
        """How many histories each policy was given."""
        return len(self.arms[BASELINE].net)

    @property
    def draw_of(self) -> Ints | None:
        """[replicate]: the draw of the parameters each was made at; None where they stood still."""
        return self.plan.draw_of(self.replicates)

    @property
    def covers(self) -> str:
        """What the intervals cover: chance, or chance and parameters."""
        return BOTH if self.plan.draws else CHANCE

    @property
    def covers_in_short(self) -> str:
        """The same in a few words, for pictures."""
        return "chance and parameters" if self.plan.draws else "chance only"

    def estimate(self, values: Floats) -> Estimate:
        """Return mean, interval and error of the mean of [replicate]."""
        return estimate(values, self.draw_of)

    def spread(self, values: Floats) -> Spread:
        """Return how much of the variance of [replicate] is chance and how much parameters.

        Raises ValueError where parameters stood at their values.
        """
        if self.draw_of is None:
            raise ValueError("the study has no draws of the parameters; make it with draws=100")
        return spread(values, self.draw_of)

    @property
    def n_years(self) -> int:
        """Years, the last perhaps unfinished."""
        return self.arms[BASELINE].years.shape[1]

    def arm(self, policy: str) -> Arm:
        """Return what one policy gave; KeyError names the policies that were compared."""
        if policy not in self.arms:
            raise KeyError(f"the study has no policy {policy!r}; it has: {', '.join(self.arms)}")
        return self.arms[policy]

    def outcome(self, name: str, policy: str = BASELINE) -> Floats:
        """Return [replicate, year] of an outcome (see `simulation.outcomes.OUTCOMES`)."""
        months = months_covered(self.plan.scenario.months)
        return measured(name, self.arm(policy).years, self.plan.scenario.staircase, months)

    def society_rate(self, policy: str) -> float:
        """Return society's discount rate per year: asked for, the scenario's, or the ministry's."""
        if self.discount_rate is not None:
            return self.discount_rate
        return law.discount_rate(self.plan.scenario, self._policy(policy))

    def lost_to_taxation(self, policy: str) -> float:
        """Return what each krone of taxes costs society on top: 0, or the guide's where asked for."""
        if not self.tax_distortion:
            return 0.0
        return law.tax_distortion(self.plan.scenario, self._policy(policy))

    def _policy(self, name: str) -> Policy:
        """Return a policy of the study by name; carrying on as today is one that changes nothing."""
        return Policy() if name == BASELINE else self.plan.scenario.policy(name)

    def saving(
        self, policy: str, discount: float | bool | None = None, view: View = "municipality"
    ) -> Floats:
        """Return [replicate, month] of the net saving against the baseline, DKK.

        Args:
            policy: name of the policy.
            discount: rate per year; True: society's; None: as the view does (see Histories).
            view: "municipality" or "society".

        Raises:
            KeyError, ValueError: no such policy, no such view.
        """
        check_view(view)
        before, after = self.arm(BASELINE), self.arm(policy)
        monthly = before.net - after.net
        if view == "society":
            monthly = (before.gross - after.gross) * (1.0 + self.lost_to_taxation(policy))
        if discount is True or (discount is None and view == "society"):
            discount = self.society_rate(policy)
        return discounted(monthly, float(discount or 0.0))

    def cumulated_saving(
        self, policy: str, discount: float | bool | None = None, view: View = "municipality"
    ) -> Floats:
        """Return [replicate, year] of the net saving cumulated to the end of each year, DKK."""
        return at_year_ends(cumulated(self.saving(policy, discount, view)))

    def p_broken_even(
        self, policy: str, discount: float | bool | None = None, view: View = "municipality"
    ) -> Floats:
        """Return [year]: the share of histories that have broken even by the end of each year."""
        return np.asarray(broken_even(self.saving(policy, discount, view)).mean(axis=0))

    def break_even_month(
        self, policy: str, discount: float | bool | None = None, view: View = "municipality"
    ) -> Floats:
        """Return [replicate]: the policy's month (1, 2, ...) after which it has paid for good, or NaN."""
        saving = self.saving(policy, discount, view)
        return break_even_month(saving, window(self.plan.scenario, self._policy(policy))[0])
