"""Attribution: the four causes kept apart, and what each does of the whole."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from municipalities import policies, scenarios
from support import FIXED, run_kernel, scenario

from simulation.policy import CAUSES, Cause, Policy
from simulation.reading import find_scenario
from simulation.scenario import Scenario

SELECTIONS = [kept for n in range(5) for kept in combinations(CAUSES, n)]
LEVERS: dict[str, dict[str, Any]] = {
    "capacity": {"extra_fte": [1.0, 0.5], "team_leader": 0.5, "leakage": 0.1},
    "reviews": {"first": 2.0, "later": 3.0, "order": "most_intrusive"},
    "practice": {"orientation": 1.5, "residential_odds": 0.6, "without_leader": 0.5},
    "supply": {"network_search": 0.7, "extra_places": {"foster_care": 3}, "outreach": 1.4},
}
ALWAYS: dict[str, Any] = {"start": "2016-04-01", "ramp_months": 4, "reach": 0.9}
BUNDLE: dict[str, Any] = {**ALWAYS, **LEVERS, "world": {"effect": 0.9, "surveillance": 0.3}}


def town(**overrides: Any) -> Scenario:
    return scenario({"months": 18, "title": "Lilleby", "policies": {"bundle": BUNDLE}}, **overrides)


def by_hand(kept: tuple[Cause, ...]) -> dict[str, Any]:
    """Return the bundle with some of its causes, written out as one would in a file."""
    contact = "capacity" in kept or "reviews" in kept
    world = {"effect": 0.9, "surveillance": 0.3} if contact else {"effect": 0.9}
    return {**ALWAYS, **{cause: LEVERS[cause] for cause in kept}, "world": world}


# --- causes kept apart ---------------------------------------------------------------------------


@pytest.mark.parametrize("kept", SELECTIONS, ids="+".join)
def test_any_selection_of_causes_can_be_kept(kept: tuple[Cause, ...]) -> None:
    assert town().policy("bundle").keeping(kept) == Policy.model_validate(by_hand(kept))


def test_the_selections_are_all_different_and_the_order_does_not_matter() -> None:
    bundle = town().policy("bundle")
    assert len({bundle.keeping(kept).model_dump_json() for kept in SELECTIONS}) == 16
    assert bundle.keeping(("supply", "reviews")) == bundle.keeping(["reviews", "supply"])


def test_all_causes_are_the_policy_itself() -> None:
    bundle = town().policy("bundle")
    assert bundle.keeping(CAUSES) == bundle


@given(st.data())
@FIXED
def test_no_cause_kept_does_nothing_at_all(data: st.DataObject) -> None:
    """The bytes are those of the baseline, whatever dates, ramp, reach and effect the policy has."""
    s = data.draw(scenarios(most_months=12))
    policy = data.draw(policies(s))
    assert run_kernel(s, policy.keeping(())).tobytes() == run_kernel(s).tobytes()


@given(st.data())
@FIXED
def test_need_found_by_contact_stays_with_hours_or_follow_ups_only(data: st.DataObject) -> None:
    s = data.draw(scenarios(most_months=1))
    policy = data.draw(policies(s))
    for kept in SELECTIONS:
        contact = {"capacity", "reviews"} & set(kept)
        world = policy.keeping(kept).world
        assert world.surveillance == (policy.world.surveillance if contact else None)
        assert world.effect == policy.world.effect


@pytest.mark.parametrize("kept", SELECTIONS[1:], ids="+".join)
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
        Policy().keeping(("staff", "capacity"))  # type: ignore[arg-type]


def test_the_four_causes_of_fano_are_those_of_its_proposal() -> None:
    fano = find_scenario("fano")
    for name, cause in (
        ("staff_only", "capacity"), ("reviews_only", "reviews"),
        ("practice_only", "practice"), ("supply_only", "supply"),
    ):  # fmt: skip
        told = {"like": None, "only": None, "label": "", "about": ""}
        kept = fano.policy("swedish_model").keeping((cause,))
        assert fano.policy(name).model_copy(update=told) == kept.model_copy(update=told)
