"""Results: a study as tidy tables, with intervals that say what they cover."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.runner import BASELINE, Arm, Plan
from simulation.accounts import MONTHS_IN_YEAR, Floats, months_covered
from simulation.costs import at_year_ends, broken_even, cumulated, discounted
from simulation.law import discount_rate
from simulation.outcomes import OUTCOMES, measured
from simulation.sections import PEOPLE, PERSON_MONTHS

if TYPE_CHECKING:
    import pandas as pd

COVERAGE = 0.90
CHANCE = "chance: 90 of 100 histories lie inside; parameters are held at their values"
"""What the intervals of a study cover."""

MEAN_ERROR = "Monte Carlo error of the mean: 90 % confidence, from the number of replicates"

SAVING = "net_saving"
SUMMARY_OUTCOMES = (
    "net_cost", "placement_cost", "home_cost", "staff_cost", "one_off_cost", "refund",
    "n_in_care", "n_residential", "n_at_home", "residential_months", "waiting_months", "entries",
    "breakdowns", "caseload", "achieved_interval", "share_overdue",
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """Mean over replicates, the interval that 90 % of them lie in, and the error of the mean."""

    mean: float
    low: float
    high: float
    error: float


def estimate(values: Floats) -> Estimate:
    """Return mean, 5 and 95 % quantiles, and the half-width of the mean's 90 % confidence interval.

    Replicates in which the outcome is not defined (NaN) are left out; all NaN gives NaN.
    """
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    low, high = np.quantile(known, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    error = 1.645 * known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else np.nan
    return Estimate(float(known.mean()), float(low), float(high), float(error))


@dataclass(frozen=True)
class Study:
    """All replicates of a baseline and its policies.

    Differences are paired: the same children with the same luck, with and without the policy.
    """

    plan: Plan
    arms: dict[str, Arm]
    folder: Path | None = None

    @property
    def replicates(self) -> int:
        """How many histories each policy was given."""
        return len(self.arms[BASELINE].net)

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

    def saving(self, policy: str, discount: bool = False) -> Floats:
        """Return [replicate, month] of the net saving against the baseline, DKK."""
        monthly = self.arm(BASELINE).net - self.arm(policy).net
        scenario = self.plan.scenario
        if not discount or policy == BASELINE:
            return monthly
        return discounted(monthly, discount_rate(scenario, scenario.policy(policy)))

    def cumulated_saving(self, policy: str, discount: bool = False) -> Floats:
        """Return [replicate, year] of the net saving cumulated to the end of each year, DKK."""
        return at_year_ends(cumulated(self.saving(policy, discount)))

    def p_broken_even(self, policy: str) -> Floats:
        """Return [year]: the share of histories that have broken even by the end of each year."""
        return np.asarray(broken_even(self.saving(policy)).mean(axis=0))

    def difference(self, name: str, policy: str | None = None) -> pd.DataFrame:
        """Return paired differences policy - baseline per year, as a table.

        `net_saving` is baseline - policy, per year and cumulated. One policy, or all.
        """
        import pandas as pd

        if policy is not None:
            self.arm(policy)
        rows = [r for r in self.difference_rows((name,)) if policy in (None, r["policy"])]
        return pd.DataFrame(rows)

    def summary(self) -> pd.DataFrame:
        """Return policy x outcome over the whole time: mean, interval, and what it covers."""
        import pandas as pd

        return pd.DataFrame(self.summary_rows())

    # --- tidy rows ---------------------------------------------------------------------------------

    def outcome_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy, outcome and year."""
        rows = []
        for policy in self.plan.arms:
            for name in (*SUMMARY_OUTCOMES, *self._stair_columns()):
                values = self.outcome(name, policy)
                for year in range(self.n_years):
                    rows.append(self._row(policy, name, year + 1, estimate(values[:, year])))
        return rows

    def difference_rows(
        self, names: tuple[str, ...] = (SAVING, *SUMMARY_OUTCOMES)
    ) -> list[dict[str, Any]]:
        """Return one row per policy, outcome and year of the paired difference to the baseline."""
        rows = []
        for policy in self.plan.policies:
            for name in names:
                values = self._differences(name, policy)
                for year in range(self.n_years):
                    rows.append(self._row(policy, name, year + 1, estimate(values[:, year])))
                if name == SAVING:
                    rows += self._cumulated_rows(policy)
        return rows

    def summary_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy and outcome, over the whole time."""
        rows = []
        for policy in self.plan.arms:
            for name in SUMMARY_OUTCOMES:
                values = self._over_all_years(name, policy)
                rows.append(self._row(policy, name, "all", estimate(values)))
            if policy != BASELINE:
                total = self.cumulated_saving(policy)[:, -1]
                rows.append(self._row(policy, SAVING, "all", estimate(total)))
        return rows

    def month_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy, stair and month: children there, mean and interval."""
        rows = []
        for policy in self.plan.arms:
            for i, stair in enumerate(self.plan.scenario.staircase.keys):
                values = self.arms[policy].stairs[:, :, i]
                low, high = np.quantile(values, [0.05, 0.95], axis=0)
                for month, mean in enumerate(values.mean(axis=0)):
                    rows.append(
                        {
                            "policy": policy,
                            "stair": stair,
                            "month": month + 1,
                            "mean": float(mean),
                            "low": float(low[month]),
                            "high": float(high[month]),
                            "covers": CHANCE,
                            "replicates": self.replicates,
                        }
                    )
        return rows

    def break_even_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy and year: share of histories that have broken even."""
        return [
            {
                "policy": policy,
                "year": year + 1,
                "p_broken_even": float(p),
                "replicates": self.replicates,
            }
            for policy in self.plan.policies
            for year, p in enumerate(self.p_broken_even(policy))
        ]

    def _differences(self, name: str, policy: str) -> Floats:
        if name == SAVING:
            totals = self.cumulated_saving(policy)
            return np.diff(totals, axis=1, prepend=0.0)
        return self.outcome(name, policy) - self.outcome(name)

    def _cumulated_rows(self, policy: str) -> list[dict[str, Any]]:
        rows = []
        for name, discount in (("net_saving_cumulated", False), ("net_saving_discounted", True)):
            values = self.cumulated_saving(policy, discount)
            for year in range(self.n_years):
                rows.append(self._row(policy, name, year + 1, estimate(values[:, year])))
        return rows

    def _over_all_years(self, name: str, policy: str) -> Floats:
        """Return [replicate]: the sum over years of what adds up, the mean of the rest."""
        values = self.outcome(name, policy)
        adds_up = OUTCOMES[name].unit in ("DKK", PERSON_MONTHS, PEOPLE, "breakdowns", "moves")
        adds_up = adds_up and not name.startswith("n_")
        return values.sum(axis=1) if adds_up else _mean_of_known(values)

    def _stair_columns(self) -> list[str]:
        return [f"n_{key}" for key in self.plan.scenario.staircase.keys]

    def _row(self, policy: str, name: str, year: int | str, e: Estimate) -> dict[str, Any]:
        outcome = OUTCOMES.get(name)
        unit = outcome.unit if outcome else "DKK" if name.startswith(SAVING) else PEOPLE
        return {
            "policy": policy,
            "outcome": name,
            "unit": self.plan.scenario.in_words(unit),
            "year": year,
            "mean": e.mean,
            "low": e.low,
            "high": e.high,
            "mean_error": e.error,
            "covers": CHANCE,
            "replicates": self.replicates,
        }


def _mean_of_known(values: Floats) -> Floats:
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    return np.divide(np.where(known, values, 0.0).sum(axis=1), n,
                     out=np.full(len(values), np.nan), where=n > 0)  # fmt: skip


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Return tidy rows as csv text: a header, points as decimal marks, UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: repr(v) if isinstance(v, float) else v for k, v in row.items()})
    return out.getvalue()


def year_label(months: int) -> str:
    """Return a length of time in words: '5 years', '18 months'."""
    years, rest = divmod(months, MONTHS_IN_YEAR)
    if rest:
        return f"{months} month{'s' if months != 1 else ''}"
    return f"{years} year{'s' if years != 1 else ''}"
