"""Replicates: many random histories of one policy, as an array of ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from simulation.accounts import Floats
from simulation.kernel import run_replicates, work_space
from simulation.layout import WORLD
from simulation.ledger import column_names
from simulation.parts import no_such_district, seed_of_district
from simulation.policy import Policy
from simulation.scenario import Scenario
from simulation.tables import Tables, build_tables

Engine = Literal["kernel", "agents"]


def ledgers(
    scenario: Scenario,
    policy: Policy | None = None,
    *,
    seed: int = 1,
    first: int = 0,
    replicates: int = 100,
    engine: Engine = "kernel",
    district: str | None = None,
) -> Floats:
    """Return [replicate, month, column] for replicates first .. first + replicates - 1.

    Of one district, or of the whole municipality: the sum of its districts, each a part of its own
    (`simulation.parts`). Both engines return the same bytes; "agents" takes some eighty times as long.
    Releases the GIL while the kernel runs, so threads run side by side.
    """
    if engine == "agents":
        return ledgers_by_agents(scenario, policy, seed, first, replicates, district)
    parts = tables_of_parts(scenario, policy, district)
    return ledgers_of_parts(parts, len(column_names(scenario.staircase)), seed, first, replicates)


def compile_first(engine: Engine = "kernel") -> None:
    """Have in the cache whatever an engine compiles, so that processes begun later find it there.

    Otherwise each of them would compile it, all at the same time. Takes a fraction of a second where it
    is there already.
    """
    from simulation.reading import find_scenario

    month = find_scenario("fano").model_copy(update={"months": 1, "policies": {}})
    ledgers(month, replicates=1, engine=engine)


def tables_of_parts(
    scenario: Scenario, policy: Policy | None = None, district: str | None = None
) -> dict[int, Tables]:
    """Return the tables of each district as a part, or of one, by position in the scenario."""
    names = [d.name for d in scenario.districts]
    tables = {name: build_tables(scenario, policy, name) for name in names if district in (None, name)}
    if not tables:
        raise KeyError(no_such_district(scenario, district))
    return {names.index(name): part for name, part in tables.items()}


def ledgers_of_parts(
    parts: dict[int, Tables], columns: int, seed: int, first: int, replicates: int
) -> Floats:
    """Return [replicate, month, column], summed over parts (`tables_of_parts`), by the kernel."""
    return _sum(
        kernel_ledgers(tables, columns, seed_of_district(seed, position), first, replicates)
        for position, tables in parts.items()
    )


def _sum(books: Iterator[Floats]) -> Floats:
    total = next(books)
    for more in books:
        total += more
    return total


def kernel_ledgers(tables: Tables, columns: int, seed: int, first: int, replicates: int) -> Floats:
    """Return [replicate, month, column] by the kernel, making room for as many children as come."""
    books = np.zeros((replicates, len(tables.months), columns))
    world = np.zeros(1, WORLD)
    world["seed"] = seed
    room = _likely_children(tables)
    done = 0
    while done < replicates:
        done += run_replicates(tables, work_space(tables, room), world, first + done, books[done:])
        room *= 2
    return books


def _likely_children(tables: Tables) -> int:
    """Return a number of children that is seldom exceeded at any one time."""
    d = tables.districts
    counted = np.maximum(d["start_count"], 0).sum() + d["start_mean"].sum()
    return int(64 + 1.5 * counted + 24 * d["inflow"].sum())


def ledgers_by_agents(
    scenario: Scenario,
    policy: Policy | None = None,
    seed: int = 1,
    first: int = 0,
    replicates: int = 100,
    district: str | None = None,
    **classes: type,
) -> Floats:
    """Return [replicate, month, column] by the agents, summed over districts, or of one.

    `classes`: `child_class` and `caseworker_class` of `PlacementModel`, for behaviour of one's own.
    """
    names = [d.name for d in scenario.districts] if district is None else [district]
    return _sum(_by_agents(scenario, policy, name, seed, first, replicates, classes) for name in names)


def _by_agents(
    scenario: Scenario,
    policy: Policy | None,
    district: str,
    seed: int,
    first: int,
    replicates: int,
    classes: dict[str, type],
) -> Floats:
    from simulation.model import PlacementModel

    books = []
    for replicate in range(first, first + replicates):
        model = PlacementModel(scenario, policy, rng=seed, replicate=replicate, events=False,
                               district=district, **classes)  # type: ignore[arg-type] # fmt: skip
        model.run_for(scenario.months)
        frame = model.datacollector.get_model_vars_dataframe()
        books.append(frame[model.columns].to_numpy()[1:])
        model.release()
    return np.array(books).reshape(replicates, scenario.months, -1)
