"""Spending by group of accounts and calendar year, as a municipality's budget shows it.

Groups go by kinds of stairs (`costs.GROUPS`); `net` is their sum. Amounts are as paid, never discounted.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal, get_args

import numpy as np

from experiments.estimates import BOTH, CHANCE, COVERAGE, estimate
from experiments.runner import BASELINE, Arm, Plan
from simulation.accounts import MONTHS_IN_YEAR, Floats, calendar_years
from simulation.costs import GROUPS, VIEWS, View, groups_of
from simulation.parameters import price_factor

Prices = Literal["fixed", "current"]
NET = "net"
NET_LABEL = "Nettoudgift"

LEVEL, AGAINST_BASELINE, AGAINST_FIRST_YEAR = "level", "baseline", "first_year"
"""What a row holds: the amount; policy - baseline; year - first whole year, both under the policy."""


def spending_rows(plan: Plan, arms: dict[str, Arm], prices: Prices = "fixed") -> list[dict[str, Any]]:
    """Return one row per policy, comparison, view, group and calendar year.

    Args:
        plan: what was run.
        arms: what each policy gave.
        prices: "fixed": all years at the scenario's price level; "current": each year at its own.

    Raises:
        ValueError: no such prices.
    """
    rows = []
    for view in VIEWS:
        amounts = {name: spending(plan, arms[name], view, prices) for name in plan.arms}
        for name, own in amounts.items():
            compared = {LEVEL: own}
            if name != BASELINE:
                compared[AGAINST_BASELINE] = own - amounts[BASELINE]
            first = first_whole_year(plan)
            if first is not None:
                compared[AGAINST_FIRST_YEAR] = own - own[:, first : first + 1]
            for kind, values in compared.items():
                rows += _rows(plan, name, kind, view, prices, values)
    return rows


def spending(plan: Plan, arm: Arm, view: View = "municipality", prices: Prices = "fixed") -> Floats:
    """Return [replicate, calendar year, group] in DKK: the groups of the view, then their sum."""
    kept = [list(GROUPS).index(name) for name in groups_of(view)]
    groups = arm.spending[:, :, kept] * _price_factors(plan, prices)[:, None]
    return np.concatenate([groups, groups.sum(axis=2, keepdims=True)], axis=2)


def months_of_years(plan: Plan) -> dict[int, int]:
    """Return how many months of the simulation each calendar year has, by year."""
    return dict(Counter(calendar_years(plan.scenario.start, plan.scenario.months).tolist()))


def first_whole_year(plan: Plan) -> int | None:
    """Return the position of the first calendar year of twelve months; None where there is none."""
    months = list(months_of_years(plan).values())
    return months.index(MONTHS_IN_YEAR) if MONTHS_IN_YEAR in months else None


def label_of(group: str) -> str:
    """Return the Danish label of a group, or of their sum."""
    return GROUPS[group].danish if group in GROUPS else NET_LABEL


def _price_factors(plan: Plan, prices: Prices) -> Floats:
    if prices not in get_args(Prices):
        raise ValueError(f"prices = {prices!r} must be {' or '.join(map(repr, get_args(Prices)))}")
    years, level = months_of_years(plan), plan.scenario.price_year
    return np.array([price_factor(level, y) if prices == "current" else 1.0 for y in years])


def _rows(
    plan: Plan, policy: str, compared: str, view: View, prices: Prices, values: Floats
) -> list[dict[str, Any]]:
    """Return the rows of [replicate, year, group]; years against the first one only where whole."""
    low, high = np.quantile(values, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], axis=0)
    mean, n = values.mean(axis=0), len(values)
    draw_of = plan.draw_of(n)
    error = np.apply_along_axis(lambda x: estimate(x, draw_of).error, 0, values)
    rows = []
    for y, (year, months) in enumerate(months_of_years(plan).items()):
        if compared == AGAINST_FIRST_YEAR and (months < MONTHS_IN_YEAR or y == first_whole_year(plan)):
            continue
        for g, group in enumerate((*groups_of(view), NET)):
            rows.append(
                {
                    "policy": policy,
                    "group": group,
                    "label": label_of(group),
                    "year": year,
                    "months": months,
                    "compared": compared,
                    "view": view,
                    "prices": prices,
                    "mean": float(mean[y, g]),
                    "low": float(low[y, g]),
                    "high": float(high[y, g]),
                    "mean_error": float(error[y, g]),
                    "covers": BOTH if plan.draws else CHANCE,
                    "replicates": n,
                }
            )
    return rows
