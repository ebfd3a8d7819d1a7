"""Causes kept apart: any combination of a policy's four causes, and none of them."""

from __future__ import annotations

import pytest
from causes import COMBINATIONS, by_hand, town
from hypothesis import given, settings
from hypothesis import strategies as st
from municipalities import policies, scenarios
from support import FIXED, run_kernel

from simulation.policy import CAUSES, Cause, Policy
from simulation.reading import find_scenario


@pytest.mark.parametrize("kept", COMBINATIONS, ids="+".join)
def test_any_combination_of_causes_can_be_kept(kept: tuple[Cause, ...]) -> None:
    assert town().policy("bundle").keeping(kept) == Policy.model_validate(by_hand(kept))


def test_the_combinations_are_all_different_and_the_order_does_not_matter() -> None:
    bundle = town().policy("bundle")
    assert len({bundle.keeping(kept).model_dump_json() for kept in COMBINATIONS}) == 16
    assert bundle.keeping(("supply", "reviews")) == bundle.keeping(["reviews", "supply"])


def test_all_causes_are_the_policy_itself() -> None:
    bundle = town().policy("bundle")
    assert bundle.keeping(CAUSES) == bundle


@given(st.data())
@settings(FIXED, max_examples=50)
def test_no_cause_kept_does_nothing_at_all(data: st.DataObject) -> None:
    """The bytes are those of the baseline, whatever dates, ramp, reach and effect the policy has."""
    s = data.draw(scenarios(most_months=12))
    policy = data.draw(policies(s))
    assert run_kernel(s, policy.keeping(())).tobytes() == run_kernel(s).tobytes()


@given(st.data())
@settings(FIXED, max_examples=50)
def test_need_found_by_contact_stays_with_hours_or_follow_ups_only(data: st.DataObject) -> None:
    s = data.draw(scenarios(most_months=1))
    policy = data.draw(policies(s))
    for kept in COMBINATIONS:
        contact = {"capacity", "reviews"} & set(kept)
        world = policy.keeping(kept).world
        assert world.surveillance == (policy.world.surveillance if contact else None)
        assert world.effect == policy.world.effect


@pytest.mark.parametrize("kept", COMBINATIONS[1:], ids="+".join)
def test_a_file_that_keeps_causes_gives_the_same_policy(kept: tuple[Cause, ...]) -> None:
    s = town(policies={"some": {"like": "bundle", "only": list(kept)}})
    some = s.policy("some").model_copy(update={"like": None, "only": None})
    assert some == s.policy("bundle").keeping(kept)


def test_what_a_file_says_of_the_world_itself_still_holds() -> None:
    some = {"like": "bundle", "only": ["practice"], "world": {"surveillance": 0.2}}
    assert town(policies={"some": some}).policy("some").world.surveillance == 0.2


@pytest.mark.parametrize("leader", [0.0, 0.5])
def test_practice_without_capacity_is_practice_without_a_leader(leader: float) -> None:
    """0.5 of the change takes hold: half the way in orientation and in the odds at entry."""
    practice = {"orientation": 1.5, "residential_odds": 0.6, "without_leader": 0.5}
    half = {"orientation": 1.25, "residential_odds": 0.8, "without_leader": 1.0}
    capacity = {"extra_fte": [1.0], "team_leader": leader}
    bundle = Policy.model_validate({"capacity": capacity, "practice": practice})
    alone, wanted = bundle.keeping(("practice",)), Policy.model_validate({"practice": half})
    assert run_kernel(town(), alone).tobytes() == run_kernel(town(), wanted).tobytes()
    assert run_kernel(town(), alone).tobytes() != run_kernel(town()).tobytes()


def test_what_is_no_cause_is_refused() -> None:
    with pytest.raises(ValueError, match=r"causes = \['staff'\]: the causes are capacity, reviews"):
        Policy().keeping(("staff", "capacity"))


def test_the_four_causes_of_fano_are_those_of_its_proposal() -> None:
    fano = find_scenario("fano")
    for name, cause in (
        ("staff_only", "capacity"), ("reviews_only", "reviews"),
        ("practice_only", "practice"), ("supply_only", "supply"),
    ):  # fmt: skip
        told = {"like": None, "only": None, "label": "", "english": "", "about": ""}
        kept = fano.policy("swedish_model").keeping((cause,))
        assert fano.policy(name).model_copy(update=told) == kept.model_copy(update=told)
