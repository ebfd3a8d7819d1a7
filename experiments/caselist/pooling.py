"""Partial pooling: rates of a municipality, shrunk towards given ones as far as its own counts are few.

A kind of event (entries, leaving, moves) has `events` d and `exposure` e in cells c. The model:

    d_c ~ Poisson(e_c x rate_c),    rate_c = prior_c x level x own_c x stay_t

`level` ~ Gamma(mean 1), common to all cells: is this municipality faster than the country? `own_c` ~
Gamma(k, k) for each stair and age: mean 1, with k, how alike they are, learnt from all cells together
(empirical Bayes, with its uncertainty). `stay_t` ~ Gamma(STAY, STAY): what the time on the stair does.
Each factor given the others is again a gamma (Gamma and Poisson are conjugate), so draws are made by
Gibbs sampling, many short chains side by side. Where moves lead is Dirichlet given the counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from experiments.caselist.counts import Counts
from experiments.caselist.rates import Rates
from simulation.accounts import Floats

DRAWS = 500
SWEEPS = 30
"""Gibbs steps of each chain; the chains forget their start in some ten (tested)."""

K_EVERY = 3
"""The strength k is drawn anew in each third of them."""

ALIKE = np.geomspace(2.0, 512.0, 17)
"""Values of k that are tried: cells deviate by 70 % (k = 2) down to 4 % (k = 512)."""

STAY = 8.0
"""Strength of the prior that time on the stair does nothing: factors of 0.5 to 1.6 (90 %)."""

LEVEL, LEVEL_OF_ENTRIES = 8.0, 0.01
"""Strength of the prior of a municipality's level: between municipalities rates differ by a third; how
many children enter says the municipality alone."""

SAME_WAYS = np.geomspace(1.0, 256.0, 17)
"""Values tried for how many moves the prior's destinations are worth."""

LEAST = 1e-3
"""A prior rate of 0 is read as this many events a year, since files hold what should not happen."""

SOME, TENFOLD = 5, 10.0
"""Events from which, and times over, a cell contradicts its prior."""

LITTLE = 1.0
"""A cell in which fewer events than this were to be expected says nothing by itself."""


@dataclass(frozen=True)
class Pooled:
    """Draws of the rates, and what each cell's own counts had to say.

    `weight` by kind ("entries", "leave", "move"), [stair, age]: the share of the posterior that is the
    cell's own, 0 (all from the prior and the other cells) to 1. `expected` the same: events that the
    prior, at this municipality's level, expects there.
    """

    rates: Rates
    weight: dict[str, Floats]
    expected: dict[str, Floats]

    def silent(self, kind: str) -> np.ndarray:
        """Return [stair, age]: whether the cell says nothing by itself about the kind of event."""
        return np.asarray(self.expected[kind] < LITTLE)


def gamma_posterior(events: Floats, expected: Floats, strength: Floats | float) -> tuple[Floats, Floats]:
    """Return shape and rate of the factor on `expected` events, a priori Gamma(strength, strength)."""
    return strength + np.asarray(events, float), strength + np.asarray(expected, float)


def log_evidence(events: Floats, expected: Floats, strength: Floats) -> Floats:
    """Return log P(events) under Gamma(strength, strength) factors, up to a constant in strength.

    The negative binomial; arrays are broadcast against one another.
    """
    a, b = gamma_posterior(events, expected, strength)
    return special.gammaln(a) - special.gammaln(strength) + strength * np.log(strength) - a * np.log(b)


def pooled(counts: Counts, prior: Rates, rng: np.random.Generator, draws: int = DRAWS) -> Pooled:
    """Return draws of the rates given the counts, shrunk towards `prior` (one draw).

    Raises ValueError where stairs or cells of the two differ.
    """
    if prior.stairs != counts.stairs or prior.cells != counts.cells:
        raise ValueError("the prior rates are for other stairs or bands than the counts; give the same")
    entered, years = counts.entered[..., None], np.full((1, 1, 1), counts.years)
    enter = _believable(prior.entries[0][..., None], entered, years)
    going = _believable(prior.leave[0], counts.left, counts.exposure)
    moving = _believable(prior.move[0], counts.moved, counts.exposure)
    entries = _factors(entered, years * enter, LEVEL_OF_ENTRIES, rng, draws)
    leave = _factors(counts.left, counts.exposure * going, LEVEL, rng, draws)
    move = _factors(counts.moved, counts.exposure * moving, LEVEL, rng, draws)
    rates = Rates(
        counts.stairs,
        counts.cells,
        (entries.factor * enter)[..., 0],
        leave.factor * going,
        move.factor * moving,
        destinations(counts.to, prior.to[0], rng, draws),
    )
    found = {"entries": entries, "leave": leave, "move": move}
    return Pooled(
        rates, {k: f.weight for k, f in found.items()}, {k: f.expected for k, f in found.items()}
    )


def _believable(rate: Floats, events: np.ndarray, exposure: Floats) -> Floats:
    """Return prior rates [stair, age, stay] without those that the counts of a cell plainly contradict.

    Where a cell has `SOME` events or more, and `TENFOLD` as many for what is expected there as all cells
    have, the country says next to nothing of it (a stair that it has for other ages, say): its prior
    becomes what was counted. Otherwise a rate near 0 could not be learnt from.
    """
    least = np.maximum(rate, LEAST)
    d, expected = events.sum(axis=-1, keepdims=True), (least * exposure).sum(axis=-1, keepdims=True)
    usual = d.sum() / max(float(expected.sum()), LEAST)
    wrong = (d >= SOME) & (d > TENFOLD * usual * expected)
    return np.where(wrong, least * d / np.maximum(expected, 1e-12), least)


@dataclass(frozen=True)
class _Factors:
    """Draws of factors on prior rates, [draw, stair, age, stay]; weights and expected [stair, age]."""

    factor: Floats
    weight: Floats
    expected: Floats


def _factors(
    events: np.ndarray, expected: Floats, level_strength: float, rng: np.random.Generator, draws: int
) -> _Factors:
    """Return draws of the factors on `expected` [stair, age, stay] given the events there."""
    d, own, stay = (
        events.sum(axis=-1),
        np.ones((draws, *events.shape[:2])),
        np.ones((draws, events.shape[2])),
    )
    level = np.ones(draws)
    weight, mean = np.zeros(d.shape), np.zeros(d.shape)
    k = np.ones(draws)
    for sweep in range(SWEEPS):
        staying = np.einsum("sat,dt->dsa", expected, stay)
        shape, rate = gamma_posterior(d.sum(), (own * staying).sum(axis=(1, 2)), level_strength)
        level = rng.gamma(shape, 1.0 / rate)
        here = level[:, None, None] * staying
        if sweep % K_EVERY == 0:  # the dear step
            k = _how_alike(d, here, rng)
        shape, rate = gamma_posterior(d, here, k[:, None, None])
        own = rng.gamma(shape, 1.0 / rate)
        weight, mean = (here / rate).mean(axis=0), here.mean(axis=0)
        if stay.shape[1] > 1:
            by_stay = level[:, None] * np.einsum("sat,dsa->dt", expected, own)
            shape, rate = gamma_posterior(events.sum(axis=(0, 1)), by_stay, STAY)
            stay = rng.gamma(shape, 1.0 / rate)
    factor = level[:, None, None, None] * own[..., None] * stay[:, None, None, :]
    return _Factors(factor, weight, mean)


def _how_alike(events: np.ndarray, expected: Floats, rng: np.random.Generator) -> Floats:
    """Return [draw] of k given events [stair, age] and what is expected [draw, stair, age]."""
    k = ALIKE[:, None, None, None]
    return ALIKE[_drawn(log_evidence(events, expected, k).sum(axis=(2, 3)), rng)]


def _drawn(log_weight: Floats, rng: np.random.Generator) -> np.ndarray:
    """Return [draw]: a position drawn by weights exp(log_weight [position, draw])."""
    gumbel = rng.gumbel(size=log_weight.shape)
    return np.argmax(log_weight + gumbel, axis=0)


def destinations(moves: np.ndarray, prior: Floats, rng: np.random.Generator, draws: int) -> Floats:
    """Return [draw, stair, age, stair]: where moves lead, Dirichlet given `moves` [stair, age, stair].

    The prior is worth as many moves as fit the cells best, out of `SAME_WAYS`; where it says 0 and moves
    were seen, it is read as 0.01.
    """
    mean = np.where((prior <= 0.0) & (moves > 0), 0.01, prior)
    mean = mean / mean.sum(axis=-1, keepdims=True)
    strength = SAME_WAYS[_drawn(np.repeat(_ways_evidence(moves, mean)[:, None], draws, axis=1), rng)]
    shape = strength[:, None, None, None] * mean + moves
    to = rng.gamma(np.maximum(shape, 1e-300)) * (shape > 0.0)
    to = np.where(to.sum(axis=-1, keepdims=True) > 0.0, to, mean)
    return np.asarray(to / to.sum(axis=-1, keepdims=True))


def _ways_evidence(moves: np.ndarray, mean: Floats) -> Floats:
    """Return [value of `SAME_WAYS`]: log P(destinations), the Dirichlet-multinomial, over all cells."""
    a = SAME_WAYS[:, None, None, None] * mean
    ways = np.where(moves > 0, special.gammaln(a + moves) - special.gammaln(np.where(a > 0, a, 1.0)), 0.0)
    n = moves.sum(axis=-1)
    total = special.gammaln(a.sum(axis=-1)) - special.gammaln(a.sum(axis=-1) + n)
    return np.asarray(ways.sum(axis=(1, 2, 3)) + total.sum(axis=(1, 2)))
