"""Assessments that wait for what others must contribute: how long, from when, and what it changes.

Hours are ample, so that nothing but the wait keeps an assessment open. Every statistical test fails on a
right model with chance ERROR_RATE (1e-4) at most; seeds are fixed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from random_scenarios import random_scenario
from scipy import stats
from support import (
    ALIKE,
    AMPLE,
    ERROR_RATE,
    binned_p_value,
    changed,
    district,
    history,
    ledger_columns,
    poisson_p_values,
    run_kernel,
    scenario,
)

from simulation import rules
from simulation.ledger import Event
from simulation.parameters import parameter
from simulation.scenario import Scenario
from simulation.stationary import assessment_months, recognition_today, stationary_start
from simulation.tables import build_tables

STAIRS = [
    {"key": "assessment", "label": "Afklaring", "kind": "assessment"},
    {"key": "preventive", "label": "Hjemme", "kind": "home"},
]
WAITS = [0.3, 1.0, 4.5, 9.0]


def assessed(wait: float, **counted: Any) -> Scenario:
    """Return a municipality in which every child newly at risk is known at once and assessed."""
    return scenario(
        AMPLE,
        ALIKE,
        months=60,
        staircase=STAIRS,
        districts=district(places={}, **{"inflow": 120.0, "start": {}, **counted}),
        children={
            "crisis_rate": {"assessment": 0.0, "preventive": 0.0},
            "planned_up": {"preventive": 0.0},
            "home_share": {},
            "entry_share": {},
            "reentry_rate": 0.0,
        },
        work={"assessment_wait": wait},
    )


# --- how long ----------------------------------------------------------------------------------


def months_open(s: Scenario, begins: Event, seed: int) -> NDArray[np.int64]:
    """Return the months from the start of each assessment to its end; 10,000 for those that go on."""
    events = history(s, seed=seed).events
    came, ended = events[events[:, 2] == begins], events[events[:, 2] == Event.ASSESSED]
    end = dict(zip(ended[:, 1].tolist(), ended[:, 0].tolist(), strict=True))
    return np.array([end.get(child, 10_000) - month for month, child, *_ in came.tolist()])


@pytest.mark.parametrize("wait", WAITS)
def test_after_k_months_one_minus_exp_of_k_over_wait_are_finished(wait: float) -> None:
    """Exactly: never in the month in which the case opens, later with the chance of an exponential."""
    s = changed(assessed(wait, start={"assessment": 0}), months=600)
    months = months_open(s, Event.AT_RISK, seed=3)[:4000]  # those of the last years are still open
    assert months.min() == 1
    k = np.arange(1, 400)
    shares = np.exp(-(k - 1) / wait) - np.exp(-k / wait)
    observed = np.bincount(months, minlength=401)[1:400]
    assert binned_p_value(observed, len(months) * shares) > ERROR_RATE / len(WAITS)


@pytest.mark.parametrize("wait", WAITS)
def test_children_of_the_first_day_wait_as_long_from_that_day_on(wait: float) -> None:
    """An exponential wait has no memory. The first month of the simulation is its first month."""
    s = assessed(wait, inflow=0.0, start={"assessment": 3000})
    months = 1 + months_open(s, Event.START, seed=4)
    k = np.arange(1, 60)
    shares = np.exp(-(k - 1) / wait) - np.exp(-k / wait)
    observed = np.bincount(months, minlength=60)[1:60]
    assert binned_p_value(observed, 3000 * shares) > ERROR_RATE / len(WAITS)


@pytest.mark.parametrize("deadline", [0, 1, 4])
def test_in_time_are_those_whose_wait_ends_by_the_deadline(deadline: int) -> None:
    s = assessed(4.5, start={"assessment": 0})
    s = changed(s, months=300, work={"assessment_deadline": deadline})
    months, h = months_open(s, Event.AT_RISK, seed=5), history(s, seed=5)
    assert h.column("new_assessed_in_time").sum() == (months <= deadline).sum()
    old = months[:2500]  # all of them came long enough before the end
    in_time = int((old <= deadline).sum())
    assert stats.binomtest(in_time, 2500, -np.expm1(-deadline / 4.5)).pvalue > ERROR_RATE / 3


def test_the_evidence_says_that_50_to_60_percent_may_be_in_time() -> None:
    """With hours for everything; audits found 60 % in 2021 and 50 % in 2024."""
    w = scenario().work
    audits = parameter("target.time.assessed_in_time_at_32")
    may_be = -np.expm1(-w.assessment_deadline / w.assessment_wait)
    assert audits.low <= may_be <= audits.high


def test_a_longer_wait_ends_no_assessment_sooner() -> None:
    """Replicate by replicate, as the same uniform decides."""
    finished = []
    for wait in (0.0, 0.5, 2.0, 4.5, 20.0):
        s = assessed(wait, start={"assessment": 5})
        books = run_kernel(s, replicates=10, seed=6)
        finished.append(books[:, :, ledger_columns(s)["new_assessed"]].cumsum(1))
    assert (np.diff(finished, axis=0) <= 0).all()
    assert (finished[-1][:, -1] < finished[0][:, -1]).all()


# --- no wait -----------------------------------------------------------------------------------


def test_without_a_wait_an_assessment_ends_with_its_hours() -> None:
    """In the month in which the case opens, where hours are ample."""
    s = assessed(0.0, start={"assessment": 0})
    books, columns = run_kernel(s, replicates=5, seed=7), ledger_columns(s)
    assert (books[:, :, columns["new_assessed"]] == books[:, :, columns["new_at_risk"]]).all()
    assert (books[:, :, columns["new_assessed_in_time"]] == books[:, :, columns["new_assessed"]]).all()
    assert not books[:, :, columns["n_assessment"]].any()


@pytest.mark.parametrize("u", [2.0**-33, 0.5, 1.0 - 2.0**-33])
@pytest.mark.parametrize("since", [0, 1, 50])
def test_without_a_wait_all_is_known_at_once(u: float, since: int) -> None:
    table = build_tables(assessed(0.0)).table[0]
    assert rules.all_is_known(table, since, u)


def test_with_a_wait_nothing_is_known_on_the_first_day() -> None:
    table = build_tables(assessed(0.1)).table[0]
    assert not rules.all_is_known(table, 0, 2.0**-33)


def test_hours_wanting_are_none_when_all_but_rounding_is_done() -> None:
    table = build_tables(assessed(1.0)).table[0]
    hours = float(table["assessment_hours"])
    assert rules.hours_wanting(table, 0.0) == hours
    assert rules.hours_wanting(table, 0.75 * hours) == pytest.approx(0.25 * hours)
    assert rules.hours_wanting(table, hours - 1e-12) == 0.0
    assert rules.hours_wanting(table, hours) == 0.0


# --- the first day -----------------------------------------------------------------------------


@pytest.mark.parametrize("wait", WAITS)
def test_uncounted_children_under_assessment_are_as_many_as_stay_there(wait: float) -> None:
    """Poisson with the mean they have in all later months: arrivals x the sum of exp(-k / wait)."""
    s = assessed(wait, start={})
    expected = 10.0 * np.exp(-np.arange(2000) / wait).sum()
    assert stationary_start(s).mean[0, 0] == pytest.approx(expected)
    counts = run_kernel(s, replicates=300, seed=8)[:, :, ledger_columns(s)["n_assessment"]]
    p = poisson_p_values(counts.sum(0), np.full(s.months, 300 * expected))
    assert p.min() > ERROR_RATE / len(WAITS) / s.months


def test_an_assessment_takes_a_month_at_least_on_the_first_day() -> None:
    assert assessment_months(assessed(0.0)) == assessment_months(assessed(0.1))
    assert 1.0 < assessment_months(assessed(0.0)) < 1.02


def test_children_under_assessment_take_attention_on_the_first_day_too() -> None:
    """Counted or expected; 45 cases on one post, and then 45 more."""
    usual = {"attention_floor": 0.25, "attention_ceiling": 4.0, "recognition_elasticity": 0.5}
    seen = []
    for start in ({"assessment": 0}, {"assessment": 45}, {}):
        s = changed(
            assessed(4.0, inflow=12.0, caseworkers=[1.0], start={"preventive": 45, **start}),
            children={**usual, "recognition": 0.6, "reference_caseload": 45.0},
        )
        seen.append(recognition_today(s))
    expected = 45.0 + np.exp(-np.arange(400) / 4.0).sum()
    assert seen[0] == pytest.approx(0.6)
    assert seen[1] == pytest.approx(1.0 - 0.4 ** (0.5**0.5))
    assert seen[2] == pytest.approx(1.0 - 0.4 ** ((45.0 / expected) ** 0.5))


def test_where_there_is_no_assessment_nobody_is_expected_to_wait() -> None:
    quiet = {"crisis_rate": {"preventive": 0.0}, "home_share": {}, "entry_share": {}}
    start = district(places={}, start={"preventive": 3})
    s = scenario(AMPLE, ALIKE, {"children": quiet}, staircase=STAIRS[1:], districts=start)
    assert not stationary_start(s).mean.any()


# --- what follows ------------------------------------------------------------------------------


def test_children_who_wait_are_cases_and_count_in_the_caseload() -> None:
    s = changed(assessed(4.5, start={}), months=240)
    books, columns = run_kernel(s, replicates=20, seed=9), ledger_columns(s)
    waiting = books[:, :, columns["n_assessment"]]
    assert waiting.mean() > 40
    helped = books[:, :, columns["n_preventive"]]
    assert (books[:, :, columns["n_cases"]] == waiting + helped).all()


ASSESSING = [seed for seed in range(60) if random_scenario(seed).staircase.first("assessment") >= 0][:30]
"""Seeds of random scenarios that have assessments."""


@pytest.mark.parametrize("seed", ASSESSING)
def test_nobody_ends_an_assessment_before_its_hours_are_done(seed: int) -> None:
    """In whatever municipality: hours booked are at least those of the assessments that ended."""
    s = random_scenario(seed)
    nobody = {s.staircase.keys[s.staircase.first("assessment")]: 0}
    empty = [d.model_copy(update={"start": {**d.start, **nobody}}) for d in s.districts]
    h = history(s.model_copy(update={"districts": tuple(empty)}), seed=seed)
    finished = h.column("new_assessed").cumsum() * s.work.assessment_hours
    assert (h.column("hours_assessment").cumsum() >= finished - 1e-6).all()
