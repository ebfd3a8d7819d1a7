"""Districts as parts: a municipality is the sum of its districts, each with its own luck and its share.

A statistical test fails on a right model with chance ERROR_RATE (1e-4) at most; seeds are fixed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from random_scenarios import random_scenario
from support import district, run_kernel, scenario, z_limit

from simulation import PlacementModel
from simulation.parts import part_of, seed_of_district
from simulation.policy import Policy
from simulation.replicates import ledgers
from simulation.scenario import Scenario
from simulation.tables import build_tables

WITH_SEVERAL = [seed for seed in range(60) if len(random_scenario(seed).districts) > 1][:12]
"""Seeds of random scenarios with two or three districts."""


def names(s: Scenario) -> list[str]:
    return [d.name for d in s.districts]


def arms(s: Scenario) -> list[Policy | None]:
    return [None, *s.policies.values()]


# --- the sum -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", WITH_SEVERAL)
def test_a_municipality_is_the_sum_of_its_districts(seed: int) -> None:
    """To the last bit, in the order of the districts."""
    s = random_scenario(seed)
    for policy in arms(s):
        books = [ledgers(s, policy, seed=seed, replicates=3, district=name) for name in names(s)]
        total = books[0].copy()
        for more in books[1:]:
            total += more
        assert ledgers(s, policy, seed=seed, replicates=3).tobytes() == total.tobytes()


@pytest.mark.parametrize("seed", WITH_SEVERAL[:6])
def test_both_engines_agree_on_a_part_and_on_the_sum(seed: int) -> None:
    s = random_scenario(seed)
    policy = s.policies["first"]
    for name in (None, names(s)[-1]):
        luck = {"seed": seed, "first": 2, "replicates": 2, "district": name}
        by_kernel = ledgers(s, policy, **luck)
        assert by_kernel.tobytes() == ledgers(s, policy, engine="agents", **luck).tobytes()


@pytest.mark.parametrize("seed", range(8))
def test_one_district_is_the_whole(seed: int) -> None:
    """And has the luck of the study's own seed."""
    s = random_scenario(seed)
    one = s.model_copy(update={"districts": s.districts[:1]})
    assert ledgers(one, seed=5, replicates=2).tobytes() == run_kernel(one, replicates=2, seed=5).tobytes()
    assert seed_of_district(5, 0) == 5


# --- the same municipality in one model --------------------------------------------------------


def twice_as_large() -> Scenario:
    """Return two districts, the second twice as large in all, so that both begin alike."""
    small = district(name="small", caseworkers=[1.0])[0]
    double = {
        **small,
        "name": "large",
        "inflow": 2 * small["inflow"],
        "caseworkers": [1.0, 1.0],
        "places": {key: 2 * n for key, n in small["places"].items()},
        "start": {key: 2 * n for key, n in small["start"].items()},
    }
    return scenario(districts=[small, double], months=36)


BUNDLE = {
    "districts": ["large"],
    "ramp_months": 6,
    "capacity": {"extra_fte": [1.0], "team_leader": 0.5},
    "reviews": {"first": 3, "later": 3},
    "practice": {"orientation": 1.5},
    "supply": {
        "programmes": {
            "family": {"stair": "preventive", "places": 5, "months": 4, "cost": 4e4, "crisis": 0.5}
        },
        "running_cost": 60_000.0,
    },
}


@pytest.mark.parametrize("policy", [None, BUNDLE], ids=["baseline", "policy in one district"])
def test_the_sum_of_parts_has_the_expectation_of_one_model(policy: dict[str, Any] | None) -> None:
    """Every column of the ledger, summed over the months; 600 replicates each way, other luck."""
    s = twice_as_large()
    p = None if policy is None else Policy.model_validate(policy)
    parts = ledgers(s, p, seed=21, replicates=600).sum(1)
    joint = run_kernel(s, p, seed=22, replicates=600).sum(1)
    error = np.sqrt((parts.var(0, ddof=1) + joint.var(0, ddof=1)) / 600)
    gap = parts.mean(0) - joint.mean(0)
    chance = error > 1e-9 * np.abs(joint).max(0)
    assert chance.sum() > 40
    assert np.abs(gap[chance] / error[chance]).max() < z_limit(2 * int(chance.sum()))
    assert parts.mean(0)[~chance] == pytest.approx(joint.mean(0)[~chance])  # staff, one-off


# --- luck --------------------------------------------------------------------------------------


def test_districts_that_are_alike_have_different_luck() -> None:
    twin = district()[0]
    s = scenario(districts=[{**twin, "name": "east"}, {**twin, "name": "west"}])
    east, west = (ledgers(s, replicates=5, district=name) for name in names(s))
    assert (east != west).any(axis=(1, 2)).all()


def test_seeds_of_districts_are_seeds_and_differ() -> None:
    for seed in (0, 1, 2**32 - 1):
        seeds = [seed_of_district(seed, position) for position in range(200)]
        assert len(set(seeds)) == 200
        assert all(0 <= x < 2**32 for x in seeds)


@pytest.mark.parametrize("seed", WITH_SEVERAL[:6])
def test_a_policy_elsewhere_leaves_a_part_as_it_was(seed: int) -> None:
    """Its costs too: nothing of the policy falls to a district it does not hold in."""
    s = random_scenario(seed)
    policy = s.policies["first"].model_copy(update={"districts": (names(s)[0],)})
    for name in names(s)[1:]:
        today = ledgers(s, seed=seed, replicates=2, district=name)
        assert ledgers(s, policy, seed=seed, replicates=2, district=name).tobytes() == today.tobytes()


# --- what falls to a part ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", WITH_SEVERAL)
def test_the_costs_of_the_parts_add_up_to_those_of_the_whole(seed: int) -> None:
    """Staff, start and running costs of every month, up to the rounding of sums."""
    s = random_scenario(seed)
    for policy in arms(s):
        whole = build_tables(s, policy).months
        parts = [build_tables(s, policy, name).months for name in names(s)]
        for account in ("staff_cost", "one_off", "running_cost"):
            total = np.sum([part[account] for part in parts], axis=0)
            assert total == pytest.approx(whole[account], rel=1e-12), account


def test_what_is_paid_once_for_several_districts_falls_to_them_in_equal_parts() -> None:
    three = [{**district()[0], "name": name} for name in ("a", "b", "c")]
    s = scenario(districts=three)
    policy = Policy.model_validate(
        {
            "districts": ["a", "c"],
            "capacity": {"extra_fte": [1.0], "team_leader": 0.8, "start_cost": 90_000.0},
            "supply": {"running_cost": 50_000.0, "outreach": 2.0},
        }
    )
    for name in ("a", "c"):
        part, its = part_of(s, policy, name)
        assert [d.name for d in part.districts] == [name]
        assert (its.districts, its.capacity.extra_fte) == ((name,), (1.0,))
        assert (its.capacity.team_leader, its.capacity.start_cost) == (0.4, 45_000.0)
        assert (its.supply.running_cost, its.supply.outreach) == (25_000.0, 2.0)
    part, nothing = part_of(s, policy, "b")
    months = build_tables(s, policy, "b").months
    assert [d.name for d in part.districts] == ["b"]
    assert nothing.capacity == Policy().capacity
    assert months["staff_cost"] == pytest.approx(build_tables(s, None, "b").months["staff_cost"])
    assert not months["one_off"].any()
    assert not months["running_cost"].any()


def test_a_model_of_one_district_has_its_posts_and_children_only() -> None:
    s = twice_as_large()
    model = PlacementModel(s, rng=3, district="large")
    model.run_for(6)
    assert len(model.districts) == 1
    assert len(model.caseworkers) == 2
    assert model.seed == seed_of_district(3, 1)
    frame = model.datacollector.get_model_vars_dataframe()[model.columns].to_numpy()[1:]
    assert frame.tobytes() == ledgers(s, seed=3, replicates=1, district="large")[0, :6].tobytes()


@pytest.mark.parametrize("wrong", ["lrge", "elsewhere"])
def test_a_district_that_is_not_there_is_answered_with_those_that_are(wrong: str) -> None:
    s = twice_as_large()
    for ask in (
        lambda: ledgers(s, district=wrong),
        lambda: PlacementModel(s, district=wrong),
        lambda: part_of(s, Policy(), wrong),
    ):
        with pytest.raises(KeyError) as error:
            ask()
        assert f"no district {wrong!r}" in str(error.value)
        assert "it has: small, large" in str(error.value)
        assert ("did you mean 'large'?" in str(error.value)) == (wrong == "lrge")
