"""What is worked out once for an object, and forgotten with it."""

from __future__ import annotations

import gc
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import scenario

from simulation.ledger import column_names, column_positions
from simulation.remembered import remembered
from simulation.staircase import DEFAULT_STAIRCASE
from simulation.stationary import stationary_start


class Thing:
    """An object by identity."""


def test_it_is_worked_out_once_for_each_object() -> None:
    asked = []

    @remembered
    def number(thing: Thing) -> int:
        asked.append(thing)
        return len(asked)

    one, two = Thing(), Thing()
    assert [number(one), number(two), number(one), number(two)] == [1, 2, 1, 2]


def test_it_is_forgotten_with_the_object() -> None:
    """So an object that later lies at the same address is not taken for it."""

    @remembered
    def own(thing: Thing) -> object:
        return object()

    for _ in range(100):
        thing, other = Thing(), Thing()
        assert own(thing) is not own(other)
        del thing, other
        gc.collect(0)
    known = own.__closure__[1].cell_contents  # type: ignore[attr-defined]
    assert not known


def test_an_error_is_not_remembered() -> None:
    @remembered
    def never(thing: Thing) -> int:
        raise ValueError("no")

    thing = Thing()
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            never(thing)


def test_threads_get_the_same() -> None:
    town = scenario()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: stationary_start(town).hazard.tobytes(), range(64)))
    assert len(set(found)) == 1


def test_a_changed_scenario_is_another() -> None:
    town = scenario()
    slower = town.model_copy(
        update={
            "children": town.children.model_copy(update={"recognition": town.children.recognition / 2})
        }
    )
    assert (stationary_start(slower).hazard < stationary_start(town).hazard).any()


def test_a_staircase_knows_its_places_after_a_journey() -> None:
    """What it remembers of itself is not part of what it is."""
    keys = DEFAULT_STAIRCASE.keys
    sent = pickle.loads(pickle.dumps(DEFAULT_STAIRCASE))
    assert sent == DEFAULT_STAIRCASE
    assert [sent.index(key) for key in keys] == list(range(len(keys)))
    assert sent.model_dump() == DEFAULT_STAIRCASE.model_dump()
    positions = column_positions(DEFAULT_STAIRCASE)
    assert [positions[name] for name in column_names(DEFAULT_STAIRCASE)] == list(range(len(positions)))
