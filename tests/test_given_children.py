"""A history from given children: they are there as given; what is not known is drawn within bounds."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from first_days import (
    NO_PRICE,
    Row,
    first_day,
    random_first_day,
    random_listed_scenario,
    starting_from,
)
from hypothesis import given
from hypothesis import strategies as st
from support import AMPLE, FIXED, district, history, run_kernel, scenario

from experiments.runner import Plan, Runner
from simulation import PlacementModel, Scenario, rules
from simulation.first_day import UNKNOWN, FirstDay
from simulation.given import given_children
from simulation.layout import GIVEN
from simulation.ledger import Event
from simulation.replicates import ledgers
from simulation.rules import since_follow_up
from simulation.tables import build_tables

QUIET: dict[str, Any] = {
    "children": {
        "readiness_rate": dict.fromkeys(
            ("preventive", "own_room", "network_care", "foster_care", "residential_care"), 0.0
        ),
        "crisis_rate": dict.fromkeys(
            ("assessment", "preventive", "own_room", "network_care", "foster_care", "residential_care"),
            0.0,
        ),
        "planned_up": dict.fromkeys(("preventive", "own_room", "network_care", "foster_care"), 0.0),
        "premature": 0.0,
        "closed_after_assessment": 1.0,
        "placed_after_assessment": 0.0,
    },
    "districts": district(inflow=0.0, start={"undetected": 0, "assessment": 0}),
}
"""Nobody comes or moves, but the assessed and at the leaving age."""

TOWN = scenario({"policies": {"more": {"capacity": {"extra_fte": [1.0]}, "reach": 0.5}}})
MORE = tuple(range(2_000, 2_025))


def children_of(model: PlacementModel) -> list[Any]:
    """Return the children who are known on the first day, by number."""
    return sorted((c for c in model.children if c.is_case), key=lambda c: c.number)


def by_stair(day: FirstDay, stair: int, district: int) -> np.ndarray:
    return np.flatnonzero((day.stair == stair) & (day.district == district))


# --- the first day ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", MORE)
def test_the_first_day_has_exactly_the_children_of_the_list(seed: int) -> None:
    """Stair, age and clocks of each, within a stair in the order of the list; prices where known."""
    s = random_listed_scenario(seed)
    day, model = s.first_day, PlacementModel(s, rng=seed, events=False)
    assert day is not None
    unlisted = {s.staircase.index(key) for key in s.not_listed}
    there = [c for c in model.children if c.level not in unlisted]
    assert len(there) == len(day)
    for d in range(len(s.districts)):
        for stair, kind in enumerate(x.kind for x in s.staircase):
            here = sorted(
                (c for c in there if (c.level, c.district) == (stair, d)), key=lambda c: c.number
            )
            rows = by_stair(day, stair, d)
            assert [c.age for c in here] == day.age[rows].tolist()
            assert [c.on_stair for c in here] == day.on_stair[rows].tolist()
            for child, since, price in zip(here, day.since[rows], day.price[rows], strict=True):
                if kind == "assessment":
                    assert (child.since, child.price) == (1, 0.0)
                    continue
                if since != UNKNOWN:
                    assert child.since == since
                assert 0 <= child.since <= child.on_stair
                if not math.isnan(price):
                    assert child.price == rules.exactly_summable(price / 12.0)


@pytest.mark.parametrize("seed", MORE)
def test_the_ledger_counts_the_children_of_the_list(seed: int) -> None:
    s = random_listed_scenario(seed)
    model = PlacementModel(s, rng=seed, events=False)
    page = model.datacollector.get_model_vars_dataframe().iloc[0]
    for key in s.staircase.keys:
        if key not in s.not_listed:
            assert page[f"n_{key}"] == sum(s.counted(d)[key] for d in s.districts)


@pytest.mark.parametrize("seed", MORE[:12])
def test_a_part_begins_with_its_districts_children(seed: int) -> None:
    s = random_listed_scenario(seed)
    day = s.first_day
    assert day is not None
    for position, d in enumerate(s.districts):
        model = PlacementModel(s, rng=seed, events=False, district=d.name)
        there = Counter((c.age, c.on_stair) for c in model.children if c.stair not in s.not_listed)
        here = day.district == position
        assert there == Counter(zip(day.age[here].tolist(), day.on_stair[here].tolist(), strict=True))


def test_the_districts_of_a_list_need_not_stand_in_the_scenarios_order() -> None:
    s = scenario(districts=[*district(name="north"), *district(name="south"), *district(name="west")])
    rows: list[Row] = [("preventive", age, 2, 1, NO_PRICE) for age in (50, 60, 70, 80)]
    day = first_day(s, rows, ["west", "north", "west", "south"])
    turned = starting_from(s.model_copy(update={"districts": s.districts[::-1]}), day)
    for name, ages in (("north", [60]), ("south", [80]), ("west", [50, 70])):
        for of in (starting_from(s, day), turned):
            model = PlacementModel(of, rng=1, district=name)
            assert [c.age for c in children_of(model) if c.stair == "preventive"] == ages
            assert given_children(of)["age"].tolist() == (
                [60, 80, 50, 70] if of is not turned else [50, 70, 80, 60]
            )


def test_numbers_are_given_in_turn_over_the_stairs() -> None:
    """Six on one stair and three on another: two, one, two, one; so that numbers say nothing."""
    rows: list[Row] = [("preventive", 10 + i, 2, 1, NO_PRICE) for i in range(6)]
    rows += [("residential_care", 100 + i, 2, 1, NO_PRICE) for i in range(3)]
    s = starting_from(scenario(districts=district(start={"undetected": 0, "assessment": 0})),
                      first_day(TOWN, rows))  # fmt: skip
    ages = [c.age for c in children_of(PlacementModel(s, rng=1))]
    for third in (ages[:3], ages[3:6], ages[6:]):
        assert sum(age >= 100 for age in third) == 1
    assert [a for a in ages if a < 100] == list(range(10, 16))
    assert [a for a in ages if a >= 100] == [100, 101, 102]


def test_who_is_younger_than_the_stairs_youngest_stays_there() -> None:
    s = starting_from(scenario(QUIET, AMPLE), first_day(TOWN, [("own_room", 100, 5, 1, NO_PRICE)]))
    book = history(s)
    assert (book.column("n_own_room") == 1).all()


def test_a_child_leaves_at_the_leaving_age_to_the_month() -> None:
    rows: list[Row] = [("foster_care", 215, 5, 1, 0.0), ("foster_care", 205, 5, 1, 0.0)]
    h = history(starting_from(scenario(QUIET, AMPLE, months=14), first_day(TOWN, rows)))
    left = h.events[h.of(Event.LEFT) & (h.events[:, 3] == TOWN.staircase.index("foster_care"))]
    assert left[:, 0].tolist() == [0, 10]
    assert h.column("n_foster_care").tolist() == [1.0] * 10 + [0.0] * 4


def test_the_hidden_and_the_assessed_are_drawn_where_the_list_has_none() -> None:
    """As they are without a list: a given count, or Poisson."""
    town = scenario(districts=district(start={"assessment": 3, "preventive": 5}))
    s = starting_from(town, first_day(town, [("preventive", 30, 3, UNKNOWN, NO_PRICE)] * 9))
    for seed in range(5):
        now, before = (PlacementModel(x, rng=seed).book for x in (s, town))
        names = s.staircase.keys
        first = len(now) - 3 * len(names)
        assert now[first + names.index("undetected")] == before[first + names.index("undetected")] > 0
        assert now[first + names.index("assessment")] == 3


# --- months since the last follow-up -------------------------------------------------------------------

intervals = st.floats(0.3, 60)


@FIXED
@given(st.integers(1, 300), intervals, intervals, st.floats(0, 0.999_999))
def test_a_follow_up_that_is_not_known_was_held_when_it_could_be(
    on_stair: int, first: float, later: float, u: float
) -> None:
    since = since_follow_up(on_stair, first, later, u)
    assert 1 <= since <= on_stair
    assert (since == on_stair) == (on_stair - 1 < first)
    if since < on_stair:
        assert since <= math.ceil(later)
        assert on_stair - since >= first, "none before the first"


def test_months_since_a_later_follow_up_are_even_over_the_interval() -> None:
    sixths = [(i + 0.5) / 6 for i in range(6)]
    assert [since_follow_up(3, 3.0, 6.0, u) for u in sixths] == [3] * 6, "none held yet"
    assert [since_follow_up(4, 3.0, 6.0, u) for u in sixths] == [1] * 6, "one, last month"
    assert [since_follow_up(9, 3.0, 6.0, u) for u in sixths] == [6] * 6, "one, six months ago"
    for on_stair in (10, 11, 50):
        assert [since_follow_up(on_stair, 3.0, 6.0, u) for u in sixths] == [1, 2, 3, 4, 5, 6]


def test_unknown_follow_ups_go_by_the_achieved_intervals() -> None:
    """Half the hours that follow-ups need: intervals are stretched, and so are the months since."""
    rows: list[Row] = [("preventive", 150, 140, UNKNOWN, NO_PRICE)] * 400
    overworked = starting_from(scenario(), first_day(TOWN, rows))
    ample = starting_from(scenario(AMPLE), first_day(TOWN, rows))
    since = {}
    for name, s in (("ample", ample), ("overworked", overworked)):
        since[name] = [c.since for c in children_of(PlacementModel(s, rng=4)) if c.stair == "preventive"]
    assert max(since["ample"]) == 6 < 24 < max(since["overworked"])
    assert set(since["ample"]) == {1, 2, 3, 4, 5, 6}


def test_the_next_follow_up_comes_when_the_known_ones_say() -> None:
    """First after 3 months, later every 6; one child has had none on its stair."""
    rows: list[Row] = [
        ("preventive", 100, 20, 2, NO_PRICE),
        ("preventive", 100, 20, 6, NO_PRICE),
        ("preventive", 100, 1, 1, NO_PRICE),
        ("preventive", 100, 20, 0, NO_PRICE),
    ]
    town = scenario(QUIET, AMPLE, reviews={"first": 3.0, "later": 6.0}, months=12)
    h = history(starting_from(town, first_day(town, rows)))
    held = h.events[h.of(Event.FOLLOW_UP) & (h.events[:, 3] == TOWN.staircase.index("preventive"))]
    numbers = h.events[h.of(Event.START) & (h.events[:, 3] == TOWN.staircase.index("preventive")), 1]
    months = [held[held[:, 1] == number, 0][0] for number in numbers]
    assert months == [4, 0, 2, 6]


def test_ready_goes_by_the_months_since_the_last_follow_up() -> None:
    """Just followed up: the share just after a follow-up. Never followed up: by the stay alone.

    Two shares of 4,000 children, each within 4 standard errors: error rate 1e-4.
    """
    town = scenario(AMPLE, children={"readiness_rate": {"residential_care": 1.2}, "recognition": 0.3})
    n, stair = 4_000, TOWN.staircase.index("residential_care")
    t = build_tables(town).table[0]["stair"][stair]
    for stay, since, unready in ((60, 0, t["start_unready"]), (9, 9, math.exp(-0.1 * 9))):
        rows: list[Row] = [("residential_care", 200, stay, since, NO_PRICE)] * n
        model = PlacementModel(starting_from(town, first_day(town, rows)), rng=8, events=False)
        share = np.mean([c.ready for c in children_of(model) if c.stair == "residential_care"])
        expected = 1.0 - float(unready)
        assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / n)
        assert 0.05 < expected < 0.95


# --- money --------------------------------------------------------------------------------------------


def test_known_prices_are_paid_month_by_month_until_the_next_move() -> None:
    rows: list[Row] = [
        ("foster_care", 100, 20, 2, 480_000.0),
        ("foster_care", 100, 20, 2, 0.0),
        ("residential_care", 100, 20, 2, 1_234_567.0),
        ("preventive", 100, 20, 2, 60_000.0),
        ("assessment", 100, 3, UNKNOWN, 99_999.0),
    ]
    town = scenario(QUIET, AMPLE, months=12)
    h = history(starting_from(town, first_day(town, rows)))
    assert h.column("dkk_foster_care") == pytest.approx(40_000.0)
    assert h.column("dkk_residential_care") == pytest.approx(1_234_567.0 / 12)
    assert (h.column("dkk_assessment") == 0).all()
    assert h.column("dkk_preventive")[0] == pytest.approx(5_000.0)


def test_unknown_prices_are_drawn_as_without_a_list() -> None:
    """With no spread, a known price differs from the unit price and an unknown one does not."""
    town = scenario(money={"price_spread": {"foster_care": 0.0}})
    rows: list[Row] = [("foster_care", 100, 20, 2, NO_PRICE), ("foster_care", 100, 20, 2, 1.0)]
    model = PlacementModel(starting_from(town, first_day(town, rows)), rng=1)
    prices = [c.price for c in children_of(model) if c.stair == "foster_care"]
    yearly = [town.money.unit_price["foster_care"], 1.0]
    assert prices == [rules.exactly_summable(price / 12.0) for price in yearly]


# --- arms, engines, processes -----------------------------------------------------------------------


def state(model: PlacementModel) -> list[tuple[Any, ...]]:
    return [(c.number, c.level, c.age, c.on_stair, c.since, c.ready, c.severity, c.has_network, c.price)
            for c in model.children]  # fmt: skip


@pytest.mark.parametrize("seed", MORE[:12])
def test_paired_arms_begin_with_the_same_children(seed: int) -> None:
    s = random_listed_scenario(seed)
    begin = state(PlacementModel(s, rng=seed, replicate=2, events=False))
    for name in s.policies:
        assert state(PlacementModel(s, name, rng=seed, replicate=2, events=False)) == begin


def test_known_children_are_the_same_in_every_history_and_the_rest_is_drawn_anew() -> None:
    s = starting_from(TOWN, random_first_day(TOWN, 2_001))
    assert s.first_day is not None and len(s.first_day) > 5
    first, second = (
        [c for c in PlacementModel(s, rng=1, replicate=r).children if c.stair not in s.not_listed]
        for r in (0, 1)
    )
    known = [[(c.stair, c.age, c.on_stair) for c in of] for of in (first, second)]
    assert sorted(known[0]) == sorted(known[1])
    assert [c.severity for c in first] != [c.severity for c in second]


@pytest.mark.parametrize("seed", MORE[:4])
def test_both_engines_give_the_same_ledgers_of_all_districts(seed: int) -> None:
    s = random_listed_scenario(seed)
    name = next(iter(s.policies))
    both = [ledgers(s, s.policies[name], seed=5, replicates=2, engine=e) for e in ("kernel", "agents")]
    assert both[0].tobytes() == both[1].tobytes()


def test_a_list_that_says_what_would_be_drawn_changes_no_history() -> None:
    """The children that a history begins with, written down and given back, begin the same history."""
    town = scenario(districts=district(start={"undetected": 20, "assessment": 0, "preventive": 30,
                                              "foster_care": 12, "residential_care": 9}))  # fmt: skip
    drawn = PlacementModel(town, rng=3, events=False)
    known = children_of(drawn)
    day = FirstDay(
        districts=["all"],
        stairs=town.staircase.keys,
        district=[0] * len(known),
        stair=[c.level for c in known],
        age=[c.age for c in known],
        on_stair=[c.on_stair for c in known],
        since=[c.since for c in known],
        price=[c.price * 12.0 for c in known],
    )
    listed = starting_from(town, day)
    again = PlacementModel(listed, rng=3, events=False)
    assert [x[:-1] for x in state(again)] == [x[:-1] for x in state(drawn)]
    assert run_kernel(listed, seed=3) == pytest.approx(run_kernel(town, seed=3), rel=1e-12)


def test_children_travel_to_other_processes(tmp_path: Any) -> None:
    """As a study sends them: the plan is pickled, the chunk is run there, the bytes are the same."""
    import pickle

    s = starting_from(scenario(months=6), random_first_day(TOWN, 2_001))
    here = Runner(Plan(s, ())).chunk(0, "baseline")
    there = Runner(pickle.loads(pickle.dumps(Plan(s, ())))).chunk(0, "baseline")
    assert here.years.tobytes() == there.years.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["kernel", "agents"])
def test_processes_give_the_same_study_from_a_list(engine: Any) -> None:
    s = starting_from(TOWN.model_copy(update={"months": 6}), random_first_day(TOWN, 2_001))
    plan = Plan(s, ("more",), engine=engine)
    chunks = [(0, "baseline"), (0, "more")]
    by_threads = {arm: found for _, arm, found in Runner(plan, 2).run(chunks)}
    by_processes = {arm: found for _, arm, found in Runner(plan, 2, "processes").run(chunks)}
    for arm in by_threads:
        assert by_threads[arm].net.tobytes() == by_processes[arm].net.tobytes()


def test_without_a_list_nothing_is_given() -> None:
    tables = build_tables(TOWN)
    assert tables.given.dtype == GIVEN and len(tables.given) == 0
    assert (tables.districts["given"][:, : len(TOWN.staircase)] == -1).all()


def test_an_empty_list_is_a_municipality_without_known_children() -> None:
    s: Scenario = starting_from(TOWN, first_day(TOWN, []))
    model = PlacementModel(s, rng=1)
    # a list of nobody says nothing of help at home, which then is as counted
    assert {c.stair for c in model.children} <= {"undetected", "assessment", "preventive"}
    assert sum(c.stair == "preventive" for c in model.children) == sum(
        d.start["preventive"] for d in s.districts
    )
