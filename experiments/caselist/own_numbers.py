"""Own numbers: draws of what a municipality's case list knows better than the country.

Draw i starts from national draw i and is changed as far as the municipality's own counts say something:

* recognition and readiness by `readiness`;
* crises (with planned moves up), turnover: the national rate times a factor, Gamma(`ALIKE`) of mean 1
  between municipalities, given the events counted and those expected (gamma and Poisson are conjugate);
* shares (of breakdowns that lead higher, of moves down that end at home, of entries by age): beta or
  Dirichlet around the national share, worth `ALIKE_SHARES` of the municipality's own events.

Of a record that the list says nothing about there are no draws: the country's stay. Inflow, the share
placed after an assessment and residential care at entry are settled by today's counts, not drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.caselist.counts import Cells, Counts, counted
from experiments.caselist.model_rates import exposure_weighted, up_ratios
from experiments.caselist.readiness import Readiness, Span, readiness, span
from experiments.caselist.readiness_prior import PREMATURE, READINESS, RECOGNITION
from experiments.caselist.readiness_seen import moves_down, moves_up
from experiments.caselist.reading import CaseList
from experiments.caselist.spells import Ints, Spells
from experiments.caselist.standing import day_after, in_window, moves_on, years
from experiments.caselist.work_done import MONTHS, WINDOW, WorkDone, work_done
from experiments.draws import as_array, posterior, posterior_hash
from experiments.own_draws import as_text, may_be_own, within_bounds
from simulation.accounts import Floats
from simulation.parameters import parameter, parameters
from simulation.scenario import Scenario
from simulation.stationary import stationary_start

ALIKE = 8.0
"""Strength of the prior of a factor on a rate: between municipalities rates differ by a third (as
`pooling.LEVEL`)."""
ALIKE_SHARES = 20.0
"""Events that a national share is worth: between municipalities shares of a half differ by a tenth."""
SWEEPS = 12

CRISIS, PLANNED, HOME = "children.crisis_rate.", "children.planned_up.", "children.home_share."
BREAKDOWN_UP, TURNOVER, AGE = "children.breakdown_up", "work.turnover_rate", "children.age_at_entry."


@dataclass(frozen=True)
class Learnt:
    """What one record's own draws rest on: events counted, and how much of the posterior is theirs."""

    events: int
    weight: float


@dataclass(frozen=True)
class OwnNumbers:
    """Draws of a municipality's own numbers [draw] by record, in the order of the national draws.

    `spans` what the country's draws and the own ones say, `learnt` what those rest on that were counted;
    `places_told`: the list tells places on one stair apart. Counted from `begin` up to `until`.
    """

    columns: dict[str, Floats]
    spans: dict[str, Span]
    learnt: dict[str, Learnt]
    readiness: Readiness
    work: WorkDone
    places_told: bool
    begin: np.datetime64
    until: np.datetime64

    @property
    def middle(self) -> dict[str, float]:
        """The median of each number, such as a scenario may state."""
        return {name: float(np.median(x)) for name, x in self.columns.items()}

    def as_text(self) -> str:
        """Return the draws as the file that `[case_list] draws` of a scenario names."""
        last = self.until - np.timedelta64(1, "D")
        about = f"A municipality's own numbers, drawn from its case list, {self.begin} to {last}."
        return as_text(self.columns, about, posterior_hash())


def own_numbers(
    cases: CaseList, scenario: Scenario, rng: np.random.Generator, *, window: float = WINDOW
) -> OwnNumbers:
    """Return the own numbers from the last `window` years of a case list.

    `scenario` is the municipality's: staircase, age bands, today's intervals and practice. ValueError
    where the window is not positive.
    """
    work = work_done(cases, window)
    begin = day_after(cases.spells.until, -window)
    ready = readiness(cases, scenario, rng, window=window, work=work)
    found = {READINESS + key: x for key, x in ready.rates.items()}
    if ready.from_follow_ups:
        found |= {RECOGNITION: ready.recognition, PREMATURE: ready.premature}
    learnt: dict[str, Learnt] = {}
    seen = _Seen.of(cases.spells, scenario, begin, window)
    for more, what in (
        _crises(seen, scenario, rng), _home(seen, rng), _ages(seen, scenario, rng), _left(work, rng)
    ):  # fmt: skip
        found |= more
        learnt |= what
    columns = {k: within_bounds(k, x) for k, x in found.items() if may_be_own(k)}
    spans = {k: span(_national(k), x) for k, x in columns.items()}
    return OwnNumbers(columns, spans, learnt, ready, work, seen.same.sum() > 0, begin, cases.spells.until)


def _national(name: str) -> Floats:
    """Return the national draws of a record; of one that was not fitted, quantiles of its range."""
    rows = list(posterior())
    if name in rows[0]:
        return as_array(rows, [name])[:, 0]
    u = (np.arange(len(rows)) + 0.5) / len(rows)
    order = np.random.Generator(np.random.PCG64(len(name))).permutation(len(rows))
    return np.asarray(parameter(name).sample(u[order]))


# --- what was seen ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Seen:
    """Counts of a window: `exposure` [stair, age] child-years, `up`, `same` [stair] moves.

    `home` and `down` [stair]: moves down that went home, of those that could have gone to other care.
    """

    stairs: tuple[str, ...]
    kind: np.ndarray
    cells: Cells
    counts: Counts
    exposure: Floats
    up: Ints
    same: Ints
    home: Ints
    down: Ints

    @classmethod
    def of(cls, spells: Spells, s: Scenario, begin: np.datetime64, window: float) -> _Seen:
        """Return what the last `window` years of a case list have counted."""
        n, stairs = len(spells.stairs), spells.stairs
        cells = Cells(tuple(map(float, s.age_bands)), (0.0,), float(s.leave_age))
        counts = counted(spells, cells, window)
        ended = in_window(spells.end, begin, spells.until)
        up, same = (x & ended for x in moves_up(spells, s.staircase))
        home, down = _to_home(spells, s, moves_down(spells, s.staircase, s.leave_age) & ended)
        by_stair = (np.bincount(spells.stair[x], minlength=n) for x in (up, same, home, down))
        kind = np.array([s.staircase[s.staircase.index(key)].kind for key in stairs])
        return cls(stairs, kind, cells, counts, counts.exposure[..., 0], *by_stair)


def _to_home(spells: Spells, s: Scenario, down: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return [spell] which moves down from care went home, and which had less intrusive care to go to.

    That is a stair that needs no kin and takes children of that age; otherwise home says nothing.
    """
    position = np.array([s.staircase.index(key) for key in spells.stairs])
    in_care = np.array([x.in_care for x in s.staircase])
    age = years(spells.last - spells.birth[spells.child])
    open_from = np.array([_open_from(s, i) for i in range(len(s.staircase))])
    here = position[spells.stair]
    could = down & in_care[here] & (age >= open_from[here])
    to_care = np.zeros(len(spells), bool)
    source, target = moves_on(spells)
    to_care[source] = in_care[position[spells.stair[target]]]
    return could & ~to_care, could


def _open_from(s: Scenario, stair: int) -> float:
    """Return the age from which a child on a stair has less intrusive care without kin to go to."""
    stairs = [s.staircase[i] for i in range(stair)]
    below = [x.youngest for x in stairs if x.in_care and not x.needs_network]
    return float(min(below, default=np.inf))


# --- rates --------------------------------------------------------------------------------------

_Found = tuple[dict[str, Floats], dict[str, Learnt]]


def _crises(seen: _Seen, s: Scenario, rng: np.random.Generator) -> _Found:
    """Return draws of crises and planned moves up by stair, and of the share of breakdowns that lead up.

    Moves up are crises or found need; a breakdown leads up or to another place on the same stair. Which
    move was which is drawn along (Gibbs sampling, one short chain for each draw).
    """
    national, there = posterior()[0], seen.exposure.sum(axis=1) > 0.0
    at = [i for i, key in enumerate(seen.stairs) if CRISIS + key in national and there[i]]
    if not at:
        return {}, {}
    kappa = np.array([_national(CRISIS + seen.stairs[i]) for i in at])
    later = stationary_start(s).later
    a_year = np.array([_a_year(later[s.staircase.index(seen.stairs[i])]) for i in at])
    names = [PLANNED + seen.stairs[i] for i in at]
    has_plan = [name in national for name in names]
    need = np.array(
        [_national(name) if has else 0.0 * kappa[0] for name, has in zip(names, has_plan, strict=True)]
    )
    planned = need * a_year[:, None]
    exposure = exposure_weighted(up_ratios(seen.stairs, seen.cells), seen.exposure)[at][:, None]
    care = (seen.kind[at] == "care")[:, None]
    last = np.array([seen.stairs[i] == s.staircase.keys[-1] for i in at])[:, None]
    told = seen.same.sum() > 0
    up, same = seen.up[at][:, None], seen.same[at][:, None] * care
    share, national_share = _national(BREAKDOWN_UP), _national(BREAKDOWN_UP)
    factor = np.ones_like(kappa)
    for _ in range(SWEEPS):
        leads = np.where(care, np.where(last, 0.0, share), 1.0)
        shown = kappa * (np.where(care, 1.0, leads) if told else leads) + planned
        factor = rng.gamma(ALIKE + up + same * told, 1.0 / (ALIKE + exposure * shown))
        if told:
            crises = rng.binomial(up, _part(kappa * leads, planned))
            mine = care & ~last
            ups, sames = (crises * mine).sum(axis=0), (same * mine).sum(axis=0)
            share = rng.beta(
                ALIKE_SHARES * national_share + ups, ALIKE_SHARES * (1.0 - national_share) + sames
            )
    shown_any = (exposure * shown).mean(axis=1)
    found, learnt = {}, {}
    for j, i in enumerate(at):
        if shown_any[j] <= 0.0 or (last[j, 0] and not told):
            continue
        what = Learnt(int(up[j, 0] + told * same[j, 0]), float(shown_any[j] / (ALIKE + shown_any[j])))
        found[CRISIS + seen.stairs[i]], learnt[CRISIS + seen.stairs[i]] = kappa[j] * factor[j], what
        if has_plan[j]:
            found[names[j]] = need[j] * factor[j]
    if told:
        n = int((same * (care & ~last)).sum() + (up * (care & ~last)).sum())
        found[BREAKDOWN_UP], learnt[BREAKDOWN_UP] = share, Learnt(n, n / (n + ALIKE_SHARES))
    return found, learnt


def _a_year(months: float) -> float:
    return MONTHS / months if months > 0.0 else 0.0


def _part(one: Floats, other: Floats) -> Floats:
    return one / np.maximum(one + other, 1e-12)


def _left(work: WorkDone, rng: np.random.Generator) -> _Found:
    """Return draws of the turnover of caseworkers."""
    if work.turnover is None or work.turnover.years <= 0.0:
        return {}, {}
    national = _national(TURNOVER)
    expected = national * work.turnover.years
    factor = rng.gamma(ALIKE + work.turnover.events, 1.0 / (ALIKE + expected))
    weight = float((expected / (ALIKE + expected)).mean())
    return {TURNOVER: national * factor}, {TURNOVER: Learnt(work.turnover.events, weight)}


# --- shares -------------------------------------------------------------------------------------


def _home(seen: _Seen, rng: np.random.Generator) -> _Found:
    """Return draws of the share of moves down from each care stair that end at home."""
    found, learnt = {}, {}
    for i, key in enumerate(seen.stairs):
        name, n = HOME + key, int(seen.down[i])
        if name in posterior()[0] and n:
            share = np.clip(_national(name), 1e-3, 1.0 - 1e-3)
            home = int(seen.home[i])
            found[name] = rng.beta(ALIKE_SHARES * share + home, ALIKE_SHARES * (1.0 - share) + n - home)
            learnt[name] = Learnt(n, n / (n + ALIKE_SHARES))
    return found, learnt


def _ages(seen: _Seen, s: Scenario, rng: np.random.Generator) -> _Found:
    """Return draws of the shares of age bands among entries into care."""
    names = [f"{AGE}{age}" for age in s.age_bands]
    care = seen.kind == "care"
    entries = seen.counts.entered[care].sum(axis=0)
    entries = entries + seen.counts.to[~care][..., care].sum(axis=(0, 2))
    n = int(entries.sum())
    if not n or not all(name in parameters() for name in names):
        return {}, {}
    prior = np.array([_national(name) for name in names])
    shape = ALIKE_SHARES * prior / prior.sum(axis=0) + entries[:, None]
    drawn = rng.gamma(shape)
    drawn /= drawn.sum(axis=0)
    weight = n / (n + ALIKE_SHARES)
    return dict(zip(names, drawn, strict=True)), {
        name: Learnt(int(k), weight) for name, k in zip(names, entries, strict=True)
    }
