"""Shapley values: what a whole is worth, shared out among the players who make it together.

A game gives every coalition of players its worth: a number, or an array with one entry per replicate, so
that everything here is worked out replicate by replicate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import factorial

import numpy as np

from simulation.accounts import Floats

Coalition = frozenset[str]
Game = Mapping[Coalition, Floats]


def coalitions(players: Sequence[str]) -> Iterator[Coalition]:
    """Yield every coalition of the players, the empty one first and the whole last."""
    for size in range(len(players) + 1):
        yield from map(frozenset, combinations(players, size))


def shapley(game: Game) -> dict[str, Floats]:
    """Return the Shapley value of every player (Shapley 1953), in the shape of the game's worths.

    It is what the player adds to those who came before, averaged over all orders in which the players
    could come. The values sum to the worth of the whole less that of nobody, up to the rounding of
    floats; a player who never adds anything gets exactly 0. Weights are whole numbers, divided at the
    end, so that worths that are whole numbers are rounded once.

    Raises ValueError where a coalition of the players has no worth.
    """
    players = _players(game)
    n = len(players)
    values = {}
    for player in players:
        total = np.zeros(np.shape(game[frozenset()]))
        for others in coalitions([p for p in players if p != player]):
            orders = factorial(len(others)) * factorial(n - len(others) - 1)
            total = total + orders * (game[others | {player}] - game[others])
        values[player] = np.asarray(total / factorial(n))
    return values


def alone(game: Game, player: str) -> Floats:
    """Return what a player adds to nobody: first in."""
    return np.asarray(game[frozenset({player})] - game[frozenset()])


def last(game: Game, player: str) -> Floats:
    """Return what a player adds to all others: last in."""
    whole = frozenset(_players(game))
    return np.asarray(game[whole] - game[whole - {player}])


def interaction(game: Game, one: str, other: str) -> Floats:
    """Return what two players are worth together, with nobody else, beyond what each is worth alone."""
    both = game[frozenset({one, other})] - game[frozenset()]
    return np.asarray(both - alone(game, one) - alone(game, other))


def _players(game: Game) -> list[str]:
    """Return the players of a game in order of name."""
    players = sorted(frozenset().union(*game))
    missing = [c for c in coalitions(players) if c not in game]
    if missing:
        shown = "; ".join(" + ".join(sorted(c)) or "nobody" for c in missing[:3])
        raise ValueError(
            f"the game has {len(game)} of the {2 ** len(players)} coalitions of "
            f"{', '.join(players)}; without a worth: {shown}"
        )
    return players
