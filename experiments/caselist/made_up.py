"""A made-up case list: a simulated municipality's cases, written as the files of an export.

To try `trappe import` without data about anybody, and to test it: what the list must say is known, since
the scenario's rates made it. A month of the simulation is a calendar month; within it detection comes
before the caseworkers' decisions and these before crises, so each has days of its own (`_DAYS`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.caselist.made_up_files import BIRTHDAY, Calendar, Move, Seen, files_of
from simulation.accounts import MONTHS_IN_YEAR
from simulation.agents import Caseworker, Child
from simulation.ledger import Event
from simulation.model import PlacementModel
from simulation.scenario import Scenario

LAST_YEARS = 50
_DAYS = {
    Event.AT_RISK: (1, 9), Event.DETECTED: (1, 9), Event.ACUTE_ENTRY: (1, 9), Event.REENTRY: (1, 9),
    Event.ASSESSED: (10, 19), Event.MOVE_DOWN: (10, 19), Event.MOVE_DOWN_UNREADY: (10, 19),
    Event.MOVE_UP: (10, 19), Event.CRISIS_ENTRY: (20, 28), Event.BREAKDOWN: (20, 28),
}  # fmt: skip
"""First and last day of the month on which an event may fall."""


class _SeenChild(Child):
    """A child whose moves and follow-ups are written down."""

    model: Any

    def move(self, to: int, event: Event) -> None:
        """Move, and write it down."""
        super().move(to, event)
        self.model.seen.moves.setdefault(self.number, []).append(
            Move(self.model.month, self.model.day_for(event), to, self.price, event)
        )

    def be_followed_up(self, hours: float, attention: float) -> None:
        """Hold a follow-up, and write it down before what it decides."""
        due = self.model.month - self.since + self.target
        self.model.seen.follow_ups.append((self.number, round(due), self.model.month))
        super().be_followed_up(hours, attention)

    def grow_older(self) -> None:
        """Reach the leaving age, and write it down."""
        before = self.level
        super().grow_older()
        if before < self.model.t.n_stairs <= self.level:
            birthday = Move(self.model.month + 1, BIRTHDAY, self.level, 0.0, Event.LEFT)
            self.model.seen.moves.setdefault(self.number, []).append(birthday)


class _SeenModel(PlacementModel):
    """A municipality of which everything that a case list holds is written down."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seen = Seen()
        self._days = np.random.Generator(np.random.PCG64(seed))
        super().__init__(
            scenario, rng=seed, events=False, child_class=_SeenChild, caseworker_class=Caseworker
        )

    def day_for(self, event: Event) -> int:
        """Return a day of the month on which the event may fall."""
        first, last = _DAYS.get(event, (10, 19))
        return int(self._days.integers(first, last + 1))


def made_up(scenario: Scenario, years: int = 5, seed: int = 1) -> dict[str, str]:
    """Return the files of a made-up case list by name: spells, follow-ups, cases and workers as csv.

    The first day of the list is the scenario's start; it ends `years` later and says whatever was open
    or happened between, without a policy. Who left before the first day is not in it. Children at risk
    whom nobody knows are not in it either. Raises ValueError where years are not 1 to 50.
    """
    if not 1 <= years <= LAST_YEARS:
        raise ValueError(f"years = {years} must lie between 1 and {LAST_YEARS}")
    model = _SeenModel(scenario, seed)
    _see_first_day(model)
    for _ in range(years * MONTHS_IN_YEAR):
        model.step()
        _see_month(model)
    _see_what_is_due(model)
    model.release()
    return files_of(model.seen, scenario, Calendar(scenario.start, years * MONTHS_IN_YEAR))


# --- seeing ------------------------------------------------------------------------------------------


def _see_first_day(model: _SeenModel) -> None:
    model.seen.fte = {worker.number: worker.counted for worker in model.caseworkers}
    for child in model.children:
        began = Move(-child.on_stair, model.day_for(Event.START), child.level, child.price)
        model.seen.moves[child.number] = [began]
        if child.is_case and child.since < child.on_stair and child.level != model.t.assessment:
            model.seen.follow_ups.append((child.number, -child.since, -child.since))
        _see_child(model, child)
    _see_workers(model, 0)


def _see_child(model: _SeenModel, child: Child) -> None:
    """Write down who a child is; who came to the stair in the month of birth was born by then."""
    came = model.seen.moves[child.number][0].month if child.number in model.seen.moves else child.birth
    model.seen.births[child.number] = min(child.birth, came)
    model.seen.districts[child.number] = child.district


def _see_month(model: _SeenModel) -> None:
    for child in model.children:
        if child.number not in model.seen.births:
            _see_child(model, child)
    _see_workers(model, model.month - 1)


def _see_workers(model: _SeenModel, month: int) -> None:
    """Write down who holds each post at the end of a month, and who has each case."""
    seen, now = model.seen, {}
    for worker in model.caseworkers:
        held = seen.holders.setdefault(worker.number, [])
        there = worker.in_post >= 0 and worker.fte > 0.0 and worker.begins <= month < worker.ends
        if held and held[-1][2] < 0 and (not there or _is_new(worker, month, held[-1])):
            held[-1][2] = month
        if there and (not held or held[-1][2] >= 0):
            held.append([sum(map(len, seen.holders.values())) + 1, month, -1])
        if there:
            now[worker.number] = held[-1][0]
    for child in model.children:
        who = now.get(child.caseworker.number) if child.caseworker is not None else None
        had = seen.cases.setdefault(child.number, [])
        if had and had[-1][2] < 0 and had[-1][0] != who:
            had[-1][2] = month
        if who is not None and child.is_case and (not had or had[-1][2] >= 0):
            had.append([who, month, -1])


def _is_new(worker: Caseworker, month: int, held: list[int]) -> bool:
    """Return whether somebody else holds the post than before: months in post tell."""
    return worker.in_post < month - held[1]


def _see_what_is_due(model: _SeenModel) -> None:
    """Write down the follow-ups that are due and were not held."""
    for child in model.children:
        followed = child.is_case and child.level != model.t.assessment
        if followed and child.target > 0.0 and child.since >= child.target:
            model.seen.due[child.number] = round(model.month - child.since + child.target)
