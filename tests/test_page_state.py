"""Sliders: where they stand means a policy and a horizon; untouched, they change nothing."""

from __future__ import annotations

import pytest
from boards import POLICY, small, small_board
from support import merged

from experiments.page.state import (
    SLIDERS,
    board,
    is_changed,
    moved,
    policy_of,
    scenario_of,
    without_effect,
)
from simulation.reading import find_scenario, shipped_scenarios
from simulation.scenario import Scenario

SHIPPED = [find_scenario(name) for name in shipped_scenarios()]


@pytest.mark.parametrize("scenario", SHIPPED, ids=lambda s: f"{s.name}-{s.start.year}")
def test_untouched_sliders_leave_every_policy_as_it_is(scenario: Scenario) -> None:
    for name, policy in scenario.policies.items():
        sliders = board(scenario, name)
        resolved = policy.model_copy(update={"like": None, "only": None})
        assert policy_of(sliders.start, sliders) == resolved
        assert scenario_of(sliders.start, sliders) is scenario
        assert not is_changed(sliders.start, sliders)


@pytest.mark.parametrize("scenario", SHIPPED, ids=lambda s: f"{s.name}-{s.start.year}")
def test_every_position_of_every_slider_is_a_policy_that_can_be_run(scenario: Scenario) -> None:
    sliders = board(scenario)
    assert [s.name for s in sliders.sliders] == list(SLIDERS)
    for slider in sliders.sliders:
        assert list(slider.values) == sorted(set(slider.values))
        assert slider.values[slider.position(slider.start)] == slider.start
        assert slider.today is None or slider.today in slider.values
        for position, value in enumerate(slider.values):
            chosen = moved(sliders.start, slider, position)
            assert getattr(chosen, slider.name) == value
            assert is_changed(chosen, sliders) == (value != slider.start)
            policy_of(chosen, sliders)
            assert scenario_of(chosen, sliders).months == chosen.months


def test_posts_follow_the_slider() -> None:
    sliders = small_board()
    slider = sliders.slider("extra_fte")
    for fte, posts in ((0.0, ()), (1.0, (1.0,)), (2.5, (1.0, 1.0, 0.5))):
        chosen = moved(sliders.start, slider, slider.position(fte))
        assert policy_of(chosen, sliders).capacity.extra_fte == posts


def test_follow_ups_at_today_s_interval_are_today_s_rule() -> None:
    sliders = small_board()
    slider, today = sliders.slider("interval"), sliders.scenario.reviews
    chosen = moved(sliders.start, slider, slider.position(today.later))
    reviews = policy_of(chosen, sliders).reviews
    assert (reviews.first, reviews.later) == (today.first, today.later)


def test_a_moved_interval_holds_on_every_stair() -> None:
    monthly = {"foster_care": {"first": 1, "later": 1}}
    policy = merged(POLICY, {"reviews": {"by_stair": monthly}})
    sliders = small_board(policies={"proposal": policy})
    slider = sliders.slider("interval")
    assert policy_of(sliders.start, sliders).reviews.by_stair
    reviews = policy_of(moved(sliders.start, slider, slider.position(2)), sliders).reviews
    assert (reviews.first, reviews.later, reviews.by_stair) == (2, 2, {})


def test_no_effect_changes_the_effect_alone_and_can_be_taken_back() -> None:
    sliders = small_board()
    null = without_effect(sliders.start)
    assert without_effect(null) == sliders.start
    changed, as_it_is = policy_of(null, sliders), policy_of(sliders.start, sliders)
    assert changed.world.effect == 0.0
    world = as_it_is.world
    assert changed.model_copy(update={"world": world}) == as_it_is


def test_no_horizon_ends_before_a_policy_begins() -> None:
    late = {**POLICY, "start": "2018-02-01"}
    sliders = small_board(months=60, policies={"proposal": POLICY, "late": late})
    assert min(sliders.slider("months").values) == 36


def test_a_scenario_without_policies_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"has no policy to ask about; write one"):
        board(small().model_copy(update={"policies": {}}))
    with pytest.raises(KeyError, match="proposal"):
        board(small(), "propsal")
