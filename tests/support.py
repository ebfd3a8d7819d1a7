"""Helpers of the tests: scenarios as dicts with overrides, and the kernel run directly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from hypothesis import Phase, settings
from scipy import stats

from simulation import kernel
from simulation.layout import WORLD
from simulation.ledger import Event, column_names
from simulation.policy import Policy
from simulation.scenario import Scenario
from simulation.tables import Tables, build_tables

ERROR_RATE = 1e-4
"""Chance that a statistical test of a right model fails, all its comparisons together."""

FIXED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
"""Hypothesis with the same examples every time."""

MINIMAL: dict[str, Any] = {
    "name": "test",
    "start": "2016-01-01",
    "months": 24,
    "price_year": 2019,
    "districts": [
        {
            "name": "all",
            "inflow": 30.0,
            "caseworkers": [1.0, 1.0],
            "places": {"foster_care": 12},
            "start": {
                "undetected": 20,
                "assessment": 3,
                "preventive": 20,
                "own_room": 2,
                "network_care": 3,
                "foster_care": 10,
                "residential_care": 6,
            },
        }
    ],
}
"""A small municipality; everything else comes from the evidence."""

AMPLE: dict[str, Any] = {
    "work": {
        "case_hours": 1000.0,
        "sickness": 0.0,
        "reactive_hours": 0.0,
        "assessment_hours": 0.1,
        "assessment_wait": 0.0,
        "follow_up_hours": 0.1,
        "turnover_rate": 0.0,
    },
    "children": {"attention_floor": 1.0, "attention_ceiling": 1.0},
}
"""Ample hours, constant conditions: every assessment and follow-up in time, attention always 1."""

ALIKE: dict[str, Any] = {
    "leave_age": 120,
    "age_bands": [0, 15, 16],
    "children": {
        "age_at_arrival": [0.0, 1.0, 0.0],
        "age_at_entry": [0.0, 1.0, 0.0],
        "severity_sd": 0.0,
        "severity_growth": 0.0,
        "placed_age_factor": 1.0,
        "teen_crisis_factor": 1.0,
    },
}
"""Children of one age, who share their chances and never reach the leaving age."""


def merged(*trees: Mapping[str, Any]) -> dict[str, Any]:
    """Return the trees merged from left to right, table by table."""
    result: dict[str, Any] = {}
    for tree in trees:
        for key, value in tree.items():
            old = result.get(key)
            both = isinstance(value, Mapping) and isinstance(old, Mapping)
            result[key] = merged(old, value) if both else value  # type: ignore[arg-type]
    return result


def scenario(*more: Mapping[str, Any], **overrides: Any) -> Scenario:
    """Return the minimal scenario with each of `more` and then the overrides merged into it."""
    return Scenario.model_validate(merged(MINIMAL, *more, overrides))


def changed(s: Scenario, *more: Mapping[str, Any], **overrides: Any) -> Scenario:
    """Return a scenario with tables merged into it."""
    return scenario(s.model_dump(mode="json"), *more, **overrides)


def district(**overrides: Any) -> list[dict[str, Any]]:
    """Return the one district of the minimal scenario, changed; `start` replaces all counts."""
    return [{**MINIMAL["districts"][0], **overrides}]


def ledger_columns(s: Scenario) -> dict[str, int]:
    """Return the position of every column of the ledger by name."""
    return {name: i for i, name in enumerate(column_names(s.staircase))}


def run_kernel(
    s: Scenario, policy: str | Policy | None = None, *, replicates: int = 1, seed: int = 1
) -> np.ndarray:
    """Return the ledger [replicate, month, column] of the compiled engine."""
    tables = build_tables(s, s.policy(policy) if isinstance(policy, str) else policy)
    books = np.zeros((replicates, s.months, len(column_names(s.staircase))))
    space = kernel.work_space(tables, room_for(tables))
    for replicate in range(replicates):
        _run(tables, space, books[replicate], seed, replicate, None)
    return books


@dataclass(frozen=True, repr=False)
class History:
    """One replicate written down in full."""

    scenario: Scenario
    tables: Tables
    book: np.ndarray  # [month, column]
    events: np.ndarray  # [event, (month, child, event, from, to)]
    trace: dict[str, np.ndarray]  # one entry per child-month on a stair

    @cached_property
    def columns(self) -> dict[str, int]:
        """Positions of the ledger's columns."""
        return ledger_columns(self.scenario)

    def column(self, name: str) -> np.ndarray:
        """Return one column of the ledger, by month."""
        return self.book[:, self.columns[name]]

    def stair_columns(self, prefix: str) -> np.ndarray:
        """Return [month, stair] for one of the prefixes n_, dkk_, new_in_."""
        return np.column_stack([self.column(prefix + key) for key in self.scenario.staircase.keys])

    def per_month(self, chosen: np.ndarray) -> np.ndarray:
        """Return how many of the chosen events (a mask) fell in each month."""
        return np.bincount(self.events[chosen, 0], minlength=self.scenario.months)

    def of(self, *kinds: Event) -> np.ndarray:
        """Return the mask of events of these kinds."""
        return np.isin(self.events[:, 2], kinds)


def history(
    s: Scenario, policy: str | Policy | None = None, *, seed: int = 1, replicate: int = 0
) -> History:
    """Return one replicate of the compiled engine with its events and all child-months."""
    tables = build_tables(s, s.policy(policy) if isinstance(policy, str) else policy)
    book = np.zeros((s.months, len(column_names(s.staircase))))
    space = kernel.work_space(tables, room_for(tables))
    rows = 4096
    while True:
        rec = kernel.Record(
            np.zeros((rows, 5), np.int64),
            np.zeros((rows, len(kernel.TRACE_INTS)), np.int64),
            np.zeros((rows, len(kernel.TRACE_FLOATS))),
        )
        world = _run(tables, space, book, seed, replicate, rec)
        events, traced = int(world["n_events"][0]), int(world["n_traced"][0])
        if max(events, traced) <= rows:
            break
        rows = max(events, traced)
    trace = {name: rec.trace_ints[:traced, i] for i, name in enumerate(kernel.TRACE_INTS)}
    trace |= {name: rec.trace_floats[:traced, i] for i, name in enumerate(kernel.TRACE_FLOATS)}
    return History(s, tables, book, rec.events[:events], trace)


def room_for(tables: Tables) -> int:
    """Return a number of children that all who stand there or come will hardly ever exceed."""
    d = tables.districts
    starters = np.maximum(d["start_count"], 0).sum() + d["start_mean"].sum()
    mean = float(starters + len(tables.months) * d["inflow"].sum())
    return int(mean + 10.0 * np.sqrt(mean) + 100.0)


def _run(
    tables: Tables, space: kernel.Space, book: np.ndarray, seed: int, replicate: int, rec: Any
) -> np.ndarray:
    """Run one replicate and return the world at the end."""
    world = np.zeros(1, WORLD)
    world["seed"], world["replicate"] = seed, replicate
    kernel.run_replicate(tables, space, world, rec, book)
    assert not world["overflow"][0], "more children than there is room for"
    return world


def poisson_p_values(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return two-sided p-values of counts against Poisson means; 0 where nothing was expected."""
    low = stats.poisson.cdf(observed, expected)
    high = stats.poisson.sf(observed - 1, expected)
    p = np.minimum(1.0, 2.0 * np.minimum(low, high))
    return np.where(expected > 1e-12, p, (observed == 0).astype(float))


def binned_p_value(observed: np.ndarray, expected: np.ndarray, least: float = 8.0) -> float:
    """Return the chi-square p-value of counts, neighbouring bins joined until each expects `least`."""
    joined: list[list[float]] = [[0.0, 0.0]]
    for o, e in zip(observed, expected, strict=True):
        if joined[-1][1] >= least:
            joined.append([0.0, 0.0])
        joined[-1][0] += o
        joined[-1][1] += e
    if joined[-1][1] < least and len(joined) > 1:
        last = joined.pop()
        joined[-1] = [joined[-1][0] + last[0], joined[-1][1] + last[1]]
    o, e = np.array(joined).T
    return float(stats.chi2.sf(((o - e) ** 2 / e).sum(), len(o) - 1))


def z_limit(comparisons: int = 1) -> float:
    """Return the |z| that `comparisons` normal deviates exceed with chance ERROR_RATE at most."""
    return float(stats.norm.isf(ERROR_RATE / comparisons / 2.0))
