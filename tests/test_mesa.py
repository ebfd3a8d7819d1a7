"""What somebody who knows Mesa expects of PlacementModel, on the release of Mesa the project pins."""

from __future__ import annotations

import gc
import inspect
import weakref
from collections import Counter
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from support import changed, scenario

from simulation import Caseworker, Child, PlacementModel, Policy
from simulation.ledger import Event

BOTH = {
    "policies": {
        "both": {
            "capacity": {"extra_fte": [1.0, 0.5], "leakage": 0.2, "team_leader": 0.5, "start_cost": 9e4},
            "reviews": {"first": 2.0, "later": 3.0, "order": "most_intrusive"},
            "practice": {"orientation": 1.4, "residential_odds": 0.6, "without_leader": 0.7},
            "supply": {"network_search": 0.5, "outreach": 1.5, "extra_places": {"foster_care": 3}},
            "world": {"effect": 0.9, "surveillance": 0.1},
            "reach": 0.8,
            "ramp_months": 6,
        }
    }
}
AS_KEYWORDS: dict[str, Any] = {
    "extra_fte": 1.5, "leakage": 0.2, "team_leader": 0.5, "start_cost": 9e4,
    "follow_up_first": 2.0, "follow_up_later": 3.0, "follow_up_order": "most_intrusive",
    "orientation": 1.4, "residential_odds": 0.6, "without_leader": 0.7,
    "network_search": 0.5, "outreach": 1.5, "extra_places": {"foster_care": 3},
    "effect": 0.9, "surveillance": 0.1, "reach": 0.8, "ramp_months": 6,
}  # fmt: skip
"""The policy `both`, lever by lever: every lever there is."""


def small(**arguments: Any) -> PlacementModel:
    """Return a small model of 24 months."""
    return PlacementModel(**{"scenario": scenario(), "rng": 42, **arguments})


def ledger(model: PlacementModel) -> pd.DataFrame:
    return model.datacollector.get_model_vars_dataframe()


def events(model: PlacementModel) -> pd.DataFrame:
    return model.datacollector.get_table_dataframe("events")


def after(months: int, **arguments: Any) -> PlacementModel:
    """Return a small model some months on."""
    model = small(**arguments)
    model.run_for(months)
    return model


# --- making and running ---------------------------------------------------------------------------


def test_a_seed_is_all_it_needs() -> None:
    model = PlacementModel(rng=42)
    model.step()
    assert isinstance(model, mesa.Model)
    assert len(model.agents) > 0


def test_not_even_a_seed_is_needed_and_the_one_drawn_can_be_used_again() -> None:
    first = small(rng=None)
    first.run_for(3)
    assert ledger(first).equals(ledger(after(3, rng=first.seed)))
    assert small(rng=None).seed != first.seed


def test_every_argument_has_a_default() -> None:
    parameters = inspect.signature(PlacementModel).parameters
    required = [p.name for p in parameters.values() if p.default is p.empty and p.kind != p.VAR_KEYWORD]
    assert not required
    assert "kwargs" in parameters


def test_a_step_is_a_month() -> None:
    model = small()
    assert (model.steps, model.month, model.running) == (0, 0, True)
    model.step()
    assert (model.steps, model.month, model.running) == (1, 1, True)


def test_run_model_ends_at_the_horizon() -> None:
    model = small()
    model.run_model()
    assert (model.steps, model.month, model.running) == (24, 24, False)


def test_run_for_goes_on_beyond_the_horizon() -> None:
    model = after(30)
    assert (model.steps, model.month, model.running) == (30, 30, False)
    assert len(ledger(model)) == 31


@pytest.mark.parametrize(
    "policy",
    [None, Policy.model_validate({"start": "2017-12-01", "capacity": {"extra_fte": [1.0]}})],
    ids=["baseline", "policy from the last month"],
)
def test_beyond_the_horizon_everything_goes_on_as_under_a_longer_one(policy: Policy | None) -> None:
    beyond, longer = after(36, policy=policy), after(36, scenario=scenario(months=36), policy=policy)
    pd.testing.assert_frame_equal(ledger(beyond), ledger(longer))
    assert ledger(longer)["dkk_refund"][25:].sum() > 0.0


# --- the data collector ---------------------------------------------------------------------------


def test_the_ledger_has_a_row_for_the_start_and_one_for_every_month() -> None:
    model = small()
    assert len(ledger(model)) == 1
    model.run_for(7)
    frame = ledger(model)
    assert list(frame["month"]) == list(range(8))
    assert list(frame.columns) == ["month", *model.columns]
    assert not frame.isna().any(axis=None)


def test_the_ledger_counts_the_agents_of_every_month_and_of_the_start() -> None:
    model = small()
    for month in range(13):
        counted = ledger(model).iloc[month]
        stairs = Counter(model.agents_by_type[Child].get("stair"))
        for key in model.municipality.staircase.keys:
            assert counted[f"n_{key}"] == stairs[key], f"month {month}, n_{key}"
        model.step()


def test_the_events_are_a_table_of_who_moved_when_and_where() -> None:
    model = after(12)
    frame = events(model)
    assert list(frame.columns) == ["month", "child", "event", "from", "to"]
    assert set(frame["event"]) <= {event.name for event in Event}
    assert {"AT_RISK", "FOLLOW_UP", "DETECTED"} <= set(frame["event"])
    assert frame["month"].is_monotonic_increasing
    assert set(frame["from"]) <= {*model.municipality.staircase.keys, "closed"}
    assert set(frame["to"]) <= {*model.municipality.staircase.keys, "closed", "gone"}


@pytest.mark.parametrize(
    ("column", "event"), [("new_at_risk", "AT_RISK"), ("new_follow_ups", "FOLLOW_UP")]
)
def test_the_events_of_a_month_stand_in_its_row_of_the_ledger(column: str, event: str) -> None:
    """Event month m is the m-th month; its ledger is the row after the start and m others."""
    model = after(12)
    frame = events(model)
    per_month = frame[frame["event"] == event].groupby("month").size().reindex(range(12), fill_value=0)
    assert list(per_month) == list(ledger(model)[column][1:])


def test_without_events_the_histories_are_the_same() -> None:
    silent = after(12, events=False)
    assert events(silent).empty
    assert ledger(silent).equals(ledger(after(12)))


# --- agents ---------------------------------------------------------------------------------------


def test_agents_come_by_type() -> None:
    model = after(3)
    assert set(model.agents_by_type) == {Child, Caseworker}
    assert len(model.agents_by_type[Caseworker]) == 2
    assert len(model.agents) == len(model.agents_by_type[Child]) + 2


def test_children_can_be_selected_grouped_and_summarised() -> None:
    model = after(6)
    children = model.agents_by_type[Child]
    in_care = children.select(lambda child: child.in_care)
    by_stair = children.groupby("stair").count()
    care = [stair.key for stair in model.municipality.staircase if stair.in_care]
    assert len(in_care) == sum(by_stair.get(key, 0) for key in care) > 0
    assert sum(by_stair.values()) == len(children)
    assert 0.0 < in_care.agg("severity", np.mean) < 10.0


def test_the_cases_of_the_caseworkers_are_the_open_cases() -> None:
    model = after(6)
    cases = [child for worker in model.agents_by_type[Caseworker] for child in worker.children]
    assert Counter(cases) == Counter(c for c in model.agents_by_type[Child] if c.caseworker)
    assert all(child.is_case for child in cases)


def test_whoever_leaves_is_no_longer_among_the_agents() -> None:
    model = after(24)
    frame = events(model)
    gone = set(frame.loc[frame["to"] == "gone", "child"])
    assert gone
    assert not gone & {child.number for child in model.agents_by_type[Child]}
    assert model.children == sorted(model.agents_by_type[Child], key=lambda child: child.number)


# --- seeds ----------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_frames() -> None:
    pd.testing.assert_frame_equal(ledger(after(12)), ledger(after(12)))
    pd.testing.assert_frame_equal(events(after(12)), events(after(12)))


@pytest.mark.parametrize("rng", [np.int64(42), np.uint32(42), "42"], ids=repr)
def test_the_same_seed_written_otherwise_gives_the_same_frames(rng: Any) -> None:
    pd.testing.assert_frame_equal(ledger(after(12, rng=rng)), ledger(after(12, rng=42)))


@pytest.mark.parametrize("source", [np.random.default_rng, np.random.SeedSequence])
def test_a_numpy_source_gives_the_same_frames_each_time_it_is_made(source: Any) -> None:
    pd.testing.assert_frame_equal(ledger(after(6, rng=source(7))), ledger(after(6, rng=source(7))))
    assert not ledger(after(6, rng=source(7))).equals(ledger(after(6, rng=source(8))))


def test_other_seeds_and_replicates_give_other_histories() -> None:
    frames = [ledger(after(12, rng=rng, replicate=r)) for rng in (1, 2) for r in (0, 1)]
    assert not any(a.equals(b) for i, a in enumerate(frames) for b in frames[:i])


def test_using_the_model_s_own_generators_changes_nothing() -> None:
    curious = small()
    for _ in range(12):
        curious.random.random()
        curious.rng.random()
        curious.agents.shuffle(inplace=True)
        curious.step()
    pd.testing.assert_frame_equal(ledger(curious), ledger(after(12)))


# --- levers ---------------------------------------------------------------------------------------


def test_every_lever_is_a_keyword() -> None:
    from simulation.levers import LEVERS

    assert AS_KEYWORDS.keys() == LEVERS.keys()
    assert set(LEVERS) <= set(inspect.signature(PlacementModel).parameters)


def test_levers_by_keyword_equal_the_policy_by_name() -> None:
    named = after(24, scenario=scenario(BOTH), policy="both")
    pulled = after(24, scenario=scenario(BOTH), **AS_KEYWORDS)
    pd.testing.assert_frame_equal(ledger(named), ledger(pulled))
    pd.testing.assert_frame_equal(events(named), events(pulled))
    assert not ledger(named).equals(ledger(after(24)))


def test_a_keyword_changes_a_policy_given_by_name() -> None:
    model = small(scenario=scenario(BOTH), policy="both", orientation=1.0)
    assert model.policy.practice.orientation == 1.0
    assert model.policy.practice.residential_odds == 0.6


@pytest.mark.parametrize("fte", [1.5, np.float64(1.5), (1.0, 0.5), [1.0, 0.5]], ids=repr)
def test_new_posts_may_be_a_number_or_one_by_one(fte: Any) -> None:
    model = small(extra_fte=fte)
    assert [worker.fte for worker in model.caseworkers] == [1.0, 1.0, 1.0, 0.5]


# --- batch_run ------------------------------------------------------------------------------------


def batch(**options: Any) -> pd.DataFrame:
    """Return what mesa.batch_run makes of four policies times two seeds, for six months.

    A scenario stands in a list, because batch_run goes through whatever can be gone through.
    """
    levers = {"scenario": [scenario()], "orientation": [1, 2], "extra_fte": [0, 1.5], "rng": [1, 2]}
    rows = mesa.batch_run(
        PlacementModel,
        levers,
        **{"iterations": 1, "max_steps": 6, "number_processes": 1, "display_progress": False, **options},
    )
    return pd.DataFrame(rows)


def test_batch_run_gives_one_row_per_run() -> None:
    frame = batch()
    assert len(frame) == 8
    assert set(frame["Step"]) == set(frame["month"]) == {6}
    assert frame[["orientation", "extra_fte", "rng"]].drop_duplicates().shape[0] == 8


def test_batch_run_can_collect_every_month() -> None:
    frame = batch(data_collection_period=1)
    assert len(frame) == 8 * 7
    assert (frame["Step"] == frame["month"]).all()


def test_batch_run_runs_what_one_would_run_by_hand() -> None:
    frame = batch(data_collection_period=1)
    run = frame[(frame["orientation"] == 2) & (frame["extra_fte"] == 1.5) & (frame["rng"] == 2)]
    by_hand = ledger(after(6, orientation=2, extra_fte=1.5, rng=2))
    pd.testing.assert_frame_equal(run[by_hand.columns].reset_index(drop=True), by_hand)


def test_no_column_of_the_ledger_hides_a_parameter() -> None:
    columns = set(small().columns) | {"month"}
    assert not columns & set(inspect.signature(PlacementModel).parameters)


# --- behaviour of one's own -----------------------------------------------------------------------


class Restless(Child):
    """A child who counts its months and has a crisis in every one of them."""

    def live_a_month(self) -> None:
        self.months_lived = getattr(self, "months_lived", 0) + 1
        if self.is_case and self.on_stair > 0:
            self.live_through_crisis()


class Tireless(Caseworker):
    """A caseworker who never leaves."""

    def come_and_go(self) -> None:
        self.in_post += 1


def test_a_child_with_behaviour_of_its_own_takes_effect() -> None:
    model = after(6, child_class=Restless)
    children = model.agents_by_type[Restless]
    assert Child not in model.agents_by_type
    assert max(children.get("months_lived")) == 6
    assert ledger(model)["new_breakdowns"].sum() > ledger(after(6))["new_breakdowns"].sum() + 20


def test_a_caseworker_with_behaviour_of_its_own_takes_effect() -> None:
    hectic = changed(scenario(), work={"turnover_rate": 6.0})
    assert ledger(after(12, scenario=hectic))["new_resignations"].sum() > 0
    model = after(12, scenario=hectic, caseworker_class=Tireless)
    assert len(model.agents_by_type[Tireless]) == 2
    assert ledger(model)["new_resignations"].sum() == 0


def test_a_subclass_of_the_model_may_add_what_it_likes() -> None:
    class Curious(PlacementModel):
        def step(self) -> None:
            super().step()
            self.oldest = max(child.age for child in self.agents_by_type[Child])

    model = Curious(scenario(), rng=42)
    model.run_for(4)
    assert 0 < model.oldest <= 18 * 12
    pd.testing.assert_frame_equal(ledger(model), ledger(after(4)))


# --- memory ---------------------------------------------------------------------------------------


def is_freed(model: weakref.ref[PlacementModel]) -> bool:
    gc.collect()
    return model() is None


def test_a_released_model_is_freed_and_its_frames_stay() -> None:
    model = after(3)
    frame = ledger(model)
    model.release()
    reference = weakref.ref(model)
    del model
    assert is_freed(reference)
    assert len(frame) == 4


def test_a_model_nobody_holds_is_freed() -> None:
    """Mesa's batch_run releases nothing; a thousand runs must not fill the memory."""
    model = after(3)
    reference = weakref.ref(model)
    del model
    assert is_freed(reference)
