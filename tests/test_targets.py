"""What the shipped defaults must reproduce: the time targets, and Fanø as it is.

Every test runs a fixed seed, so it either passes always or fails always; the bands are the published
ones, not the model's own spread.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulation.accounts import by_year
from simulation.outcomes import measured
from simulation.reading import find_scenario
from simulation.replicates import ledgers
from simulation.scenario import District, Scenario

REPLICATES = 12
SETTLED = slice(2, None)
"""Years after which a municipality made up for a test has found its own level."""


def municipality(fte: float, months_between: float) -> Scenario:
    """A municipality of some 350 cases at national rates, with Fanø's defaults otherwise."""
    fano = find_scenario("fano")
    posts = (1.0,) * int(fte) + ((fte % 1.0,) if fte % 1.0 else ())
    start = {"assessment": 20, "preventive": 240, "own_room": 6, "network_care": 8,
             "foster_care": 65, "residential_care": 32}  # fmt: skip
    district = District(
        name="all", inflow=270.0, caseworkers=posts, places={"foster_care": 1000}, start=start
    )
    data = {
        "name": "typical", "start": fano.start, "months": 72, "price_year": fano.price_year,
        "districts": [district.model_dump()], "reviews": {"first": 3, "later": months_between},
    }  # fmt: skip
    return Scenario.model_validate(data)


def at_caseload(cases_per_fte: float, months_between: float) -> dict[str, float]:
    """Outcomes of a settled municipality whose caseload comes out within 1.5 of the one asked for."""
    fte = 350.0 / cases_per_fte
    for _ in range(6):
        scenario = municipality(round(5 * fte) / 5, months_between)
        years = by_year(ledgers(scenario, replicates=REPLICATES), scenario.staircase)[:, SETTLED]
        found = {
            name: float(np.nanmean(measured(name, years, scenario.staircase)))
            for name in ("caseload", "follow_ups_per_case_year", "first_in_time", "achieved_interval",
                         "share_overdue")
        }  # fmt: skip
        if abs(found["caseload"] - cases_per_fte) <= 1.5:
            return found
        fte *= found["caseload"] / cases_per_fte
    raise AssertionError(f"no municipality with {cases_per_fte} cases per FTE was found")


def test_42_cases_give_about_1_4_follow_ups_per_case_year() -> None:
    assert at_caseload(42, 6)["follow_ups_per_case_year"] == pytest.approx(1.4, abs=0.15)


def test_31_to_33_cases_give_44_to_75_percent_of_first_follow_ups_in_time() -> None:
    assert 0.44 <= at_caseload(32, 6)["first_in_time"] <= 0.75


def test_22_to_24_cases_can_hold_a_three_month_interval() -> None:
    found = at_caseload(23, 3)
    assert found["achieved_interval"] <= 3.5
    assert found["share_overdue"] <= 0.15


def test_a_quarter_to_a_half_is_overdue_at_45_cases() -> None:
    assert 0.25 <= at_caseload(46, 6)["share_overdue"] <= 0.56


@pytest.fixture(scope="module")
def fano_years() -> np.ndarray:
    scenario = find_scenario("fano")
    return by_year(ledgers(scenario, replicates=400), scenario.staircase).mean(axis=0)


@pytest.mark.parametrize(
    ("outcome", "today"),
    [("n_at_home", 25), ("n_foster_care", 18), ("n_residential_care", 9), ("n_in_care", 32)],
)
def test_fano_stays_as_it_is_without_a_policy(fano_years, outcome, today) -> None:
    found = measured(outcome, fano_years, find_scenario("fano").staircase)
    assert found == pytest.approx(np.full(5, today), rel=0.10)


def test_fano_begins_with_57_cases_per_fte() -> None:
    fano = find_scenario("fano")
    cases = sum(sum(d.start.values()) for d in fano.districts)
    assert (cases, fano.fte) == (57, 1.0)
    swedish = fano.policy("swedish_model")
    assert cases / (fano.fte + sum(swedish.capacity.extra_fte)) == pytest.approx(22.8)
