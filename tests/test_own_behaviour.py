"""Whatever method of the agents a class of one's own overrides: it is called, and with `super()` alone
nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from support import scenario

from simulation import Caseworker, Child, PlacementModel

BUSY: dict[str, Any] = {
    "start": "2016-10-01",
    "children": {"has_network": 0.7, "premature": 0.2, "hidden_crisis_rate": 0.3, "reentry_rate": 2.0,
                 "breakdown_up": 0.6, "severity_growth": 1.05,
                 "planned_up": {"preventive": 0.3, "own_room": 0.3},
                 "crisis_rate": {"preventive": 0.4, "foster_care": 0.6, "residential_care": 0.6}},
    "work": {"turnover_rate": 1.5, "assessment_wait": 1.0},
    "baseline": {"network_search": 0.8},
    "policies": {
        "courses": {
            "capacity": {"extra_fte": [1.0, 0.5]},
            "supply": {
                "programmes": {
                    "family": {"stair": "preventive", "from_age": 0, "to_age": 18, "places": 4,
                               "months": 3, "lasts": 2, "cost": 1000.0, "crisis": 0.5,
                               "readiness": 1.5}
                }
            },
        }
    },
}  # fmt: skip
"""A scenario in which everything happens that may happen."""

HOOKS = ("uniform", "uniforms", "numbered_uniform", "numbered_uniforms", "note", "tally", "stair_key",
         "least_loaded", "next_to_take_part", "begin_month", "staff", "arrivals", "detection",
         "allocation", "working_time", "programmes", "between_follow_ups", "ageing", "bookkeeping",
         "look_back", "forget", "trace")  # fmt: skip


def run(model_class: type[PlacementModel] = PlacementModel, **classes: Any) -> PlacementModel:
    """Return a busy model after 16 months, with the month of every child written down."""
    model = model_class(scenario(BUSY), "courses", rng=5, **classes)
    model.traced = []
    model.run_for(16)
    return model


def frames(model: PlacementModel) -> list[pd.DataFrame]:
    """Return all that a model has written down."""
    collector = model.datacollector
    return [
        collector.get_model_vars_dataframe(),
        collector.get_table_dataframe("events"),
        pd.DataFrame(model.traced),
    ]


@pytest.fixture(scope="module")
def usual() -> list[pd.DataFrame]:
    return frames(run())


def overriding(of: type, name: str, calls: list[str]) -> type:
    """Return a subclass that overrides one method or property, notes each call and does the same."""
    inherited = vars(of)[name]

    def noted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            calls.append(name)
            return function(*args)

        return call

    if isinstance(inherited, property):
        assert inherited.fget is not None
        setter = inherited.fset and noted(inherited.fset)
        return type("Own", (of,), {name: property(noted(inherited.fget), setter)})
    return type("Own", (of,), {name: noted(inherited)})


def methods_of(of: type) -> list[str]:
    return [
        name
        for name, thing in vars(of).items()
        if not name.startswith("_") and (callable(thing) or isinstance(thing, property))
    ]


def assert_same(model: PlacementModel, usual: list[pd.DataFrame]) -> None:
    for made, expected in zip(frames(model), usual, strict=True):
        pd.testing.assert_frame_equal(made, expected)


UNUSED = {"stair", "age", "handover", "early", "since", "on_stair", "is_case", "band", "children"}
"""Properties for readers; the agents themselves may look at what is behind them."""


@pytest.mark.parametrize("name", methods_of(Child))
def test_a_method_of_a_child_that_is_overridden_is_called(name: str, usual: list[pd.DataFrame]) -> None:
    calls: list[str] = []
    model = run(child_class=overriding(Child, name, calls))
    assert calls or name in UNUSED
    assert_same(model, usual)


@pytest.mark.parametrize("name", methods_of(Caseworker))
def test_a_method_of_a_caseworker_that_is_overridden_is_called(
    name: str, usual: list[pd.DataFrame]
) -> None:
    calls: list[str] = []
    model = run(caseworker_class=overriding(Caseworker, name, calls))
    assert calls or name in UNUSED
    assert_same(model, usual)


@pytest.mark.parametrize("name", HOOKS)
def test_a_method_of_the_model_that_is_overridden_is_called(name: str, usual: list[pd.DataFrame]) -> None:
    calls: list[str] = []
    model = run(overriding(PlacementModel, name, calls))
    assert calls
    assert_same(model, usual)


@pytest.mark.parametrize(
    "name", ["come_to_light", "come_back", "ask", "live_a_month", "grow_older", "let_the_month_pass"]
)
def test_a_behaviour_of_ones_own_is_asked_for_every_month_of_every_child(name: str) -> None:
    """Of each child in the model, cases or not: at least once in each month."""
    calls: list[str] = []
    model = PlacementModel(scenario(BUSY), "courses", rng=5, child_class=overriding(Child, name, calls))
    for _ in range(6):
        calls.clear()
        at_least = len(model.children) // 2
        model.step()
        assert len(calls) >= at_least


def test_a_child_without_crises_in_a_town_of_others_has_none() -> None:
    """Classes may be mixed: each child behaves as its own class says."""

    class Calm(Child):
        def live_a_month(self) -> None:
            pass

    class Mixed(PlacementModel):
        def _new_child(self, number: int, district: int, stair: int) -> Child:
            self._child_class = Calm if number % 2 else Child
            return super()._new_child(number, district, stair)

    model = Mixed(scenario(BUSY), rng=5)
    model.run_for(24)
    events = model.datacollector.get_table_dataframe("events")
    of_crises = events[events["event"].isin(["BREAKDOWN", "CRISIS_ENTRY"])]["child"]
    assert len(of_crises) > 5
    assert (of_crises % 2 == 0).all()
