"""A scenario at one draw from the posterior: what is replaced, what stays, what is settled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from support import changed, scenario

from experiments import draws as drawing
from experiments.calibration.free import MUNICIPALITY, free_parameters
from experiments.draws import (
    COUNTRY_INFLOW,
    INFLOW,
    PLACE,
    ROLL_OUT,
    SPREAD,
    as_array,
    at_draw,
    drawn_names,
    draws,
    is_from_evidence,
    residential_readiness,
    stated_value,
)
from simulation.checks import check_scenario
from simulation.parameters import parameter, parameters, value
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.settling import settled
from simulation.values import with_values

READINESS = "children.readiness_rate.residential_care"

DRAW: dict[str, float] = {
    READINESS: 0.4,
    "children.recognition": 0.37,
    "children.readiness_rate.foster_care": 0.07,
    "children.placed_after_assessment": 0.08,
    "children.entry_share.residential_care.4": 0.31,
    "work.case_hours": 88.0,
    "policy.orientation": 1.5,
    "policy.ramp_months": 8.0,
    ROLL_OUT: 0.6,
    SPREAD: 0.5,
    "herning.readiness": 1.2,
    PLACE: -0.8,
    COUNTRY_INFLOW: 1.1 * value(INFLOW),
}
"""A draw of a few numbers, none at its record's value."""

FLOWS = {"inflow", "placed_after_assessment", "entry_share"}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, float], ...]:
    """A table of 50 draws in place of the shipped one."""
    own = {k: x for k, x in DRAW.items() if k not in (PLACE, ROLL_OUT)}
    rows = tuple({**own, "children.recognition": 0.3 + 0.001 * i} for i in range(50))
    monkeypatch.setattr(drawing, "posterior", lambda: rows)
    return rows


def small() -> Scenario:
    """Return a municipality that leaves everything to the evidence, with a policy at its records."""
    practice = {"orientation": parameter("policy.orientation").value, "residential_odds": 0.5}
    return scenario(
        name="lilleby",
        policies={
            "model": {"practice": practice, "ramp_months": 12},
            "null": {"practice": practice, "world": {"effect": 0.0}, "capacity": {"extra_fte": [1.0]}},
        },
    )


def rates(s: Scenario) -> dict[str, Any]:
    """Return what a scenario says without its flows."""
    tree = s.model_dump(mode="json")
    tree["children"] = {k: v for k, v in tree["children"].items() if k not in FLOWS}
    tree["districts"] = [{k: v for k, v in d.items() if k not in FLOWS} for d in tree["districts"]]
    return tree


# --- what is replaced --------------------------------------------------------------------------------


def test_what_comes_from_the_evidence_takes_the_draw_s_value() -> None:
    found = at_draw(small(), DRAW)
    assert found.children.recognition == 0.37
    assert found.children.readiness_rate["foster_care"] == 0.07
    assert found.work.case_hours == 88.0


def test_nothing_else_changes() -> None:
    """Rates apart from flows: the draw's records and the place, no more."""
    named = {"children.recognition": 0.37, "children.readiness_rate.foster_care": 0.07,
             "work.case_hours": 88.0, "policy.orientation": 1.5, "policy.ramp_months": 8, ROLL_OUT: 0.6,
             READINESS: 0.4 * math.exp(0.5 * -0.8)}  # fmt: skip
    assert rates(at_draw(small(), DRAW)) == rates(with_values(small(), named))


def test_what_a_scenario_states_itself_stays() -> None:
    own = {"recognition": 0.55, "readiness_rate": {"residential_care": 0.9, "foster_care": 0.2}}
    s = changed(small(), children=own, work={"case_hours": 70.0})
    found = at_draw(s, DRAW)
    assert found.children.recognition == 0.55
    assert found.children.readiness_rate["residential_care"] == 0.9
    assert found.children.readiness_rate["foster_care"] == 0.2
    assert found.work.case_hours == 70.0


def test_a_policy_s_levers_are_drawn_where_it_states_the_record_s_value() -> None:
    found = at_draw(small(), DRAW).policies
    assert found["model"].practice.orientation == 1.5
    assert found["model"].practice.residential_odds == 0.5
    assert found["model"].ramp_months == 8
    assert found["model"].world.effect == 0.6
    assert found["null"].world.effect == 0.0


def test_the_pilot_itself_keeps_the_whole_effect() -> None:
    herning = at_draw(find_scenario("herning"), DRAW)
    assert herning.policies["sverigesprogram"].world.effect == 1.0
    assert at_draw(find_scenario("fano"), DRAW).policies["swedish_model"].world.effect == 0.6


@pytest.mark.parametrize("name", ["fano", "herning", "denmark", "denmark_2014", "denmark_2023"])
def test_at_the_records_own_values_a_scenario_stays_as_it_is(name: str) -> None:
    known = {k: parameter(k).value for k in DRAW if k in parameters()}
    draw = {**known, SPREAD: 0.5, "herning.readiness": 0.0, PLACE: 0.0, COUNTRY_INFLOW: value(INFLOW)}
    assert at_draw(find_scenario(name), draw) == find_scenario(name)


# --- places and flows --------------------------------------------------------------------------------


def test_a_municipality_has_the_place_that_is_drawn_for_it() -> None:
    rate = at_draw(small(), DRAW).children.readiness_rate["residential_care"]
    assert rate == pytest.approx(0.4 * math.exp(0.5 * -0.8))


def test_a_place_is_about_the_stairs_of_residential_care_whatever_they_are_called() -> None:
    assert residential_readiness(small()) == [READINESS]
    assert residential_readiness(find_scenario("fano")) == [READINESS]


def test_herning_has_its_own_place() -> None:
    """Where it takes its residential readiness from the evidence, as it does."""
    rate = at_draw(find_scenario("herning"), DRAW).children.readiness_rate["residential_care"]
    assert rate == pytest.approx(0.4 * math.exp(0.5 * 1.2))


@pytest.mark.parametrize("name", ["denmark", "denmark_2014", "denmark_2023"])
def test_the_country_has_no_place_and_the_draw_s_flows(name: str) -> None:
    s = find_scenario(name)
    found = at_draw(s, DRAW)
    assert found.children.readiness_rate["residential_care"] == 0.4
    assert found.children.placed_after_assessment == 0.08
    assert found.children.entry_share["residential_care"][1] == 0.31
    assert found.districts[0].inflow == pytest.approx(1.1 * s.districts[0].inflow)


def test_the_country_of_2019_has_exactly_the_draw_s_inflow() -> None:
    assert at_draw(find_scenario("denmark"), DRAW).districts[0].inflow == pytest.approx(
        DRAW[COUNTRY_INFLOW]
    )


@pytest.mark.parametrize("name", ["fano", "herning"])
def test_a_municipality_s_flows_are_its_own_settled_to_the_draw_s_rates(name: str) -> None:
    s = find_scenario(name)
    found = at_draw(s, DRAW)
    place = DRAW.get(f"{name}.readiness", DRAW[PLACE])
    at_rates = {READINESS: DRAW[READINESS] * math.exp(DRAW[SPREAD] * place)}
    taken = ("children.recognition", "children.readiness_rate.foster_care", "work.case_hours",
             "policy.orientation", "policy.ramp_months")  # fmt: skip
    at_rates |= {k: DRAW[k] for k in (*taken, *([ROLL_OUT] if name == "fano" else []))}
    assert found == settled(with_values(s, at_rates), s)
    assert found.districts[0].inflow != s.districts[0].inflow
    national = {**DRAW, "children.placed_after_assessment": 0.01,
                "children.entry_share.residential_care.4": 0.9}  # fmt: skip
    assert at_draw(s, national) == found


# --- draws -------------------------------------------------------------------------------------------


def test_the_same_draw_gives_the_same_scenario() -> None:
    assert at_draw(small(), DRAW) == at_draw(small(), dict(DRAW))


@pytest.mark.usefixtures("table")
def test_a_draw_is_the_same_however_many_are_asked_for() -> None:
    assert draws(8)[:5] == draws(5)
    assert draws(50)[7] == draws(8)[7]


def test_each_draw_has_its_row_and_a_place_and_a_roll_out_of_its_own(table: Any) -> None:
    found = draws(50)
    for row, drawn in zip(table, found, strict=True):
        assert {k: x for k, x in drawn.items() if k not in (PLACE, ROLL_OUT)} == row
    places, kept = as_array(found, [PLACE, ROLL_OUT]).T
    assert len(set(places)) == len(set(kept)) == 50
    assert abs(places.mean()) < 0.6 and 0.6 < places.std() < 1.4
    record = parameter(ROLL_OUT)
    assert record.low <= kept.min() < kept.max() <= record.high
    assert abs(np.corrcoef(places, kept)[0, 1]) < 0.5


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("n", [0, -1, 51])
def test_draws_that_were_not_made_are_refused(n: int) -> None:
    with pytest.raises(
        ValueError, match=f"draws = {n} must lie between 1 and 50, the draws that were made"
    ):
        draws(n)


@pytest.mark.usefixtures("table")
def test_names_of_records_and_an_array_of_their_draws() -> None:
    names = drawn_names()
    assert names == [k for k in DRAW if k in parameters() and k != ROLL_OUT]
    array = as_array(draws(3), names)
    assert array.shape == (3, len(names))
    assert array[2, names.index("children.recognition")] == 0.302


# --- stated or from the evidence -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("children.recognition", 0.5),
        ("children.crisis_rate.foster_care", 0.02),
        ("children.entry_share.residential_care.12", 0.3),
        ("work.guaranteed_share.reactive", 0.2),
        ("children.crisis_rate.nowhere", None),
        ("children.age_at_arrival.7", None),
        ("policy.orientation", None),
        ("municipality.readiness_sd", None),
    ],
)
def test_the_number_of_a_scenario_that_a_record_is_about(name: str, stated: float | None) -> None:
    shares = {"reactive": 0.2, "assessments": 0.3, "follow_ups": 0.5}
    own = {"recognition": 0.5, "crisis_rate": {"foster_care": 0.02},
           "entry_share": {"residential_care": [0.1, 0.2, 0.3, 0.4]}}  # fmt: skip
    s = scenario(children=own, work={"guaranteed_share": shares})
    assert stated_value(s, name) == stated


def test_money_from_the_evidence_is_known_at_the_scenario_s_prices() -> None:
    s = scenario(price_year=2024)
    assert s.money.salary != parameter("money.salary").value
    assert is_from_evidence(s, "money.salary")
    assert not is_from_evidence(changed(s, money={"salary": 1.01 * s.money.salary}), "money.salary")


# --- the shipped draws ---------------------------------------------------------------------------------

SHIPPED = pytest.mark.skipif(not drawing.posterior(), reason="no draws were shipped yet")


@SHIPPED
def test_the_shipped_draws_set_what_the_calibration_may_choose() -> None:
    names = {name for f in free_parameters() for name in f.settings(1.0)}
    assert set(drawing.posterior()[0]) == names
    assert set(names) - set(parameters()) == set(MUNICIPALITY)


@SHIPPED
def test_the_shipped_draws_are_a_sample_in_no_order() -> None:
    """Neighbours are not alike: correlations of 1,000 independent draws stay below 0.17 with chance
    1e-5 all together, so the first hundred say as much as any hundred.
    """
    table = as_array(list(drawing.posterior()), list(drawing.posterior()[0]))
    neighbours = [np.corrcoef(np.argsort(np.argsort(x))[:-1], np.argsort(np.argsort(x))[1:])[0, 1]
                  for x in table.T]  # fmt: skip
    assert max(neighbours) < 0.17


@SHIPPED
@pytest.mark.parametrize("name", ["fano", "herning", "denmark"])
def test_shipped_scenarios_hold_together_at_shipped_draws(name: str) -> None:
    s = find_scenario(name)
    for draw in draws(40):
        found = at_draw(s, draw)
        check_scenario(found)
        assert Scenario.model_validate(found.model_dump(mode="json")).name == name
        assert 0.2 < found.districts[0].inflow / s.districts[0].inflow < 5.0


@SHIPPED
def test_a_calibrated_record_is_the_middle_of_its_draws() -> None:
    for name in drawn_names():
        if parameter(name).kind == "calibrated":
            drawn = np.array([row[name] for row in drawing.posterior()])
            assert parameter(name).value == pytest.approx(np.median(drawn), rel=0.01), name
