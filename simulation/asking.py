"""Asking: what an agent may ask of the model and of its caseworker.

The agents know this much of those above them, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import mesa

from simulation.ledger import Event


class Municipality(Protocol):
    """The model as its agents see it."""

    t: Any
    """The table of `layout`, as named tuples."""
    month: int
    """The month being simulated, from 0."""
    clock: int
    """The month that clocks show: `month`, and one more once it has passed for everybody."""
    book: list[float]
    """This month's page of the ledger."""
    districts: list[Any]
    """Districts of `layout`, with the places free now."""
    children: list[Any]
    """All children, in order of number."""
    caseworkers: list[Any]
    """All posts, in order of number."""
    reactive_hours: list[float]
    """Hours of reactive work that a case asks for in a month, by stair."""
    follow_up_hours: list[float]
    """Hours of a follow-up, by stair."""
    teens_born_by: int
    """The last month of birth of those who are in an age band from the teen age on."""
    refunded_from: float
    """What a child may cost in a calendar year before the state refunds anything, DKK."""
    unique_ids: Iterator[int]
    """Numbers for its agents, from 1."""
    uncared_effect: float
    """What a lack of attention does to the crises of a child without caseworker."""

    @property
    def m(self) -> Any:
        """What is in force this month."""

    @property
    def first_known(self) -> int:
        """The stair on which a child becomes a case."""

    def uniform(self, who: int, purpose: int) -> float:
        """Return this month's uniform for one purpose."""

    def uniforms(self, who: int, block: int) -> tuple[float, float, float, float]:
        """Return this month's four uniforms of one block."""

    def numbered_uniform(self, who: int, purpose: int, n: int) -> float:
        """Return the uniform of a child's n-th decision."""

    def numbered_uniforms(self, who: int, block: int, n: int) -> tuple[float, float, float, float]:
        """Return the four uniforms of a child's n-th decision."""

    def note(self, child: Any, event: Event, origin: int, to: int) -> None:
        """Write an event down."""

    def tally(self, origin: int, to: int, band: int) -> None:
        """Count a move."""

    def stair_key(self, level: int) -> str:
        """Return the key of a stair."""

    def forget(self, child: Any) -> None:
        """Strike a child off the list of children."""


class HasCases(Protocol):
    """A caseworker as a child sees one."""

    number: int
    cases: int
    asked_reactive: float
    asked_follow_ups: float
    reactive_share: float
    crisis_effect: float
    due: list[Any]
    assessments: list[Any]


class Numbers:
    """Counts the agents of each model, without keeping models alive as Mesa 3.3.1's own table does."""

    def __getitem__(self, model: Any) -> Iterator[int]:
        """Return the counter of a model, which it keeps itself."""
        counter: Iterator[int] = model.unique_ids
        return counter


class PlacementAgent(mesa.Agent):
    """An agent whose model is freed when nobody uses it any more."""

    _ids = Numbers()
    model: Municipality
