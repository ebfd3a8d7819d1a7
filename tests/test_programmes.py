"""Programmes beside casework: seats, courses, what they do and what they cost.

Every statistical test fails on a right model with chance ERROR_RATE (1e-4) at most; seeds are fixed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from municipalities import policies, scenarios
from random_scenarios import random_scenario
from scipy import stats
from support import (
    ALIKE,
    AMPLE,
    ERROR_RATE,
    FIXED,
    History,
    district,
    history,
    ledger_columns,
    run_kernel,
    scenario,
)

from simulation import PlacementModel, rules
from simulation import randomness as rn
from simulation.child import rules as plain_rules
from simulation.ledger import Event
from simulation.policy import Policy
from simulation.scenario import Scenario

HOME = {"key": "preventive", "label": "Hjemme", "kind": "home"}
CARE = {"key": "residential_care", "label": "Institution", "kind": "care"}
ASSESSMENT = {"key": "assessment", "label": "Afklaring", "kind": "assessment"}
EVERYBODY = 100_000
FOR_EVER = 1200


def home_and_care(*more: dict[str, Any], **overrides: Any) -> Scenario:
    """Return a stair at home and one in care; nobody gets ready, moves or has a crisis unless told so."""
    quiet = {
        "readiness_rate": {"preventive": 0.0, "residential_care": 0.0},
        "crisis_rate": {"preventive": 0.0, "residential_care": 0.0},
        "planned_up": {"preventive": 0.0},
        "entry_share": {"residential_care": [1.0, 1.0, 1.0]},
        "premature": 0.0,
    }
    return scenario(
        AMPLE,
        ALIKE,
        {"staircase": [HOME, CARE], "children": quiet},
        {"districts": district(places={}, inflow=0.0, start={"preventive": 12})},
        *more,
        **overrides,
    )


def courses(*, policy: dict[str, Any] | None = None, **programme: Any) -> Policy:
    """Return a policy of one programme: seats for everybody, for ever, without effect or cost."""
    usual = {"stair": "preventive", "places": EVERYBODY, "months": FOR_EVER, "cost": 0.0}
    supply = {"programmes": {"family": {**usual, **programme}}}
    return Policy.model_validate({"supply": supply, **(policy or {})})


def begun(h: History) -> list[tuple[int, int]]:
    """Return (month, child) of every course that began, in order."""
    return [(month, child) for month, child, *_ in h.events[h.of(Event.COURSE)].tolist()]


def month_chance(rate: float, factor: float) -> float:
    """Return the chance of a month at `factor` times a rate per year."""
    return float(1.0 - np.exp(-rate / 12.0 * factor))


# --- what a course does ------------------------------------------------------------------------


def test_a_factor_of_nothing_means_no_crises_among_those_in_a_course() -> None:
    """Everybody has a seat from the first month on, also those who come later."""
    crises = {"preventive": 2.0, "residential_care": 3.0}
    s = home_and_care(children={"crisis_rate": crises}, districts=in_both(inflow=60.0))
    assert history(s).column("new_entries").sum() > 30
    h = history(s, courses(crisis=0.0))
    at_home = h.trace["stair"] == 0
    assert h.column("new_courses").sum() == len(np.unique(h.trace["child"][at_home]))
    assert not h.of(Event.CRISIS_ENTRY).any()
    assert h.of(Event.BREAKDOWN).any()  # who was in care before has no course


def in_both(inflow: float = 0.0) -> list[dict[str, Any]]:
    """Return a district with children at home and in care."""
    start = {"preventive": 12, "residential_care": 6}
    return district(places={}, inflow=inflow, start=start)


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_crises_come_at_a_multiple_of_their_rate(factor: float) -> None:
    """Child-months at home in a course, after the month of arrival, each with the same chance."""
    rate = 0.6
    s = home_and_care(
        months=120,
        districts=district(places={}, inflow=240.0, start={}),
        children={"crisis_rate": {"preventive": rate}},
    )
    h = history(s, courses(crisis=factor))
    crises = int(h.of(Event.CRISIS_ENTRY).sum())
    quiet = int(((h.trace["stair"] == 0) & (h.trace["on_stair"] >= 2)).sum())
    assert crises > 500
    test = stats.binomtest(crises, crises + quiet, month_chance(rate, factor))
    assert test.pvalue > ERROR_RATE / 2


@pytest.mark.parametrize("factor", [0.0, 2.0])
def test_readiness_comes_at_a_multiple_of_its_rate(factor: float) -> None:
    """With a factor of 2 the chance p of a month becomes 1 - (1 - p)^2; with 0 nobody gets ready."""
    s = home_and_care(
        months=120,
        districts=district(places={}, inflow=240.0, start={}),
        children={"readiness_rate": {"preventive": 0.5}, "recognition": 0.0},
    )
    h = history(s, courses(readiness=factor))
    ready = int(h.of(Event.READY).sum())
    not_ready = int(((h.trace["ready"] == 0) & (h.trace["on_stair"] >= 2)).sum())
    p = month_chance(0.5, 1.0)
    assert not_ready > 10_000
    test = stats.binomtest(ready, ready + not_ready, 1.0 - (1.0 - p) ** factor)
    assert test.pvalue > ERROR_RATE / 2


@pytest.mark.parametrize("p", [1e-6, 0.03, 0.4])
def test_the_chance_of_readiness_in_a_course_is_exact(p: float) -> None:
    assert rules.readiness_in_course(p, 2.0) == pytest.approx(1.0 - (1.0 - p) ** 2, rel=1e-9)
    assert rules.readiness_in_course(p, 0.5) == pytest.approx(1.0 - np.sqrt(1.0 - p), rel=1e-9)
    assert rules.readiness_in_course(p, 1.0) == p
    assert rules.readiness_in_course(p, 0.0) == 0.0


@pytest.mark.parametrize(("factor", "share"), [(0.0, 0.0), (0.5, 0.1), (2.0, 0.4), (9.0, 0.7)])
def test_care_after_an_assessment_comes_at_a_multiple(factor: float, share: float) -> None:
    """A fifth is placed and 0.3 end without a case; placed at a multiple, at most all the others.

    Others are waited for, so that nobody is assessed before a seat was given.
    """
    s = home_and_care(
        {"staircase": [ASSESSMENT, HOME, CARE]},
        months=60,
        districts=district(places={}, inflow=400.0, start={"assessment": 0}),
        children={"closed_after_assessment": 0.3, "placed_after_assessment": 0.2},
        work={"assessment_wait": 2.0},
    )
    h = history(s, courses(stair="assessment", placed=factor))
    assessed = h.of(Event.ASSESSED)
    placed = int((h.events[assessed, 4] == 2).sum())
    assert assessed.sum() > 1500
    assert stats.binomtest(placed, int(assessed.sum()), share).pvalue > ERROR_RATE / 4


def test_the_effect_lasts_as_long_as_it_says_and_the_seat_only_for_the_course() -> None:
    """At 50 crises a year hardly a child has none in its first month without the course."""
    s = home_and_care(children={"crisis_rate": {"preventive": 50.0}})
    h = history(s, courses(crisis=0.0, months=2, lasts=3))
    assert h.column("n_in_course")[:3].tolist() == [12, 12, 0]
    entries = h.column("new_entries")
    assert entries[:5].sum() == 0
    assert entries[5] >= 10


def test_a_course_goes_on_when_the_child_moves() -> None:
    """Who comes gets a seat, has its need found a month later, and has no breakdown in care."""
    s = home_and_care(
        children={"planned_up": {"preventive": 1.0}, "crisis_rate": {"residential_care": 50.0}},
        reviews={"first": 1.0, "later": 1.0},
        districts=district(places={}, inflow=60.0, start={}),
    )
    h = history(s, courses(crisis=0.0))
    assert h.column("n_residential_care")[-1] > 40
    assert h.column("n_in_course").tolist() == h.column("n_cases").tolist()
    assert h.column("new_breakdowns").sum() == 0


def test_the_effect_is_not_ramped_up_and_outlasts_the_policy() -> None:
    """The ramp and the policy's end concern seats. Whoever has one has the whole course."""
    s = home_and_care(children={"crisis_rate": {"preventive": 50.0}})
    stop = {"ramp_months": 24, "stop": "2016-04-01"}
    h = history(s, courses(crisis=0.0, months=6, policy=stop))
    assert h.column("new_courses").tolist() == [12] + [0] * 23
    assert h.column("new_entries")[:6].sum() == 0
    assert h.column("new_entries")[6] >= 10


def test_half_an_effect_is_half_of_the_way() -> None:
    """Crises at half their rate where the course would end them all and half of it reaches children."""
    s = home_and_care(
        months=120,
        districts=district(places={}, inflow=240.0, start={}),
        children={"crisis_rate": {"preventive": 0.6}},
    )
    h = history(s, courses(crisis=0.0, policy={"world": {"effect": 0.5}}))
    crises = int(h.of(Event.CRISIS_ENTRY).sum())
    quiet = int(((h.trace["stair"] == 0) & (h.trace["on_stair"] >= 2)).sum())
    assert stats.binomtest(crises, crises + quiet, month_chance(0.6, 0.5)).pvalue > ERROR_RATE


# --- seats -------------------------------------------------------------------------------------


@settings(FIXED, max_examples=40)
@given(st.data())
def test_seats_are_those_taken_and_never_exceeded(data: st.DataObject) -> None:
    """In every month, in both engines: a seat taken is a child in its course, however it ends."""
    s = data.draw(scenarios(most_months=14))
    policy = data.draw(policies(s))
    model = PlacementModel(s, policy, rng=1, events=False)
    for _ in range(s.months):
        before = [list(d.seated) for d in model.districts]
        seats = list(model.m.seats)
        model.step()
        taken = [[0] * len(seats) for _ in s.districts]
        for child in model.children:
            if child.course >= 0:
                p = model.t.programme[child.course]
                taken[child.district][child.course] += plain_rules.holds_seat(p, child.course_left)
                assert child.is_case
        for d, was, now in zip(model.districts, before, taken, strict=True):
            assert list(d.seated) == now
            assert all(n <= max(w, x) for n, w, x in zip(now, was, seats, strict=True))


def test_a_seat_is_free_again_at_the_end_of_the_course() -> None:
    h = history(home_and_care(), courses(places=2, months=4))
    assert h.column("new_courses").tolist() == [2, 0, 0, 0] * 6
    assert h.column("n_in_course").tolist() == [2] * 24


def test_a_seat_is_free_again_when_the_case_closes() -> None:
    s = home_and_care(
        children={"readiness_rate": {"preventive": 50.0}, "recognition": 0.99},
        reviews={"first": 1.0, "later": 1.0},
        districts=district(places={}, inflow=120.0, start={"preventive": 12}),
    )
    h = history(s, courses(places=1))
    assert h.column("new_courses").sum() > 5
    assert h.column("n_in_course").tolist() == [1] * 24


def test_a_seat_is_free_again_when_a_child_comes_of_age() -> None:
    """Children are from 15 to 16 years old and leave at 16, so that no seat is held for a year."""
    s = home_and_care(
        {"leave_age": 16, "age_bands": [0, 15]},
        children={
            "age_at_arrival": [0.0, 1.0],
            "age_at_entry": [0.0, 1.0],
            "entry_share": {"residential_care": [1.0, 1.0]},
        },
        districts=district(places={}, inflow=240.0, start={"preventive": 12}),
    )
    h = history(s, courses(places=1))
    assert h.column("new_courses").sum() >= 3
    assert h.column("n_in_course").tolist() == [1] * 24


def test_seats_open_with_the_ramp_and_close_with_the_policy() -> None:
    dates = {"ramp_months": 3, "start": "2016-03-01", "stop": "2017-03-01"}
    h = history(home_and_care(), courses(places=6, months=6, policy=dates))
    assert h.column("new_courses").tolist() == [0, 0, 2, 2, 2] + [0] * 3 + [2, 2, 2] + [0] * 13
    assert h.column("n_in_course")[:16].tolist() == [0, 0, 2, 4] + [6] * 10 + [4, 2]
    assert h.column("n_in_course")[16:].sum() == 0


def test_every_district_of_the_policy_has_its_seats() -> None:
    home = district(places={}, inflow=0.0, start={"preventive": 12})[0]
    three = [{**home, "name": name} for name in ("north", "south", "islands")]
    h = history(
        home_and_care(districts=three), courses(places=2, policy={"districts": ["north", "islands"]})
    )
    assert h.column("n_in_course").tolist() == [4] * 24


# --- who gets one ------------------------------------------------------------------------------


def test_nobody_takes_the_same_programme_twice() -> None:
    """Not even a child whose case was closed and came back, as here most do."""
    s = home_and_care(
        months=60,
        children={
            "readiness_rate": {"preventive": 20.0},
            "recognition": 0.9,
            "reentry_rate": 20.0,
            "reentry_months": 24,
        },
        reviews={"first": 1.0, "later": 1.0},
    )
    h = history(s, courses(months=1))
    assert h.column("new_reentries").sum() > 30
    assert max(Counter(child for _, child in begun(h)).values()) == 1
    assert len(begun(h)) == 12


def test_two_programmes_are_taken_one_after_the_other() -> None:
    """The second begins when the effect of the first is over."""
    one = {"stair": "preventive", "places": EVERYBODY, "months": 2, "lasts": 3, "cost": 0.0}
    both = Policy.model_validate({"supply": {"programmes": {"first": one, "second": one}}})
    h = history(home_and_care(), both)
    assert h.column("new_courses").tolist() == [12, 0, 0, 0, 0] + [12] + [0] * 18


def test_the_gravest_go_first_where_they_shall() -> None:
    s = home_and_care(children={"severity_sd": 0.6})
    h = history(s, courses(places=1, months=1, gravest_first=True))
    first = h.trace["month"] == 0
    order = np.argsort(-h.trace["severity"][first])
    assert [child for _, child in begun(h)] == h.trace["child"][first][order].tolist()
    assert [month for month, _ in begun(h)] == list(range(12))


def test_else_those_go_first_who_are_longest_on_the_stair() -> None:
    h = history(home_and_care(), courses(places=1, months=1))
    first = h.trace["month"] == 0
    order = np.argsort(-h.trace["on_stair"][first])
    assert len(np.unique(h.trace["on_stair"][first])) == 12
    assert [child for _, child in begun(h)] == h.trace["child"][first][order].tolist()


@pytest.mark.parametrize("gravest_first", [True, False])
def test_of_equals_the_lowest_number_goes_first(gravest_first: bool) -> None:
    """Of equal severity, or come in the same month as here five do."""
    s = home_and_care(districts=district(places={}, inflow=60.0, start={}))
    h = history(s, courses(places=1, months=1, gravest_first=gravest_first))
    children = [child for _, child in begun(h)]
    assert len(children) > 20
    assert children == sorted(np.unique(h.trace["child"]))[: len(children)]


def test_only_children_of_the_age_and_on_the_stair_take_part() -> None:
    """Ages from 4 to 7, both ends included: 48 months to 95."""
    s = scenario(AMPLE, months=36)
    policy = courses(from_age=4, to_age=7, months=3, places=5)
    ages = ages_at_course(s, policy)
    assert len(ages) > 10
    assert min(ages) >= 48
    assert max(ages) < 96
    h = history(s, policy)
    origin = h.events[h.of(Event.COURSE), 3]
    assert set(origin.tolist()) == {s.staircase.index("preventive")}


def ages_at_course(s: Scenario, policy: Policy) -> list[int]:
    """Return the age in months of each child that began a course."""
    model = PlacementModel(s, policy, rng=1)
    births: dict[int, int] = {}
    for _ in range(s.months):
        births |= {child.number: child.birth for child in model.children}
        model.step()
        births |= {child.number: child.birth for child in model.children}
    log = model.datacollector.get_table_dataframe("events")
    rows = log[log["event"] == "COURSE"]
    return [month - births[child] for month, child in zip(rows["month"], rows["child"], strict=True)]


def test_only_children_whom_the_policy_covers_take_part() -> None:
    s = home_and_care(districts=district(places={}, inflow=120.0, start={"preventive": 60}))
    h = history(s, courses(policy={"reach": 0.4}), seed=8)
    there = set(h.trace["child"][h.trace["stair"] == 0].tolist())
    covered = {child for child in there if rn.uniform(8, 0, child, 0, rn.COVERED) < 0.4}
    assert {child for _, child in begun(h)} == covered
    assert 20 < len(covered) < len(there) - 20


# --- what it costs -----------------------------------------------------------------------------


def test_a_programme_costs_its_courses_and_the_running_of_supply() -> None:
    s = home_and_care(districts=district(places={}, inflow=60.0, start={"preventive": 12}))
    policy = courses(places=3, months=5, cost=41_000.0)
    supply = policy.supply.model_copy(update={"running_cost": 90_000.0})
    h = history(s, policy.model_copy(update={"supply": supply}))
    assert h.column("new_courses").sum() >= 12
    assert h.column("dkk_programmes") == pytest.approx(41_000.0 * h.column("new_courses") + 7_500.0)


def test_without_programmes_nothing_is_booked() -> None:
    h = history(scenario())
    for name in ("new_courses", "n_in_course", "dkk_programmes"):
        assert h.column(name).sum() == 0


@pytest.mark.parametrize("seed", range(30))
def test_courses_without_effect_leave_every_history_as_it_was(seed: int) -> None:
    """To the last bit, although they begin and cost money, in whatever municipality."""
    s = random_scenario(seed)
    stairs = [x.key for x in s.staircase if x.is_case][:6]
    strong = {"places": 3, "months": 3, "lasts": 2, "cost": 30_000.0, "crisis": 0.0, "readiness": 9.0}
    placed = {x.key: {"placed": 0.0} for x in s.staircase if x.kind == "assessment"}
    programmes = {
        f"p{i}": {"stair": key, **strong, **placed.get(key, {})} for i, key in enumerate(stairs)
    }
    null = Policy.model_validate({"supply": {"programmes": programmes}, "world": {"effect": 0.0}})
    today, then = history(s, seed=seed), history(s, null, seed=seed)
    a_course = then.of(Event.COURSE)
    assert np.array_equal(then.events[~a_course], today.events)
    for name, values in today.trace.items():
        assert np.array_equal(values, then.trace[name]), name
    touched = {name for name in today.columns if (today.column(name) != then.column(name)).any()}
    expected = {"new_courses", "n_in_course", "dkk_programmes"} if a_course.any() else set()
    assert touched == expected
    assert then.column("dkk_programmes").sum() == pytest.approx(30_000.0 * a_course.sum())


def test_courses_are_held_in_most_of_these_municipalities() -> None:
    """Without children nobody takes part, as in some of the random municipalities."""
    held = 0
    for seed in range(30):
        s = random_scenario(seed)
        stair = next(x.key for x in s.staircase if x.kind == "home")
        books = run_kernel(s, courses(stair=stair, places=3, months=3))
        held += books[0, :, ledger_columns(s)["new_courses"]].any()
    assert held > 20
