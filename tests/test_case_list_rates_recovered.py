"""Round trip of rates: simulate, write the case list, read it, learn its rates: they hold the truth."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from experiments.caselist.counts import Cells, Counts, counted
from experiments.caselist.made_up import made_up
from experiments.caselist.national import listed
from experiments.caselist.own_scenario import priced, scenario_of
from experiments.caselist.rates_table import own_rates
from experiments.caselist.reading import CaseList, read_case_list
from experiments.caselist.standing import joined, on_stairs
from simulation.reading import find_scenario

YEARS = 3
TOWN = find_scenario("denmark")
CELLS = Cells((0.0, 4.0, 12.0, 15.0), leave_age=18.0)
CARE = tuple(stair.key for stair in TOWN.staircase if stair.in_care)
Totals = dict[tuple[str, str], np.ndarray]
"""[kind, stair]: events, and what they are counted over (child-years; years for entries)."""


def case_list(seed: int) -> CaseList:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in made_up(TOWN, YEARS, seed).items():
            (Path(folder) / name).write_text(text, "utf-8")
        return read_case_list(Path(folder), until=date(TOWN.start.year + YEARS, TOWN.start.month, 1))


def totals(cases: CaseList) -> Totals:
    """Return what a list has counted: of care as if there was nothing before it, of the rest as it is."""
    spells = listed(joined(cases.spells), TOWN.staircase)
    care, whole = of(counted(on_stairs(spells, CARE), CELLS, YEARS)), of(counted(spells, CELLS, YEARS))
    return {key: care[key] if key[1] in CARE else x for key, x in whole.items()}


def of(counts: Counts) -> Totals:
    found: Totals = {}
    for i, stair in enumerate(counts.stairs):
        years = counts.exposure[i].sum()
        found["leave", stair] = np.array([counts.left[i].sum(), years])
        found["move", stair] = np.array([counts.moved[i].sum(), years])
        found["enter", stair] = np.array([counts.entered[i].sum(), counts.years])
    return found


@pytest.mark.slow
def test_own_rates_hold_the_rates_that_made_the_list() -> None:
    """Over 20 lists, of leaving, moving and entering on every stair: the 90 % intervals hold the truth.

    The truth is what 30 other lists of the same municipality have counted together. Its rates differ from
    the country's, towards which own rates are drawn, so 90 % is not exact: 80 to 97 % of some 340
    intervals are asked for. At a coverage of 90 %, and intervals of a list as good as one in two
    independent, the error rate would be below 1 in 1000.
    """
    sums: defaultdict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(2))
    for seed in range(1000, 1030):
        for key, x in totals(case_list(seed)).items():
            sums[key] += x
    truth = {key: events / over for key, (events, over) in sums.items()}
    held = []
    for seed in range(1, 21):
        cases = case_list(seed)
        town = scenario_of(cases, priced(cases, internal=True))
        rates = own_rates(cases, town, np.random.Generator(np.random.PCG64(seed)), window=float(YEARS))
        lines = [x for part in rates.parts for x in part.lines(internal=True) if not x.ages]
        held += [x.low <= truth[x.kind, x.stair] <= x.high for x in lines if truth[x.kind, x.stair] > 0.0]
    assert len(held) > 300
    assert 0.80 <= np.mean(held) <= 0.97
