"""Staffing: which choices there are, closed cases of the study, the same bytes whoever runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import scenario

from experiments.runner import BASELINE
from experiments.staffing.choices import FOR_NOTHING, question
from experiments.staffing.goal import MIX, Goal, default_goal, goal
from experiments.staffing.plan import BLOCK, Plan, looks, plan
from experiments.staffing.study import Staffing, staffing
from experiments.sweep.design import Design, Row
from experiments.sweep.run import Sweep
from simulation.policy import Policy
from simulation.reading import find_scenario, shipped_scenarios
from simulation.scenario import Scenario
from simulation.tables import build_tables

# --- choices -------------------------------------------------------------------------------------


def same(s: Scenario, one: Policy, other: Policy) -> bool:
    """Return whether two policies are the same to the engines, costs included."""
    pairs = zip(build_tables(s, one), build_tables(s, other), strict=True)
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize(
    "choice, policy, along",
    [
        ("fte1.5_every6", "staff_only", None),
        ("fte0_every3", "reviews_only", None),
        ("fte1.5_every3", "swedish_model", "swedish_model"),
    ],
)
def test_choices_are_the_shipped_policies_of_fano(choice: str, policy: str, along: str | None) -> None:
    fano = find_scenario("fano")
    asked = question(fano, along=along)
    assert same(fano, asked.scenario.policy(choice), fano.policy(policy))


def test_what_a_choice_takes_along_is_the_whole_of_another_policy() -> None:
    """With its leader, its districts and what it says is paid once."""
    herning = find_scenario("herning")
    whole = herning.policy("sverigesprogram")
    stated = whole.model_copy(update={"capacity": whole.capacity.model_copy(update={"start_cost": 5e5})})
    s = herning.model_copy(update={"policies": {"stated": stated, "sverigesprogram": whole}})
    for name in s.policies:
        asked = question(s, along=name, fte=[4, 5], intervals=[3])
        assert same(s, asked.scenario.policy("fte4_every3"), s.policy(name))
    more = question(s, along="stated", fte=[5], intervals=[3]).scenario.policy("fte5_every3")
    assert more.capacity.start_cost == 5e5 + s.money.start_cost_per_fte


def test_without_taking_along_nobody_changes_practice_supply_or_leader() -> None:
    asked = question(find_scenario("herning"))
    for policy in asked.scenario.policies.values():
        assert policy.practice == Policy().practice and policy.supply == Policy().supply
        assert policy.capacity.team_leader == 0 and policy.districts == ("pilot",)
        assert policy.world.surveillance == 0.045


def test_more_need_is_found_only_where_there_is_more_contact() -> None:
    asked = question(find_scenario("fano"), along="swedish_model", fte=[0, 1], intervals=[6, 3])
    found = {name: p.world.surveillance for name, p in asked.scenario.policies.items()}
    assert found["fte0_every6"] is None and found["fte0_every3"] == found["fte1_every6"] == 0.045


@pytest.mark.parametrize("name", shipped_scenarios())
def test_the_grid_goes_from_today_to_some_fifteen_cases_each(name: str) -> None:
    s = find_scenario(name)
    asked = question(s)
    first = asked.choices[0]
    assert first.policy == BASELINE and first.label == "as today"
    assert sum(c.policy == BASELINE for c in asked.choices) == 1
    assert len({(c.fte, c.interval) for c in asked.choices}) == len(asked.choices)
    assert max(c.interval for c in asked.choices) == s.reviews.later
    is_case = {stair.key for stair in s.staircase if stair.is_case}
    touched = [d for d in s.districts if asked.scenario.policies["fte0_every1"].districts in
               (None, (d.name,))]  # fmt: skip
    cases = sum(n for d in touched for key, n in d.start.items() if key in is_case)
    posts = sum(sum(d.caseworkers) for d in touched) + max(c.total_fte for c in asked.choices)
    assert 0.75 * 15 < cases / posts < 1.25 * 15


def test_a_rule_of_a_stair_that_is_more_frequent_already_stays() -> None:
    own = {"residential_care": {"first": 1.0, "later": 2.0}, "preventive": {"first": 6.0, "later": 12.0}}
    s = scenario(reviews={"by_stair": own})
    rule = question(s, fte=[0], intervals=[4]).scenario.policy("fte0_every4").reviews
    wanted = {key: rule.instead_of(s.reviews.rule(key), key) for key in s.staircase.keys}
    assert (wanted["residential_care"].first, wanted["residential_care"].later) == (1.0, 2.0)
    assert (wanted["preventive"].first, wanted["preventive"].later) == (4.0, 4.0)
    assert (wanted["foster_care"].first, wanted["foster_care"].later) == (3.0, 4.0)


def test_each_choice_has_a_twin_without_effect() -> None:
    asked = question(find_scenario("fano"), fte=[0, 1], intervals=[6, 1])
    for choice in asked.choices[1:]:
        twin = asked.scenario.policy(choice.policy + FOR_NOTHING)
        assert twin.world.effect == 0.0
        assert twin.capacity == asked.scenario.policy(choice.policy).capacity


@pytest.mark.parametrize(
    "asked, message",
    [
        ({"fte": [-1]}, r"fte = \[-1\] must be one number or more, none of them negative"),
        ({"fte": []}, r"fte = \[\] must be one number"),
        ({"fte": [2000]}, r"extra_fte = 2000\.0 must be a number from 0 to 1000"),
        ({"intervals": [0]}, "interval = 0 must be months between follow-ups, from 1 to 24"),
        ({"intervals": [float("nan")]}, "interval = nan must be months"),
        ({"fte": [0], "intervals": [6]}, "leave no choice but today's"),
        ({"replicates": 10}, "replicates = 10 must lie between 20 and 10000"),
        ({"first": 10}, "first = 10 must be at least 20"),
        ({"same_cost": -1.0}, "same_cost = -1.0 must be kroner, 0 or more"),
        ({"error": 2.0}, "error = 2.0 must lie between 0 and 1"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan("fano", **asked)


def test_a_policy_that_is_not_there_is_refused() -> None:
    for asked in ({"policy": "swedish"}, {"along": "swedish"}):
        with pytest.raises(KeyError, match=r"has no policy 'swedish' \(did you mean 'swedish_model'\?\)"):
            plan("fano", **asked)  # type: ignore[arg-type]


# --- goals ---------------------------------------------------------------------------------------


def test_goals_are_read() -> None:
    assert goal(MIX) == Goal("share_family_like_end", 1, 0.75)
    assert goal(" waiting_months <= 1.5e2 ") == Goal("waiting_months", -1, 150.0)
    assert goal("share_overdue<=10%") == Goal("share_overdue", -1, 0.1)
    assert goal("net_saving>=-2e6").threshold == -2e6


@pytest.mark.parametrize(
    "text, message",
    [
        ("share_family_like_end", "must be an outcome, >= or <=, and a number"),
        ("share_family_like_end>0.75", "must be an outcome, >= or <=, and a number"),
        ("share_family_like_end>=0,75", "must be an outcome"),
        ("share_family>=0.75", "no outcome 'share_family'; did you mean 'share_family_like'"),
        ("zzz>=1", "no outcome 'zzz'; the outcomes are"),
        ("share_family_like_end>=75", r"0 and 1; if you mean 75 %, write share_family_like_end>=0\.75"),
    ],
)
def test_what_is_no_goal_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        goal(text)


def test_single_histories_meet_a_goal_or_not_or_cannot_say() -> None:
    values = np.array([0.5, 0.75, 0.8, np.nan])
    assert goal(MIX).met(values).tolist()[:3] == [0.0, 1.0, 1.0]
    assert np.isnan(goal(MIX).met(values)[3])
    assert goal("waiting_months<=0.75").met(values).tolist()[:3] == [1.0, 1.0, 0.0]


def test_where_there_are_no_families_there_is_no_mix_to_reach() -> None:
    assert default_goal(find_scenario("adults")) is None
    assert default_goal(find_scenario("herning")) == goal(MIX)


# --- the study -----------------------------------------------------------------------------------


def town(**overrides: Any) -> Scenario:
    return scenario(
        {"policies": {"new": {"ramp_months": 2, "capacity": {"extra_fte": [1.0]}}}}, **overrides
    )


def small(s: Scenario | None = None, **asked: Any) -> Plan:
    few: dict[str, Any] = {"fte": [0, 1], "intervals": [6, 1], "replicates": 60, "first": 30}
    return plan(s or town(), **{**few, **asked})


@pytest.fixture(scope="module")
def found() -> Staffing:
    return staffing(small())


def test_histories_are_those_one_would_run_by_hand(found: Staffing) -> None:
    """Draw d has histories 10 d to 10 d + 9: each draw its own luck, the same luck in all choices."""
    s = found.scenario
    for d, i in ((0, 0), (2, 1), (2, 3)):
        row = Row(s.name, found.choices[i].policy, draw=d)
        alone = Sweep(Design({s.name: s}, (row,), rows_per_chunk=1, block=BLOCK))
        wanted = alone.values(found.histories.names, replicates=range(d * BLOCK, (d + 1) * BLOCK))[0]
        assert np.array_equal(found.histories.values[d, :, i], wanted)


def test_numbers_of_a_row_are_those_of_its_histories(found: Staffing) -> None:
    rows, cost = found.rows(), found.histories.of("net_cost")
    for i, row in enumerate(rows):
        n = row["histories"] // BLOCK
        saving = cost[:n, :, 0] - cost[:n, :, i]
        assert row["net_saving"] == pytest.approx(saving.mean(), abs=1e-6)
        assert row["net_saving_low"] == pytest.approx(np.quantile(saving, 0.05), abs=1e-6)
        assert row["net_cost"] == pytest.approx(cost[: found.race.draws[0], :, 0].mean() - saving.mean())
    assert rows[0]["net_saving"] == 0.0 and rows[0]["extra_fte"] == 0.0
    assert sum(row["best_of_100_draws"] for row in rows) == pytest.approx(100.0)
    assert sum(row["best_of_100_histories"] for row in rows) == pytest.approx(100.0)


def test_where_nothing_works_a_choice_costs_its_pay_and_its_start(found: Staffing) -> None:
    """Known answer: pay of the posts over the time, and what they cost once."""
    s = found.scenario
    pay = s.money.salary * (1 + s.money.overhead) * s.months / 12 + s.money.start_cost_per_fte
    for choice, cost in zip(found.choices, found.for_nothing, strict=True):
        assert cost == pytest.approx(choice.fte * pay, abs=0.01)


def test_without_effect_as_today_is_the_cheapest_and_the_rest_costs_its_pay() -> None:
    nothing = town(policies={"new": {"world": {"effect": 0.0}}})
    result = staffing(small(nothing, replicates=30))
    assert result.race.leader == 0
    for i in range(len(result.choices)):
        e = result.estimate("net_saving", i)
        assert (e.mean, e.low, e.high) == pytest.approx((-result.for_nothing[i],) * 3, abs=0.01)
    dearer = [c.fte > 0 for c in result.choices]
    assert result.race.dominated.tolist() == dearer
    assert (~result.race.cheapest).tolist() == dearer
    assert result.best_of_draws[0] == result.best_of_histories[0] == 1.0


def test_posts_that_cost_a_fortune_are_never_the_cheapest() -> None:
    result = staffing(small(town(money={"salary": 9e6}), replicates=30))
    assert result.choices[result.race.leader].fte == 0
    assert not any(result.race.cheapest[i] for i, c in enumerate(result.choices) if c.fte)


def test_posts_that_cost_nothing_are_worth_having() -> None:
    """Fanø's posts are stretched: with salaries of 0, any number of them beats none."""
    fano = find_scenario("fano")
    free = fano.model_copy(
        update={"money": fano.money.model_copy(update={"salary": 0.0, "start_cost_per_fte": 0.0})}
    )
    result = staffing(plan(free, fte=[0, 1, 3], intervals=[3], replicates=100, first=100, same_cost=0))
    assert result.choices[result.race.leader].fte == 3


def test_the_same_bytes_for_any_number_of_workers(found: Staffing) -> None:
    for workers in (1, 3):
        again = staffing(small(), workers=workers)
        assert again.histories.values.tobytes() == found.histories.values.tobytes()
        assert repr(again.rows()) == repr(found.rows())
        assert again.race.history == found.race.history


def test_progress_is_told_and_ends_at_its_end() -> None:
    told: list[tuple[int, int]] = []
    staffing(small(), progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(done <= total for done, total in told)


def test_looks_rise_by_half_until_the_end() -> None:
    assert looks(400) == (100, 150, 225, 338, 400)
    assert looks(50) == (50,) and looks(100) == (100,) and looks(101) == (100, 101)


def test_a_choice_that_cannot_be_run_is_refused_beforehand() -> None:
    """A policy that starts before the scenario, or after it was shortened."""
    s = town()
    broken = s.model_copy(update={"policies": {"new": Policy.model_validate({"start": "2010-01-01"})}})
    with pytest.raises(ValueError, match=r"start = 2010-01-01"):
        small(broken)


def test_folders_tell_studies_apart() -> None:
    assert small().default_folder == small().default_folder
    folders = {p.default_folder for p in (small(), small(seed=2), small(fte=[0, 2]), small(goal=MIX),
                                          small(goal="waiting_months<=1"), small(error=0.1))}  # fmt: skip
    assert len(folders) == 5 and all(f.parent == Path("results") for f in folders)


@pytest.mark.parametrize("months", [0.0, -3.0, 0.5, 25.0])
def test_an_interval_that_nobody_could_hold_is_refused(months: float) -> None:
    with pytest.raises(ValueError, match=f"interval = {months:g} must be months between follow-ups"):
        plan("fano", fte=[0, 1], intervals=[6, months])
