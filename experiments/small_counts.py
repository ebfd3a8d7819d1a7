"""Small counts: what results must not show of a simulation that starts from a case list.

In its first months a simulated mean is nearly the count of the first day. So where under 5 children stood
on a stair on that day, or where another stair would give them away, results leave its numbers out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.caselist.showing import hidden_stairs
from simulation.accounts import residential
from simulation.scenario import Scenario

LEFT_OUT = (
    "hidden: under 5 children of the case list stood there on the first day, or would be given away"
)
_NUMBERS = ("mean", "low", "high", "mean_error")


def stairs_left_out(scenario: Scenario, district: str | None = None) -> frozenset[str]:
    """Return the keys of the stairs whose children results do not show, in all or in one district.

    None without a case list, or where it says that everything may be shown (`internal`).
    """
    files = scenario.case_list
    if files is None or files.children is None or files.internal:
        return frozenset()
    names = [d.name for d in scenario.districts] if district is None else [district]
    of = [files.children.counts.get(name, {}) for name in names]
    keys = scenario.staircase.keys
    counts = np.array([sum(counted.get(key, 0) for counted in of) for key in keys], np.int64)
    hide = hidden_stairs(counts, np.array([stair.in_care for stair in scenario.staircase]))
    return frozenset(key for key, hid in zip(keys, hide[:-1], strict=True) if hid)


def residential_left_out(scenario: Scenario, district: str | None = None) -> bool:
    """Return whether a residential stair is among those left out."""
    stairs, left_out = scenario.staircase, stairs_left_out(scenario, district)
    return any(residential(stairs, i) and key in left_out for i, key in enumerate(stairs.keys))


def without(rows: list[dict[str, Any]], left_out: frozenset[str]) -> list[dict[str, Any]]:
    """Return rows of results, those of stairs that are left out without their numbers."""
    if not left_out:
        return rows
    outcomes = {f"n_{key}" for key in left_out}
    return [
        {**row, **{key: np.nan for key in _NUMBERS if key in row}, "covers": LEFT_OUT}
        if row.get("stair") in left_out or row.get("outcome") in outcomes
        else row
        for row in rows
    ]
