"""Shapley values: closed forms, what they must satisfy, and that they are means over orders."""

from __future__ import annotations

from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
import pytest
from causes import scale
from hypothesis import given
from hypothesis import strategies as st
from support import FIXED

from experiments.shapley import Game, alone, coalitions, interaction, last, shapley

PLAYERS = ("a", "b", "c", "d")
NUMBERS = st.floats(-1e9, 1e9)


def game_of(worth: Any, players: tuple[str, ...] = PLAYERS) -> Game:
    return {c: np.asarray(worth(c), float) for c in coalitions(players)}


@st.composite
def games(draw: st.DrawFn) -> Game:
    """Draw a game of one to four players, with three replicates."""
    players = PLAYERS[: draw(st.integers(1, 4))]
    return {c: np.array(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS))) for c in coalitions(players)}


def test_in_an_additive_game_everybody_gets_what_is_theirs() -> None:
    own = {"a": 3.0, "b": -1.0, "c": 0.5, "d": 0.0}
    assert shapley(game_of(lambda c: 7.0 + sum(own[p] for p in c))) == own


@pytest.mark.parametrize("needed", [{"a"}, {"a", "c"}, {"b", "c", "d"}, set(PLAYERS)])
def test_in_a_unanimity_game_those_who_are_needed_share_alike(needed: set[str]) -> None:
    values = shapley(game_of(lambda c: 12.0 * (needed <= c)))
    assert values == {p: 12.0 / len(needed) if p in needed else 0.0 for p in PLAYERS}


def test_the_glove_game() -> None:
    """One left glove, two right ones: 2/3, 1/6, 1/6 (Shapley 1953)."""
    values = shapley(game_of(lambda c: float("a" in c and len(c) > 1), ("a", "b", "c")))
    assert values == pytest.approx({"a": 2 / 3, "b": 1 / 6, "c": 1 / 6})


@given(st.lists(NUMBERS, min_size=5, max_size=5))
@FIXED
def test_players_who_are_alike_get_alike(worths: list[float]) -> None:
    """A game in which only the number of players counts."""
    values = shapley(game_of(lambda c: worths[len(c)]))
    rounding = 1e-12 * max(1.0, *map(abs, worths))
    for value in values.values():
        assert value == pytest.approx((worths[4] - worths[0]) / 4.0, abs=rounding)


@given(games())
@FIXED
def test_shares_sum_to_the_whole_in_every_replicate(game: Game) -> None:
    """Up to the rounding of floats: some 10 units in the last place of the largest worth."""
    whole = frozenset().union(*game)
    total = sum(shapley(game).values())
    assert np.abs(total - (game[whole] - game[frozenset()])).max() <= 1e-14 * scale(game)


@given(games())
@FIXED
def test_shares_are_means_over_all_orders(game: Game) -> None:
    players = sorted(frozenset().union(*game))
    for player, value in shapley(game).items():
        added = np.zeros(3)
        for order in permutations(players):
            before = frozenset(order[: order.index(player)])
            added += (game[before | {player}] - game[before]) / factorial(len(players))
        assert value == pytest.approx(added, abs=1e-13 * scale(game))


@given(games())
@FIXED
def test_a_player_who_adds_nothing_gets_exactly_nothing(game: Game) -> None:
    with_dummy = {c | extra: v for c, v in game.items() for extra in (frozenset(), frozenset("x"))}
    values = shapley(with_dummy)
    assert (values["x"] == 0.0).all()
    assert (last(with_dummy, "x") == 0.0).all() and (alone(with_dummy, "x") == 0.0).all()
    for player, value in shapley(game).items():
        assert values[player] == pytest.approx(value, abs=1e-13 * scale(game))


@given(games(), st.floats(-3, 3))
@FIXED
def test_shares_of_a_sum_of_games_are_sums_of_shares(game: Game, factor: float) -> None:
    other = {c: np.roll(v, 1) for c, v in game.items()}
    both = shapley({c: game[c] + factor * other[c] for c in game})
    one, two = shapley(game), shapley(other)
    for player, value in both.items():
        assert value == pytest.approx(one[player] + factor * two[player], abs=1e-13 * scale(game))


def test_first_in_last_in_and_interaction() -> None:
    """Worth: 1 for a, 2 for b, 4 more for both together, 10 more if c joins the two."""
    game = game_of(
        lambda c: 5.0 + ("a" in c) + 2.0 * ("b" in c) + 4.0 * ({"a", "b"} <= c) + 10.0 * (len(c) == 3),
        ("a", "b", "c"),
    )
    assert [float(alone(game, p)) for p in "abc"] == [1.0, 2.0, 0.0]
    assert [float(last(game, p)) for p in "abc"] == [15.0, 16.0, 10.0]
    assert float(interaction(game, "a", "b")) == 4.0
    assert float(interaction(game, "a", "c")) == 0.0


def test_a_game_with_holes_is_refused() -> None:
    game = dict(game_of(len))
    del game[frozenset("bc")]
    with pytest.raises(
        ValueError, match=r"15 of the 16 coalitions of a, b, c, d; without a worth: b \+ c"
    ):
        shapley(game)
