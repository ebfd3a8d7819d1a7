"""Money: price index, state refund by law, two views, break-even, spending by group and year."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hand_made import hand_made
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ALIKE, FIXED, district, history, ledger_columns, run_kernel, scenario

from experiments.business_case import compare
from experiments.results import Study
from experiments.schema import as_json
from experiments.sentences import break_even_sentence, society_sentence
from simulation import law
from simulation.costs import break_even_month
from simulation.parameters import nearest_known, on_the_line, parameter, price_factor, price_level
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


# --- two views ---------------------------------------------------------------------------------------


def town(**overrides: Any) -> Scenario:
    """Return a town with costly care and two policies; the second starts in its 9th month."""
    policies = {
        "more": {"capacity": {"extra_fte": [1.0]}, "supply": {"network_search": 0.8}},
        "later": {"start": "2017-01-01", "capacity": {"extra_fte": [1.0]}},
    }
    base = {"start": "2016-05-01", "months": 32, "title": "Lilleby", "policies": policies}
    return scenario(base, **overrides)


@pytest.fixture(scope="module")
def study() -> Study:
    """Return a study from May 2016 to December 2018."""
    return compare(town(), replicates=100)


def saved(monthly: list[float], refund: list[float], **study: Any) -> Study:
    """Return a study of one history that saves these amounts, and as much more refund than today."""
    s = scenario(months=len(monthly), policies={"more": {"capacity": {"extra_fte": [1.0]}}})
    return hand_made(s, {"more": {"net": [[-x for x in monthly]], "refund": [refund]}}, **study)


def test_to_society_the_refund_is_only_a_transfer() -> None:
    """A saving of 100 that loses 30 of refund is 70 to the municipality."""
    found = saved([70.0] * 24, [-30.0] * 24)
    assert found.saving("more").sum() == pytest.approx(70 * 24)
    assert found.saving("more", discount=0.0, view="society").sum() == pytest.approx(100 * 24)


def test_society_discounts_and_the_budget_does_not() -> None:
    found = saved([1.0] * 36, [0.0] * 36)
    month = 1.04 ** (-1 / 12)  # 2016
    assert found.saving("more").sum() == pytest.approx(36)
    assert found.saving("more", view="society").sum() == pytest.approx((1 - month**36) / (1 - month))
    assert found.saving("more", discount=True) == pytest.approx(found.saving("more", view="society"))
    assert found.saving("more", discount=0.1)[0, 12] == pytest.approx(1 / 1.1)


def test_the_rate_that_was_asked_for_is_societys() -> None:
    found = saved([1.0] * 24, [0.0] * 24, discount_rate=0.2)
    assert found.society_rate("more") == 0.2
    assert found.saving("more", view="society")[0, 12] == pytest.approx(1 / 1.2)
    assert found.saving("more")[0, 12] == 1.0


def test_the_loss_from_taxation_is_added_where_it_is_asked_for() -> None:
    without, with_ = (saved([1.0] * 12, [0.0] * 12, tax_distortion=x) for x in (False, True))
    assert (without.lost_to_taxation("more"), with_.lost_to_taxation("more")) == (0.0, 0.2)  # 2016
    assert with_.saving("more", view="society") == pytest.approx(
        1.2 * without.saving("more", view="society")
    )
    assert (with_.saving("more") == without.saving("more")).all()


def test_both_views_are_in_the_tables(study: Study) -> None:
    summary = study.summary().set_index(["policy", "outcome"])["mean"]
    for policy in ("more", "later"):
        for name, view in (("net_saving", "municipality"), ("net_saving_society", "society")):
            total = study.saving(policy, view=view).sum(axis=1).mean()
            assert summary[policy, name] == pytest.approx(total)
            years = study.difference(name, policy).set_index(["outcome", "year"])["mean"]
            assert years[name].sum() == pytest.approx(total)
            assert years[f"{name}_cumulated", 3] == pytest.approx(total)


def test_society_sees_the_cost_before_the_refund(study: Study) -> None:
    gross = study.outcome("gross_cost") - study.outcome("gross_cost", "more")
    found = study.cumulated_saving("more", 0.0, "society")[:, -1]
    assert found == pytest.approx(gross.sum(axis=1), abs=1e-3)


def test_a_view_that_is_none_is_refused(study: Study) -> None:
    with pytest.raises(ValueError, match="view = 'state' must be 'municipality' or 'society'"):
        study.saving("more", view="state")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"discount_rate = 4 must lie between 0 and 1"):
        compare(town(), replicates=2, discount_rate=4)


def test_the_json_says_how_society_was_seen() -> None:
    found = json.loads(as_json(compare(town(), ["later"], replicates=2, tax_distortion=True)))
    assert found["society"] == [{"policy": "later", "discount_rate": 0.04, "tax_distortion": 0.1}]


def test_society_in_words() -> None:
    found = saved([1e6] * 12, [0.5e6] * 12, discount_rate=0.0)
    assert society_sentence(found) == (
        "To society as a whole more is a net saving of 6.0 m DKK over 1 year (90 of 100 histories: "
        "6.0 to 6.0): before the state refund, discounted at 0 % a year."
    )
    dearer = society_sentence(saved([-1e6] * 12, [0.0] * 12, tax_distortion=True))
    assert "a net cost of 14.1 m DKK" in dearer
    assert "before the state refund, plus 20 % lost by taxation, discounted at 4 % a year" in dearer


# --- break-even ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("saving", "begin", "month"),
    [
        ([0, 0, 0], 0, 1),
        ([-1, 1, 0], 0, 2),
        ([-1, 0.5, 0.5], 0, 3),
        ([2, -1, -1], 0, 1),
        ([2, -3, 2], 0, 3),  # lost again, then won
        ([-1, 2, -2], 0, np.nan),
        ([0, 0, -1, 2, 0], 2, 2),  # months count from the policy's first
        ([0, 0, 1], 2, 1),
        ([0, 0, -1], 2, np.nan),
        ([0.1, 0.2, -0.3], 0, 1),  # 0 but for rounding
    ],
)
def test_the_month_after_which_a_policy_has_paid_for_good(
    saving: list[float], begin: int, month: float
) -> None:
    found = break_even_month(1000.0 * np.array(saving), begin)
    assert np.array_equal(found, month, equal_nan=True)


@settings(FIXED, max_examples=60)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30))
def test_it_is_the_first_month_from_which_the_sum_never_falls_below_zero(saving: list[int]) -> None:
    sums = np.cumsum(saving)
    ends = [m + 1 for m in range(len(sums)) if (sums[m:] >= 0).all()]
    found = break_even_month(np.array(saving, float))
    assert np.array_equal(found, min(ends) if ends else np.nan, equal_nan=True)


def test_break_even_in_society_may_come_sooner_than_in_the_budget() -> None:
    found = saved([-60.0, 20.0, 20.0, 20.0], [0.0, -10.0, -10.0, -10.0])
    assert found.break_even_month("more") == [4.0]
    assert found.break_even_month("more", 0.0, "society") == [3.0]
    assert list(found.p_broken_even("more", 0.0, "society")) == [1.0]


def test_months_of_break_even_count_from_the_policys_start() -> None:
    begin = 8  # May 2016 to January 2017
    net = np.zeros((2, 32))
    net[0, begin] = 1.0
    net[0, begin + 2 :] = -0.1  # a cost of 1, won back from the third month on
    net[1, begin + 3 :] = 1.0
    found = hand_made(town(), {"later": {"net": net}}).break_even_month("later")
    assert np.array_equal(found, [12.0, np.nan], equal_nan=True)


def test_break_even_in_words() -> None:
    def said(*net: list[float]) -> str:
        s = scenario(months=3, policies={"more": {"capacity": {"extra_fte": [1.0]}}})
        return break_even_sentence(hand_made(s, {"more": {"net": -np.array(net)}}))

    assert said([-1.0, -1.0, 0.0]) == "In no history more has paid for itself for good within 3 months."
    assert said([0.0, 0.0, 0.0], [-1.0, 1.0, 0.0]).startswith("In all histories more has paid for itself")
    half = said([-1.0, 1.0, 0.0], [-1.0, -1.0, 0.0])
    assert half == (
        "In 50 of 100 histories more has paid for itself for good within 3 months: in half of these by "
        "its month 2, in 90 of 100 of these between months 2 and 2."
    )


# --- what a policy costs ------------------------------------------------------------------------------


def test_a_new_post_costs_its_salary_with_overhead_and_a_leader_a_third_more() -> None:
    """500,000 kr. of 2013 brought to 2019, 10 % overhead, a leader at 1.33, and once 100,000 a post."""
    policies = {"more": {"capacity": {"extra_fte": [1.0, 0.5], "team_leader": 0.5}}}
    s = scenario(months=12, price_year=2019, policies=policies)
    found = ledger_columns(s)
    base, more = (run_kernel(s, name)[0] for name in (None, "more"))
    salary = 500_000 * price_factor(2013, 2019) * 1.1
    staff = (more - base)[:, found["dkk_staff"]].sum()
    assert staff == pytest.approx(salary * (1.5 + 0.5 * 1.33))
    once = more[:, found["dkk_one_off"]]
    assert list(once) == pytest.approx([150_000.0] + [0.0] * 11)


def test_a_childs_price_spreads_around_the_unit_price() -> None:
    """Some 3,000 first prices in residential care: each within 5 standard errors (1 in 10**6)."""
    start = {"undetected": 0, "residential_care": 3000}
    where = district(inflow=0.0, caseworkers=[], start=start)
    s = scenario(ALIKE, QUIET, months=1, price_year=2019, districts=where)
    h = history(s)
    yearly = 12 * h.trace["price"]
    n, mean, cv = len(yearly), 1_160_000.0, 0.31
    assert n > 2900
    assert abs(yearly.mean() / mean - 1) < 5 * cv / n**0.5
    assert abs(np.log(yearly).std() - np.log1p(cv**2) ** 0.5) < 5 * cv / (2 * n) ** 0.5


def test_network_care_costs_what_it_really_pays() -> None:
    """69,000 to 115,000 kr. of direct payments at the level of 2019, and lost earnings for some."""
    record = parameter("money.unit_price.network_care")
    assert record.price_year == 2019
    assert record.low == 69_000 and 69_000 < record.value <= 115_000 + 46_500
    assert record.value < 0.3 * parameter("money.unit_price.foster_care").value
