"""Draws: a scenario at one set of parameters from the calibrated posterior.

What a scenario states itself stays. What it takes from the evidence records takes the draw's value. A
municipality differs from the country: its residential readiness is drawn around the national one, with
the spread that the calibration gives. And its flows are settled again, so that today's counts hold under
every draw (`simulation.settling`): the unknown is what a policy does, not what today's counts are.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from simulation.accounts import residential
from simulation.parameters import parameter, parameters, value
from simulation.scenario import Scenario
from simulation.settling import settled
from simulation.values import with_values

SPREAD = "municipality.readiness_sd"
PLACE = "municipality.readiness"
"""A municipality's place among municipalities: standard normal, drawn anew for each draw."""
OF_ITS_OWN = "herning"
"""The municipality that was fitted itself; its place is in the posterior."""
SEED = 20130101


@cache
def posterior() -> tuple[dict[str, float], ...]:
    """Return the shipped draws from the posterior, each a dict of record name -> value."""
    text = resources.files("experiments").joinpath("data/posterior.csv").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return tuple({k: float(v) for k, v in row.items()} for row in csv.DictReader(lines))


def draws(n: int) -> list[dict[str, float]]:
    """Return the first `n` draws; ValueError where fewer were made.

    The table is in random order, so the first n are a sample of it. Each draw has a municipality's place,
    drawn by its position, so that draw 7 is the same whatever n is.
    """
    table = posterior()
    if not 1 <= n <= len(table):
        raise ValueError(f"draws = {n} must lie between 1 and {len(table)}, the draws that were made")
    places = np.random.default_rng(SEED).standard_normal(len(table))
    return [{**row, PLACE: float(places[i])} for i, row in enumerate(table[:n])]


def at_draw(scenario: Scenario, draw: Mapping[str, float]) -> Scenario:
    """Return the scenario at one draw: evidence values replaced, municipality placed, flows settled."""
    place = draw["herning.readiness"] if scenario.name.startswith(OF_ITS_OWN) else draw[PLACE]
    if scenario.name.startswith("denmark"):
        place = 0.0
    factor = math.exp(draw[SPREAD] * place)
    new = {k: v for k, v in draw.items() if k in parameters() and is_from_evidence(scenario, k)}
    for name in residential_readiness(scenario):
        if name in new:
            new[name] *= factor
    changed = with_values(scenario, new)
    return changed if scenario.name.startswith("denmark") else settled(changed, scenario)


def residential_readiness(scenario: Scenario) -> list[str]:
    """Return the names of the records of readiness on a scenario's residential stairs."""
    stairs = scenario.staircase
    heavy = [key for i, key in enumerate(stairs.keys) if residential(stairs, i)]
    return [f"children.readiness_rate.{key}" for key in heavy]


def is_from_evidence(scenario: Scenario, name: str) -> bool:
    """Return whether a scenario takes a number from its record and does not state another value."""
    stated = stated_value(scenario, name)
    return stated is None or math.isclose(stated, value(name, scenario.price_year), rel_tol=1e-9)


def stated_value(scenario: Scenario, name: str) -> float | None:
    """Return the number of a scenario that a record is about; None for levers and absent stairs."""
    section, *path = name.split(".")
    node = getattr(scenario, section, None)
    for step in path:
        if isinstance(node, dict):
            node = node.get(step)
        elif isinstance(node, tuple):
            bands = scenario.age_bands
            node = node[bands.index(int(step))] if int(step) in bands else None
        else:
            node = getattr(node, step, None)
        if node is None:
            return None
    return float(node) if isinstance(node, (int, float)) else None


def drawn_names() -> list[str]:
    """Return the names of the records that the draws set, in order."""
    return [name for name in posterior()[0] if name in parameters() and parameter(name)]


def as_array(rows: list[dict[str, float]], names: list[str]) -> NDArray[np.float64]:
    """Return [draw, parameter]."""
    return np.array([[row[name] for name in names] for row in rows])
