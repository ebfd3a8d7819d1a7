"""Agents of one's own in a comparison: nothing else changes, and what they do is due to them alone."""

from __future__ import annotations

import numpy as np
import pytest

from experiments import compare
from experiments.own_agents import compare_agents, with_policy
from simulation import Caseworker, Child, find_scenario
from simulation.horizon import with_months
from simulation.policy import Capacity, FollowUp, Policy, ReviewRule
from simulation.scenario import Scenario

MONTHS, HISTORIES = 14, 4


class Calm(Child):
    """A child without crises."""

    def live_through_crisis(self) -> None:
        pass


class Loyal(Caseworker):
    """A caseworker who never leaves."""

    def come_and_go(self) -> None:
        self.in_post += 1


@pytest.fixture(scope="module")
def fano() -> Scenario:
    return with_months(find_scenario("fano"), MONTHS)


@pytest.mark.parametrize("name", ["fano", "herning"])
def test_the_models_own_agents_give_what_compare_gives(name: str) -> None:
    """To the last bit, over one district and over two."""
    short = with_months(find_scenario(name), MONTHS)
    policies = list(short.policies)[:2]
    ours = compare_agents(short, policies, replicates=HISTORIES, seed=3)
    theirs = compare(short, policies, replicates=HISTORIES, seed=3)
    assert ours.plan.arms == theirs.plan.arms
    for arm in ours.plan.arms:
        for field in ("years", "net", "stairs", "refund", "spending"):
            one, other = (getattr(s.arm(arm), field) for s in (ours, theirs))
            np.testing.assert_array_equal(one, other[:HISTORIES])


def test_a_behaviour_takes_effect_in_every_arm(fano: Scenario) -> None:
    study = compare_agents(fano, ["swedish_model"], child_class=Calm, replicates=HISTORIES)
    usual = compare_agents(fano, ["swedish_model"], replicates=HISTORIES)
    for arm in study.plan.arms:
        assert study.outcome("breakdowns", arm).sum() == 0 < usual.outcome("breakdowns", arm).sum()


def test_caseworkers_may_behave_otherwise_too(fano: Scenario) -> None:
    study = compare_agents(fano, [], caseworker_class=Loyal, replicates=HISTORIES)
    usual = compare_agents(fano, [], replicates=HISTORIES)
    differs = study.arm("baseline").years != usual.arm("baseline").years
    assert differs.any()
    assert study.plan.policies == ()


def test_none_is_refused(fano: Scenario) -> None:
    with pytest.raises(ValueError, match="replicates = 0 must be at least 1"):
        compare_agents(fano, replicates=0)


# --- a policy of one's own --------------------------------------------------------------------------


def test_a_policy_of_ones_own_is_compared_beside_the_others(fano: Scenario) -> None:
    mine = Policy(label="Min", capacity=Capacity(extra_fte=(0.5,)))
    town = with_policy(fano, "mine", mine)
    assert town.policy("mine") is mine
    assert [*town.policies] == [*fano.policies, "mine"]
    study = compare(town, ["mine"], replicates=20)
    assert study.level("staff_cost", "mine").mean > study.level("staff_cost").mean
    assert study.change("staff_cost", "mine").mean == pytest.approx(
        study.level("staff_cost", "mine").mean - study.level("staff_cost").mean
    )


def test_a_policy_that_does_not_fit_is_refused(fano: Scenario) -> None:
    unknown = Policy(reviews=ReviewRule(by_stair={"castle": FollowUp(first=1, later=2)}))
    with pytest.raises(ValueError, match="castle"):
        with_policy(fano, "mine", unknown)
    with pytest.raises(ValueError, match="like = 'swedish_model'"):
        with_policy(fano, "mine", Policy(like="swedish_model"))
    with pytest.raises(ValueError, match="carrying on as today"):
        with_policy(fano, "baseline", Policy())


# --- levels and changes -----------------------------------------------------------------------------


def test_a_change_is_the_paired_difference_of_a_year_or_of_all(fano: Scenario) -> None:
    study = compare(fano, ["swedish_model"], replicates=30)
    saved = study.cumulated_saving("swedish_model")
    assert study.change("net_saving", "swedish_model") == study.estimate(saved[:, -1])
    assert study.change("net_saving", "swedish_model", 1) == study.estimate(saved[:, 0])
    fewer = study.outcome("n_residential", "swedish_model") - study.outcome("n_residential")
    assert study.change("n_residential", "swedish_model", 2) == study.estimate(fewer[:, 1])
    for year in (0, 3):
        with pytest.raises(ValueError, match=f"year = {year} must lie between 1 and 2"):
            study.change("n_residential", "swedish_model", year)
