"""Results: a study as tidy tables, with intervals that say what they cover."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.csv_cells import neutral
from experiments.estimates import CHANCE, COVERAGE, MEAN_ERROR, Estimate, estimate
from experiments.histories import Histories
from experiments.runner import BASELINE
from experiments.small_counts import without
from experiments.spending import Prices, spending_rows
from simulation.accounts import MONTHS_IN_YEAR, Floats, months_covered
from simulation.costs import View
from simulation.outcomes import OUTCOMES
from simulation.sections import PEOPLE, PERSON_MONTHS

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CHANCE",
    "COVERAGE",
    "MEAN_ERROR",
    "SAVINGS",
    "SUMMARY_OUTCOMES",
    "Estimate",
    "Study",
    "as_csv",
    "estimate",
    "year_label",
]

SAVINGS: dict[str, View] = {"net_saving": "municipality", "net_saving_society": "society"}
"""Net saving against the baseline, seen by the municipality's budget and by society."""

SUMMARY_OUTCOMES = (
    "net_cost", "placement_cost", "home_cost", "staff_cost", "one_off_cost", "refund",
    "n_in_care", "n_residential", "n_at_home", "residential_months", "waiting_months", "entries",
    "breakdowns", "caseload", "achieved_interval", "share_overdue",
)  # fmt: skip


@dataclass(frozen=True)
class Study(Histories):
    """All replicates of a baseline and its policies, and their tables."""

    def spending_rows(self, prices: Prices = "fixed") -> list[dict[str, Any]]:
        """Return spending by group and calendar year as tidy rows (see `experiments.spending`)."""
        return self._shown(spending_rows(self.plan, self.arms, prices))

    def difference(self, name: str, policy: str | None = None) -> pd.DataFrame:
        """Return paired differences policy - baseline per year, as a table.

        `net_saving` and `net_saving_society` are baseline - policy, per year and cumulated. One policy,
        or all.
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

    def level(self, name: str, policy: str = BASELINE) -> Estimate:
        """Return an outcome over the whole time: the sum of what adds up, the mean of the rest."""
        return self.estimate(self._over_all_years(name, policy))

    def change(self, name: str, policy: str, year: int | None = None) -> Estimate:
        """Return the paired difference policy - baseline of an outcome: `level`, or one year (1, 2, ...).

        `net_saving` and `net_saving_society` are what is saved, baseline - policy, DKK. Raises ValueError
        for a year the study does not have.
        """
        if year is None:
            return self.estimate(self._whole_difference(name, policy))
        if not 1 <= year <= self.n_years:
            raise ValueError(f"year = {year} must lie between 1 and {self.n_years}")
        return self.estimate(self._differences(name, policy)[:, year - 1])

    # --- tidy rows ---------------------------------------------------------------------------------

    def outcome_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy, outcome and year."""
        rows = []
        for policy in self.plan.arms:
            for name in (*SUMMARY_OUTCOMES, *self._stair_columns()):
                values = self.outcome(name, policy)
                for year in range(self.n_years):
                    rows.append(self._row(policy, name, year + 1, self.estimate(values[:, year])))
        return self._shown(rows)

    def difference_rows(
        self, names: tuple[str, ...] = (*SAVINGS, *SUMMARY_OUTCOMES)
    ) -> list[dict[str, Any]]:
        """Return one row per policy, outcome and year of the paired difference to the baseline."""
        rows = []
        for policy in self.plan.policies:
            for name in names:
                values = self._differences(name, policy)
                for year in range(self.n_years):
                    rows.append(self._row(policy, name, year + 1, self.estimate(values[:, year])))
                if name in SAVINGS:
                    rows += self._cumulated_rows(policy, name)
        return rows

    def summary_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy and outcome, over the whole time."""
        rows = []
        for policy in self.plan.arms:
            for name in SUMMARY_OUTCOMES:
                values = self._over_all_years(name, policy)
                rows.append(self._row(policy, name, "all", self.estimate(values)))
            for name, view in SAVINGS.items() if policy != BASELINE else ():
                total = self.cumulated_saving(policy, view=view)[:, -1]
                rows.append(self._row(policy, name, "all", self.estimate(total)))
        return self._shown(rows)

    def month_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy, stair and month: children there, mean and interval.

        Without numbers where few children of a case list began (`experiments.small_counts`).
        """
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
                            "covers": self.covers,
                            "replicates": self.replicates,
                        }
                    )
        return self._shown(rows)

    def break_even_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy and year: share of histories that have broken even, and their month.

        The month is that of the policy: first after which it has paid for good, over the whole time.
        """
        rows = []
        for policy in self.plan.policies:
            month = self.break_even_month(policy)
            known = month[~np.isnan(month)]
            e = self.estimate(month)
            of_policy = {
                "p_never": float(np.isnan(month).mean()),
                "month_median": float(np.median(known)) if len(known) else np.nan,
                "month_low": e.low,
                "month_high": e.high,
                "replicates": self.replicates,
            }
            for year, p in enumerate(self.p_broken_even(policy)):
                rows.append({"policy": policy, "year": year + 1, "p_broken_even": float(p), **of_policy})
        return rows

    def uncertainty_rows(self) -> list[dict[str, Any]]:
        """Return one row per policy and difference: its spread, and whose it is.

        Variances of the paired difference over the whole time: between histories at the same parameters
        (chance), and between parameters. Empty where parameters stood at their values.
        """
        rows: list[dict[str, Any]] = []
        for policy in self.plan.policies if self.plan.draws else ():
            for name in ("net_saving", "residential_months", "care_months"):
                values = self._whole_difference(name, policy)
                parts = self.spread(values)
                rows.append(
                    {
                        "policy": policy,
                        "outcome": name,
                        "sd": float(values.std(ddof=1)),
                        "sd_chance": parts.chance**0.5,
                        "sd_parameters": parts.parameters**0.5,
                        "share_of_parameters": parts.share_of_parameters,
                        "draws": self.plan.draws_in(self.replicates),
                        "replicates": self.replicates,
                    }
                )
        return rows

    def _whole_difference(self, name: str, policy: str) -> Floats:
        """Return [replicate]: a difference over the whole time; savings: baseline - policy."""
        if name in SAVINGS:
            return np.asarray(self.cumulated_saving(policy, view=SAVINGS[name])[:, -1])
        if name == "care_months":
            before, after = self.outcome("n_in_care"), self.outcome("n_in_care", policy)
            return np.asarray((after - before) @ months_covered(self.plan.scenario.months))
        return self._over_all_years(name, policy) - self._over_all_years(name, BASELINE)

    def _differences(self, name: str, policy: str) -> Floats:
        if name in SAVINGS:
            totals = self.cumulated_saving(policy, view=SAVINGS[name])
            return np.diff(totals, axis=1, prepend=0.0)
        return self.outcome(name, policy) - self.outcome(name)

    def _cumulated_rows(self, policy: str, saving: str) -> list[dict[str, Any]]:
        """Return cumulated savings; the municipality's also as society would discount it."""
        rows = []
        view = SAVINGS[saving]
        kinds: dict[str, bool | None] = {f"{saving}_cumulated": None}
        if view == "municipality":
            kinds[f"{saving}_discounted"] = True
        for name, discount in kinds.items():
            values = self.cumulated_saving(policy, discount, view)
            for year in range(self.n_years):
                rows.append(self._row(policy, name, year + 1, self.estimate(values[:, year])))
        return rows

    def _over_all_years(self, name: str, policy: str) -> Floats:
        """Return [replicate]: the sum over years of what adds up, the mean of the rest."""
        values = self.outcome(name, policy)
        adds_up = OUTCOMES[name].unit in ("DKK", PERSON_MONTHS, PEOPLE, "breakdowns", "moves")
        adds_up = adds_up and not name.startswith("n_")
        return values.sum(axis=1) if adds_up else _mean_of_known(values)

    def _shown(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return rows without the numbers of what a case list's small counts hide."""
        return without(rows, self.plan.scenario, self.plan.district)

    def _stair_columns(self) -> list[str]:
        return [f"n_{key}" for key in self.plan.scenario.staircase.keys]

    def _row(self, policy: str, name: str, year: int | str, e: Estimate) -> dict[str, Any]:
        outcome = OUTCOMES.get(name)
        unit = outcome.unit if outcome else "DKK" if name.startswith("net_saving") else PEOPLE
        return {
            "policy": policy,
            "outcome": name,
            "unit": self.plan.scenario.in_words(unit),
            "year": year,
            "mean": e.mean,
            "low": e.low,
            "high": e.high,
            "mean_error": e.error,
            "covers": self.covers,
            "replicates": self.replicates,
        }


def _mean_of_known(values: Floats) -> Floats:
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    return np.divide(np.where(known, values, 0.0).sum(axis=1), n,
                     out=np.full(len(values), np.nan), where=n > 0)  # fmt: skip


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Return tidy rows as csv text: a header, points as decimal marks, UTF-8, no live formulas."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {k: repr(float(v)) if isinstance(v, float) else neutral(v) for k, v in row.items()}
        )
    return out.getvalue()


def year_label(months: int) -> str:
    """Return a length of time in words: '5 years', '18 months'."""
    years, rest = divmod(months, MONTHS_IN_YEAR)
    if rest:
        return f"{months} month{'s' if months != 1 else ''}"
    return f"{years} year{'s' if years != 1 else ''}"
