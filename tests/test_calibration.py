"""What the calibration may choose, and what it simulates for one choice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from experiments import settle
from experiments.calibration import runs
from experiments.calibration.fit import quantile, theta
from experiments.calibration.free import MUNICIPALITY, Free, free_parameters, settings
from experiments.calibration.runs import (
    AIMS,
    PROGRAMME,
    READINESS,
    Worlds,
    herning_at,
    settled_worlds,
    shipped_worlds,
    summaries,
    with_caseload,
    with_interval,
)
from simulation.checks import check_scenario
from simulation.parameters import parameter, parameters
from simulation.scenario import Scenario

FREE = {f.name: f for f in free_parameters()}
N = len(FREE)


def sets(f: Free) -> list[str]:
    """Return the names a free parameter sets."""
    return list(f.settings(quantile(f, 0.5)))


# --- free parameters -------------------------------------------------------------------------------


@pytest.mark.parametrize("f", FREE.values(), ids=FREE)
def test_a_free_parameter_sets_records_or_says_how_municipalities_differ(f: Free) -> None:
    assert set(sets(f)) <= {*parameters(), *MUNICIPALITY}
    assert f.why


def test_no_record_is_set_twice_and_municipalities_differ_as_said() -> None:
    names = [name for f in FREE.values() for name in sets(f)]
    assert len(set(names)) == len(names)
    assert set(names) - set(parameters()) == set(MUNICIPALITY)


@pytest.mark.parametrize(
    "f", [f for f in FREE.values() if f.name not in MUNICIPALITY], ids=lambda f: f.name
)
def test_a_prior_covers_the_record_s_value(f: Free) -> None:
    """Between its 0.1 and 99.9 % points; where shares are tied together, each of them."""
    ends = [f.settings(quantile(f, u)) for u in (0.001, 0.999)]
    for name in sets(f):
        low, high = sorted(end[name] for end in ends)
        assert low <= parameter(name).value <= high, name


def test_what_has_a_record_of_its_own_keeps_that_record_s_distribution() -> None:
    """And what is called calibrated has a prior wider than the range it was last fitted to."""
    for f in FREE.values():
        kinds = {parameter(name).kind for name in sets(f) if name not in MUNICIPALITY}
        assert (f.shape == "record") == (bool(kinds) and "calibrated" not in kinds), f.name


@pytest.mark.parametrize("f", FREE.values(), ids=FREE)
def test_the_prior_s_quantiles_rise_and_stay_within_its_bounds(f: Free) -> None:
    values = [quantile(f, u) for u in (1e-4, 0.05, 0.25, 0.5, 0.75, 0.95, 1 - 1e-4)]
    assert values == sorted(values)
    assert values[0] < values[-1]
    if f.shape == "lognormal":
        assert values[1] == pytest.approx(f.low)
        assert values[5] == pytest.approx(f.high)
    if f.shape == "uniform":
        assert f.low <= values[0] < values[-1] <= f.high
        assert values[3] == pytest.approx((f.low + f.high) / 2)


def test_quantiles_of_records_and_of_normals_are_theirs() -> None:
    u = np.array([0.05, 0.5, 0.9])
    orientation = [quantile(FREE["policy.orientation"], x) for x in u]
    assert orientation == pytest.approx(list(parameter("policy.orientation").sample(u)))
    assert quantile(FREE["herning.readiness"], 0.95) == pytest.approx(stats.norm.ppf(0.95))


def test_a_shape_nobody_knows_is_refused() -> None:
    odd = replace(FREE["children.recognition"], shape="bimodal")
    with pytest.raises(ValueError, match="'bimodal' must be uniform, lognormal, normal or record"):
        quantile(odd, 0.5)


# --- what a choice means for a scenario --------------------------------------------------------------


def choice(**changes: float) -> dict[str, float]:
    """Return all free parameters at the middle of their priors, some of them changed."""
    return {**theta(np.zeros(N)), **{name.replace("__", "."): x for name, x in changes.items()}}


def test_a_factor_multiplies_its_bases() -> None:
    found = settings(choice(planned_up=2.0))
    assert found["children.planned_up.preventive"] == pytest.approx(0.02)
    assert found["children.planned_up.foster_care"] == pytest.approx(0.01)
    assert settings(choice(denmark__inflow=1.5))["denmark.inflow"] == pytest.approx(
        1.5 * FREE["denmark.inflow"].base["denmark.inflow"]
    )


def test_odds_are_multiplied_not_shares() -> None:
    found = settings(choice(entry_odds=2.0))["children.entry_share.residential_care.4"]
    base = FREE["entry_odds"].base["children.entry_share.residential_care.4"]
    assert found / (1 - found) == pytest.approx(2.0 * base / (1 - base))


def test_one_number_for_several_records() -> None:
    found = settings({**choice(), "home_share.family": 0.33})
    assert found["children.home_share.network_care"] == found["children.home_share.foster_care"] == 0.33
    assert "home_share.family" not in found


def test_ages_at_arrival_give_or_take_in_proportion() -> None:
    ages = [f"children.age_at_arrival.{age}" for age in (0, 4, 12, 15)]
    base = FREE["arrivals_youngest"].base
    found = settings(choice(arrivals_youngest=1.5))
    assert sum(found[name] for name in ages) == pytest.approx(1.0)
    youngest = base[ages[0]]
    assert found[ages[0]] == pytest.approx(1.5 * youngest / (1.0 + 0.5 * youngest))
    assert found[ages[1]] / found[ages[3]] == pytest.approx(base[ages[1]] / base[ages[3]])


def test_entries_leave_room_for_families() -> None:
    names = [f"children.entry_share.{stair}.15" for stair in ("own_room", "residential_care")]
    full = settings({**choice(entry_odds=20.0), names[0]: 0.45})
    assert sum(full[name] for name in names) == pytest.approx(0.98)
    base = FREE["entry_odds"].base[names[1]]
    untouched = 20.0 * base / (1.0 + 19.0 * base)
    assert full[names[1]] / full[names[0]] == pytest.approx(untouched / 0.45)
    roomy = settings(choice(entry_odds=1.0))
    assert roomy[names[1]] == pytest.approx(base)


def test_no_share_is_more_than_one() -> None:
    assert quantile(FREE["baseline.network_search"], 0.999) > 1.0
    far = theta(np.full(N, 3.5))
    assert settings(far)["baseline.network_search"] == 1.0


def test_what_is_no_record_keeps_its_name() -> None:
    found = settings(choice())
    assert set(MUNICIPALITY) <= set(found)
    assert found["municipality.readiness_sd"] == choice()["municipality.readiness_sd"]


def test_every_choice_gives_scenarios_that_hold_together() -> None:
    """Also where every number lies far out, as the first wave draws them."""
    worlds, rng = shipped_worlds(), np.random.default_rng(1)
    for z in (*rng.standard_normal((40, N)), *(2.0 * rng.choice([-1.0, 1.0], (20, N)))):
        for s in simulated_at(theta(z), worlds):
            Scenario.model_validate(s.model_dump(mode="json"))
            check_scenario(s)


def simulated_at(values: dict[str, float], worlds: Worlds) -> list[Scenario]:
    """Return the scenarios that are run at one choice."""
    seen: list[Scenario] = []

    def note(s: Scenario, policy: Any, *args: Any) -> None:
        seen.append(s if policy is None else s.model_copy(update={"policies": {PROGRAMME: policy}}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "ledger", note)
        runs._runs(values, worlds, 1)
    assert len(seen) == 4
    return seen


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    """The worlds of a wave: settled, roughly, at the middle of the priors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settle, "CHILD_MONTHS", 20_000)
        patch.setattr(settle, "ROUGH", 20_000)
        yield settled_worlds(shipped_worlds(), choice())


@pytest.mark.parametrize("name", FREE)
def test_every_free_parameter_changes_what_a_wave_simulates(name: str, worlds: Worlds) -> None:
    """A number that changes nothing would come out as its prior, whatever was published."""
    low, high = ({**choice(herning__readiness=0.5), name: quantile(FREE[name], u)} for u in (0.1, 0.9))
    assert simulated_at(low, worlds) != simulated_at(high, worlds)


def test_a_policy_s_number_changes_herning_s_programme_in_settled_worlds(worlds: Worlds) -> None:
    programme = simulated_at(choice(policy__orientation=1.6), worlds)[3].policies[PROGRAMME]
    assert programme.practice.orientation == 1.6
    assert worlds.herning.policies == shipped_worlds().herning.policies


def test_herning_s_place_is_about_its_residential_readiness_and_its_flows_are_its_own() -> None:
    herning = shipped_worlds().herning
    values = settings({**choice(municipality__readiness_sd=0.5), "herning.readiness": -2.0})
    found = herning_at(values, herning)
    rate = found.children.readiness_rate
    assert rate["residential_care"] == pytest.approx(values[READINESS] * math.exp(-1.0))
    assert rate["foster_care"] == values["children.readiness_rate.foster_care"]
    national = {
        **values,
        "children.placed_after_assessment": 0.3,
        "children.entry_share.own_room.15": 0.1,
    }
    assert herning_at(national, herning) == found


@pytest.mark.parametrize("cases", [23.0, 42.0])
def test_the_country_is_given_a_caseload(cases: float) -> None:
    s = with_caseload(shipped_worlds().country, cases)
    counted = sum(sum(d.start.values()) for d in s.districts)
    assert counted / s.fte == pytest.approx(cases)
    assert all(0 < x <= 1 for d in s.districts for x in d.caseworkers)


def test_a_rule_of_so_many_months_is_the_same_on_every_stair() -> None:
    s = with_interval(shipped_worlds().country, 3.0)
    assert {(s.reviews.rule(k).first, s.reviews.rule(k).later) for k in s.staircase.keys} == {(3.0, 3.0)}


def test_every_aim_is_simulated_with_an_error_of_its_own(worlds: Worlds) -> None:
    means, errors = summaries(choice(), worlds, 16)
    assert np.isfinite(means).all()
    single = np.array([aim.run == "pilot" for aim in AIMS])
    assert (errors[single] == 0).all()
    assert (errors[~single] > 0).all()
    again, other = summaries(choice(), worlds, 16), summaries(choice(), worlds, 32)
    assert again[0].tolist() == means.tolist()
    assert not np.isclose(other[0], means).any()
