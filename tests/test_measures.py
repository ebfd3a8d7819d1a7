"""What published figures are in the simulation: on ledgers made by hand, and against single children."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from support import scenario

from experiments import measures as ms
from simulation.accounts import Ledger, by_year, family_like, in_care, months_covered, residential
from simulation.ledger import column_names
from simulation.model import PlacementModel
from simulation.scenario import Scenario
from simulation.staircase import DEFAULT_STAIRCASE

STAIRS = DEFAULT_STAIRCASE
NAMES = column_names(STAIRS)
ALL, FIRST, LATER = slice(None), slice(0, 1), slice(1, None)


def books(years: int = 2, months: tuple[float, ...] | None = None, **columns: list[float]) -> Ledger:
    """Return a ledger of one history in which only the named columns are not zero, year by year."""
    values = np.zeros((1, years, len(NAMES)))
    for name, by_years in columns.items():
        values[0, :, NAMES.index(name)] = by_years
    covered = np.full(years, 12.0) if months is None else np.array(months)
    return Ledger(values, STAIRS, covered)


CARE = {
    "n_own_room": [1, 4],
    "n_network_care": [2, 3],
    "n_foster_care": [8, 9],
    "n_residential_care": [5, 8],
    "n_preventive": [32, 60],
    "n_undetected": [99, 99],
    "n_assessment": [77, 77],
}
"""16 children in care in the first year, 24 in the second; others that must not count."""

CASES: list[tuple[ms.Measure, dict[str, list[float]], float]] = [
    (ms.left_in_year(ALL), {"sum_year_began": [20, 30], "sum_year_stayed": [15, 25]}, 0.2),
    (ms.left_in_year(FIRST), {"sum_year_began": [20, 30], "sum_year_stayed": [15, 25]}, 0.25),
    (ms.changed_kind(ALL), {"sum_year_changed": [2, 4], "sum_year_stayed": [20, 40]}, 0.1),
    (ms.changed_kind(LATER), {"sum_year_changed": [2, 8], "sum_year_stayed": [20, 40]}, 0.2),
    (ms.breakdowns_per_100(ALL), {**CARE, "new_breakdowns": [1, 3]}, 10.0),
    (ms.breakdowns_per_100(FIRST), {**CARE, "new_breakdowns": [1, 3]}, 6.25),
    (ms.teen_share_of_breakdowns(ALL), {"new_breakdowns": [3, 5], "new_breakdowns_teen": [1, 5]}, 0.75),
    (ms.teen_share_in_care(ALL), {**CARE, "n_teens_in_care": [8, 12]}, 0.5),
    (ms.share_in_care(ms.other_care, FIRST), CARE, 1 / 16),
    (ms.share_in_care(family_like, FIRST), CARE, 10 / 16),
    (ms.share_in_care(residential, ALL), CARE, 13 / 40),
    (ms.network_share(ALL), CARE, 5 / 22),
    (ms.share_of_entries(family_like, ALL),
     {"new_entries": [4, 6], "new_in_foster_care": [1, 2], "new_in_network_care": [0, 1],
      "new_in_own_room": [3, 3]}, 0.4),
    (ms.share_of_entries(ms.other_care, ALL), {"new_entries": [4, 6], "new_in_own_room": [0, 3]}, 0.3),
    (ms.entries_youngest(ALL), {"new_entries": [4, 6], "new_entries_youngest": [2, 0]}, 0.2),
    (ms.entries_teen(ALL), {"new_entries": [4, 6], "new_entries_teen": [2, 6]}, 0.8),
    (ms.preventive_per_placed(FIRST), CARE, 2.0),
    (ms.preventive_per_placed(LATER), CARE, 2.5),
    (ms.in_care_ratio(1), {**CARE, "sum_year_began": [20, 99]}, 1.2),
    (ms.mean_in_care(1), CARE, 24.0),
    (ms.caseload(1), {"n_cases": [50, 60], "n_fte": [1, 2]}, 30.0),
    (ms.follow_ups_per_case_year(ALL), {"new_follow_ups": [30, 60], "n_followed": [20, 40]}, 1.5),
    (ms.first_in_time(ALL), {"new_first": [6, 4], "new_first_in_time": [3, 1]}, 0.4),
    (ms.assessed_in_time(LATER), {"new_assessed": [9, 8], "new_assessed_in_time": [9, 2]}, 0.25),
    (ms.interval(ALL), {"sum_interval": [30, 60], "new_follow_ups": [10, 5]}, 6.0),
    (ms.share_overdue(ALL), {"n_overdue": [1, 4], "n_followed": [10, 15]}, 0.2),
    (ms.spending_ratio(in_care, 1, 0),
     {"dkk_own_room": [1e5, 0], "dkk_foster_care": [2e5, 3e5], "dkk_residential_care": [5e5, 3e5],
      "dkk_preventive": [9e5, 1e5]}, 0.75),
    (ms.spending_ratio(residential, 0, 1), {"dkk_residential_care": [4e5, 3e5]}, 4 / 3),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "columns", "answer"), CASES)
def test_each_measure_on_a_ledger_made_by_hand(
    measure: ms.Measure, columns: dict[str, list[float]], answer: float
) -> None:
    assert measure(books(**columns)) == pytest.approx([answer])


@pytest.mark.parametrize("measure", [m for m, _, _ in CASES if m(books()) != 0])
def test_a_ratio_of_nothing_is_not_a_number(measure: ms.Measure) -> None:
    with np.errstate(all="raise"):
        assert np.isnan(measure(books())).tolist() == [True]


def test_only_the_count_of_children_is_no_ratio() -> None:
    counts = [measure for measure, _, _ in CASES if measure(books()) == 0]
    assert len(counts) == 1


def test_every_measure_is_tried() -> None:
    """Each function of the module that makes a measure has a case above."""
    makers = {
        name
        for name, f in vars(ms).items()
        if callable(f) and getattr(f, "__annotations__", {}).get("return") == "Measure"
    }
    tried = {measure.__qualname__.partition(".")[0] for measure, _, _ in CASES}
    assert tried == makers


def test_years_are_pooled_not_averaged() -> None:
    """One breakdown of one and none of nine: a tenth, not a half."""
    b = books(new_breakdowns=[1, 9], new_breakdowns_teen=[1, 0])
    assert ms.teen_share_of_breakdowns(ALL)(b) == pytest.approx([0.1])


def test_a_year_without_a_denominator_does_not_spoil_the_others() -> None:
    b = books(new_entries=[0, 4], new_entries_teen=[0, 3])
    assert ms.entries_teen(ALL)(b) == pytest.approx([0.75])
    assert np.isnan(ms.entries_teen(FIRST)(b)).all()


def test_rates_know_how_long_an_unfinished_year_is() -> None:
    """Half a year with ten children in care and one breakdown is 20 per 100 care-years."""
    half = books(1, (6.0,), n_foster_care=[10], new_breakdowns=[1], n_followed=[10], new_follow_ups=[5])
    assert ms.breakdowns_per_100(ALL)(half) == pytest.approx([20.0])
    assert ms.follow_ups_per_case_year(ALL)(half) == pytest.approx([1.0])


def test_histories_are_measured_one_by_one() -> None:
    one = books(**CARE).values
    both = Ledger(np.concatenate([one, 2 * one]), STAIRS, np.full(2, 12.0))
    found = ms.values([ms.mean_in_care(0), ms.network_share(ALL)], both)
    assert found == pytest.approx(np.array([[16, 5 / 22], [32, 5 / 22]]))


def test_care_in_no_family_and_not_residential_is_other_care() -> None:
    kinds = [(ms.other_care, "own_room"), (ms.needs_network, "network_care")]
    for which, key in kinds:
        assert [x.key for i, x in enumerate(STAIRS) if which(STAIRS, i)] == [key]
    groups = (family_like, residential, ms.other_care)
    for i, stair in enumerate(STAIRS):
        assert sum(g(STAIRS, i) for g in groups) == stair.in_care


# --- against the histories of single children ----------------------------------------------------


@cache
def town() -> Scenario:
    """Return a town in which many children move within a year."""
    start = {
        "preventive": 40,
        "own_room": 6,
        "network_care": 6,
        "foster_care": 25,
        "residential_care": 15,
    }
    rates = dict.fromkeys(("own_room", "network_care", "foster_care", "residential_care"), 0.4)
    place = {"name": "all", "inflow": 60.0, "caseworkers": [1.0] * 4,
             "places": {"foster_care": 40}, "start": start}  # fmt: skip
    children = {
        "crisis_rate": {**rates, "preventive": 1.5},
        "readiness_rate": {**rates, "preventive": 0.2},
    }
    return scenario(months=36, districts=[place], children=children)


@cache
def observed() -> tuple[pd.DataFrame, Ledger]:
    """Return the spells and the ledger by year of one history, by the agents."""
    model = PlacementModel(town(), rng=5)
    model.run_for(town().months)
    spells = model.spells()
    frame = model.datacollector.get_model_vars_dataframe()
    values = frame[model.columns].to_numpy()[1:]
    model.release()
    ledger = Ledger(by_year(values[None], STAIRS), STAIRS, months_covered(town().months))
    return spells, ledger


def stair_by_child(year: int) -> dict[int, str]:
    """Return the stair of every child in care when year `year` (from 0) begins, or the last one ended."""
    spells, _ = observed()
    if year == 0:
        there = spells.groupby("child", as_index=False).first()
        there = there[there["child"] < 2**20]  # the children of the first day
    else:
        end = spells["end_month"].fillna(10**6)
        there = spells[(spells["start_month"] < 12 * year) & (end >= 12 * year)]
    placed = [x.key for x in STAIRS if x.in_care]
    there = there[there["stair"].isin(placed)]
    assert there["child"].is_unique
    return dict(zip(there["child"], there["stair"], strict=True))


@pytest.mark.parametrize("years", [slice(0, 1), slice(1, 2), slice(0, 3)])
def test_who_left_and_who_changed_is_what_the_spells_of_single_children_say(years: slice) -> None:
    began = stayed = changed_stair = 0
    for year in range(years.start, years.stop):
        before, after = stair_by_child(year), stair_by_child(year + 1)
        both = before.keys() & after.keys()
        began += len(before)
        stayed += len(both)
        changed_stair += sum(before[child] != after[child] for child in both)
    assert began > stayed > changed_stair > 3, "the town is too quiet to tell"
    _, ledger = observed()
    assert ms.left_in_year(years)(ledger) == pytest.approx([1 - stayed / began])
    assert ms.changed_kind(years)(ledger) == pytest.approx([changed_stair / stayed])


def test_a_child_who_left_and_came_back_within_the_year_has_stayed() -> None:
    """As in the register: who is in care on both days is counted, whatever lay between."""
    spells, _ = observed()
    placed = spells["stair"].isin([x.key for x in STAIRS if x.in_care])
    home = spells[~placed]

    def was_home(child: int, year: int) -> bool:
        mine = home[home["child"] == child]
        return bool(((mine["start_month"] >= 12 * year) & (mine["end_month"] <= 12 * year + 12)).any())

    returned = [
        child
        for year in range(3)
        for child in stair_by_child(year).keys() & stair_by_child(year + 1).keys()
        if was_home(child, year)
    ]
    assert returned, "nobody came back; the recount above did not try it"
