"""Whom a month's luck leaves alone, and what the agents engine keeps ready: no history changes by it."""

from __future__ import annotations

import gc
import weakref
from dataclasses import FrozenInstanceError
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_scenarios import random_arm
from support import FIXED, changed, scenario

from simulation import PlacementModel, find_scenario
from simulation import randomness as rn
from simulation.child import rules
from simulation.foreseen import CaseBounds, drawn_below, unseen_bounds
from simulation.layout import MONTH, TABLE
from simulation.plain import changed as with_changes
from simulation.plain import plain, plain_rows
from simulation.policy import Policy
from simulation.tables import build_tables
from simulation.terms import terms

# --- luck -----------------------------------------------------------------------------------------


@FIXED
@given(st.tuples(*[st.floats(0.0, 1.0)] * 4), st.integers(0, 2**20), st.integers(0, 60))
def test_exactly_those_with_a_uniform_below_its_bound_are_found(
    bounds: tuple[float, float, float, float], first: int, month: int
) -> None:
    who = np.arange(first, first + 50)
    places, uniforms = drawn_below(7, 3, month, rn.CASE_MONTH, who, bounds)
    drawn = np.array([rn.four_uniforms(7, 3, int(w), month, rn.CASE_MONTH) for w in who])
    below = np.flatnonzero((drawn < np.array(bounds)).any(axis=1))
    assert places.tolist() == below.tolist()
    assert uniforms.tolist() == drawn[below].tolist()


@FIXED
@given(st.data())
def test_no_crisis_and_no_readiness_is_likelier_than_the_bound(data: st.DataObject) -> None:
    s, policy = random_arm(data.draw(st.integers(0, 200)))
    t = plain(build_tables(s, s.policy(policy) if policy else None).table[0])
    severest, largest = data.draw(st.floats(0.0, 20.0)), data.draw(st.floats(0.0, 8.0))
    longest = data.draw(st.floats(0.0, 60.0))
    ready, crisis, *_ = CaseBounds(t)(severest, largest, longest)
    severity, effect, overdue = (data.draw(st.floats(0.0, x)) for x in (severest, largest, longest))
    courses = [None, *t.programme[: t.n_programmes]]
    for stair, band, course in product(range(t.n_stairs), range(t.n_bands), courses):
        rate, chance, factor = t.rate[stair][band], t.rate[stair][band].ready_chance, 1.0
        if course is not None:
            chance, factor = rules.readiness_in_course(chance, course.readiness), course.crisis
        assert chance <= ready
        for early, handover in product((False, True), repeat=2):
            hazard = rules.crisis_hazard(
                t, rate.crisis_hazard, severity, effect, overdue, early, handover
            )
            assert hazard * factor <= crisis


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_no_hazard_of_children_who_are_no_cases_is_above_its_bound(seed: int) -> None:
    s, policy = random_arm(seed)
    model = PlacementModel(s, policy, rng=seed, events=False)
    hidden = [c for c in model.children if c.level == model.t.hidden]
    acute, detected, faded, back = unseen_bounds(model.t, model.m, hidden)
    for child in hidden:
        assert rules.hidden_crisis_hazard(model.t, child.severity) <= acute
        assert rules.detection_hazard(model.t, child.lever.outreach) <= detected
    assert (faded, back) == (model.t.hidden_recovery_hazard, model.t.reentry_hazard)


def test_most_cases_are_left_alone() -> None:
    """What the bounds are for: in Fanø fewer than one case in three is looked at in a month."""

    class Counting(PlacementModel):
        looked_at = seen = 0

        def between_follow_ups(self) -> None:
            super().between_follow_ups()
            self.seen += len(self.cases)
            self.looked_at += sum((c.number, rn.CASE_MONTH) in self._drawn for c in self.cases)

    model = Counting("fano", rng=1, events=False)
    model.run_for(24)
    assert 0 < 3 * model.looked_at < model.seen


# --- records as plain objects -----------------------------------------------------------------------


def assert_same(made: Any, record: Any) -> None:
    """Hold that a plain object says what a record says, to the bit and in Python's own types."""
    if isinstance(record, np.ndarray) and record.shape:
        assert isinstance(made, tuple)
        for one, row in zip(made, record, strict=True):
            assert_same(one, row)
    elif record.dtype.names is None:
        assert made == record.item()
        assert type(made) is type(record.item())
    else:
        for name in record.dtype.names:
            assert_same(getattr(made, name), record[name])


@pytest.mark.parametrize("seed", [3, 17])
def test_plain_objects_say_what_the_records_say(seed: int) -> None:
    tables = build_tables(random_arm(seed)[0])
    for records in (tables.table, tables.months[:3], tables.districts, tables.posts):
        assert_same(plain(records), records)
    for made, record in zip(plain_rows(tables.months), tables.months, strict=True):
        assert_same(made, record)


def test_plain_objects_cannot_be_changed_but_copied() -> None:
    t = plain(np.zeros(1, TABLE)[0])
    with pytest.raises(FrozenInstanceError):
        t.leave_age = 216
    assert (with_changes(t, leave_age=216).leave_age, t.leave_age) == (216, 0)
    assert len(set(map(id, plain_rows(np.zeros(4, MONTH))))) == 1, "made once where they are alike"


# --- what is kept for many histories ----------------------------------------------------------------


def test_terms_are_worked_out_once_and_go_with_their_scenario() -> None:
    s = scenario()
    more = Policy.model_validate({"reach": 0.5})
    assert terms(s, Policy()) is terms(s, Policy())
    assert terms(s, more) is not terms(s, Policy())
    assert terms(s, more).districts[0].reach == 0.5
    kept = weakref.ref(terms(s, Policy()))
    del s
    gc.collect()
    assert kept() is None


def test_few_terms_are_kept() -> None:
    s = scenario()
    first = weakref.ref(terms(s, Policy()))
    for i in range(20):
        terms(s, Policy.model_validate({"reach": i / 20}))
    gc.collect()
    assert first() is None


def ledger(model: PlacementModel) -> pd.DataFrame:
    return model.datacollector.get_model_vars_dataframe()


def test_models_of_one_scenario_do_not_disturb_each_other() -> None:
    """Month by month in turns, under a policy that opens places and one that does not."""
    s = scenario(policies={"more": {"supply": {"extra_places": {"foster_care": 3}}, "ramp_months": 6}})
    arms = [("more", 1), (None, 1), ("more", 2)]
    models = [PlacementModel(s, policy, rng=rng) for policy, rng in arms]
    for _ in range(24):
        for model in models:
            model.step()
    for model, (policy, rng) in zip(models, arms, strict=True):
        alone = PlacementModel(changed(s), policy, rng=rng)
        alone.run_for(24)
        pd.testing.assert_frame_equal(ledger(model), ledger(alone))


def test_a_shipped_scenario_is_read_once() -> None:
    assert find_scenario("fano") is find_scenario("fano")
    assert find_scenario("herning") is not find_scenario("fano")


# --- the data collector ------------------------------------------------------------------------------


def test_more_reporters_may_be_added() -> None:
    plainly, more = (PlacementModel(scenario(), rng=3) for _ in range(2))
    more.datacollector._new_model_reporter("agents", lambda model: len(model.agents))
    more.datacollector.model_vars["agents"].append(len(more.agents))
    for model in (plainly, more):
        model.run_for(5)
    frame = ledger(more)
    assert frame["agents"].iloc[-1] == len(more.agents)
    pd.testing.assert_frame_equal(frame.drop(columns="agents"), ledger(plainly))


def test_the_frame_is_what_was_collected() -> None:
    model = PlacementModel(scenario(), rng=3)
    model.run_for(5)
    collected = model.datacollector.model_vars
    assert all(type(values) is list and len(values) == 6 for values in collected.values())
    pd.testing.assert_frame_equal(ledger(model), pd.DataFrame(collected))


# --- clocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["on_stair", "since", "handover", "early"])
def test_a_clock_can_be_set_and_goes_on_from_there(clock: str) -> None:
    model = PlacementModel(scenario(), rng=3)
    child = next(c for c in model.children if c.stair == "undetected" and c.age < 100)
    setattr(child, clock, 2)
    assert getattr(child, clock) == 2
    model.clock += 1
    assert getattr(child, clock) == (3 if clock in ("on_stair", "since") else 1)
    model.clock += 5
    assert getattr(child, clock) == (8 if clock in ("on_stair", "since") else 0)
