"""Studies made by hand, in which nothing happens but what they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.results import Study
from experiments.runner import BASELINE, Arm, Plan
from simulation.accounts import calendar_years
from simulation.costs import GROUPS
from simulation.ledger import column_names
from simulation.scenario import Scenario


def nothing(town: Scenario, replicates: int) -> dict[str, np.ndarray]:
    """Return the fields of an arm in which nobody is anywhere and nothing is paid."""
    months, stairs = town.months, town.staircase
    years = len(set(calendar_years(town.start, months).tolist()))
    return {
        "years": np.zeros((replicates, -(-months // 12), len(column_names(stairs)))),
        "net": np.zeros((replicates, months)),
        "refund": np.zeros((replicates, months)),
        "stairs": np.zeros((replicates, months, len(stairs))),
        "spending": np.zeros((replicates, years, len(GROUPS))),
    }


def hand_made(town: Scenario, policies: Mapping[str, Mapping[str, Any]], **study: Any) -> Study:
    """Return a study of these policies, each given the fields of its arm that are not zero."""
    replicates = max(len(values) for fields in policies.values() for values in fields.values())
    blank = nothing(town, replicates)
    arms = {BASELINE: Arm(**blank)}
    for name, fields in policies.items():
        arms[name] = Arm(**blank | {key: np.asarray(value, float) for key, value in fields.items()})
    return Study(Plan(town, tuple(policies)), arms, **study)
