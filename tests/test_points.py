"""A scenario at given values: today's counts still hold, and what a value does not touch stays."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.draws import at_draw, draws
from experiments.points import at_point, at_rates, levers_among, with_levers
from experiments.unknowns import GROUPS, Unknown, cause_of, unknowns
from simulation.parameters import parameter
from simulation.reading import find_scenario
from simulation.settling import settled_flows
from simulation.tables import build_tables
from simulation.values import with_values

FANO = find_scenario("fano")
ADULTS = find_scenario("adults")
POLICY = "swedish_model"
ORIENTATION = f"policies.{POLICY}.practice.orientation"
UNKNOWNS = unknowns(FANO, POLICY)


def test_without_values_a_scenario_is_itself() -> None:
    assert at_point(FANO, {}) is FANO


def test_at_its_own_value_a_scenario_has_its_own_flows() -> None:
    same = at_point(FANO, {"work.reactive_hours": FANO.work.reactive_hours})
    assert same.districts[0].inflow == pytest.approx(FANO.districts[0].inflow, rel=1e-12)
    assert same.children.placed_after_assessment == pytest.approx(FANO.children.placed_after_assessment)


def test_flows_follow_so_that_the_counts_hold() -> None:
    """Children who get ready sooner leave sooner, so the same counts need a larger inflow."""
    rate = FANO.children.readiness_rate["preventive"]
    values = {"children.readiness_rate.preventive": 2 * rate}
    sooner = at_point(FANO, values)
    assert sooner.children.readiness_rate["preventive"] == 2 * rate
    assert sooner.districts[0].start == FANO.districts[0].start
    growth = settled_flows(with_values(FANO, values)).inflow / settled_flows(FANO).inflow
    assert growth > 1.05
    assert sooner.districts[0].inflow == pytest.approx(FANO.districts[0].inflow * growth)


def test_a_flow_that_is_asked_for_is_kept() -> None:
    alone = at_point(FANO, {"children.placed_after_assessment": 0.1})
    assert alone.children.placed_after_assessment == 0.1
    assert alone.districts == FANO.districts
    both = at_point(FANO, {"children.placed_after_assessment": 0.1, "work.follow_up_hours": 9.0})
    assert both.children.placed_after_assessment == 0.1
    assert both.work.follow_up_hours == 9.0


def test_a_lever_changes_its_policy_and_nothing_else() -> None:
    there = at_point(FANO, {ORIENTATION: 1.2})
    assert there.policy(POLICY).practice.orientation == 1.2
    assert there.policy("practice_only") == FANO.policy("practice_only")
    assert (there.children, there.districts, there.work) == (FANO.children, FANO.districts, FANO.work)


def test_levers_and_rates_may_be_set_one_after_the_other() -> None:
    """The rates of a row are shared by rows that differ in their levers only."""
    values = {"children.recognition": 0.4, ORIENTATION: 1.2, "work.follow_up_hours": 8.0}
    levers = levers_among(values)
    rates = {name: x for name, x in values.items() if name not in levers}
    assert list(levers) == [ORIENTATION]
    assert with_levers(at_rates(FANO, rates, 3), levers) == at_point(FANO, values, 3)


def test_a_draw_comes_first_and_values_after_it() -> None:
    drawn = at_draw(FANO, draws(6)[5])
    assert at_point(FANO, {}, 5) == drawn
    there = at_point(FANO, {"children.recognition": 0.33}, 5)
    assert there.children.recognition == 0.33
    assert there.children.readiness_rate == drawn.children.readiness_rate


def test_a_staircase_without_a_balance_keeps_its_flows() -> None:
    nobody = FANO.districts[0].model_copy(update={"start": {"residential_care": 9}})
    town = FANO.model_copy(update={"districts": (nobody,)})
    assert at_point(town, {"children.recognition": 0.2}).districts == (nobody,)


def test_unknown_numbers_and_draws_are_named() -> None:
    with pytest.raises(KeyError, match=r"children\.luck"):
        at_point(FANO, {"children.luck": 1.0})
    with pytest.raises(KeyError, match="no policy 'magic'"):
        at_point(FANO, {"policies.magic.practice.orientation": 1.0})
    with pytest.raises(ValueError, match="draws = 1000000"):
        at_point(FANO, {}, 999_999)


# --- what is not known ------------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", UNKNOWNS, ids=lambda u: u.name)
def test_an_unknown_can_be_set_to_any_value_of_its_range(unknown: Unknown) -> None:
    assert unknown.low < unknown.high
    for u in (0.001, 0.5, 0.999):
        value = unknown.at(u)
        assert unknown.low <= value <= unknown.high
        there = at_point(FANO, {unknown.name: value})
        build_tables(there, there.policy(POLICY))


@pytest.mark.parametrize("unknown", UNKNOWNS, ids=lambda u: u.name)
def test_its_quantiles_rise(unknown: Unknown) -> None:
    found = [unknown.at(u) for u in np.linspace(0.01, 0.99, 25)]
    assert (np.diff(found) >= 0).all()
    assert found[-1] > found[0]


def test_counts_and_choices_are_no_unknowns() -> None:
    names = [u.name for u in UNKNOWNS]
    assert len(set(names)) == len(names)
    for known in ("districts", "extra_fte", "extra_places", "reviews", "inflow", "start", "entry_share"):
        assert not any(known in name.split(".") for name in names), known


def test_a_policy_adds_its_levers_and_no_other_policy_s() -> None:
    without = {u.name for u in unknowns(FANO)}
    more = {u.name for u in UNKNOWNS} - without
    assert more
    assert all(name.startswith(f"policies.{POLICY}.") for name in more)
    assert f"policies.{POLICY}.world.effect" in more
    with pytest.raises(KeyError, match="no policy 'magic'"):
        unknowns(FANO, "magic")


def test_a_null_policy_has_no_effect_that_could_be_unknown() -> None:
    assert "policies.null.world.effect" not in {u.name for u in unknowns(FANO, "null")}


def test_adults_have_unknowns_of_their_own_stairs() -> None:
    names = {u.name for u in unknowns(ADULTS)}
    assert any(f"readiness_rate.{key}" in name for name in names for key in ADULTS.staircase.keys)
    assert not any("foster_care" in name for name in names)


@pytest.mark.parametrize("name, cause", [
    ("work.follow_up_hours", "capacity"), ("children.recognition", "reviews"),
    ("children.recognition_elasticity", "capacity"), (ORIENTATION, "practice"),
    (f"policies.{POLICY}.supply.network_search", "supply"), ("money.salary", "price"),
    (f"policies.{POLICY}.world.surveillance", "contact"), ("children.severity_sd", "children"),
    (f"policies.{POLICY}.world.effect", "whole policy"),
])  # fmt: skip
def test_a_number_bears_on_a_cause(name: str, cause: str) -> None:
    assert cause_of(name) == cause


def test_every_unknown_has_a_group_of_every_kind() -> None:
    for unknown in UNKNOWNS:
        assert set(unknown.group) == set(GROUPS)
        assert unknown.group["grade"] == unknown.record.grade


def test_the_roll_out_is_drawn_from_its_record() -> None:
    effect = next(u for u in UNKNOWNS if u.name.endswith("world.effect"))
    record = parameter("policy.effect")
    assert (effect.low, effect.high) == (record.low, record.high)
