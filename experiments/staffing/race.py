"""Races: more draws only for the choices that cannot be told apart yet.

All choices meet the same draws of the parameters, in order, and the same luck. After some draws, at a
few looks that are fixed beforehand, choices are compared in pairs, by paired Student t on the draws'
means. Three races are run at once: for the cheapest choice, for the cheapest that meets a goal, and for
the frontier of cost against months in residential care. A choice is given more draws as long as one of
the three has need of it.

Racing by blocks: Maron and Moore (1994), Moore and Lee (1994). Paired screening with t and Bonferroni:
Nelson, Swann, Goldsman and Song (2001), here over the looks too. The indifference zone, below which
choices need not be told apart, is that of Kim and Nelson (2001), whose own procedure has neither
frontier nor goal. docs/staffing.md has the error rates and what they rest on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from simulation.accounts import Floats

Mask = NDArray[np.bool_]
Sample = Callable[[tuple[int, ...], range], Floats]
"""(choices, draws) -> [draw, choice, measure]: means of the draws' histories."""

COST, MONTHS, MARGIN = 0, 1, 2
"""The measures of a sample: cost (less is better), months (less is better), margin over the goal (not
negative: met; NaN: not defined). Without a goal there are two."""
TODAY = 0
"""The first choice: always run, so that every other can be held against it."""


@dataclass(frozen=True)
class Rules:
    """When a race takes a look, and when it lets go.

    `looks`: after how many draws, rising. `error`: how often, at most, each of the three races may drop
    what it looks for. `same_cost` and `same_months`: differences that need not be told apart.
    """

    looks: tuple[int, ...]
    error: float = 0.05
    same_cost: float = 0.0
    same_months: float = 0.0

    def __post_init__(self) -> None:
        """Refuse looks that do not rise from at least 2, and an error rate that is none."""
        if not self.looks or self.looks[0] < 2 or sorted(set(self.looks)) != list(self.looks):
            raise ValueError(f"looks = {self.looks} must rise from 2 draws at least")
        if not 0.0 < self.error < 1.0:
            raise ValueError(f"error = {self.error} must lie between 0 and 1")


@dataclass
class Race:
    """What a race found. Arrays are by choice.

    `draws`: how many each was given. `cheapest`, `cheapest_to_goal`: not dropped from these races;
    `leader` and `goal_leader`: the cheapest of these so far (None: no choice is sure to meet the goal);
    `told_apart` and `goal_told_apart`: whether it costs at most the indifference zone more than any.
    `meets`: 1 where a choice clearly meets the goal, -1 where it clearly does not, else 0.
    `dominated`: some choice is clearly better in one measure and not worse in the other.
    `safe` [i, j]: j clearly does not dominate i.
    """

    draws: NDArray[np.int64]
    values: Floats  # [draw, choice, measure]; NaN where not run
    cheapest: Mask
    cheapest_to_goal: Mask
    dominated: Mask
    safe: Mask
    meets: NDArray[np.int64]
    leader: int = 0
    goal_leader: int | None = None
    told_apart: bool = False
    goal_told_apart: bool = False
    history: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    @property
    def on_frontier(self) -> Mask:
        """[choice]: clearly dominated by none."""
        apart = self.safe | self.dominated[None, :] | np.eye(len(self.draws), dtype=bool)
        return np.asarray(~self.dominated & apart.all(axis=1))

    @property
    def spent(self) -> int:
        """Draws that were given to choices, all together."""
        return int(self.draws.sum())

    @property
    def blind(self) -> int:
        """Draws of a grid in which every choice is given as many as the one that was given most."""
        return int(self.draws.max()) * len(self.draws)


def race(sample: Sample, choices: int, rules: Rules, has_goal: bool = False) -> Race:
    """Run a race of `choices` choices, the first of which is as today; see the module.

    `sample` is asked for draws 0, 1, ... in blocks that end at the looks, always with choice `TODAY`.
    """
    found = _start(choices, rules.looks[-1], 3 if has_goal else 2, has_goal)
    active, done = tuple(range(choices)), 0
    for look in rules.looks:
        found.values[done:look, active] = sample(active, range(done, look))
        found.draws[list(active)] = look
        found.history.append((look, active))
        done = look
        active = _still_needed(found, active, _Look(found.values[:look], active), rules, has_goal)
        if len(active) < 2:
            break
    found.values = found.values[:done]
    return found


def _start(k: int, draws: int, measures: int, has_goal: bool) -> Race:
    return Race(
        draws=np.zeros(k, np.int64),
        values=np.full((draws, k, measures), np.nan),
        cheapest=np.ones(k, bool),
        cheapest_to_goal=np.full(k, has_goal),
        dominated=np.zeros(k, bool),
        safe=np.zeros((k, k), bool),
        meets=np.zeros(k, np.int64),
    )


class _Look:
    """Paired differences at one look, between the choices that were run until then."""

    def __init__(self, values: Floats, active: tuple[int, ...]) -> None:
        self.n, k = values.shape[0], values.shape[1]
        self.active = active
        self.gap = np.full((2, k, k), np.nan)  # [measure, i, j]: mean of i - j; NaN where not run
        self.error = np.full((2, k, k), np.nan)
        for i in active:
            paired = values[:, [i], :2] - values[:, active, :2]
            self.gap[:, i, active] = paired.mean(axis=0).T
            self.error[:, i, active] = paired.std(axis=0, ddof=1).T / np.sqrt(self.n)
        self.margin = _mean_and_error(values[:, :, MARGIN]) if values.shape[2] > MARGIN else None

    def t(self, chance: float) -> float:
        """Return the number of standard errors that a mean is off with this chance, to one side."""
        return float(stats.t.isf(chance, self.n - 1))

    def less(self, measure: int, chance: float) -> Mask:
        """Return [i, j]: i is clearly less than j."""
        return np.asarray(self.gap[measure] + self.t(chance) * self.error[measure] < 0)

    def same(self, measure: int, chance: float, zone: float) -> Mask:
        """Return [i, j]: i and j clearly differ by `zone` at most."""
        furthest = np.abs(self.gap[measure]) + self.t(chance) * self.error[measure]
        return np.asarray(furthest <= zone)

    def equal(self, measure: int) -> Mask:
        """Return [i, j]: the same in every draw."""
        return np.asarray((self.gap[measure] == 0) & (self.error[measure] == 0))


def _mean_and_error(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return [choice] mean, its standard error and its degrees of freedom over draws without NaN.

    The mean is NaN where no draw is without; the error is infinite where a single one is.
    """
    n = (~np.isnan(values)).sum(axis=0)
    filled = np.where(np.isnan(values), 0.0, values)
    mean = np.divide(filled.sum(axis=0), n, out=np.full(len(n), np.nan), where=n > 0)
    off = np.where(np.isnan(values), 0.0, values - mean)
    squares = np.divide((off**2).sum(axis=0), n - 1, out=np.full(len(n), np.inf), where=n > 1)
    return mean, np.sqrt(squares / np.maximum(n, 1)), np.maximum(n - 1, 1)


def _still_needed(
    found: Race, active: tuple[int, ...], look: _Look, rules: Rules, has_goal: bool
) -> tuple[int, ...]:
    """Let every race drop what it can; return today and the choices that some race has need of."""
    needed = np.zeros(len(found.draws), bool)
    needed |= _for_cheapest(found, look, rules)
    if has_goal:
        needed |= _for_goal(found, look, rules)
    needed |= _for_frontier(found, look, rules)
    needed &= np.isin(np.arange(len(needed)), active)
    if not needed.any():
        return ()
    needed[TODAY] = True
    return tuple(int(i) for i in np.flatnonzero(needed))


def _for_cheapest(found: Race, look: _Look, rules: Rules) -> Mask:
    """Drop choices that another is clearly cheaper than; return those that are still to be told apart.

    Half of the error is for dropping, half for calling the leader as good as any.
    """
    if found.told_apart:
        return np.zeros_like(found.cheapest)
    chance = rules.error / (2 * max(len(found.draws) - 1, 1) * len(rules.looks))
    alive = found.cheapest.copy()
    found.cheapest &= ~look.less(COST, chance)[alive].any(axis=0)
    left = np.flatnonzero(found.cheapest)
    found.leader = _leader(look, left)
    found.told_apart = _as_good(look, found.leader, left, chance, rules.same_cost)
    return np.zeros_like(alive) if found.told_apart else found.cheapest


def _leader(look: _Look, left: NDArray[np.int64]) -> int:
    """Return the choice with the lowest mean cost; the first of several."""
    against_today = look.gap[COST][left, TODAY]
    return int(left[np.argmin(against_today)])


def _as_good(look: _Look, i: int, left: NDArray[np.int64], chance: float, zone: float) -> bool:
    """Return whether i clearly costs at most `zone` more than any of the others that are left."""
    others = left[left != i]
    worst = look.gap[COST][i, others] + look.t(chance) * look.error[COST][i, others]
    return bool((worst <= zone).all())


def _for_goal(found: Race, look: _Look, rules: Rules) -> Mask:
    """Drop choices that clearly miss the goal, or are clearly dearer than one that clearly meets it."""
    if found.goal_told_apart or look.margin is None:
        return np.zeros_like(found.cheapest)
    chance = rules.error / (4 * len(found.draws) * len(rules.looks))
    mean, error, freedom = look.margin
    reach = stats.t.isf(chance, freedom) * error
    run = np.isin(np.arange(len(mean)), look.active)
    found.meets[run & (found.meets == 0) & (mean - reach >= 0)] = 1
    found.meets[run & (found.meets == 0) & ((mean + reach < 0) | np.isnan(mean))] = -1
    meeting = found.cheapest_to_goal & (found.meets == 1)
    found.cheapest_to_goal &= (found.meets >= 0) & ~look.less(COST, chance)[meeting].any(axis=0)
    left = np.flatnonzero(found.cheapest_to_goal)
    sure = left[found.meets[left] == 1]
    found.goal_leader = _leader(look, sure) if len(sure) else None
    if found.goal_leader is not None:
        found.goal_told_apart = _as_good(look, found.goal_leader, left, chance, rules.same_cost)
    found.goal_told_apart |= len(left) == 0
    return np.zeros_like(found.cheapest) if found.goal_told_apart else found.cheapest_to_goal


def _for_frontier(found: Race, look: _Look, rules: Rules) -> Mask:
    """Drop choices that another clearly dominates; return the members of pairs that are still open.

    The error is shared by all ordered pairs, so that it holds for the whole frontier at once.
    """
    k = len(found.draws)
    chance = rules.error / (2 * max(k * (k - 1), 1) * len(rules.looks))
    less = [look.less(m, chance) for m in (COST, MONTHS)]
    equal = [look.equal(m) for m in (COST, MONTHS)]
    alive = ~found.dominated
    beats = (less[COST] & (less[MONTHS] | equal[MONTHS])) | (less[MONTHS] & equal[COST])
    found.dominated |= beats[alive].any(axis=0)
    safe = less[COST] | less[MONTHS]
    found.safe |= safe
    zones = (rules.same_cost, rules.same_months)
    known = [less[m] | less[m].T | look.same(m, chance, zones[m]) for m in (COST, MONTHS)]
    settled = (safe & safe.T) | (known[COST] & known[MONTHS]) | np.eye(k, dtype=bool)
    left = np.isin(np.arange(k), look.active) & ~found.dominated
    is_open = left[:, None] & left[None, :] & ~settled
    return np.asarray(is_open.any(axis=1))
