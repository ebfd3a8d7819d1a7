"""Recognition and readiness: how often a follow-up sees a ready child, how fast children become ready.

Two unknowns decide most of what more follow-ups can do: the chance that one sees a ready child and moves
it down (recognition), and the rate at which children become ready. Moves down alone cannot tell them
apart: many ready children seldom seen look like few seen at once. The dates of follow-ups that led to
nothing can. So there are two ways, stair by stair:

* where follow-ups are recorded, the likelihood of `readiness_filter`, recognition common to all stairs;
* elsewhere the moves down are counted, Poisson at the rate 1 / (1 / rate + W) of the model's closed form,
  W = interval x (1 / chance - 1/2) (`rules.stationary_wait`), and recognition learns nothing from them.

The prior is the national posterior: its draws give the logits of recognition and, for each, the
logarithms of the rates (by regression), to which the spread between municipalities is added. How often a
follow-up moves a child that is not ready is unknown too, and integrated over. Draws are made by quantile:
draw i has the place among the local draws that national draw i has among the national ones, so
that what the national draws say together with other numbers is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from experiments.caselist.counts import Cells, counted
from experiments.caselist.model_rates import down_ratios, exposure_weighted
from experiments.caselist.readiness_filter import log_likelihood
from experiments.caselist.readiness_posterior import drawn
from experiments.caselist.readiness_prior import LOGITS, PREMATURE, READINESS, RECOGNITION, Prior
from experiments.caselist.readiness_seen import moves_down, stretches
from experiments.caselist.reading import CaseList
from experiments.caselist.spells import Spells
from experiments.caselist.standing import DAYS_A_YEAR, day_after, in_window
from experiments.caselist.work_done import MONTHS, WINDOW, WorkDone, work_done
from simulation.accounts import Floats
from simulation.scenario import Scenario
from simulation.stationary import stationary_start

Way = Literal["follow-ups", "moves down"]


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
    premature: Floats
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
    prior = Prior.of(cases, scenario, work)
    spells = cases.spells
    begin = day_after(spells.until, -window)
    found, shown = stretches(
        cases, begin, scenario.staircase, scenario.leave_age, scenario.children.handover_months
    )
    first, later = _intervals(cases, scenario, work)
    chances = special.expit(LOGITS)
    soon = -np.expm1(scenario.children.handover_penalty * np.log1p(-chances))
    down, exposure = _moves(spells, scenario, begin)
    logs = np.array(
        [
            np.where(
                shown[:, None, None],
                log_likelihood(found, chances, soon, prior.rates, early, first, later),
                _of_moves(down, exposure, prior.rates, later, early),
            )
            for early in prior.early
        ]
    )
    used = exposure > 0.0
    new = drawn(prior, logs, shown & used, used, rng)
    recognition = -np.expm1(np.log1p(-special.expit(new.logits)) / prior.looks)
    at = [i for i in np.flatnonzero(used) if prior.has_record[i]]
    records = {READINESS + spells.stairs[i]: np.exp(new.log_rates[i]) for i in at}
    spans = {name: span(prior.national[name], x) for name, x in records.items()}
    spans[RECOGNITION] = span(prior.national[RECOGNITION], recognition)
    spans[PREMATURE] = span(prior.national[PREMATURE], new.premature)
    return Readiness(
        recognition,
        new.premature,
        {spells.stairs[i]: np.exp(new.log_rates[i]) for i in at},
        {spells.stairs[i]: "follow-ups" if shown[i] else "moves down" for i in at},
        spans,
        span(special.expit(prior.logits), special.expit(new.logits)),
        len(found.gap) - int(found.unrecorded.sum()),
        int(found.down.sum()),
        int(found.unrecorded.sum()),
        int(down[used & ~shown].sum()),
    )


def span(before: Floats, after: Floats) -> Span:
    """Return median, 5 and 95 % point of draws before and after."""

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
    """Return moves down and child-years [stair] from `begin` on, these as the closed form counts them."""
    down = moves_down(spells, s.staircase, s.leave_age) & in_window(spells.end, begin, spells.until)
    n = len(spells.stairs)
    cells = Cells(tuple(map(float, s.age_bands)), (0.0,), float(s.leave_age))
    window = float((spells.until - begin).astype(int)) / DAYS_A_YEAR
    there = counted(spells, cells, window).exposure[..., 0]
    exposure = exposure_weighted(down_ratios(spells.stairs, cells), there)
    followed = [s.staircase[s.staircase.index(k)].kind in ("home", "care") for k in spells.stairs]
    return np.bincount(spells.stair[down], minlength=n).astype(float), exposure * followed


def _of_moves(down: Floats, exposure: Floats, rates: Floats, later: Floats, early: float) -> Floats:
    """Return [stair, rate, chance]: the log-likelihood of moves down counted over child-years."""
    interval = np.maximum(later, 1.0 / DAYS_A_YEAR)[:, None, None]
    wait = interval * (1.0 / special.expit(LOGITS) - 0.5)
    expected = 1.0 / (1.0 / rates[:, :, None] + wait) + early / interval
    return np.asarray(down[:, None, None] * np.log(expected) - exposure[:, None, None] * expected)
