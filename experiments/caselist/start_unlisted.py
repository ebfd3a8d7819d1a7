"""What a list of care alone leaves out: the children helped at home, estimated from the country's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.caselist.reading import CaseList
from simulation.reading import find_scenario
from simulation.staircase import Staircase


def home_is_guessed(cases: CaseList, staircase: Staircase) -> bool:
    """Return whether the list never had anybody helped at home, so that their number is a guess."""
    home = _at_home(staircase)
    return bool(home) and not lists_any(cases, home)


def with_unlisted(counts: list[list[int]], cases: CaseList, staircase: Staircase) -> list[list[int]]:
    """Return counts with children helped at home as the country has, where the list is of care only."""
    home, care = _at_home(staircase), [i for i, s in enumerate(staircase) if s.in_care]
    if not home_is_guessed(cases, staircase):
        return counts
    of_child = country_at_home()
    return [
        [round(of_child * sum(row[j] for j in care)) if i == home[0] else n for i, n in enumerate(row)]
        for row in counts
    ]


def _at_home(staircase: Staircase) -> list[int]:
    return [i for i, s in enumerate(staircase) if s.kind == "home"]


def lists_any(cases: CaseList, stairs: Sequence[int]) -> bool:
    """Return whether the list has ever had anybody on one of the stairs."""
    return bool(np.isin(cases.spells.stair, list(stairs)).any())


def country_at_home() -> float:
    """Return children helped at home for each child in care in the average municipality."""
    average = find_scenario("denmark")
    start = average.districts[0].start
    kinds = {stair.key: stair for stair in average.staircase}
    in_care = sum(n for key, n in start.items() if kinds[key].in_care)
    return sum(n for key, n in start.items() if kinds[key].kind == "home") / in_care
