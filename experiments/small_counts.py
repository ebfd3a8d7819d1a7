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
    hide = _hidden(scenario, district)
    return frozenset(key for key, hid in zip(scenario.staircase.keys, hide[:-1], strict=True) if hid)


def _hidden(scenario: Scenario, district: str | None) -> np.ndarray:
    """Return [stair and last the total in care]: whether its children are not shown."""
    files, stairs = scenario.case_list, scenario.staircase
    if files is None or files.children is None or files.internal:
        return np.zeros(len(stairs) + 1, bool)
    names = [d.name for d in scenario.districts] if district is None else [district]
    of = [files.children.counts.get(name, {}) for name in names]
    counts = np.array([sum(counted.get(key, 0) for counted in of) for key in stairs.keys], np.int64)
    return hidden_stairs(counts, np.array([stair.in_care for stair in stairs]))


def residential_left_out(scenario: Scenario, district: str | None = None) -> bool:
    """Return whether a residential stair is among those left out."""
    stairs, left_out = scenario.staircase, stairs_left_out(scenario, district)
    return any(residential(stairs, i) and key in left_out for i, key in enumerate(stairs.keys))


def without(
    rows: list[dict[str, Any]], scenario: Scenario, district: str | None = None
) -> list[dict[str, Any]]:
    """Return rows of results; those of what is left out are without their numbers.

    Left out are the stairs (`stairs_left_out`), and outcomes and groups of accounts that sum over one of
    them: months and kroner of a year give a count away as the count itself does.
    """
    stairs = stairs_left_out(scenario, district)
    if not stairs:
        return rows
    outcomes, groups = outcomes_left_out(scenario, district), _groups(scenario, stairs)
    return [
        {**row, **{key: np.nan for key in _NUMBERS if key in row}, "covers": LEFT_OUT}
        if row.get("stair") in stairs or row.get("outcome") in outcomes or _is_level(row, groups)
        else row
        for row in rows
    ]


_RESIDENTIAL = ("n_residential", "residential_months", "share_family_like")
_AT_HOME = ("n_at_home", "home_cost")
_IN_CARE = ("n_in_care", "care_months")


def outcomes_left_out(scenario: Scenario, district: str | None = None) -> frozenset[str]:
    """Return the outcomes that results do not show: those that sum over a stair that is left out.

    Of all in care only where their number would give a hidden one away, or is itself too small.
    """
    stairs, staircase = stairs_left_out(scenario, district), scenario.staircase
    hid = [i for i, key in enumerate(staircase.keys) if key in stairs]
    found = {f"n_{key}" for key in stairs}
    if any(residential(staircase, i) for i in hid):
        found.update(_RESIDENTIAL)
    if any(not staircase[i].in_care for i in hid):
        found.update(_AT_HOME)
    if _hidden(scenario, district)[-1]:
        found.update(_IN_CARE)
    return frozenset(found)


def _groups(scenario: Scenario, left_out: frozenset[str]) -> set[str]:
    """Return the groups of accounts that may hold a stair that is left out."""
    staircase = scenario.staircase
    in_care = {staircase[staircase.index(key)].in_care for key in left_out}
    of_care = {"residential", "family", "home_based"} if True in in_care else set()
    return of_care | ({"at_home"} if False in in_care else set())


def _is_level(row: dict[str, Any], groups: set[str]) -> bool:
    return row.get("group") in groups and row.get("compared") == "level"
