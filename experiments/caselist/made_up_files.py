"""The files of a made-up case list: what was seen, written as an export would have it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, timedelta

from simulation.accounts import MONTHS_IN_YEAR
from simulation.ledger import Event
from simulation.scenario import Scenario
from simulation.staircase import Staircase

BIRTHDAY = 1
"""Day of the month of every birth, so that who comes of age leaves with the month."""

_DUE, _HELD = 10, 15
"""Days of the month on which follow-ups are due, and are held where they decide nothing."""

_BEFORE = timedelta(days=3 * 365)
"""How long the caseworkers of the first day have been there."""


@dataclass
class Move:
    """A child's move in a month: to which stair (the number behind the last where it left), its price."""

    month: int
    day: int
    to: int
    price: float = 0.0
    event: int = Event.START


@dataclass
class Seen:
    """What is seen of the children and caseworkers, month by month."""

    moves: dict[int, list[Move]] = field(default_factory=dict)
    follow_ups: list[tuple[int, int, int]] = field(default_factory=list)
    """(child, month in which it was due, month in which it was held)."""
    due: dict[int, int] = field(default_factory=dict)
    """[child]: month in which a follow-up was due that has not been held."""
    births: dict[int, int] = field(default_factory=dict)
    """[child]: month of birth; of all who ever were a case at the end of a month."""
    districts: dict[int, int] = field(default_factory=dict)
    fte: dict[int, float] = field(default_factory=dict)
    """[post]: full-time share."""
    holders: dict[int, list[list[int]]] = field(default_factory=dict)
    """[post] (number of the caseworker, first month, month after the last one, or -1)."""
    cases: dict[int, list[list[int]]] = field(default_factory=dict)
    """[child] (number of the caseworker, first month, month after the last one, or -1)."""


class Calendar:
    """The days of the months of a history of `months` months from the month of `start` on."""

    def __init__(self, start: date, months: int) -> None:
        """Count months from that of `start`; the list ends as month number `months` begins."""
        self._first = start.year * MONTHS_IN_YEAR + start.month - 1
        self.until = self.day(months, 1)

    def day(self, month: int, of_month: int) -> date:
        """Return a day of a month; months before the first are negative."""
        year, rest = divmod(self._first + month, MONTHS_IN_YEAR)
        return date(year, rest + 1, of_month)

    def shown(self, end: date | None) -> str:
        """Return an end as the list has it: empty where it is not known yet."""
        return str(end) if end and end <= self.until else ""


def files_of(seen: Seen, scenario: Scenario, calendar: Calendar) -> dict[str, str]:
    """Return the four files by name, semicolons between the cells."""
    for moves in seen.moves.values():
        _put_in_order(moves)
    return {
        "spells.csv": _csv(_spells(seen, scenario, calendar)),
        "follow_ups.csv": _csv(_follow_ups(seen, calendar)),
        "cases.csv": _csv(_cases(seen, scenario.staircase, calendar)),
        "workers.csv": _csv(_workers(seen, calendar)),
    }


def _put_in_order(moves: list[Move]) -> None:
    """Make days rise also where two moves fall on one day."""
    for before, after in itertools.pairwise(moves):
        if (after.month, after.day) <= (before.month, before.day):
            after.day = before.day + 1


def _spells(seen: Seen, scenario: Scenario, calendar: Calendar) -> list[list[str]]:
    stairs, names = scenario.staircase, [d.name for d in scenario.districts]
    rows = [["child_id", "stair", "start_date", "end_date", "birth_date", "place_id", "unit_price",
             "price_unit", "district"]]  # fmt: skip
    for child, moves in seen.moves.items():
        for i, (here, after) in enumerate(zip(moves, [*moves[1:], None], strict=True)):
            start = calendar.day(here.month, here.day)
            if child not in seen.births or not _is_case(stairs, here.to) or start >= calendar.until:
                continue
            end = calendar.day(after.month, after.day) if after else None
            place = f"P{child}-{i}" if stairs[here.to].in_care else ""
            price = [f"{here.price:.0f}", "month"] if here.price > 0 else ["", ""]
            born = calendar.day(seen.births[child], BIRTHDAY)
            rows.append([_child_id(child), stairs[here.to].key, str(start), calendar.shown(end),
                         str(born), place, *price, names[seen.districts[child]]])  # fmt: skip
    return rows


def _is_case(stairs: Staircase, level: int) -> bool:
    return level < len(stairs) and stairs[level].is_case


def _follow_ups(seen: Seen, calendar: Calendar) -> list[list[str]]:
    rows = [["child_id", "due_date", "held_date"]]
    for child, due, month in seen.follow_ups:
        held = calendar.day(month, _day_held(seen.moves.get(child, []), month))
        if child in seen.births and held < calendar.until:
            rows.append([_child_id(child), str(calendar.day(due, _DUE)), str(held)])
    return [*rows, *([_child_id(c), str(calendar.day(m, _DUE)), ""] for c, m in seen.due.items())]


def _day_held(moves: list[Move], month: int) -> int:
    """Return the day of a follow-up: that of the move it decided, where it decided one."""
    decided = (Event.MOVE_DOWN, Event.MOVE_DOWN_UNREADY, Event.MOVE_UP)
    return next((m.day for m in moves if m.month == month and m.event in decided), _HELD)


def _cases(seen: Seen, stairs: Staircase, calendar: Calendar) -> list[list[str]]:
    rows = [["child_id", "worker_id", "start_date", "end_date"]]
    for child, had in seen.cases.items():
        last = seen.moves[child][-1] if child in seen.moves else None
        closed = calendar.day(last.month, last.day) if last and not _is_case(stairs, last.to) else None
        for who, first, after in had:
            ends = [d for d in (calendar.day(after, 1) if after >= 0 else None, closed) if d]
            start = calendar.day(first, 1)
            if child in seen.births and min(ends, default=calendar.until) > start:
                end = calendar.shown(min(ends, default=None))
                rows.append([_child_id(child), _worker_id(who), str(start), end])
    return rows


def _workers(seen: Seen, calendar: Calendar) -> list[list[str]]:
    rows = [["worker_id", "fte", "start_date", "end_date"]]
    for post, holders in seen.holders.items():
        for who, first, after in holders:
            start = calendar.day(first, 1) - (_BEFORE if first == 0 else timedelta(0))
            end = calendar.shown(calendar.day(after, 1) if after >= 0 else None)
            rows.append([_worker_id(who), f"{seen.fte[post]:g}", str(start), end])
    return rows


def _child_id(number: int) -> str:
    return f"B{number:05d}"


def _worker_id(number: int) -> str:
    return f"R{number:03d}"


def _csv(rows: list[list[str]]) -> str:
    return "".join(";".join(row) + "\n" for row in rows)
