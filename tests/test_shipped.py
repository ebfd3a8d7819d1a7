"""Herning and Denmark as shipped: they begin as published, hold their counts, and their parts fit.

Whether they meet the published figures after that is for the validation. A statistical test runs a fixed
seed, so it either passes always or fails always.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
from support import z_limit

from simulation import find_scenario, parameter
from simulation.outcomes import measured
from simulation.replicates import ledgers
from simulation.scenario import District, Scenario
from simulation.sections import Work

MUNICIPALITIES = ("herning", "denmark", "denmark_2014", "denmark_2023")
YEARS = {"denmark_2014": 2014, "denmark": 2019, "denmark_2023": 2023}
STOCKS = ("n_cases", "n_in_care", "n_preventive", "n_foster_care", "n_residential_care")
SINGLE = {"staff_only": "capacity", "reviews_only": "reviews", "practice_only": "practice",
          "supply_only": "supply"}  # fmt: skip
HISTORIES = 300
DRIFT = 0.10

WAITS = pytest.mark.skipif(
    "assessment_wait" not in Work.model_fields,
    reason="the counts were fitted with assessments that wait for others",
)
LATER_POSTS = pytest.mark.skipif(
    "later_posts" not in District.model_fields, reason="posts cannot open later yet"
)


def whole(name: str) -> str:
    """Return the name of the policy with all four causes."""
    return "sverigesprogram" if name == "herning" else "swedish_model"


def cases(s: Scenario, district: int = 0) -> int:
    return sum(s.districts[district].start.values())


def posts(s: Scenario, district: int = 0) -> float:
    return sum(s.districts[district].caseworkers)


# --- as published ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", YEARS)
def test_the_average_municipality_begins_with_the_caseload_of_its_year(name: str) -> None:
    s = find_scenario(name)
    record = parameter(f"target.denmark.caseload_{YEARS[name]}")
    assert (s.start, s.price_year) == (date(YEARS[name], 1, 1), YEARS[name])
    assert cases(s) / s.fte == pytest.approx(record.value, abs=0.75)


@pytest.mark.parametrize("district", [0, 1])
def test_herning_begins_with_45_to_50_cases_per_caseworker(district: int) -> None:
    s = find_scenario("herning")
    assert 45 <= cases(s, district) / posts(s, district) <= 50


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("herning", 21, 25),
        ("denmark", 19.5, 20.5),
        ("denmark_2014", 19.5, 20.5),
        ("denmark_2023", 19.5, 20.5),
    ],
)
def test_the_whole_policy_gives_the_caseload_it_asks_for(name: str, low: float, high: float) -> None:
    s = find_scenario(name)
    extra = sum(s.policies[whole(name)].capacity.extra_fte)
    assert low <= cases(s) / (posts(s) + extra) <= high


def test_herning_begins_with_the_published_mix() -> None:
    start = find_scenario("herning").districts[0].start
    care = {"own_room": 0, "network_care": 0, "foster_care": 0, "residential_care": 0}
    placed = sum(start[key] for key in care)
    assert placed == parameter("target.herning.placed_2013").value
    family = start["network_care"] + start["foster_care"]
    for part, n in (
        ("own_room", start["own_room"]),
        ("family", family),
        ("residential", start["residential_care"]),
    ):
        assert n / placed == pytest.approx(parameter(f"target.herning.mix_2013_{part}").value, abs=0.015)


def test_the_other_districts_are_the_pilot_at_the_size_of_their_spending() -> None:
    s = find_scenario("herning")
    size = (
        parameter("target.herning.others_spending_2013").value
        / parameter("target.herning.spending_2013").value
    )
    assert cases(s, 1) / cases(s) == pytest.approx(size, rel=0.02)
    pilot, others = (np.array(list(d.start.values())) for d in s.districts)
    assert others == pytest.approx(size * pilot, rel=0.02, abs=1)


def test_the_inflow_of_the_other_districts_is_settled_for_counts_of_their_size() -> None:
    """Not at exactly their size: the two are settled each for its own counts, caseload and posts."""
    pilot, others = find_scenario("herning").districts
    counts = sum(others.start.values()) / sum(pilot.start.values())
    assert others.inflow / pilot.inflow == pytest.approx(counts, rel=0.1)


def test_the_average_municipality_has_the_published_mix_without_aftercare() -> None:
    start = find_scenario("denmark").districts[0].start
    placed = sum(n for key, n in start.items() if key not in ("assessment", "preventive"))
    family = start["network_care"] + start["foster_care"]
    assert placed == pytest.approx((13_600 - 2_100) / 98, abs=0.5)
    assert family / placed == pytest.approx(0.65, abs=0.01)
    assert start["network_care"] / family == pytest.approx(
        parameter("target.denmark.network_share").value, abs=0.01
    )
    assert start["preventive"] / placed == pytest.approx(
        parameter("target.denmark.preventive_per_placed").value, abs=0.05
    )


@LATER_POSTS
def test_herning_s_other_districts_get_the_posts_that_bring_them_to_39_cases() -> None:
    s = find_scenario("herning")
    later = s.districts[1].later_posts
    records = [f"herning.districts.others.later_posts.{n}.fte" for n in (1, 2)]
    assert [post.fte for post in later] == [parameter(record).value for record in records]
    assert all(date(2013, 8, 1) < post.begins < date(2014, 12, 1) for post in later)
    caseload = cases(s, 1) / (posts(s, 1) + sum(post.fte for post in later))
    assert caseload == pytest.approx(parameter("target.herning.others_caseload_2014").value, abs=1)


# --- policies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MUNICIPALITIES)
@pytest.mark.parametrize("only", SINGLE)
def test_each_cause_stands_alone_as_a_policy(name: str, only: str) -> None:
    policies = find_scenario(name).policies
    cause = SINGLE[only]
    assert getattr(policies[only], cause) == getattr(policies[whole(name)], cause)
    others = set(SINGLE.values()) - {cause}
    assert all(
        getattr(policies[only], other) == type(getattr(policies[only], other))() for other in others
    )


@pytest.mark.parametrize("name", MUNICIPALITIES)
def test_the_null_and_the_perverse_world_are_offered(name: str) -> None:
    policies = find_scenario(name).policies
    null, perverse = policies["null"], policies["perverse"]
    assert null.capacity == perverse.capacity == policies[whole(name)].capacity
    assert null.world.effect == 0
    assert perverse.world.surveillance == parameter("policy.perverse_surveillance").value
    assert (perverse.practice.orientation, perverse.practice.residential_odds) == (1, 1)
    assert perverse.supply.network_search == parameter("baseline.network_search").value


def test_herning_s_policies_are_for_the_pilot_districts() -> None:
    policies = find_scenario("herning").policies
    assert {policy.districts for policy in policies.values()} == {("pilot",)}
    both = policies["staff_and_reviews"]
    assert both.capacity == policies["sverigesprogram"].capacity
    assert both.reviews == policies["sverigesprogram"].reviews
    assert (both.practice, both.supply) == (
        policies["null"].practice.__class__(),
        policies["null"].supply.__class__(),
    )


@pytest.mark.parametrize("name", MUNICIPALITIES)
def test_a_perverse_world_has_more_in_residential_care_than_the_whole_policy(name: str) -> None:
    """Same children, same luck, after three years. Were they alike, it passed with chance ERROR_RATE."""
    s = find_scenario(name)
    difference = residential(s, "perverse") - residential(s, whole(name))
    assert difference.mean() > z_limit() * difference.std(ddof=1) / np.sqrt(len(difference))


def residential(s: Scenario, policy: str) -> np.ndarray:
    """Return [history]: children in residential care in month 36."""
    short = s.model_copy(update={"months": 36})
    return measured("n_residential_care", ledgers(short, s.policies[policy], replicates=60), s.staircase)[
        :, 35
    ]


# --- as things are, the counts hold ---------------------------------------------------------------


@cache
def as_things_are(name: str) -> np.ndarray:
    """Return [history, month, column] of two years without a policy, and without later posts."""
    s = find_scenario(name)
    if "later_posts" in District.model_fields:
        still = tuple(d.model_copy(update={"later_posts": ()}) for d in s.districts)
        s = s.model_copy(update={"districts": still})
    return ledgers(s.model_copy(update={"months": 24}), replicates=HISTORIES)


@WAITS
@pytest.mark.parametrize("name", MUNICIPALITIES)
def test_without_a_policy_the_counts_hold_within_a_tenth_after_two_years(name: str) -> None:
    """For the cases, children in care, helped at home, in foster and in residential care. Own room and
    network care hold a handful of children each and are left out. Were all true drifts below a tenth, it
    failed with chance ERROR_RATE, all scenarios together; 300 histories know a drift to about 1 %.
    """
    s = find_scenario(name)
    for stock in STOCKS:
        today = sum(started(s, stock))
        found = measured(stock, as_things_are(name), s.staircase)[:, -1] / today
        error = found.std(ddof=1) / np.sqrt(HISTORIES)
        assert abs(found.mean() - 1) <= DRIFT + z_limit(len(STOCKS) * len(MUNICIPALITIES)) * error, stock


def started(s: Scenario, stock: str) -> list[int]:
    """Return the children of a stock on the first day, district by district."""
    keys = {
        "n_cases": ["assessment", "preventive"],
        "n_preventive": ["preventive"],
        "n_foster_care": ["foster_care"],
        "n_residential_care": ["residential_care"],
    }.get(stock, [])
    if stock in ("n_cases", "n_in_care"):
        keys = [*keys, "own_room", "network_care", "foster_care", "residential_care"]
    return [d.start[key] for d in s.districts for key in keys]
