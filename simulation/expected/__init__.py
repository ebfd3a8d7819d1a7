"""Expected values: the model in closed form, for a first look.

No history is drawn. The expected numbers of children in each group follow a recursion, month by month;
beside them go the chances of what waits on caseworkers' desks and of stairs being full. It is exact where
hours and places are ample, and near elsewhere: how near is measured (`experiments.expected`).
"""

from __future__ import annotations

import numpy as np

from simulation.accounts import Floats
from simulation.expected.destinations import empty_ways
from simulation.expected.first_day import growth_felt, undone_at_start
from simulation.expected.grid import empty_people, grid_of
from simulation.expected.month import run
from simulation.expected.refunds import nothing_spent
from simulation.expected.state import STATE
from simulation.layout import PLACES
from simulation.ledger import COLUMNS, column_names
from simulation.policy import Policy
from simulation.replicates import tables_of_parts
from simulation.scenario import Scenario
from simulation.tables import UNLIMITED, Ints, Tables

NOT_SAID = (
    "new_entries_youngest", "new_entries_teen", "new_breakdowns_teen", "n_teens_in_care",
    "new_handovers", "n_unallocated", "sum_year_began", "sum_year_stayed", "sum_year_changed",
)  # fmt: skip
"""Columns of the ledger that the closed form leaves open: NaN."""


def expected_ledger(
    scenario: Scenario, policy: Policy | None = None, district: str | None = None
) -> Floats:
    """Return [month, column]: the expected ledger of a policy (None: as today), NaN in `NOT_SAID`.

    Summed over districts, or of one. Raises ValueError where the policy has programmes.
    """
    if policy is not None and policy.supply.programmes:
        raise ValueError(
            "expected values know no programmes beside casework (supply.programmes); compare without "
            "--expected"
        )
    columns = len(column_names(scenario.staircase))
    parts = tables_of_parts(scenario, policy, district).values()
    return np.sum([_ledger(tables, columns) for tables in parts], axis=0)


def _ledger(tables: Tables, columns: int) -> Floats:
    """Return the expected ledger of one district."""
    t, posts = tables.table[0], tables.posts.copy()
    grid = grid_of(tables, growth_felt(tables))
    state = np.zeros(1, STATE)
    state["backlog"] = undone_at_start(tables)
    places = _felt(tables)
    limited = places[places < UNLIMITED]
    most = int(max([0, *limited, *tables.districts["start_count"].ravel()]))
    months_in_post = int(t["vacancy_months"] + t["new_worker_months"]) + 1
    books = np.zeros((int(t["n_months"]), columns))
    run(
        tables._replace(places=places), grid, empty_people(tables, grid), empty_ways(t, grid),
        nothing_spent(), state, posts,
        np.zeros((len(posts), months_in_post)), np.zeros((PLACES, most + 2)), books,
    )  # fmt: skip
    books[:, [list(COLUMNS).index(name) for name in NOT_SAID]] = np.nan
    return books


def _felt(tables: Tables) -> Ints:
    """Return the places, without limit where there are more than children may ever stand there."""
    d = tables.districts
    there = np.maximum(d["start_count"], d["start_mean"]).sum()
    mean = float(there + len(tables.months) * d["inflow"].sum())
    return np.where(tables.places > mean + 10.0 * np.sqrt(mean), UNLIMITED, tables.places)
