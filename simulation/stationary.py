"""The start in closed form: what a stationary municipality looks like on the first day.

A scenario says how many children stand on each stair. Their ages, how long they have been there,
whether they are ready and when they were last followed up are drawn from the distributions that
today's rates would settle into, stair by stair. A burn-in would drift away from the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulation import rules
from simulation.compiled import plain_twin
from simulation.remembered import remembered
from simulation.scenario import Scenario

_plain_rules = plain_twin(rules)
_SHORTEST_STAY = 1e-6
_SHORTEST_WAIT = 0.25
"""Months that an assessment takes at least, for the first day."""


@dataclass(frozen=True)
class Start:
    """What the first day is drawn from. Axes: district, stair, month of age at entry."""

    count: NDArray[np.int64]
    mean: NDArray[np.float64]
    age: NDArray[np.float64]
    hazard: NDArray[np.float64]
    unready: NDArray[np.float64]
    ready_hazard: NDArray[np.float64]
    first: NDArray[np.float64]
    later: NDArray[np.float64]


@dataclass(frozen=True)
class Stays:
    """How long children stay on each stair under today's rates. Arrays [stair], months or per month."""

    hazard: NDArray[np.float64]
    """Of leaving the stair."""
    ready_hazard: NDArray[np.float64]
    first: NDArray[np.float64]
    """Months to the first follow-up, as achieved; 0 without any."""
    later: NDArray[np.float64]
    """Months between later ones."""


@remembered
def stationary_stays(scenario: Scenario) -> Stays:
    """Return the hazards and intervals of the first day, which tell of nobody's age."""
    first, later = _intervals(scenario)
    seen = recognition_today(scenario)
    waits = [rules.stationary_wait(months, seen) for months in later]
    return Stays(
        hazard=np.array([_leaving(scenario, i, wait) for i, wait in enumerate(waits)]),
        ready_hazard=np.array([_ready_hazard(scenario, key) for key in scenario.staircase.keys]),
        first=first,
        later=later,
    )


@remembered
def stationary_start(scenario: Scenario) -> Start:
    """Return the distributions of the first day under today's rates."""
    stays, seen = stationary_stays(scenario), recognition_today(scenario)
    stairs = zip(stays.ready_hazard, stays.first, stays.later, strict=True)
    return Start(
        count=np.array([_counts(scenario, d) for d in range(len(scenario.districts))], np.int64),
        mean=_means(scenario),
        age=np.array([_ages(scenario, i, hazard) for i, hazard in enumerate(stays.hazard)]),
        hazard=stays.hazard,
        unready=np.array([rules.unready_after_follow_up(*stair, seen) for stair in stairs]),
        ready_hazard=stays.ready_hazard,
        first=stays.first,
        later=stays.later,
    )


def _intervals(s: Scenario) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return months to the first and between later follow-ups per stair as achieved, 0 without any."""
    followed = [x.kind in ("home", "care") for x in s.staircase]
    today = [s.reviews.rule(key) for key in s.staircase.keys]
    stretch = follow_up_stretch(s) * np.array(followed, float)
    return stretch * [r.first for r in today], stretch * [r.later for r in today]


def follow_up_stretch(scenario: Scenario) -> float:
    """Return achieved / targeted interval that today's hours allow: 1, or more under overload.

    Follow-ups get what reactive work and assessments leave, but at least their guaranteed share.
    """
    w = scenario.work
    hours = scenario.fte * w.case_hours * (1.0 - w.sickness)
    reactive = wanted = 0.0
    for stair, n in zip(scenario.staircase, _children_there(scenario), strict=True):
        if stair.is_case:
            reactive += n * w.weight[stair.key] * w.reactive_hours
        if stair.kind in ("home", "care"):
            later = scenario.reviews.rule(stair.key).later
            wanted += n * w.weight[stair.key] * w.follow_up_hours / later
    assessed = sum(d.inflow for d in scenario.districts) * _assessed_share(scenario) / 12.0
    left = hours - reactive - assessed * w.assessment_hours
    given = max(left, w.guaranteed_share.follow_ups * hours)
    return 1.0 if wanted <= given else min(24.0, wanted / max(given, _SHORTEST_STAY))


@remembered
def fates(s: Scenario) -> tuple[float, float]:
    """Return which shares of children newly at risk become known, and are placed in an acute crisis.

    All become known, at once, where the staircase has no hidden stair; nobody at rates of 0.
    """
    if s.staircase.first("hidden") < 0:
        return 1.0, 0.0
    c = s.children
    detection = c.detection_rate * s.baseline.outreach
    total = detection + c.hidden_crisis_rate + c.hidden_recovery_rate
    return (detection / total, c.hidden_crisis_rate / total) if total > 0 else (0.0, 0.0)


def _assessed_share(s: Scenario) -> float:
    """Return the share of children newly at risk who come to be assessed, re-entries apart."""
    return fates(s)[0] if s.staircase.first("assessment") >= 0 else 0.0


def _counts(s: Scenario, district: int) -> list[int]:
    """Return counts per stair; -1 where the scenario leaves it to the stationary mean."""
    start = s.counted(s.districts[district])
    drawn = {x.key for x in s.staircase if x.kind in ("hidden", "assessment")}
    return [start.get(key, -1 if key in drawn else 0) for key in s.staircase.keys]


@remembered
def _children_there(s: Scenario) -> NDArray[np.float64]:
    """Return the children expected on each stair on the first day, over all districts."""
    counts = np.array([_counts(s, d) for d in range(len(s.districts))], float)
    return np.asarray(np.where(counts < 0, _means(s), counts).sum(axis=0))


@remembered
def _means(s: Scenario) -> NDArray[np.float64]:
    """Return expected children [district, stair] on stairs that may be left uncounted.

    Undetected: arrivals a month x the mean stay until something happens or the leaving age.
    """
    means = np.zeros((len(s.districts), len(s.staircase)))
    for d, district in enumerate(s.districts):
        for i, stair in enumerate(s.staircase):
            if stair.kind == "hidden":
                means[d, i] = district.inflow / 12.0 * entries_present(s, i, _leaving(s, i, 0.0)).sum()
            elif stair.kind == "assessment":
                yearly = district.inflow * _assessed_share(s)
                means[d, i] = yearly * assessment_months(s) / 12.0
    return means


def assessment_months(s: Scenario) -> float:
    """Return at the ends of how many months a child is under assessment, hours apart.

    After k months a share exp(-k / wait) still is, so 1 / (1 - exp(-1 / wait)): half a month above
    the mean wait, and 1 where there is none.
    """
    return float(-1.0 / np.expm1(-1.0 / _assessment_wait(s)))


def _assessment_wait(s: Scenario) -> float:
    return max(_SHORTEST_WAIT, s.work.assessment_wait)


@remembered
def recognition_today(s: Scenario) -> float:
    """Return the chance that a follow-up sees a ready child, at the attention of the first day."""
    c = s.children
    cases = sum(n for x, n in zip(s.staircase, _children_there(s), strict=True) if x.is_case)
    today = _plain_rules.attention(c, cases, s.fte)
    exponent = rules.power(today, c.recognition_elasticity) * s.baseline.orientation
    return float(rules.recognition_chance(c.recognition, exponent))


def _ready_hazard(s: Scenario, key: str) -> float:
    return s.children.readiness_rate.get(key, 0.0) / 12.0


def _leaving(s: Scenario, stair: int, wait: float) -> float:
    """Return the monthly hazard of leaving a stair: by readiness and follow-up, or by crisis."""
    c, kind, key = s.children, s.staircase[stair].kind, s.staircase.keys[stair]
    if kind == "hidden":
        detected = c.detection_rate * s.baseline.outreach
        return (detected + c.hidden_crisis_rate + c.hidden_recovery_rate) / 12.0
    if kind == "assessment":
        return 1.0 / _assessment_wait(s)
    ready = c.readiness_rate.get(key, 0.0) / 12.0
    down = 1.0 / (1.0 / ready + wait) if ready > 0 and np.isfinite(wait) else 0.0
    crisis = c.crisis_rate.get(key, 0.0) / 12.0
    return float(down + crisis * (c.breakdown_up if kind == "care" else 1.0))


def _ages(s: Scenario, stair: int, hazard: float) -> NDArray[np.float64]:
    """Return the cumulated distribution of age at entry (months) among those present."""
    weight = entries_present(s, stair, hazard)
    if weight.sum() <= 0.0:  # no entries that young or old: spread evenly over the ages allowed
        weight = (np.arange(len(weight)) >= s.staircase[stair].youngest * 12).astype(float)
    return np.asarray(np.cumsum(weight) / weight.sum())


def entries_present(s: Scenario, stair: int, hazard: float) -> NDArray[np.float64]:
    """Return [age at entry in months]: share of entries x mean months until it ends."""
    density = entry_density(s, stair)
    left = np.arange(len(density), 0, -1)
    stay = -np.expm1(-hazard * left) / hazard if hazard > 0 else left.astype(float)
    return np.asarray(density * stay)


def entry_density(s: Scenario, stair: int) -> NDArray[np.float64]:
    """Return [age in months]: share of entries to a stair; shared by all who ask."""
    shares = s.children.age_at_entry if s.staircase[stair].in_care else s.children.age_at_arrival
    return _density(shares, s.age_bands, s.leave_age, s.staircase[stair].youngest)


@lru_cache
def _density(
    shares: tuple[float, ...], age_bands: tuple[int, ...], leave_age: int, youngest: int
) -> NDArray[np.float64]:
    """Return [age in months]: share of entries; the ages of a band are alike, none below the youngest."""
    bounds = [*(b * 12 for b in age_bands), leave_age * 12]
    density = np.zeros(leave_age * 12)
    for share, low, high in zip(shares, bounds[:-1], bounds[1:], strict=True):
        density[low:high] = share / (high - low)
    density[: youngest * 12] = 0.0
    return density
