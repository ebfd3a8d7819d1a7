"""Posts that open later, whatever the policy: in the baseline and in every arm beside it.

A statistical test fails on a right model with chance ERROR_RATE (1e-4) at most; seeds are fixed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import History, changed, district, history, ledger_columns, run_kernel, scenario, z_limit

from simulation.ledger import Event
from simulation.outcomes import measured
from simulation.policy import Policy
from simulation.scenario import Scenario
from simulation.tables import build_tables

OPENS = 13
"""Month in which the later posts open: February of the second year."""


def growing(*shares: float, **overrides: Any) -> Scenario:
    """Return a municipality of one caseworker where posts of these shares open in month OPENS."""
    later = [{"fte": fte, "begins": "2017-02-01"} for fte in shares]
    return scenario(
        months=36,
        districts=district(caseworkers=[1.0], later_posts=later),
        work={"turnover_rate": 0.0},
        **overrides,
    )


MORE = Policy.model_validate({"capacity": {"extra_fte": [0.5]}})
ARMS = pytest.mark.parametrize("policy", [None, MORE], ids=["baseline", "policy"])


@ARMS
def test_nothing_is_different_before_a_later_post_opens(policy: Policy | None) -> None:
    """To the last bit: children, hours, costs and luck."""
    without, with_post = (history(s, policy) for s in (growing(), growing(1.0, 0.5)))
    assert np.array_equal(with_post.book[:OPENS], without.book[:OPENS])
    assert not np.array_equal(with_post.book[OPENS], without.book[OPENS])


@ARMS
def test_later_posts_count_and_are_paid_from_their_first_month_on(policy: Policy | None) -> None:
    s = growing(1.0, 0.5)
    without, with_post = history(growing(), policy), history(s, policy)
    more = np.where(np.arange(36) >= OPENS, 1.5, 0.0)
    salary = s.money.salary * (1.0 + s.money.overhead) / 12.0
    assert with_post.column("n_fte") - without.column("n_fte") == pytest.approx(more)
    assert with_post.column("n_fte_filled") - without.column("n_fte_filled") == pytest.approx(more)
    assert with_post.column("dkk_staff") - without.column("dkk_staff") == pytest.approx(more * salary)
    assert (with_post.column("dkk_one_off") == without.column("dkk_one_off")).all()


@ARMS
def test_the_caseload_falls_when_later_posts_open(policy: Policy | None) -> None:
    """By what the posts say, as the children are nearly the same a month later."""
    s = growing(1.0, 0.5)
    caseload = measured("caseload", run_kernel(s, policy, replicates=50).mean(0), s.staircase)
    today = 1.0 if policy is None else 1.5
    fall = today / (today + 1.5)
    assert caseload[OPENS] / caseload[OPENS - 1] == pytest.approx(fall, rel=0.03)


def test_whoever_begins_in_a_later_post_is_new_and_takes_over_cases() -> None:
    """A share of the hours at first, and cases up to the even load, each with a handover."""
    s = growing(1.0)
    h = history(s)
    assert not h.of(Event.NEW_CASEWORKER)[h.events[:, 0] < OPENS].any()
    handed_over = h.column("new_handovers")[OPENS]
    assert handed_over == pytest.approx(h.column("n_cases")[OPENS - 1] / 2, abs=1.0)
    hours = s.work.case_hours * (1.0 - s.work.sickness)
    new = hours_of_the_month(h, OPENS) - hours_of_the_month(h, OPENS - 1)
    old = hours_of_the_month(h, OPENS + s.work.new_worker_months) - hours_of_the_month(h, OPENS - 1)
    assert new == pytest.approx(s.work.new_worker_factor * hours, abs=2 * longest(s))
    assert old == pytest.approx(hours, abs=2 * longest(s))


def hours_of_the_month(h: History, month: int) -> float:
    return float(h.column("hours_available")[month])


def longest(s: Scenario) -> float:
    """Return the hours of the longest follow-up, by which each of two may be overdrawn."""
    return s.work.follow_up_hours * max(s.work.weight.values())


def test_later_posts_shorten_what_children_wait() -> None:
    """Months waited in care after they open, paired with the same municipality without them."""
    waited = []
    for s in (growing(), growing(1.0, 1.0)):
        books = run_kernel(s, replicates=300, seed=12)
        waited.append(books[:, OPENS:, ledger_columns(s)["n_waiting"]].sum(1))
    less = waited[0] - waited[1]
    assert less.mean() / (less.std(ddof=1) / np.sqrt(len(less))) > z_limit()


def test_posts_of_a_policy_are_numbered_behind_later_ones() -> None:
    """So that today's and later posts have the same luck in every arm."""
    posts = build_tables(growing(1.0, 0.5), MORE).posts
    assert posts["fte"].tolist() == [1.0, 1.0, 0.5, 0.5]
    assert posts["begins"].tolist() == [0, OPENS, OPENS, 0]
    assert (posts["experience"] >= 0).tolist() == [True, False, False, False]


def test_a_later_post_may_open_in_the_first_month() -> None:
    """It is then filled by somebody new, where a post of today is held by somebody who is not."""
    s = changed(growing(), districts=first_month_post())
    h = history(s)
    assert h.column("n_fte").tolist() == [2.0] * 36
    assert h.column("new_handovers")[0] > 0


def first_month_post() -> list[dict[str, Any]]:
    return district(caseworkers=[1.0], later_posts=[{"fte": 1.0, "begins": "2016-01-01"}])


def test_leaked_hours_and_the_world_s_effect_concern_posts_of_the_policy_only() -> None:
    policy = Policy.model_validate(
        {"capacity": {"extra_fte": [1.0], "leakage": 0.5}, "world": {"effect": 0.0}}
    )
    posts = build_tables(growing(1.0), policy).posts
    assert posts["fte"].tolist() == [1.0, 1.0, 0.0]
    assert posts["counted"].tolist() == [1.0, 1.0, 0.5]
