"""One history month by month: the model's own, children keep their places, worlds differ by policy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from boards import small_board

from experiments.page.state import policy_of, without_effect
from experiments.page.walk import Frame, Walk, World, walk_of
from simulation.accounts import Ledger
from simulation.costs import net
from simulation.replicates import ledgers

MONTHS = 24


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    sliders = small_board()
    return _frames(walk_of(sliders.start, sliders, replicate=3))


def _frames(walk: Walk) -> list[Frame]:
    frames = [walk.frame()]
    while not frames[-1].is_last:
        walk.step()
        frames.append(walk.frame())
    walk.step()
    assert walk.frame() == frames[-1], "after the last month nothing happens"
    walk.release()
    return frames


def test_it_is_the_history_of_the_kernel(frames: list[Frame]) -> None:
    sliders = small_board()
    for policy, world in ((None, "as_today"), (policy_of(sliders.start, sliders), "after")):
        books = ledgers(sliders.scenario, policy, seed=1, first=3, replicates=1)[0]
        ledger = Ledger(books, sliders.scenario.staircase)
        seen = [getattr(frame, world) for frame in frames[1:]]
        np.testing.assert_allclose([w.cost for w in seen], np.cumsum(net(ledger)), rtol=1e-9)
        np.testing.assert_array_equal([w.moves_down for w in seen], np.cumsum(ledger["new_moves_down"]))
        for i, stair in enumerate(sliders.scenario.staircase):
            counted = [len(w.stairs[i]) for w in seen]
            np.testing.assert_array_equal(counted, ledger[f"n_{stair.key}"], stair.key)


def test_a_child_keeps_its_place_while_it_stays(frames: list[Frame]) -> None:
    for before, after in pairwise(frames):
        for name in ("as_today", "after"):
            old, new = _places(getattr(before, name)), _places(getattr(after, name))
            for child in old.keys() & new.keys():
                if old[child][0] == new[child][0]:
                    assert old[child] == new[child]
            assert len(set(new.values())) == len(new), "two children in one place"


def _places(world: World) -> dict[int, tuple[int, int]]:
    return {dot.child: (i, dot.place) for i, row in enumerate(world.stairs) for dot in row}


def test_a_ring_says_where_a_child_came_from(frames: list[Frame]) -> None:
    moves = 0
    for before, after in pairwise(frames):
        old = _places(before.after)
        for stair, row in enumerate(after.after.stairs):
            for dot in row:
                came = old[dot.child][0] if dot.child in old else stair
                assert dot.moved == np.sign(came - stair)
                moves += dot.moved != 0
    assert moves > 5


def test_a_filled_dot_stands_elsewhere_in_the_other_world(frames: list[Frame]) -> None:
    for frame in frames:
        one, other = _places(frame.as_today), _places(frame.after)
        for world, against in ((frame.as_today, other), (frame.after, one)):
            for stair, row in enumerate(world.stairs):
                for dot in row:
                    assert dot.apart == (dot.child not in against or against[dot.child][0] != stair)
    assert not any(dot.apart for row in frames[0].after.stairs for dot in row)
    assert any(dot.apart for row in frames[-1].after.stairs for dot in row)


def test_without_effect_both_worlds_hold_the_same_children_in_the_same_places() -> None:
    sliders = small_board(months=12)
    frames = _frames(walk_of(without_effect(sliders.start), sliders))
    assert all(frame.as_today.stairs == frame.after.stairs for frame in frames)
    assert frames[-1].saving < 0, "the salaries are paid"
