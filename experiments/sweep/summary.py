"""A sweep in few numbers: mean, standard error and interval of each row and outcome, and over draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.estimates import BOTH, CHANCE
from experiments.shares import error_of_mean
from experiments.sweep.design import Design, Row
from experiments.sweep.outcomes import KEPT, NAMES
from experiments.sweep.run import Sweep
from experiments.sweep.table import parameters_of
from simulation.accounts import Floats
from simulation.tables import Ints

QUANTILES = (0.05, 0.5, 0.95)


def summary_rows(sweep: Sweep) -> list[dict[str, Any]]:
    """Return one line per row and outcome; a failed row says why and has no numbers."""
    rows = sweep.design.rows
    lines = []
    for i, row in enumerate(rows):
        values = sweep.values(NAMES, range(i, i + 1))[0]
        lines += row_summary(i + 1, row, rows, values, sweep.errors.get(i, ""))
    return lines


def row_summary(
    number: int, row: Row, rows: Sequence[Row], values: Floats, error: str = ""
) -> list[dict[str, Any]]:
    """Return one line per outcome from the values [replicate, outcome] of one row of `rows`."""
    asked = {
        "row": number,
        "scenario": row.scenario,
        "policy": row.policy,
        "draw": "" if row.draw is None else row.draw,
        **{name: row.values.get(name, "") for name in parameters_of(rows)},
    }
    return [
        {**asked, **_of(name, values[:, i], None), "covers": CHANCE, "error": error}
        for i, name in enumerate(NAMES)
    ]


def over_draws(sweep: Sweep) -> list[dict[str, Any]]:
    """Return one line per row without its draw and outcome: all histories of all its draws together.

    `rows` says how many rows came in. Empty where no two rows differ in their draw alone.
    """
    lines = []
    names = parameters_of(sweep.design.rows)
    for point, (first, numbers) in enumerate(points(sweep.design).items(), 1):
        good = [i for i in numbers.tolist() if i not in sweep.errors]
        if not good:
            continue
        values = np.stack([sweep.values(NAMES, range(i, i + 1))[0] for i in good])
        flat = values.reshape(-1, len(NAMES))
        groups = np.repeat(np.arange(len(good)), values.shape[1])
        row = sweep.design.rows[first]
        asked = {"point": point, "scenario": row.scenario, "policy": row.policy,
                 **{name: row.values.get(name, "") for name in names}, "draws": len(good)}  # fmt: skip
        lines += [
            {**asked, **_of(name, flat[:, i], groups), "covers": BOTH} for i, name in enumerate(NAMES)
        ]
    return lines


def points(design: Design) -> dict[int, Ints]:
    """Return the rows that differ in their draw alone, by the first of them; {} where there are none."""
    found: dict[Any, list[int]] = {}
    for i, row in enumerate(design.rows):
        if row.draw is not None:
            key = (row.scenario, row.policy, tuple(sorted(row.values.items())))
            found.setdefault(key, []).append(i)
    if all(len(numbers) == 1 for numbers in found.values()):
        return {}
    return {numbers[0]: np.array(numbers) for numbers in found.values()}


def _of(name: str, values: Floats, groups: Ints | None) -> dict[str, Any]:
    """Return what is said of one outcome; histories in which it is not defined are left out of `n`."""
    is_known = ~np.isnan(values)
    known = values[is_known]
    of = np.arange(len(known)) if groups is None else groups[is_known]
    low, median, high = np.quantile(known, QUANTILES) if len(known) else (np.nan,) * 3
    return {
        "outcome": name,
        "unit": KEPT[name].unit,
        "mean": float(known.mean()) if len(known) else np.nan,
        "standard_error": error_of_mean(known, of) if len(known) > 1 else np.nan,
        "low": float(low),
        "median": float(median),
        "high": float(high),
        "n": len(known),
    }
