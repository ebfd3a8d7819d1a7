"""Draws: a scenario at one set of parameters from the calibrated posterior.

What a scenario states itself stays. What it takes from the evidence records takes the draw's value. A
municipality differs from the country: its residential readiness is drawn around the national one, with
the spread that the calibration gives. Where a scenario has draws of its own numbers from a case list
(`[case_list] draws`, see `own_draws`), these stand in place of the national ones and of what the scenario
states, and its place has no part in them. And its flows are settled again, so that today's counts hold
under every draw (`simulation.settling`): the unknown is what a policy does, not what today's counts are.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from experiments.own_draws import OwnDraws, read_own_draws
from simulation.accounts import residential
from simulation.parameters import parameter, parameters, value
from simulation.scenario import Scenario
from simulation.settling import settled, with_inflow
from simulation.values import with_values

SPREAD = "municipality.readiness_sd"
PLACE = "municipality.readiness"
"""A municipality's place among municipalities: standard normal, drawn anew for each draw. One that was
fitted itself has its place in the posterior, under its own name ("herning.readiness")."""
COUNTRY_INFLOW = "denmark.inflow"
"""Children newly at risk a year in the average municipality of 2019, fitted with everything else."""
INFLOW = "denmark.districts.average.inflow"
"""The record of the inflow that the average municipality of 2019 states."""
OWN = "case_list.draws"
"""In a draw that holds a municipality's own numbers: 1."""
ROLL_OUT = "policy.effect"
SEED = 20130101


@cache
def _text() -> str:
    file = resources.files("experiments").joinpath("data/posterior.csv")
    return file.read_text("utf-8") if file.is_file() else ""


@cache
def posterior_hash() -> str:
    """Return 12 hex digits that change with the shipped draws."""
    return hashlib.sha256(_text().encode()).hexdigest()[:12]


@cache
def posterior() -> tuple[dict[str, float], ...]:
    """Return the shipped draws from the posterior, each a dict of record name -> value."""
    lines = [line for line in _text().splitlines() if not line.startswith("#")]
    return tuple({k: float(v) for k, v in row.items()} for row in csv.DictReader(lines))


def draws(n: int, scenario: Scenario | None = None) -> list[dict[str, float]]:
    """Return the first `n` draws; ValueError where fewer were made.

    The table is in random order, so the first n are a sample of it. Each draw has a municipality's place,
    and what a roll-out keeps of a pilot's effect (ROLL_OUT, from its record: nothing was fitted to it),
    drawn by its position, so that draw 7 is the same whatever n is. The own numbers of `scenario`, where
    its case list gives some, take the place of the national ones.
    """
    table = posterior()
    if not 1 <= n <= len(table):
        raise ValueError(f"draws = {n} must lie between 1 and {len(table)}, the draws that were made")
    rng = np.random.default_rng(SEED)
    places = rng.standard_normal(len(table))
    kept = np.asarray(parameter(ROLL_OUT).sample(rng.uniform(size=len(table))))
    own = own_draws(scenario) if scenario is not None else None
    return [
        {**row, PLACE: float(places[i]), ROLL_OUT: float(kept[i])}
        | ({} if own is None else {**own.row(i), OWN: 1.0})
        for i, row in enumerate(table[:n])
    ]


def own_draws(scenario: Scenario) -> OwnDraws | None:
    """Return the draws of a scenario's own numbers, None without; ValueError for a bad file."""
    files = scenario.case_list
    if files is None or files.draws is None:
        return None
    return read_own_draws(files.draws, len(posterior()), posterior_hash())


def draws_hash(scenario: Scenario) -> str:
    """Return 12 hex digits that change with the shipped draws and with the scenario's own."""
    own = own_draws(scenario)
    if own is None:
        return posterior_hash()
    return hashlib.sha256(f"{posterior_hash()} {own.digest}".encode()).hexdigest()[:12]


def at_draw(scenario: Scenario, draw: Mapping[str, float]) -> Scenario:
    """Return the scenario at one draw: evidence values replaced, municipality placed, flows settled.

    The average municipality is the country: it has no place, and its inflow is the draw's. A pilot that
    was fitted itself keeps the whole effect; elsewhere a policy is a roll-out.
    """
    new = numbers_at(scenario, draw)
    if scenario.is_average:
        return with_inflow(with_values(scenario, new), draw[COUNTRY_INFLOW] / value(INFLOW))
    return settled(with_values(scenario, new), scenario)


def numbers_at(scenario: Scenario, draw: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers that a draw gives a scenario, by name of their record, before settling.

    What the scenario states itself is not among them, unless its case list has draws of it, nor what a
    pilot that was fitted itself keeps of its effect; residential readiness is the municipality's own.
    Raises ValueError for a draw without the own numbers of a scenario that has some.
    """
    found = own_draws(scenario)
    own = () if found is None else found.names
    if own and OWN not in draw:
        raise ValueError(f"a draw for {scenario.name!r} lacks its own numbers; take draws(n, scenario)")
    new = {
        k: v for k, v in draw.items() if k in parameters() and (k in own or is_from_evidence(scenario, k))
    }
    if was_fitted(scenario, draw):
        new.pop(ROLL_OUT, None)
    if not scenario.is_average:
        place = draw.get(f"{scenario.name}.readiness", draw[PLACE])
        for name in residential_readiness(scenario):
            if name in new and name not in own:
                new[name] *= math.exp(draw[SPREAD] * place)
    return new


def was_fitted(scenario: Scenario, draw: Mapping[str, float]) -> bool:
    """Return whether a municipality was fitted itself, so that a draw holds its own place."""
    return f"{scenario.name}.readiness" in draw


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
