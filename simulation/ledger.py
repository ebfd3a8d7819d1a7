"""The ledger: what both engines write down every month, column by column.

Prefixes fix the meaning: `n_` a count at the end of the month, `new_` during the month, `hours_` and
`dkk_` in the month, `sum_` a sum over the events of the month. Children who left or closed are in no
`n_` column of a stair.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, cast

from simulation.remembered import remembered
from simulation.staircase import Staircase

COLUMNS: dict[str, str] = {
    "new_at_risk": "children newly at risk",
    "new_detected": "undetected children who became known",
    "new_acute": "undetected children placed in an acute crisis",
    "new_faded": "undetected children whose troubles passed",
    "new_assessed": "assessments finished",
    "new_assessed_in_time": "of these within the deadline",
    "new_closed": "cases closed (after help at home, or after assessment)",
    "new_reentries": "closed cases that came back",
    "new_entries": "entries into care",
    "new_entries_youngest": "of these in the youngest age band",
    "new_entries_teen": "of these in age bands from the teen age on",
    "new_exits": "moves out of care, home (not at the leaving age)",
    "new_aged_out": "children in care who reached the leaving age",
    "new_moves_down": "moves to a less intrusive stair, home and closing included",
    "new_moves_up": "moves to a more intrusive stair, entries included",
    "new_unready": "of the moves down, those made too early",
    "new_breakdowns": "breakdowns of placements",
    "new_breakdowns_teen": "of these in age bands from the teen age on",
    "new_for_want": "placed higher for want of a place in a family",
    "new_waits": "moves down that failed for want of a place",
    "new_follow_ups": "follow-ups held",
    "sum_interval": "months since the last follow-up, summed over follow-ups held",
    "new_first": "first follow-ups on a stair that were held",
    "new_first_in_time": "of these within the first target",
    "n_followed": "children whose follow-up the rule asks for",
    "n_due": "of these due this month",
    "n_overdue": "of these due and not held by the end of the month",
    "new_handovers": "children whose caseworker changed",
    "new_resignations": "caseworkers who left",
    "n_cases": "open cases",
    "n_unallocated": "of these without a caseworker",
    "n_fte": "FTE on children's cases, posts filled or not",
    "n_fte_filled": "FTE at work on children's cases",
    "hours_available": "caseworkers' hours for cases",
    "hours_reactive": "hours of reactive work",
    "hours_assessment": "hours of assessments",
    "hours_follow_up": "hours of follow-ups",
    "n_teens_in_care": "children in care in age bands from the teen age on",
    "sum_year_began": "children in care when the year of the simulation began (booked at its end)",
    "sum_year_stayed": "of these in care when it ended",
    "sum_year_changed": "of these on another stair than when it began",
    "n_waiting": "children in care who are ready for a less intrusive stair",
    "n_waiting_home": "children helped at home whose case could close",
    "dkk_staff": "salaries with overhead, team leader included",
    "dkk_one_off": "one-off costs",
    "new_courses": "courses of programmes begun",
    "n_in_course": "children in a course this month",
    "dkk_programmes": "courses, and running costs of supply",
    "dkk_refund": "state refund for costly single cases, as it accrues",
}

PER_STAIR: dict[str, str] = {
    "n_": "children on the stair",
    "dkk_": "cost of the stair",
    "new_in_": "entries into care on this stair",
}

Col = cast(Any, IntEnum("Col", {name: i for i, name in enumerate(COLUMNS)}))
"""Positions of the fixed columns."""

PlainCol = cast(Any, type("PlainCol", (), {name: i for i, name in enumerate(COLUMNS)}))
"""The same as plain ints, for the agents: a member of an IntEnum costs them five times as much."""

FIRST_STAIR = len(COLUMNS)
"""Position of `n_<first stair>`; the blocks of PER_STAIR follow one another."""


@remembered
def column_names(staircase: Staircase) -> list[str]:
    """Return all column names of a ledger in order."""
    return [*COLUMNS, *(prefix + key for prefix in PER_STAIR for key in staircase.keys)]


@remembered
def column_positions(staircase: Staircase) -> dict[str, int]:
    """Return where each column stands."""
    return {name: i for i, name in enumerate(column_names(staircase))}


class Event(IntEnum):
    """What may happen to a child; `from` and `to` are stairs."""

    AT_RISK = 0
    DETECTED = 1
    ACUTE_ENTRY = 2
    FADED = 3
    ASSESSED = 4
    FOLLOW_UP = 5
    MOVE_DOWN = 6
    MOVE_DOWN_UNREADY = 7
    MOVE_UP = 8
    NO_PLACE = 9
    READY = 10
    CRISIS_ENTRY = 11
    BREAKDOWN = 12
    REENTRY = 13
    NEW_CASEWORKER = 14
    LEFT = 15
    START = 16
    COURSE = 17
