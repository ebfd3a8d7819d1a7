"""Spells: the event log read as who was on which stair, from when to when."""

from __future__ import annotations

from datetime import date

import pandas as pd

from simulation.ledger import Event

MOVES = frozenset(
    e.name
    for e in (
        Event.START, Event.AT_RISK, Event.DETECTED, Event.ACUTE_ENTRY, Event.FADED, Event.ASSESSED,
        Event.MOVE_DOWN, Event.MOVE_DOWN_UNREADY, Event.MOVE_UP, Event.CRISIS_ENTRY, Event.BREAKDOWN,
        Event.REENTRY, Event.LEFT,
    )
)  # fmt: skip
"""Events that begin a spell (a breakdown re-placed on the same stair begins a new one)."""

NO_STAIR = ("closed", "gone")


def spells_from(events: pd.DataFrame, start: date) -> pd.DataFrame:
    """Return one row per spell: child, stair, start_month, end_month, start_date, end_date, end_event.

    `events` is the model's table "events" (month, child, event, from, to), `start` the first month of
    the simulation. The spell covers start_month up to, not including, end_month; both are month numbers
    from 0. A spell still open has no end (<NA>, NaT, ''). A child of the first day starts at month 0,
    however long it has been there.
    """
    moves = events[events["event"].isin(MOVES)].sort_values(["child", "month"], kind="stable")
    following = moves.groupby("child").shift(-1)
    table = pd.DataFrame(
        {
            "child": moves["child"],
            "stair": moves["to"],
            "start_month": moves["month"].astype("Int64"),
            "end_month": following["month"].astype("Int64"),
            "start_date": _dates(moves["month"], start),
            "end_date": _dates(following["month"], start),
            "end_event": following["event"].fillna(""),
        }
    )
    return table[~table["stair"].isin(NO_STAIR)].reset_index(drop=True)


def _dates(months: pd.Series, start: date) -> pd.Series:
    first = pd.Period(year=start.year, month=start.month, freq="M")
    days = [pd.NaT if pd.isna(m) else (first + int(m)).to_timestamp() for m in months]
    return pd.Series(pd.to_datetime(days), index=months.index)
