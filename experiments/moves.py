"""Moves between stairs in a year: where children stood when it began, and where when it ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.runner import BASELINE
from experiments.small_counts import stairs_left_out
from simulation.accounts import MONTHS_IN_YEAR, Floats
from simulation.ledger import Event
from simulation.model import PlacementModel
from simulation.reading import find_scenario
from simulation.scenario import Scenario
from simulation.spells import MOVES
from simulation.staircase import Stair

if TYPE_CHECKING:
    import pandas as pd

HISTORIES = 50
"""Histories that moves are counted in by default: some seconds."""


@dataclass(frozen=True)
class Moves:
    """Moves between stairs in a year: `table` [from, to] children, mean of the histories.

    The places are `stairs`, least intrusive first, and after them one for all without a case: not yet
    one, closed, or too old. Nobody is counted from there to there.
    """

    scenario: Scenario
    policy: str
    year: int
    histories: int
    table: Floats

    @property
    def stairs(self) -> list[Stair]:
        """The stairs of those who are cases."""
        return [stair for stair in self.scenario.staircase if stair.is_case]


def moves(
    scenario: str | Path | Scenario,
    policy: str = BASELINE,
    year: int = 1,
    *,
    histories: int = HISTORIES,
    seed: int = 1,
) -> Moves:
    """Return the moves of a year under a policy, counted in the event log of so many histories in Mesa.

    Raises ValueError where the scenario has no such whole year, or where it starts from a case list whose
    small counts must not be shown; KeyError where it has no such policy.
    """
    found = find_scenario(scenario)
    _check(found, year, histories)
    chosen = None if policy == BASELINE else found.policy(policy)
    total = sum(
        (_counted(_events(found, chosen, seed, r, year), found, year) for r in range(histories)),
        start=np.zeros(()),
    )
    return Moves(found, policy, year, histories, np.asarray(total / histories))


def _check(scenario: Scenario, year: int, histories: int) -> None:
    years = scenario.months // MONTHS_IN_YEAR
    if not 1 <= year <= years:
        raise ValueError(f"year = {year} must lie between 1 and {years}, the whole years there are")
    if histories < 1:
        raise ValueError(f"histories = {histories} must be at least 1")
    if stairs_left_out(scenario):
        raise ValueError(
            "moves between stairs would show small counts of the case list; where they may be shown, "
            "import it with --internal"
        )


def _events(scenario: Scenario, policy: object, seed: int, replicate: int, year: int) -> pd.DataFrame:
    model = PlacementModel(scenario, policy, rng=seed, replicate=replicate)  # type: ignore[arg-type]
    model.run_for(MONTHS_IN_YEAR * year)
    events: pd.DataFrame = model.datacollector.get_table_dataframe("events")
    model.release()
    return events


def _counted(events: pd.DataFrame, scenario: Scenario, year: int) -> Floats:
    """Return [from, to] children of one history."""
    keys = [stair.key for stair in scenario.staircase if stair.is_case]
    before, after = (_places(events, MONTHS_IN_YEAR * y, keys) for y in (year - 1, year))
    table = np.zeros((len(keys) + 1, len(keys) + 1))
    for child in before.keys() | after.keys():
        table[before.get(child, -1), after.get(child, -1)] += 1.0
    table[-1, -1] = 0.0
    return table


def _places(events: pd.DataFrame, month: int, keys: list[str]) -> dict[int, int]:
    """Return where each child stands before a month, of those on one of the stairs `keys`."""
    moved = events[events["event"].isin(MOVES)]
    so_far = moved[(moved["month"] < month) | (moved["event"] == Event.START.name)]
    last = so_far.drop_duplicates("child", keep="last")
    place = {key: i for i, key in enumerate(keys)}
    return {
        int(child): place[stair]
        for child, stair in zip(last["child"], last["to"], strict=True)
        if stair in place
    }
