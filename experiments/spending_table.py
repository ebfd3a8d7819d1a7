"""Spending by group and calendar year as a table for people."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from experiments.results import Study
from experiments.runner import BASELINE
from experiments.spending import (
    AGAINST_BASELINE,
    AGAINST_FIRST_YEAR,
    LEVEL,
    NET,
    Prices,
    first_whole_year,
    label_of,
    months_of_years,
)
from experiments.tables import console_for_people
from simulation.accounts import MONTHS_IN_YEAR
from simulation.costs import groups_of

NARROW = 100
"""Columns below which intervals stand under the means."""


def print_spending(study: Study, prices: Prices = "fixed") -> None:
    """Print the municipality's spending under the baseline and the first policy."""
    console = console_for_people()
    shown = [p for p in study.plan.arms[:2] if concerns(study, p)]
    for policy in shown:
        console.print()
        console.print(spending_table(study, policy, prices, narrow=console.width < NARROW))
    console.print(
        f"[dim]m DKK, {_level(study, prices)}; in brackets what 90 of 100 histories lie between "
        f"({study.covers_in_short}). All policies, and "
        "society's view: spending.csv.[/dim]"
    )


def spending_table(study: Study, policy: str, prices: Prices = "fixed", narrow: bool = False) -> Table:
    """Return year x group: the amount, against the first whole year, and against the baseline."""
    found = {
        (row["compared"], row["year"], row["group"]): row
        for row in study.spending_rows(prices)
        if row["policy"] == policy and row["view"] == "municipality"
    }
    years = months_of_years(study.plan)
    table = Table(title=f"{escape(_where(study))}: what {escape(policy)} spends",
                  title_justify="left", title_style="bold", box=None, pad_edge=False)  # fmt: skip
    table.add_column("Year", no_wrap=True)
    table.add_column("Group")
    kinds = {LEVEL: "Amount"}
    first = first_whole_year(study.plan)
    if first is not None and len([m for m in years.values() if m == MONTHS_IN_YEAR]) > 1:
        kinds[AGAINST_FIRST_YEAR] = f"Against\n{list(years)[first]}"
    if policy != BASELINE:
        kinds[AGAINST_BASELINE] = "Against the\nbaseline"
    for head in kinds.values():
        table.add_column(head, justify="right", no_wrap=True)
    for year, months in years.items():
        for group in (*groups_of("municipality"), NET):
            when = f"{year}" if months == MONTHS_IN_YEAR else f"{year} ({months} months)"
            cells = [_cell(found.get((kind, year, group)), kind, narrow) for kind in kinds]
            names = (when if group == groups_of("municipality")[0] else "", label_of(group))
            table.add_row(*names, *cells, style="bold" if group == NET else "")
    return table


def concerns(study: Study, policy: str) -> bool:
    """Return whether an arm may differ from the baseline here: a policy may be for other districts."""
    if policy == BASELINE or study.plan.district is None:
        return True
    covered = study.plan.scenario.policy(policy).districts
    return covered is None or study.plan.district in covered


def _where(study: Study) -> str:
    plan = study.plan
    return f"{plan.scenario.label}, {plan.district}" if plan.district else plan.scenario.label


def _cell(row: dict[str, Any] | None, kind: str, narrow: bool) -> str:
    if row is None:
        return ""
    if row["mean"] != row["mean"]:
        return "hidden"
    sign = "" if kind == LEVEL else "+"
    mean, low, high = (_millions(row[name], sign) for name in ("mean", "low", "high"))
    if low == high:
        return mean
    return f"{mean}{chr(10) if narrow else ' '}[dim]({low} to {high})[/dim]"


def _millions(dkk: float, sign: str = "") -> str:
    text = f"{dkk / 1e6:{sign}.1f}"
    return "0.0" if text in ("-0.0", "+0.0") else text


def _level(study: Study, prices: Prices) -> str:
    if prices == "current":
        return "each year at its own price level"
    return f"prices of {study.plan.scenario.price_year}"
