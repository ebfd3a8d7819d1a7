"""Walk: one history month by month, by the Mesa model, in two worlds: as today, and with the policy.

Both worlds meet the same children with the same luck, so a child that stands elsewhere in one of them
stands there because of the policy. A picture needs places: a child keeps its own on a stair while there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from experiments.page.state import Board, Chosen, policy_of, scenario_of
from simulation.accounts import Ledger
from simulation.agents import Child
from simulation.costs import net
from simulation.ledger import Col
from simulation.model import PlacementModel
from simulation.policy import Policy
from simulation.scenario import Scenario


@dataclass(frozen=True)
class Dot:
    """A child on a stair: its place there, and how it moved this month (-1: up, 1: down, 0: not).

    `apart`: whether it stands on another stair in the other world.
    """

    child: int
    place: int
    moved: int
    apart: bool


@dataclass(frozen=True)
class World:
    """One world in one month: [stair] the dots, and what is known so far.

    `cost`: net cost of the municipality since the start, DKK; `moves_down`: moves to a less intrusive
    stair since the start.
    """

    stairs: tuple[tuple[Dot, ...], ...]
    cost: float
    in_care: int
    moves_down: int


@dataclass(frozen=True)
class Frame:
    """Both worlds after `month` months (0: the first day)."""

    month: int
    months: int
    as_today: World
    after: World

    @property
    def is_last(self) -> bool:
        """Whether the history has come to its end."""
        return self.month >= self.months

    @property
    def saving(self) -> float:
        """Net saving so far in this one history, DKK."""
        return self.as_today.cost - self.after.cost


class Walk:
    """A history in two worlds; `step` is a month."""

    def __init__(self, scenario: Scenario, policy: Policy, seed: int = 1, replicate: int = 0) -> None:
        self.scenario, self.replicate = scenario, replicate
        self._models = [
            PlacementModel(scenario, p, rng=seed, replicate=replicate, events=False)
            for p in (None, policy)
        ]
        self._worlds = [_World(model) for model in self._models]
        self._alone, self._is_over = Lock(), False

    def step(self) -> None:
        """Let a month pass in both worlds; after the last month, or once let go of, nothing does."""
        with self._alone:
            if not self._is_over and self._models[0].month < self.scenario.months:
                for world in self._worlds:
                    world.step()

    def frame(self) -> Frame:
        """Return both worlds as they are."""
        levels = [world.levels() for world in self._worlds]
        apart = {
            child
            for child in levels[0].keys() | levels[1].keys()
            if levels[0].get(child) != levels[1].get(child)
        }
        as_today, after = (world.seen(apart) for world in self._worlds)
        return Frame(self._models[0].month, self.scenario.months, as_today, after)

    def release(self) -> None:
        """Let go of both models, after the month that is under way."""
        with self._alone:
            self._is_over = True
            for model in self._models:
                model.release()


def may_be_walked(scenario: Scenario) -> bool:
    """Return whether single histories may be shown.

    Not where the first day is that of a case list: a dot would be one of its children. Unless the file
    says that everything may be shown (`internal`).
    """
    files = scenario.case_list
    return files is None or files.children is None or files.internal


def walk_of(chosen: Chosen, board: Board, replicate: int = 0) -> Walk:
    """Return the walk of a history under what the sliders say, at the scenario's own parameters."""
    return Walk(scenario_of(chosen, board), policy_of(chosen, board), replicate=replicate)


@dataclass
class _World:
    """A model and the places of its children."""

    model: PlacementModel
    cost: float = 0.0
    moves_down: int = 0
    before: dict[int, int] = field(default_factory=dict)
    places: list[dict[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = [{} for _ in range(self.model.t.n_stairs)]
        self.before = self.levels()
        self._find_places()

    def levels(self) -> dict[int, int]:
        """Return the stair of every child on the staircase."""
        return {c.number: c.level for c in self._on_stairs()}

    def _on_stairs(self) -> list[Child]:
        return [c for c in self.model.children if 0 <= c.level < self.model.t.n_stairs]

    def step(self) -> None:
        self.before = self.levels()
        self.model.step()
        book = self.model.book
        self.cost += net_of(self.model)
        self.moves_down += int(book[Col.new_moves_down])
        self._find_places()

    def _find_places(self) -> None:
        """Free the places of those who left, and give newcomers the lowest ones that are free."""
        now = self.levels()
        for stair, places in enumerate(self.places):
            for child in [c for c in places if now.get(c) != stair]:
                del places[child]
            taken = set(places.values())
            free = (n for n in range(len(now) + 1) if n not in taken)
            for child, level in now.items():
                if level == stair and child not in places:
                    places[child] = next(free)

    def seen(self, apart: set[int]) -> World:
        """Return what there is to see."""
        rows = tuple(
            tuple(
                Dot(child, place, self._move(child, stair), child in apart)
                for child, place in sorted(places.items(), key=lambda item: item[1])
            )
            for stair, places in enumerate(self.places)
        )
        in_care = sum(c.in_care for c in self._on_stairs())
        return World(rows, self.cost, in_care, self.moves_down)

    def _move(self, child: int, stair: int) -> int:
        """Return -1 for a child that moved up to this stair this month, 1 for down, else 0."""
        came_from = self.before.get(child, stair)
        return (came_from > stair) - (came_from < stair)


def net_of(model: PlacementModel) -> float:
    """Return what the municipality paid in the model's last month, net of the state refund, DKK."""
    return float(net(Ledger(np.array(model.book), model.municipality.staircase)))
