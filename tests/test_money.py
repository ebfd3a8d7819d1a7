"""Money over calendar years: price index, state refund by law, and what it adds up to."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from support import ALIKE, district, ledger_columns, run_kernel, scenario

from simulation import law
from simulation.parameters import nearest_known, on_the_line, price_factor, price_level
from simulation.policy import Policy
from simulation.reading import shipped_text
from simulation.scenario import Scenario

QUIET: dict[str, Any] = {
    "children": {
        "readiness_rate": {"residential_care": 0.0},
        "crisis_rate": {"residential_care": 0.0},
    },
}
"""Nobody moves."""


def one_child(cost: float, **overrides: Any) -> Scenario:
    """Return a town with one child, in residential care at `cost` a year, and nobody else, for good."""
    where = district(inflow=0.0, caseworkers=[], start={"undetected": 0, "residential_care": 1})
    money = {"unit_price": {"residential_care": cost}, "price_spread": {"residential_care": 0.0}}
    return scenario(ALIKE, QUIET, districts=where, money=money, **overrides)


def refunds(s: Scenario) -> np.ndarray:
    """Return [month] of the state refund."""
    return run_kernel(s)[0, :, ledger_columns(s)["dkk_refund"]]


# --- the price index -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "factor"),
    [
        (2013, 2019, 4307 / 3863),
        (2019, 2013, 3863 / 4307),
        (2007, 2023, 4694 / 3285),
        (2013, 2014, (4152 / 3863) ** (1 / 4)),
        (2019, 2020, (4575 / 4307) ** (1 / 3)),
        (2023, 2026, 1.02**3),
        (2003, 2007, 1.02**4),
        (2022, 2025, 4694 / 4575 * 1.02**2),
    ],
)
def test_prices_follow_the_foster_fee_between_its_years_and_2_percent_beyond(
    start: int, end: int, factor: float
) -> None:
    assert price_factor(start, end) == pytest.approx(factor, rel=1e-12)


def test_a_year_is_at_its_own_level_and_two_steps_are_one() -> None:
    for year in range(2000, 2040):
        assert price_factor(year, year) == 1.0
        assert price_factor(2010, year) * price_factor(year, 2021) == pytest.approx(
            price_factor(2010, 2021)
        )
        assert price_level(year) < price_level(year + 1)


def test_between_two_years_growth_is_even() -> None:
    series = {2010: 100.0, 2012: 400.0, 2020: 400.0}
    assert [on_the_line(series, y) for y in (2010, 2011, 2012, 2015)] == pytest.approx(
        [100, 200, 400, 400]
    )
    assert [nearest_known(series, y) for y in (2000, 2010, 2011, 2030)] == [2010, 2010, 2011, 2020]


# --- the refund of each calendar year --------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "lower", "upper"),
    [
        (2009, 600_000, 1_200_000),
        (2012, 710_000, 1_420_000),
        (2013, 724_000, 1_445_000),
        (2014, 738_000, 1_470_000),
        (2016, 768_000, 1_521_000),
        (2019, 814_000, 1_602_000),
        (2020, 830_000, 1_630_000),
    ],
)
def test_to_2020_there_are_two_steps(year: int, lower: float, upper: float) -> None:
    steps = law.legal_refund_steps(year, year)
    assert [step.share for step in steps] == [0.25, 0.5]
    assert [step.threshold for step in steps] == pytest.approx([lower, upper], abs=500)


def test_from_2021_there_are_three() -> None:
    assert law.legal_refund_steps(2022, 2022) == ((860_000, 0.25), (1_680_000, 0.5), (2_120_000, 0.75))
    in_2021 = [step.threshold for step in law.legal_refund_steps(2021, 2021)]
    expected = [(a * b) ** 0.5 for a, b in ((830, 860), (1630, 1680), (2050, 2120))]
    assert in_2021 == pytest.approx([1000 * x for x in expected])


def test_before_and_after_what_was_read_thresholds_go_by_the_price_index() -> None:
    early, late = law.legal_refund_steps(2005, 2005), law.legal_refund_steps(2030, 2030)
    assert [step.threshold for step in early] == pytest.approx(
        [x * price_factor(2009, 2005) for x in (600_000, 1_200_000)]
    )
    assert [step.threshold for step in late] == pytest.approx(
        [x * price_factor(2022, 2030) for x in (860_000, 1_680_000, 2_120_000)]
    )


def test_thresholds_stand_at_the_price_level_of_the_scenario() -> None:
    here, there = law.legal_refund_steps(2016, 2016), law.legal_refund_steps(2016, 2019)
    for a, b in zip(here, there, strict=True):
        assert b.share == a.share
        assert b.threshold == pytest.approx(a.threshold * price_factor(2016, 2019))


WORKED = [
    (470_000, 0),
    (900_000, 10_000),
    (1_160_000, 75_000),
    (1_500_000, 160_000),
    (2_000_000, 365_000),
    (2_880_000, 995_000),
]
"""Cost of one child in 2022, and its refund."""


@pytest.mark.parametrize(("cost", "refund"), WORKED)
def test_a_child_in_care_all_2022_brings_the_refund_of_the_law(cost: float, refund: float) -> None:
    s = one_child(cost, start="2022-01-01", months=12, price_year=2022)
    assert refunds(s).sum() == pytest.approx(refund, abs=1e-6)


@pytest.mark.parametrize(
    ("cost", "refund"),
    [
        (700_000, 0.0),
        (1_000_000, 0.25 * (1_000_000 - 830_000)),
        (2_880_000, 0.25 * 800_000 + 0.5 * (2_880_000 - 1_630_000)),
    ],
)
def test_in_2020_no_cost_was_refunded_by_more_than_half(cost: float, refund: float) -> None:
    s = one_child(cost, start="2020-01-01", months=12, price_year=2020)
    assert refunds(s).sum() == pytest.approx(refund, abs=1e-6)


def test_each_calendar_year_has_its_own_steps_wherever_a_study_begins() -> None:
    """From July 2020 to June 2022: half a year of two steps, a year and a half of three."""
    cost = 4_000_000.0
    booked = refunds(one_child(cost, start="2020-07-01", months=24, price_year=2020))
    years = np.add.reduceat(booked, [0, 6, 18])
    for got, year, part in zip(years, (2020, 2021, 2022), (0.5, 1.0, 0.5), strict=True):
        steps = law.legal_refund_steps(year, 2020)
        tops = [*(step.threshold for step in steps[1:]), np.inf]
        due = sum(
            step.share * max(0.0, min(part * cost, top) - step.threshold)
            for step, top in zip(steps, tops, strict=True)
        )
        assert got == pytest.approx(due)


def test_the_refund_comes_as_the_cost_passes_each_threshold() -> None:
    """At 300,000 a month the year of 2022 reaches its steps in March, June and August."""
    booked = refunds(one_child(3_600_000, start="2022-01-01", months=24, price_year=2022))
    assert booked[:9] == pytest.approx(
        [
            0,
            0,
            10_000,
            75_000,
            75_000,
            75_000 + 0.25 * 120_000,
            150_000,
            150_000 + 0.25 * 280_000,
            225_000,
        ]
    )
    assert booked[9:12] == pytest.approx([225_000] * 3)
    assert (booked[12:14] == 0.0).all()  # a new year begins


def test_a_study_cut_short_has_the_same_refund_up_to_its_end() -> None:
    whole = refunds(one_child(3_600_000, start="2022-01-01", months=24, price_year=2022))
    for months in (1, 7, 12, 19):
        short = refunds(one_child(3_600_000, start="2022-01-01", months=months, price_year=2022))
        assert (short == whole[:months]).all()


def test_steps_of_the_scenarios_own_hold_in_all_years() -> None:
    s = one_child(1_200_000, start="2019-01-01", months=48)
    steps = {"refund_threshold": (6e5,), "refund_share": (0.5,)}
    own = s.model_copy(update={"money": s.money.model_copy(update=steps)})
    assert {law.refund_steps(own, year) for year in (2005, 2020, 2021, 2030)} == {((6e5, 0.5),)}
    assert refunds(own).reshape(4, 12).sum(axis=1) == pytest.approx([300_000] * 4)


def test_a_scenario_may_do_without_refund() -> None:
    s = scenario(money={"refund_threshold": [], "refund_share": []})
    assert law.refund_steps(s, 2022) == ()
    assert (run_kernel(s, replicates=2)[:, :, ledger_columns(s)["dkk_refund"]] == 0).all()


@pytest.mark.parametrize("given", [{"refund_threshold": [8e5]}, {"refund_share": [0.25]}])
def test_thresholds_and_shares_are_given_together(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"refund_threshold and money\.refund_share go together"):
        scenario(money=given)


def test_the_template_shows_the_steps_of_the_law() -> None:
    text = shipped_text("template")
    year = int(re.findall(r"^price_year = (\d+)", text, re.MULTILINE)[0])
    shown = re.findall(r"^# refund_threshold = \[(.*)\]", text, re.MULTILINE)[0]
    steps = law.legal_refund_steps(year, year)
    assert [float(x) for x in shown.split(",")] == pytest.approx([x.threshold for x in steps], rel=1e-3)
    assert f"# refund_share = {[x.share for x in steps]}" in text


# --- society's rates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "rate", "distortion"),
    [
        ("2008-01-01", 0.05, 0.20),
        ("2013-01-01", 0.04, 0.20),
        ("2016-01-01", 0.04, 0.20),
        ("2018-06-01", 0.04, 0.10),
        ("2021-01-01", 0.035, 0.10),
        ("2026-01-01", 0.035, 0.0),
    ],
)
def test_society_discounts_by_the_rate_in_force_where_the_policy_starts(
    start: str, rate: float, distortion: float
) -> None:
    s = scenario(start=start)
    assert law.discount_rate(s, Policy()) == rate
    assert law.tax_distortion(s, Policy()) == distortion
    earlier = scenario(start="1999-01-01", months=600)
    assert law.discount_rate(earlier, Policy.model_validate({"start": start})) == rate


def test_a_rate_of_the_scenarios_own_holds() -> None:
    assert law.discount_rate(scenario(money={"discount_rate": 0.01}), Policy()) == 0.01
