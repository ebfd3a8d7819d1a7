"""The back-test in a sentence, from the table beside a scenario: printed with every forecast from it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from experiments.caselist.backtest import MARKOV, NO_CHANGE, OURS, SIMULATION
from experiments.caselist.backtest_page import COLUMNS, TOTAL

_CURE = "import the case list again (trappe import), or take the line `back_test` out of [case_list]"

_NAMES = {OURS: "own rates alone:", MARKOV: "pooled Markov:", NO_CHANGE: "no change:"}

Rows = list[dict[str, str]]
T = TypeVar("T")


@dataclass(frozen=True)
class Look:
    """What was expected in care so many years ahead, mean and 90 % interval, and how many came."""

    ahead: float
    mean: float
    low: float
    high: float
    came: float


@dataclass(frozen=True)
class Looks:
    """Looks back at all in care; of all intervals, by stair and in all, how many held what came.

    `of_simulation`: whether the simulation's baseline made them, or else the forecast from own rates.
    """

    totals: tuple[Look, ...]
    of_simulation: bool
    intervals: int
    held: int


def looks(path: Path) -> Looks:
    """Return the looks back in the table of a case list's back-test, by years ahead.

    Raises ValueError where the table is not there or is none of ours; the message says what to do.
    """
    return _read(path, _looks)


def told(path: Path) -> str:
    """Return what the back-test of a case list says of the total in care, and how often intervals held.

    Raises ValueError where the table is not there or is none of ours; the message says what to do.
    """
    return _read(path, _sentences)


def _read(path: Path, made_of: Callable[[Rows], T]) -> T:
    rows = _rows(path)
    try:
        return made_of(rows)
    except (KeyError, ValueError, TypeError):
        raise ValueError(f"back_test = {path.name!r} holds what is no back-test; {_CURE}") from None


def _rows(path: Path) -> Rows:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise ValueError(f"back_test = {path.name!r} cannot be read ({why}); {_CURE}") from None
    if rows and not set(COLUMNS) <= set(rows[0]):
        raise ValueError(f"back_test = {path.name!r} lacks columns of {', '.join(COLUMNS)}; {_CURE}")
    return rows


def _looks(rows: Rows) -> Looks:
    lead = SIMULATION if any(row["method"] == SIMULATION for row in rows) else OURS
    mine = [row for row in rows if row["method"] == lead]
    whole = [row for row in mine if row["stair"] == TOTAL and row["came"]]
    keys = ("years_ahead", "forecast", "low", "high", "came")
    found = sorted((Look(*(float(row[key]) for key in keys)) for row in whole), key=lambda x: x.ahead)
    held = [row["covered"] == "True" for row in mine if row["covered"]]
    return Looks(tuple(found), lead == SIMULATION, len(held), sum(held))


def _sentences(rows: Rows) -> str:
    looked = _looks(rows)
    if not looked.totals:
        return "How good forecasts from this case list were cannot be said: it is too short or too small."
    lead = SIMULATION if looked.of_simulation else OURS
    who = "The baseline" if looked.of_simulation else "Forecasts from this case list"
    found = [_one(x, {r["method"]: r for r in rows if _is_of(r, x)}, lead) for x in looked.totals]
    return (
        f"{who}, made again from earlier days with what was known then: {'; '.join(found)}. Of "
        f"{looked.intervals} intervals, by stair and in all, {looked.held} held what came "
        "(9 of 10 should)."
    )


def _is_of(row: Mapping[str, str], look: Look) -> bool:
    return row["stair"] == TOTAL and float(row["years_ahead"]) == look.ahead


def _one(x: Look, of: Mapping[str, Mapping[str, str]], lead: str) -> str:
    when = f"{x.ahead:g} year{'' if x.ahead == 1.0 else 's'} ahead"
    rivals = [(name, of[name]) for name in (OURS, MARKOV, NO_CHANGE) if name != lead]
    others = ", ".join(f"{_NAMES[name]} {float(row['forecast']):.0f}" for name, row in rivals)
    return f"{when} {x.mean:.0f} ({x.low:.0f} to {x.high:.0f}) in care, {x.came:.0f} came ({others})"
