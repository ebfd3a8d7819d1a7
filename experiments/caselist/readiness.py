"""Recognition and readiness: how often a follow-up sees a ready child, how fast children become ready.

Two unknowns decide most of what more follow-ups can do: the chance that one sees a ready child and moves
it down (recognition), and the rate at which children become ready. Moves down alone cannot tell them
apart: many ready children seldom seen look like few seen at once. The dates of follow-ups that led to
nothing can. So there are two ways, stair by stair:

* where follow-ups are recorded, the likelihood of `readiness_filter`, recognition common to all stairs;
* elsewhere the moves down are counted, Poisson at the rate 1 / (1 / rate + W) of the model's closed form,
  W = interval x (1 / chance - 1/2) (`rules.stationary_wait`), and recognition learns nothing from them.

The prior is the national posterior: its draws give the logits of recognition and, for each, the logarithms
of the rates (by regression), to which the spread between municipalities is added. Draws are made by
quantile: draw i has the place among the local draws that national draw i has among the national ones, so
that what the national draws say together with other numbers is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special
from scipy.interpolate import RectBivariateSpline

from experiments.caselist.counts import Cells, counted
from experiments.caselist.reading import CaseList
from experiments.caselist.readiness_filter import log_likelihood
from experiments.caselist.readiness_seen import moves_down, stretches
from experiments.caselist.spells import Spells
from experiments.caselist.standing import day_after, in_window
from experiments.caselist.work_done import MONTHS, WINDOW, WorkDone, work_done
from experiments.draws import SPREAD, as_array, posterior, residential_readiness
from simulation import rules
from simulation.accounts import Floats
from simulation.compiled import plain_twin
from simulation.scenario import Scenario
from simulation.stationary import stationary_start

RECOGNITION = "children.recognition"
READINESS = "children.readiness_rate."
PREMATURE = "children.premature"

Way = Literal["follow-ups", "moves down"]

SPREAD_ELSEWHERE = 0.35
"""Standard deviation of the logarithm of a rate between municipalities, where the draws give none: the
same third as `pooling.LEVEL`."""

LOGITS = np.linspace(-4.0, 5.0, 31)
"""Logits of the chance at which likelihoods are worked out; between them they are interpolated."""
RATES_EACH_WAY, STEP = 12, 0.25
"""Rates on each side of the national one at which they are, and the step of their logarithm."""
FINE, ZOOMS = 161, 3
_TINY = 1e-8
_LEAST = 1e-6

_plain = plain_twin(rules)


@dataclass(frozen=True)
class Span:
    """A number before and after seeing the data: median, 5 and 95 % point."""

    before: tuple[float, float, float]
    after: tuple[float, float, float]


@dataclass(frozen=True)
class Readiness:
    """Draws of recognition [draw] and of readiness rates a year by stair [draw], in the national order.

    `recognition` is the record's: at the reference caseload, by today's practice. `way` by stair says
    what the rate was learnt from. `spans` by the name of the record, `local_chance` the chance here, at
    today's caseload. `follow_ups` and `moves` counted on stairs where follow-ups are recorded,
    `unrecorded` of the moves without one nearby; `moves_only` moves down on the other stairs.
    """

    recognition: Floats
    rates: dict[str, Floats]
    way: dict[str, Way]
    spans: dict[str, Span]
    local_chance: Span
    follow_ups: int
    moves: int
    unrecorded: int
    moves_only: int

    @property
    def from_follow_ups(self) -> bool:
        """Whether recognition was learnt here and not taken from the country."""
        return "follow-ups" in self.way.values()


def readiness(
    cases: CaseList, scenario: Scenario, rng: np.random.Generator, *, window: float = WINDOW,
    work: WorkDone | None = None,
) -> Readiness:  # fmt: skip
    """Return draws of recognition and readiness for a case list, as many as national ones.

    `scenario` says today's intervals (where follow-ups are not dated), practice and, where caseworkers
    are not in the list, the caseload. Stairs on which nobody was in the window have no draws.
    """
    work = work or work_done(cases, window)
    prior = _Prior.of(cases, scenario, work)
    spells = cases.spells
    begin = day_after(spells.until, -window)
    found, shown = stretches(spells, cases.follow_ups, begin, scenario.staircase, scenario.leave_age)
    first, later = _intervals(cases, scenario, work)
    rates = np.exp(prior.log_rates)
    early = max(_LEAST, prior.early)
    by_filter = log_likelihood(found, special.expit(LOGITS), rates, early, first, later)
    down, exposure = _moves(spells, scenario, begin)
    by_moves = _of_moves(down, exposure, rates, later, early)
    used = exposure > 0.0
    logs = np.where(shown[:, None, None], by_filter, by_moves)
    x, y = _drawn(prior, logs, shown & used, used, rng)
    recognition = -np.expm1(np.log1p(-special.expit(x)) / prior.looks)
    at = [i for i in np.flatnonzero(used) if prior.has_record[i]]
    records = {READINESS + spells.stairs[i]: np.exp(y[i]) for i in at}
    spans = {name: _span(prior.national[name], drawn) for name, drawn in records.items()}
    spans[RECOGNITION] = _span(prior.national[RECOGNITION], recognition)
    return Readiness(
        recognition,
        {spells.stairs[i]: np.exp(y[i]) for i in at},
        {spells.stairs[i]: "follow-ups" if shown[i] else "moves down" for i in at},
        spans,
        _span(special.expit(prior.logits), special.expit(x)),
        len(found.gap) - int(found.unrecorded.sum()),
        int(found.down.sum()),
        int(found.unrecorded.sum()),
        int(down[used & ~shown].sum()),
    )


def _span(before: Floats, after: Floats) -> Span:
    def three(x: Floats) -> tuple[float, float, float]:
        middle, low, high = np.quantile(x, [0.5, 0.05, 0.95])
        return float(middle), float(low), float(high)

    return Span(three(before), three(after))


# --- what was seen ------------------------------------------------------------------------------


def _intervals(cases: CaseList, s: Scenario, work: WorkDone) -> tuple[Floats, Floats]:
    """Return years to the first and between later follow-ups [stair]: as achieved, else as stated."""
    start = stationary_start(s)
    keys = s.staircase.keys
    at = [keys.index(key) for key in cases.spells.stairs]
    first, later = start.first[at] / MONTHS, start.later[at] / MONTHS
    for found in work.intervals or ():
        if np.isfinite(found.median) and found.median > 0.0:
            place = cases.spells.stairs.index(found.stair)
            (first if found.first else later)[place] = found.median / MONTHS
    return first, later


def _moves(spells: Spells, s: Scenario, begin: np.datetime64) -> tuple[Floats, Floats]:
    """Return moves down and child-years [stair] from `begin` on."""
    down = moves_down(spells, s.staircase, s.leave_age) & in_window(spells.end, begin, spells.until)
    n = len(spells.stairs)
    one = Cells((0.0,), (0.0,), float(s.leave_age))
    window = float((spells.until - begin).astype(int)) / 365.25
    exposure = counted(spells, one, window).exposure[:, 0, 0]
    followed = [s.staircase[s.staircase.index(k)].kind in ("home", "care") for k in spells.stairs]
    return np.bincount(spells.stair[down], minlength=n).astype(float), exposure * followed


def _of_moves(down: Floats, exposure: Floats, rates: Floats, later: Floats, early: float) -> Floats:
    """Return [stair, rate, chance]: the log-likelihood of moves down counted over child-years."""
    interval = np.maximum(later, 1.0 / 365.25)[:, None, None]
    wait = interval * (1.0 / special.expit(LOGITS) - 0.5)
    expected = 1.0 / (1.0 / rates[:, :, None] + wait) + early / interval
    return np.asarray(
        down[:, None, None] * np.log(expected) - exposure[:, None, None] * expected
    )


# --- the prior ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Prior:
    """The national draws as a prior here, and the grid around them.

    `logits` [draw] of the chance at the caseload here; `looks` [draw] how many follow-ups' worth of
    looking one is; `log_rates` [stair, rate] the grid; `level`, `slope` [stair] of the regression of log
    rates on logits, `spread` [stair] around it, in the country and between municipalities together;
    `place` [stair, draw] each draw's standard normal place there.
    """

    national: dict[str, Floats]
    logits: Floats
    looks: Floats
    early: float
    log_rates: Floats
    level: Floats
    slope: Floats
    residual: Floats
    local: Floats
    has_record: np.ndarray

    @classmethod
    def of(cls, cases: CaseList, s: Scenario, work: WorkDone) -> _Prior:
        """Return the prior for the stairs of a case list."""
        rows = list(posterior())
        stairs = cases.spells.stairs
        names = [READINESS + key for key in stairs]
        has_record = np.array([name in rows[0] for name in names])
        known = [name for name in (*names, RECOGNITION, PREMATURE, _ELASTICITY) if name in rows[0]]
        national = dict(zip(known, as_array(rows, known).T, strict=True))
        looks = _looks(national[_ELASTICITY], s, work)
        recognition = np.clip(national[RECOGNITION], _LEAST, 1.0 - _LEAST)
        logits = special.logit(-np.expm1(looks * np.log1p(-recognition)))
        here = [_rates_of(national, name, s, len(rows)) for name in names]
        log_rate = np.log(np.maximum(here, 1e-4))
        x = logits - logits.mean()
        slope = (log_rate * x).mean(axis=1) / (x**2).mean()
        level = log_rate.mean(axis=1)
        residual = log_rate - level[:, None] - slope[:, None] * x
        heavy = residential_readiness(s)
        wide = float(np.sqrt((as_array(rows, [SPREAD]) ** 2).mean()))
        local = np.array([wide if name in heavy else SPREAD_ELSEWHERE for name in names])
        grid = STEP * np.arange(-RATES_EACH_WAY, RATES_EACH_WAY + 1)
        early = float(np.median(national[PREMATURE])) * s.baseline.orientation
        return cls(
            national, logits, looks, early, level[:, None] + grid, level, slope, residual, local, has_record
        )


_ELASTICITY = "children.recognition_elasticity"


def _rates_of(national: Mapping[str, Floats], name: str, s: Scenario, n: int) -> Floats:
    """Return a stair's national draws; where there are none, its number in the scenario, else a guess."""
    if name in national:
        return national[name]
    stated = s.children.readiness_rate.get(name.removeprefix(READINESS), 0.1)
    return np.full(n, max(stated, 1e-4))


def _looks(elasticity: Floats, s: Scenario, work: WorkDone) -> Floats:
    """Return [draw]: the exponent of recognition here, attention^elasticity x practice x handovers."""
    c = s.children
    caseload = work.cases_per_fte
    cases = _children(s) if caseload is None else caseload
    attention = float(_plain.attention(c, cases, s.fte if caseload is None else 1.0))
    return np.asarray(
        np.power(attention, elasticity) * s.baseline.orientation * (1.0 - _felt(s, work))
    )


def _felt(s: Scenario, work: WorkDone) -> float:
    """Return by how much changes of caseworker lower the exponent, as a mean over cases."""
    a_year = s.work.turnover_rate if work.handovers is None else work.handovers.rate
    share = min(1.0, max(0.0, np.nan_to_num(a_year)) * s.children.handover_months / MONTHS)
    return float(share * (1.0 - s.children.handover_penalty))


def _children(s: Scenario) -> float:
    """Return the cases of the scenario's first day."""
    start = stationary_start(s)
    expected = np.where(start.count < 0, start.mean, start.count).sum(axis=0)
    return float(sum(n for x, n in zip(s.staircase, expected, strict=True) if x.is_case))


# --- the posterior ------------------------------------------------------------------------------


def _drawn(
    prior: _Prior, logs: Floats, informs: np.ndarray, used: np.ndarray, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return draws of the logit [draw] and of log rates [stair, draw].

    `logs` [stair, rate, chance]; `informs` [stair] say something about the chance, `used` about a rate.
    The grid is narrowed to where the posterior lies, then draws are made by quantile.
    """
    at = np.flatnonzero(used)
    splines = {s: RectBivariateSpline(prior.log_rates[s], LOGITS, logs[s]) for s in at}
    x = np.linspace(LOGITS[0], LOGITS[-1], FINE)
    y = {s: np.linspace(prior.log_rates[s, 0], prior.log_rates[s, -1], FINE) for s in at}
    for _ in range(ZOOMS):
        log_x = _normal(x, prior.logits.mean(), prior.logits.std())
        of_y = {}
        for s in at:
            mean = prior.level[s] + prior.slope[s] * (x - prior.logits.mean())
            wide = np.hypot(prior.residual[s].std(), prior.local[s])
            of_y[s] = splines[s](y[s], x) + _normal(y[s][:, None], mean, wide)
            if informs[s]:
                log_x = log_x + special.logsumexp(of_y[s], axis=0) + np.log(y[s][1] - y[s][0])
        mass_x, mass_y = special.softmax(log_x), {s: special.softmax(of_y[s], axis=0) for s in at}
        last_x, last_y = x, y
        x = _narrowed(x, mass_x)
        y = {s: _narrowed(y[s], mass_y[s] @ mass_x) for s in at}
    drawn_x = _quantile(last_x, mass_x, _places(prior.logits))
    column = np.clip(np.searchsorted(last_x, drawn_x), 0, FINE - 1)
    drawn_y = np.zeros((len(logs), len(drawn_x)))
    for s in at:
        z = special.ndtri(_places(prior.residual[s])) if prior.residual[s].std() > 1e-9 else 0.0
        own = rng.standard_normal(len(drawn_x))
        wide = np.hypot(prior.residual[s].std(), prior.local[s])
        u = special.ndtr((prior.residual[s].std() * z + prior.local[s] * own) / wide)
        drawn_y[s] = _quantiles(last_y[s], mass_y[s][:, column], u)
    return drawn_x, drawn_y


def _normal(x: Floats, mean: Floats, sd: Floats) -> Floats:
    return np.asarray(-0.5 * ((x - mean) / sd) ** 2)


def _narrowed(grid: Floats, mass: Floats) -> Floats:
    """Return as many points over the part of a grid that holds the mass."""
    there = np.flatnonzero(mass > _TINY * mass.max())
    low, high = max(there[0] - 1, 0), min(there[-1] + 1, len(grid) - 1)
    return np.linspace(grid[low], grid[high], len(grid))


def _places(values: Floats) -> Floats:
    """Return each value's place among them, between 0 and 1."""
    return (np.argsort(np.argsort(values, kind="stable")) + 0.5) / len(values)


def _quantile(grid: Floats, mass: Floats, u: Floats) -> Floats:
    """Return quantiles of a distribution by its mass around the points of an even grid."""
    edges = np.append(grid, 2 * grid[-1] - grid[-2]) - 0.5 * (grid[1] - grid[0])
    return np.interp(u, np.append(0.0, np.cumsum(mass)), edges)


def _quantiles(grid: Floats, mass: Floats, u: Floats) -> Floats:
    """Return [draw] the quantile u [draw] of each column of mass [point, draw]."""
    total = np.cumsum(mass, axis=0)
    place = np.minimum((total < u).sum(axis=0), len(grid) - 1)
    draw = np.arange(len(u))
    below = np.where(place > 0, total[place - 1, draw], 0.0)
    part = np.clip((u - below) / np.maximum(mass[place, draw], 1e-300), 0.0, 1.0)
    return np.asarray(grid[place] + (part - 0.5) * (grid[1] - grid[0]))
