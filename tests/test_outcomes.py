"""Outcomes and costs on small ledgers written by hand, with known answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from municipalities import LONG, SHORT

from simulation import costs
from simulation.accounts import Ledger, by_year, family_like, in_care, months_covered, residential
from simulation.ledger import column_names
from simulation.outcomes import OUTCOMES, measured, stair_label
from simulation.staircase import DEFAULT_STAIRCASE, Stair, Staircase

WITHOUT_CARE = Staircase.model_validate([SHORT[0]])
WITHOUT_FAMILIES = Staircase.model_validate(SHORT)
OWN = Staircase.model_validate(LONG)


def book(columns: dict[str, float], stairs: Staircase = DEFAULT_STAIRCASE) -> np.ndarray:
    """Return one row of a ledger: the given columns, and 0 in all others."""
    names = column_names(stairs)
    assert set(columns) <= set(names)
    return np.array([columns.get(name, 0.0) for name in names])


def outcome(name: str, columns: dict[str, float], stairs: Staircase = DEFAULT_STAIRCASE) -> float:
    return float(measured(name, book(columns, stairs), stairs))


def ledger(columns: dict[str, float], stairs: Staircase = DEFAULT_STAIRCASE) -> Ledger:
    return Ledger(book(columns, stairs), stairs)


# --- every outcome, on one ledger ----------------------------------------------------------------

COUNTS = {
    "n_undetected": 3.0,
    "n_assessment": 5.0,
    "n_preventive": 25.0,
    "n_own_room": 2.0,
    "n_network_care": 4.0,
    "n_foster_care": 16.0,
    "n_residential_care": 8.0,
    "n_waiting": 2.5,
    "n_cases": 60.0,
    "n_fte": 1.5,
    "n_followed": 50.0,
    "n_overdue": 20.0,
}
MONEY = {
    "dkk_preventive": 1_000.0,
    "dkk_own_room": 200.0,
    "dkk_network_care": 300.0,
    "dkk_foster_care": 4_000.0,
    "dkk_residential_care": 9_000.0,
    "dkk_staff": 700.0,
    "dkk_one_off": 50.0,
    "dkk_programmes": 120.0,
    "dkk_refund": 250.0,
}
EVENTS = {
    "new_entries": 6.0,
    "new_exits": 5.0,
    "new_moves_down": 9.0,
    "new_moves_up": 7.0,
    "new_breakdowns": 3.0,
    "new_reentries": 1.0,
    "new_handovers": 45.0,
    "new_follow_ups": 75.0,
    "sum_interval": 600.0,
    "new_first": 20.0,
    "new_first_in_time": 5.0,
    "new_assessed": 16.0,
    "new_assessed_in_time": 12.0,
}
KNOWN = {
    "net_cost": 15_120.0,  # 13,500 placements + 1,000 + 700 + 50 + 120 - 250
    "gross_cost": 15_370.0,
    "placement_cost": 13_500.0,
    "home_cost": 1_000.0,
    "staff_cost": 700.0,
    "one_off_cost": 50.0,
    "refund": 250.0,
    "refund_share": 250.0 / 13_500.0,
    "n_in_care": 30.0,
    "n_residential": 8.0,  # a room of one's own is less intrusive than any family
    "n_at_home": 25.0,
    "share_family_like": 20.0 / 30.0,
    "care_months": 360.0,
    "residential_months": 96.0,
    "waiting_months": 30.0,
    "undetected_months": 36.0,
    "entries": 6.0,
    "exits": 5.0,
    "moves_down": 9.0,
    "moves_up": 7.0,
    "breakdowns": 3.0,
    "breakdowns_per_100": 10.0,
    "reentries": 1.0,
    "handovers_per_case": 0.75,
    "caseload": 40.0,
    "achieved_interval": 8.0,
    "share_overdue": 0.4,
    "follow_ups_per_case_year": 1.5,
    "first_in_time": 0.25,
    "assessed_in_time": 0.75,
}
"""What a year of these counts, kroner and events must give."""


def test_no_outcome_is_without_a_known_answer() -> None:
    assert set(KNOWN) == set(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_outcome_of_a_known_year(name: str) -> None:
    assert outcome(name, COUNTS | MONEY | EVENTS) == pytest.approx(KNOWN[name], rel=1e-12)


@pytest.mark.parametrize("name", OUTCOMES)
def test_no_outcome_reads_any_other_column(name: str) -> None:
    others = dict.fromkeys(column_names(DEFAULT_STAIRCASE), 999.0)
    assert outcome(name, others | COUNTS | MONEY | EVENTS) == pytest.approx(KNOWN[name], rel=1e-12)


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_outcome_has_a_label_a_unit_and_a_definition(name: str) -> None:
    found = OUTCOMES[name]
    assert found.label and found.danish and found.unit
    assert found.definition.endswith(".")
    assert found.better in ("less", "more", "")


# --- nothing to divide by ------------------------------------------------------------------------

RATIOS = (
    "refund_share",
    "share_family_like",
    "breakdowns_per_100",
    "handovers_per_case",
    "caseload",
    "achieved_interval",
    "share_overdue",
    "follow_ups_per_case_year",
    "first_in_time",
    "assessed_in_time",
)


@pytest.mark.parametrize("name", RATIOS)
def test_a_ratio_over_nothing_is_not_a_number(name: str) -> None:
    with np.errstate(all="raise"):
        assert np.isnan(outcome(name, {}))


@pytest.mark.parametrize("name", sorted(OUTCOMES.keys() - set(RATIOS)))
def test_sums_and_counts_of_an_empty_ledger_are_nothing(name: str) -> None:
    assert outcome(name, {}) == 0.0


def test_only_the_years_with_nothing_to_divide_by_are_not_numbers() -> None:
    years = np.stack([book({"n_cases": 30.0, "n_fte": f}) for f in (1.0, 0.0, 2.0)])
    assert np.array_equal(
        measured("caseload", years, DEFAULT_STAIRCASE), [30.0, np.nan, 15.0], equal_nan=True
    )


# --- other staircases ----------------------------------------------------------------------------


def test_without_family_like_stairs_all_care_is_residential() -> None:
    columns = {"n_preventive": 9.0, "n_residential_care": 4.0, "dkk_residential_care": 100.0}
    assert outcome("n_residential", columns, WITHOUT_FAMILIES) == 4.0
    assert outcome("n_in_care", columns, WITHOUT_FAMILIES) == 4.0
    assert outcome("share_family_like", columns, WITHOUT_FAMILIES) == 0.0
    assert outcome("placement_cost", columns, WITHOUT_FAMILIES) == 100.0


def test_without_care_there_is_nothing_in_care() -> None:
    columns = {"n_preventive": 9.0, "dkk_preventive": 70.0, "new_breakdowns": 0.0}
    assert outcome("n_in_care", columns, WITHOUT_CARE) == 0.0
    assert outcome("n_residential", columns, WITHOUT_CARE) == 0.0
    assert outcome("placement_cost", columns, WITHOUT_CARE) == 0.0
    assert outcome("net_cost", columns, WITHOUT_CARE) == 70.0
    assert np.isnan(outcome("share_family_like", columns, WITHOUT_CARE))
    assert np.isnan(outcome("breakdowns_per_100", columns, WITHOUT_CARE))


def test_an_own_staircase_is_read_by_kind_and_order() -> None:
    keys = OWN.keys  # unseen, advice, family_help, kin, foster, school, institution
    columns = {f"n_{key}": 10.0**i for i, key in enumerate(keys)}
    assert outcome("n_at_home", columns, OWN) == 110.0
    assert outcome("n_in_care", columns, OWN) == 1_111_000.0
    assert outcome("n_residential", columns, OWN) == 1_100_000.0
    assert outcome("undetected_months", columns, OWN) == 12.0
    assert outcome("share_family_like", columns, OWN) == pytest.approx(11_000 / 1_111_000)


def test_residential_is_what_stands_above_every_family() -> None:
    stairs = Staircase.model_validate(
        [
            {"key": "help", "label": "", "kind": "home"},
            {"key": "kin", "label": "", "kind": "care", "family_like": True},
            {"key": "home_school", "label": "", "kind": "care"},
            {"key": "foster", "label": "", "kind": "care", "family_like": True},
            {"key": "institution", "label": "", "kind": "care"},
            {"key": "secure", "label": "", "kind": "care"},
        ]
    )
    chosen = [s.key for i, s in enumerate(stairs) if residential(stairs, i)]
    assert chosen == ["institution", "secure"]


# --- names ---------------------------------------------------------------------------------------


def test_every_stair_is_an_outcome_too() -> None:
    assert outcome("n_foster_care", COUNTS) == 16.0
    assert outcome("dkk_foster_care", MONEY) == 4_000.0
    assert outcome("new_in_foster_care", {"new_in_foster_care": 3.0}) == 3.0


def test_an_unknown_outcome_names_those_that_come_near() -> None:
    with pytest.raises(KeyError, match="no outcome 'n_residental'; did you mean n_residential"):
        outcome("n_residental", {})
    with pytest.raises(KeyError) as nothing_near:
        outcome("zzz", {})
    assert nothing_near.value.args == ("no outcome 'zzz'",)


def test_a_ledger_says_which_column_it_lacks() -> None:
    with pytest.raises(KeyError, match="the ledger has no column 'new_nothing'"):
        ledger({})["new_nothing"]


def test_a_stair_has_both_its_names_in_figures() -> None:
    assert stair_label(DEFAULT_STAIRCASE[5]) == "Foster family (Plejefamilie)"
    assert stair_label(Stair(key="day_care", label="", kind="home")) == "Day care"


# --- by year -------------------------------------------------------------------------------------


def months(n: int, **columns: Any) -> np.ndarray:
    """Return a ledger [month, column] with columns as numbers or lists over months."""
    names = column_names(DEFAULT_STAIRCASE)
    rows = np.zeros((n, len(names)))
    for name, values in columns.items():
        rows[:, names.index(name)] = values
    return rows


def yearly(name: str, monthly: np.ndarray) -> list[float]:
    covered = months_covered(len(monthly))
    return list(measured(name, by_year(monthly, DEFAULT_STAIRCASE), DEFAULT_STAIRCASE, covered))


def test_counts_are_means_and_everything_else_sums_over_the_year() -> None:
    monthly = months(
        24, n_foster_care=[10.0] * 12 + [20.0, 40.0] * 6, new_entries=1.0, dkk_staff=range(24)
    )
    assert yearly("n_in_care", monthly) == [10.0, 30.0]
    assert yearly("entries", monthly) == [12.0, 12.0]
    assert yearly("staff_cost", monthly) == [66.0, 210.0]


def test_every_column_is_either_a_count_or_a_sum() -> None:
    totals = by_year(np.ones((12, len(column_names(OWN)))), OWN)[0]
    for name, total in zip(column_names(OWN), totals, strict=True):
        assert total == (1.0 if name.startswith("n_") else 12.0), name


@pytest.mark.parametrize(
    ("n", "lengths"), [(1, [1]), (7, [7]), (12, [12]), (13, [12, 1]), (31, [12, 12, 7])]
)
def test_a_last_year_may_be_short(n: int, lengths: list[int]) -> None:
    monthly = months(n, n_foster_care=5.0, new_entries=1.0)
    assert yearly("n_in_care", monthly) == [5.0] * len(lengths)
    assert yearly("entries", monthly) == lengths


def test_years_of_many_replicates_are_taken_one_by_one() -> None:
    monthly = np.random.default_rng(1).random((3, 4, 19, len(column_names(DEFAULT_STAIRCASE))))
    together = by_year(monthly, DEFAULT_STAIRCASE)
    assert together.shape == (3, 4, 2, monthly.shape[-1])
    assert np.array_equal(together[2, 1], by_year(monthly[2, 1], DEFAULT_STAIRCASE))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("residential_months", {"n_residential_care": 2.0}),
        ("waiting_months", {"n_waiting": 2.0}),
        ("undetected_months", {"n_undetected": 2.0}),
    ],
)
def test_child_months_of_a_short_year_are_of_its_months(name: str, columns: dict[str, float]) -> None:
    assert yearly(name, months(19, **columns)) == [24.0, 14.0]


@pytest.mark.parametrize(
    ("name", "columns", "rate"),
    [
        ("breakdowns_per_100", {"new_breakdowns": 1.0, "n_foster_care": 24.0}, 50.0),
        ("handovers_per_case", {"new_handovers": 1.0, "n_cases": 24.0}, 0.5),
        ("follow_ups_per_case_year", {"new_follow_ups": 1.0, "n_followed": 6.0}, 2.0),
    ],
)
def test_a_rate_per_year_is_the_same_in_a_short_year(
    name: str, columns: dict[str, float], rate: float
) -> None:
    assert yearly(name, months(19, **columns)) == pytest.approx([rate, rate])


# --- money ---------------------------------------------------------------------------------------


def test_accounts_add_up_to_net() -> None:
    book_ = ledger(MONEY)
    assert costs.gross(book_) == sum(
        f(book_)
        for f in (costs.placements, costs.help_at_home, costs.staff, costs.one_off, costs.programmes)
    )
    assert costs.net(book_) == costs.gross(book_) - costs.refund(book_)


def test_what_the_hidden_and_the_assessed_cost_is_in_no_account() -> None:
    """Assessments are the caseworkers' hours, and children nobody knows cost nothing."""
    assert costs.net(ledger({"dkk_undetected": 1.0, "dkk_assessment": 1.0})) == 0.0


def test_sums_are_over_the_stairs_that_are_asked_for() -> None:
    book_ = ledger(COUNTS)
    assert book_.over("n_", in_care) == 30.0
    assert book_.over("n_", family_like) == 20.0
    assert book_.over("n_", lambda *_: False) == 0.0


def test_discounting_is_by_the_year_from_the_first_month() -> None:
    found = costs.discounted(np.full(25, 100.0), 0.035)
    assert found[0] == 100.0
    assert found[12] == pytest.approx(100.0 / 1.035)
    assert found[24] == pytest.approx(100.0 / 1.035**2)
    assert found[6] == pytest.approx(100.0 / 1.035**0.5)


def test_at_no_rate_nothing_is_discounted() -> None:
    amounts = np.array([[1.0, -2.0], [3.0, 0.0]])
    assert np.array_equal(costs.discounted(amounts, 0.0), amounts)


def test_amounts_cumulate_month_by_month() -> None:
    assert list(costs.cumulated(np.array([1.0, -3.0, 0.5]))) == [1.0, -2.0, -1.5]


@pytest.mark.parametrize(
    ("n", "ends"), [(1, [1]), (12, [12]), (18, [12, 18]), (24, [12, 24]), (25, [12, 24, 25])]
)
def test_years_end_every_twelfth_month_and_with_the_last(n: int, ends: list[int]) -> None:
    assert list(costs.at_year_ends(np.arange(1.0, n + 1))) == ends
    assert costs.at_year_ends(np.ones((4, 3, n))).shape == (4, 3, len(ends))


def evenly(*amounts: float) -> np.ndarray:
    """Return monthly savings whose sums over whole years are these amounts."""
    return np.repeat(np.array(amounts) / 12.0, 12)


@pytest.mark.parametrize(
    ("savings", "paid", "month"),
    [
        ((5.0, 1.0, 1.0), [1, 1, 1], 1),  # paid from the start
        ((-5.0, 6.0, 1.0), [0, 1, 1], 12 + 10),
        ((-5.0, 6.0, -3.0), [0, 1, 0], np.nan),  # paid, lost again
        ((-5.0, 6.0, -3.0, 9.0), [0, 1, 0, 1], 36 + 3),  # lost, then paid for good
        ((5.0, -6.0, 2.0), [1, 0, 1], 24 + 6),
        ((-5.0, 1.0, 1.0), [0, 0, 0], np.nan),
        ((-6.0, 6.0), [0, 1], 24),  # to the krone
        ((0.0, 0.0), [1, 1], 1),
    ],
)
def test_a_policy_has_paid_when_it_stays_paid(
    savings: tuple[float, ...], paid: list[int], month: float
) -> None:
    monthly = evenly(*savings)
    assert list(costs.broken_even(monthly)) == paid
    assert np.array_equal(costs.break_even_month(monthly), month, equal_nan=True)


def test_what_was_paid_between_year_ends_does_not_count() -> None:
    monthly = np.zeros(24)
    monthly[[0, 3, 9]] = -1.0, 2.0, -3.0  # in the black from month 4 to month 10 only
    assert list(costs.broken_even(monthly)) == [0.0, 0.0]


def test_a_short_last_year_counts_at_its_end() -> None:
    monthly = np.zeros(18)
    monthly[[0, 17]] = -1.0, 1.0
    assert list(costs.broken_even(monthly)) == [0.0, 1.0]
    assert costs.break_even_month(monthly) == 18.0


def test_break_even_is_told_for_every_replicate() -> None:
    monthly = np.stack([evenly(-1.0, 2.0), evenly(1.0, 1.0), evenly(-1.0, 0.0)])
    assert np.array_equal(costs.break_even_month(monthly), [18.0, 1.0, np.nan], equal_nan=True)
    assert costs.broken_even(monthly).tolist() == [[0, 1], [1, 1], [0, 0]]
