"""A sweep in few numbers: mean, standard error and interval of each row and outcome, and over draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.estimates import BOTH, CHANCE, Estimate, estimate
from experiments.shares import error_of_mean
from experiments.sweep.design import Row
from experiments.sweep.outcomes import KEPT, NAMES
from experiments.sweep.run import Sweep
from experiments.sweep.table import parameters_of
from simulation.accounts import Floats
from simulation.tables import Ints

QUANTILES = (0.05, 0.5, 0.95)


def summary_rows(sweep: Sweep) -> list[dict[str, Any]]:
    """Return one line per row and outcome; a failed row says why and has no numbers."""
    rows, step = sweep.design.rows, sweep.design.rows_per_chunk
    lines = []
    for first in range(0, len(rows), step):
        some = range(first, min(first + step, len(rows)))
        for i, values in zip(some, sweep.values(NAMES, some), strict=True):
            lines += row_summary(i + 1, rows[i], rows, values, sweep.errors.get(i, ""))
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


@dataclass(frozen=True)
class Line:
    """Rows that differ in their draw alone (or one row), with all their histories together.

    `row` is the first of them, `numbers` are those of all (from 1). `values` [history, outcome] are of
    the outcomes `names`; `draw_of` [history], None without draws. `error` where no row could be run.
    """

    row: Row
    numbers: tuple[int, ...]
    names: tuple[str, ...]
    values: Floats
    draw_of: Ints | None
    error: str = ""

    def estimate(self, name: str) -> Estimate:
        """Return mean, interval and error of the mean of one outcome."""
        return estimate(self.values[:, self.names.index(name)], self.draw_of)


def lines_of(sweep: Sweep, names: tuple[str, ...]) -> list[Line]:
    """Return the design's rows, those that differ in their draw alone together; see `Line`."""
    every = sweep.values(names)
    found = []
    for numbers in _without_draws(sweep.design.rows):
        good = [i for i in numbers if i not in sweep.errors]
        values = every[good].reshape(-1, len(names))
        draws = [sweep.design.rows[i].draw for i in good]
        of = None if None in draws else np.repeat(np.array(draws, int), every.shape[1])
        error = "" if good else sweep.errors[numbers[0]]
        row = sweep.design.rows[numbers[0]]
        found.append(Line(row, tuple(i + 1 for i in good or numbers), names, values, of, error))
    return found


def _without_draws(rows: Sequence[Row]) -> list[list[int]]:
    """Return the numbers of rows that differ in their draw alone, and of all others one by one."""
    found: dict[Any, list[int]] = {}
    for i, row in enumerate(rows):
        key = (row.scenario, row.policy, tuple(sorted(row.values.items())), row.draw is None)
        found.setdefault(key if row.draw is not None else i, []).append(i)
    return list(found.values())


def over_draws(sweep: Sweep) -> list[dict[str, Any]]:
    """Return one line per outcome and rows that differ in their draw alone; [] where there are none."""
    if all(row.draw is None for row in sweep.design.rows):
        return []
    names = parameters_of(sweep.design.rows)
    found = [line for line in lines_of(sweep, NAMES) if line.draw_of is not None and not line.error]
    if all(len(line.numbers) == 1 for line in found):
        return []
    rows = []
    for point, line in enumerate(found, 1):
        asked = {
            "point": point, "scenario": line.row.scenario, "policy": line.row.policy,
            **{name: line.row.values.get(name, "") for name in names},
            "draws": len(set(np.asarray(line.draw_of).tolist())),
        }  # fmt: skip
        rows += [
            {**asked, **_of(name, line.values[:, i], line.draw_of), "covers": BOTH}
            for i, name in enumerate(NAMES)
        ]
    return rows


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
