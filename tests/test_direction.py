"""Levers pull the way they should, and where they should do nothing they do nothing.

Directions of single decisions stand in `test_rules.py`, exactly. Here they are of whole replicates:
baseline and policy meet the same children, and a direction holds for the mean over replicates. Where a
test says "clearly", a policy without that effect passes with chance ERROR_RATE at most.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support import AMPLE, district, history, ledger_columns, run_kernel, scenario, z_limit

from simulation import find_scenario
from simulation.policy import Policy
from simulation.scenario import Scenario
from simulation.tables import build_tables

NOBODY_NEW = {"undetected": 0, "assessment": 0}
YEARS = 4


def column(books: NDArray[np.float64], s: Scenario, name: str) -> NDArray[np.float64]:
    """Return one column of the ledger, summed over the months, by replicate."""
    return books[:, :, ledger_columns(s)[name]].sum(1)


# --- hours and follow-ups ----------------------------------------------------------------------


def settled_caseload(case_hours: float = 60.0, target: float = 3.0) -> Scenario:
    """Return 40 children who stay where they are until 18, with one caseworker who stays too."""
    never = {"preventive": 0.0, "foster_care": 0.0}
    start = {**NOBODY_NEW, "preventive": 20, "foster_care": 20}
    return scenario(
        months=12 * (YEARS + 2),
        districts=district(inflow=0.0, caseworkers=[1.0], start=start, places={"foster_care": 20}),
        children={
            "readiness_rate": never,
            "crisis_rate": never,
            "planned_up": never,
            "premature": 0.0,
        },
        reviews={"first": target, "later": target},
        work={"turnover_rate": 0.0, "case_hours": case_hours},
    )


def achieved_intervals(s: Scenario, replicates: int) -> NDArray[np.float64]:
    """Return the mean interval between follow-ups, after two years, by replicate."""
    late = run_kernel(s, replicates=replicates, seed=3)[:, 24:]
    return column(late, s, "sum_interval") / column(late, s, "new_follow_ups")


def test_more_hours_never_lengthen_the_achieved_interval() -> None:
    """With the same children in every arm, in the mean over 40 replicates; the shortest is the target."""
    means = [achieved_intervals(settled_caseload(h), 40).mean() for h in (20, 30, 45, 60, 80, 120, 400)]
    assert (np.diff(means) <= 0).all()
    assert means[0] > 2 * means[3]
    assert means[-1] == 3.0


def test_more_hours_leave_less_overdue() -> None:
    overdue = []
    for hours in (20, 45, 80, 400):
        s = settled_caseload(hours)
        overdue.append(column(run_kernel(s, replicates=10)[:, 24:], s, "n_overdue").mean())
    assert (np.diff(overdue) < 0).all()
    assert overdue[-1] == 0


@pytest.mark.parametrize("hours", [40.0, 1000.0])
def test_a_longer_target_does_not_raise_follow_ups(hours: float) -> None:
    """Exactly, replicate by replicate, where children stay."""
    held = []
    for target in (1, 2, 3, 4.5, 6, 9, 12):
        s = settled_caseload(hours, target)
        held.append(column(run_kernel(s, replicates=10), s, "new_follow_ups"))
    assert (np.diff(held, axis=0) <= 0).all()
    assert (held[-1] < held[0]).all() or hours < 100


def test_children_who_move_are_not_followed_up_more_at_a_longer_target() -> None:
    s = scenario(AMPLE, months=12 * YEARS)
    held = []
    for target in (2, 3, 6, 12):
        policy = Policy.model_validate({"reviews": {"first": target, "later": target}})
        held.append(column(run_kernel(s, policy, replicates=50), s, "new_follow_ups").mean())
    assert (np.diff(held) < 0).all()


# --- levers ------------------------------------------------------------------------------------

LEVERS: list[tuple[str, dict[str, Any], str, int]] = [
    ("more hours", {"capacity": {"extra_fte": [1.0, 1.0]}}, "new_follow_ups", +1),
    ("more hours", {"capacity": {"extra_fte": [1.0, 1.0]}}, "n_overdue", -1),
    ("more hours", {"capacity": {"extra_fte": [1.0, 1.0]}}, "n_waiting", -1),
    ("shorter target", {"reviews": {"first": 1, "later": 2}}, "n_waiting", -1),
    ("orientation", {"practice": {"orientation": 2.5}}, "n_waiting_home", -1),
    ("fewer residential", {"practice": {"residential_odds": 0.3}}, "new_in_residential_care", -1),
    ("fewer residential", {"practice": {"residential_odds": 0.3}}, "n_residential_care", -1),
    ("more residential", {"practice": {"residential_odds": 3.0}}, "new_in_residential_care", +1),
    ("network search", {"supply": {"network_search": 0.9}}, "new_in_network_care", +1),
    ("fewer homes", {"supply": {"extra_places": {"foster_care": -6}}}, "new_for_want", +1),
    ("more homes", {"supply": {"extra_places": {"foster_care": 20}}}, "new_for_want", -1),
    ("outreach", {"supply": {"outreach": 2.0}}, "new_detected", +1),
    ("outreach", {"supply": {"outreach": 2.0}}, "n_undetected", -1),
    ("surveillance", {"world": {"surveillance": 3.0}}, "new_moves_up", +1),
]


@pytest.mark.parametrize(
    ("change", "outcome", "way"), [x[1:] for x in LEVERS], ids=[f"{x[0]}: {x[2]}" for x in LEVERS]
)
def test_a_lever_moves_its_outcome_clearly(change: dict[str, Any], outcome: str, way: int) -> None:
    s = scenario(months=12 * YEARS, districts=district(caseworkers=[1.0], places={"foster_care": 10}))
    baseline, policy = (
        column(run_kernel(s, p, replicates=300), s, outcome)
        for p in (None, Policy.model_validate(change))
    )
    difference = policy - baseline
    z = difference.mean() / (difference.std(ddof=1) / np.sqrt(len(difference)))
    assert way * z > z_limit()


def entry_shares(odds: float | None, **children: Any) -> NDArray[np.float64]:
    """Return shares of entries [band, stair] by residential odds, from the tables of a month."""
    s = scenario(children=children)
    policy = Policy.model_validate({"practice": {"residential_odds": odds}})
    return build_tables(s, policy).months["entry_share"][0, 1, :4, :7]


@pytest.mark.parametrize("odds", [0.0, 0.2, 0.75, 1.0, 1.5, 20.0])
def test_residential_odds_act_on_the_odds_of_residential_care_at_entry(odds: float) -> None:
    """The other shares, families included, keep their proportions."""
    today, then = entry_shares(None), entry_shares(odds)
    heavy, own_room = 6, 3
    rest, rest_then = 1 - today[:, heavy], 1 - then[:, heavy]
    assert then[:, heavy] / rest_then == pytest.approx(odds * today[:, heavy] / rest)
    assert then[:, own_room] / rest_then == pytest.approx(today[:, own_room] / rest)
    if odds < 1:
        assert (then[:, heavy] < today[:, heavy]).all()


def test_entry_shares_are_numbers_even_where_all_entries_are_residential() -> None:
    everybody = {"entry_share": {"own_room": [0.0] * 4, "residential_care": [1.0] * 4}}
    assert np.isfinite(entry_shares(0.0, **everybody)).all()


# --- what does nothing -------------------------------------------------------------------------

PAID = {"dkk_staff", "dkk_one_off"}
ON_PAPER = {"n_fte"}
"""What may differ beside money where posts have no effect: the posts themselves."""


def assert_same_children(s: Scenario, policy: Policy, replicate: int) -> None:
    """Compare every child's month, every event, and all of the ledger but what posts cost."""
    today, then = history(s, replicate=replicate), history(s, policy, replicate=replicate)
    assert (today.events == then.events).all()
    for name, values in today.trace.items():
        assert (values == then.trace[name]).all(), name
    differ = {name for name in today.columns if (today.column(name) != then.column(name)).any()}
    assert differ <= PAID | ON_PAPER


def assert_costs_are_the_posts(s: Scenario, policy: Policy) -> None:
    """The difference in money is exactly what posts and their start cost."""
    today, then = history(s), history(s, policy)
    fte = sum(policy.capacity.extra_fte) + policy.capacity.team_leader * s.money.leader_factor
    salaries = fte * s.money.salary * (1 + s.money.overhead) / 12
    assert then.column("dkk_staff") - today.column("dkk_staff") == pytest.approx(salaries)
    once = np.zeros(s.months)
    once[0] = s.money.start_cost_per_fte * sum(policy.capacity.extra_fte)
    assert then.column("dkk_one_off") - today.column("dkk_one_off") == pytest.approx(once)
    accounts = [name for name in today.columns if name.startswith("dkk_") and name not in PAID]
    assert all((then.column(name) == today.column(name)).all() for name in accounts)


@pytest.mark.parametrize("replicate", range(5))
def test_in_the_null_world_every_child_lives_the_same_life(replicate: int) -> None:
    s = find_scenario("fano")
    assert_same_children(s, s.policy("null"), replicate)


def test_the_null_world_costs_the_salaries_and_the_start_and_nothing_else() -> None:
    s = find_scenario("fano")
    assert s.policy("null").world.effect == 0
    assert_costs_are_the_posts(s, s.policy("null"))


LEAKING = Policy.model_validate(
    {"capacity": {"extra_fte": [1.0, 0.5], "leakage": 1.0, "team_leader": 0.5}}
)


@pytest.mark.parametrize("replicate", range(5))
def test_posts_that_leak_away_altogether_change_no_child(replicate: int) -> None:
    assert_same_children(find_scenario("fano"), LEAKING, replicate)


def test_posts_that_leak_away_altogether_are_paid_all_the_same() -> None:
    assert_costs_are_the_posts(find_scenario("fano"), LEAKING)


def test_half_an_effect_is_less_than_all_of_it() -> None:
    """Children waiting for a less intrusive stair, under the whole proposal; mean over replicates."""
    s = find_scenario("fano")
    policy = s.policy("swedish_model")
    waiting = [
        column(
            run_kernel(
                s,
                policy.model_copy(update={"world": policy.world.model_copy(update={"effect": effect})}),
                replicates=100,
            ),
            s,
            "n_waiting",
        ).mean()
        for effect in (0.0, 0.5, 1.0)
    ]
    assert waiting[0] > waiting[1] > waiting[2]
