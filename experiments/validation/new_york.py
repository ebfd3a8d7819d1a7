"""New York: fewer cases per caseworker in the city, and a trial of intensive work in the state.

Neither is fitted. What the studies do not say and the model needs stands in the docstrings.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from experiments.calibration.runs import with_caseload, with_interval
from experiments.validation.histories import Flags, History, Ints, histories
from experiments.validation.posts import months_after, posts_to_reach
from experiments.validation.settings import (
    CASELOAD_TODAY,
    COUNTRY,
    Experiment,
    Found,
    Setting,
    named,
    yearly,
)
from simulation.accounts import Floats, in_care
from simulation.ledger import Event
from simulation.parameters import value
from simulation.policy import Capacity, Policy, ReviewRule
from simulation.scenario import Scenario

YEAR = 12
MONTHLY = ReviewRule(first=1.0, later=1.0)
"""A follow-up every month: as close as months allow, and held only as far as hours allow."""
NYC_MONTHS, NYC_HISTORIES = 120, 16
TRIAL_MONTHS, TRIAL_SIZE, TRIAL_HISTORIES = 60, 15, 4
TRIAL_CASELOAD, TRIAL_SERVICE = 10.0, 9
"""Cases per caseworker in the trial, and the months it lasted (8.5)."""


def new_york_city(at: Setting) -> Found:
    """Return what happened to exits from care when a caseload fell as New York City's did.

    The average Danish municipality, all children in care; the review rule is a follow-up every month,
    held as far as hours allow (New York asks for contact at least monthly). The first year, in which
    new caseworkers learn, is left out.
    """
    before, after = value("target.nyc.caseload_before"), value("target.nyc.caseload_after")
    s = with_caseload(with_interval(at.scenario(COUNTRY, NYC_MONTHS), 1.0), before)
    policy = Policy(capacity=Capacity(extra_fte=posts_to_reach(s, before, after)))
    arms = [list(histories(s, p, seed=at.seed, replicates=NYC_HISTORIES)) for p in (None, policy)]
    rate, cases, stay = (_ratio(of, arms) for of in (_exit_rate, _caseload, _median_stay))
    return {
        "target.nyc.exit_hazard_ratio": np.array([rate]),
        "target.nyc.caseload_elasticity": np.array([math.log(rate) / math.log(cases)]),
        "target.nyc.median_stay_ratio": np.array([stay]),
    }


def _ratio(of: Callable[[list[History]], float], arms: list[list[History]]) -> float:
    before, after = (of(arm) for arm in arms)
    return after / before


def _exit_rate(arm: list[History]) -> float:
    """Return exits from care, home or at 18, per child-year in care after the first year."""
    b = yearly(arm)
    left = (b["new_exits"] + b["new_aged_out"])[:, 1:].sum()
    return float(left / b.over("n_", in_care)[:, 1:].sum())


def _caseload(arm: list[History]) -> float:
    """Return cases per FTE after the first year."""
    b = yearly(arm)
    return float(b["n_cases"][:, 1:].sum() / b["n_fte"][:, 1:].sum())


def _median_stay(arm: list[History]) -> float:
    """Return the median stay in care (months) of those who entered after the first year."""
    episodes = [h.episodes for h in arm]
    start = np.concatenate([e.start for e in episodes])
    months = np.concatenate([e.end for e in episodes]) - start
    ended = np.concatenate([e.ended for e in episodes])
    return median_stay(months[start >= YEAR], ended[start >= YEAR])


def median_stay(months: Ints, ended: Flags) -> float:
    """Return the Kaplan-Meier median of stays; NaN where fewer than half have ended.

    Between whole months the curve is taken as a line, so that small changes show.
    """
    left, before = 1.0, 1.0
    for month in np.unique(months[ended]):
        at_risk = (months >= month).sum()
        before, left = left, left * (1.0 - (ended & (months == month)).sum() / at_risk)
        if left <= 0.5:
            return float(month - 1.0 + (before - 0.5) / (before - left))
    return math.nan


# --- New York State: ten families per caseworker for 8.5 months --------------------------------------


def intensive_trial(at: Setting) -> Found:
    """Return the share at home of children in care, usual service against intensive work that stops.

    A closed cohort: the children in care on the first day who are too young to turn 18 meanwhile; nobody
    new comes. Usual: today's caseload and rule. Intensive: ten cases per caseworker and a follow-up every
    month for nine months, then as before. As cases close, the caseload falls in both.
    """
    s = closed_cohort(at)
    service = Policy(
        stop=months_after(s.start, TRIAL_SERVICE),
        capacity=Capacity(extra_fte=posts_to_reach(s, CASELOAD_TODAY, TRIAL_CASELOAD)),
        reviews=MONTHLY,
    )
    usual, intensive = (home_by_month(s, policy, at.seed) for policy in (None, service))
    at_8, at_14 = (slice(m - 1, m + 1) for m in (8, 14))  # 8.5 and 14.5 months
    early, late = (intensive - usual)[[*range(7, 9), *range(13, 15)]].mean(), intensive[-1] - usual[-1]
    return {
        "target.ny_trial.home_at_8_intensive": intensive[at_8].mean(keepdims=True),
        "target.ny_trial.home_at_8_usual": usual[at_8].mean(keepdims=True),
        "target.ny_trial.home_at_14_intensive": intensive[at_14].mean(keepdims=True),
        "target.ny_trial.home_at_14_usual": usual[at_14].mean(keepdims=True),
        "target.ny_trial.home_at_60_ratio": intensive[-1:] / usual[-1:],
        "ny_trial.gap_left": np.array([late / early if early > 0.0 else np.nan]),
    }


def closed_cohort(at: Setting) -> Scenario:
    """Return children in care, many times the average municipality's, at today's caseload.

    Nobody else is there and nobody comes. They entered care before their teens, in families or
    residential care; those who are 13 or older by now are there, but not in the cohort.
    """
    s = at.scenario(COUNTRY, TRIAL_MONTHS)
    d, young = s.districts[0], {x.key for x in s.staircase if x.in_care and x.youngest == 0}
    closed = d.model_copy(
        update={
            "inflow": 0.0,
            "start": {key: n * TRIAL_SIZE for key, n in d.start.items() if key in young},
            "places": {key: n * TRIAL_SIZE for key, n in d.places.items()},
        }
    )
    ages = s.children.model_copy(update={"age_at_entry": _young(s)})
    s = s.model_copy(update={"districts": (closed,), "children": ages})
    return with_caseload(s, CASELOAD_TODAY)


def _young(s: Scenario) -> tuple[float, ...]:
    """Return ages at entry, spread evenly over the age bands below the teen age."""
    below = [float(age < s.children.teen_age) for age in s.age_bands]
    return tuple(x / sum(below) for x in below)


def home_by_month(s: Scenario, policy: Policy | None, seed: int) -> Floats:
    """Return [month]: the share of the cohort that is not in care at the end of each month."""
    home, n = np.zeros(s.months), 0
    for h in histories(s, policy, seed=seed, replicates=TRIAL_HISTORIES):
        children = cohort(h)
        home += len(children) - in_care_by_month(h, children)
        n += len(children)
    return home / n


def cohort(h: History) -> Ints:
    """Return the children in care on the first day who do not turn 18 within the trial."""
    p = h.placements
    children = p.child[p.began_by == Event.START]
    return children[-h.births(children) < 18 * YEAR - h.scenario.months]


def in_care_by_month(h: History, children: Ints) -> Ints:
    """Return [month]: how many of the children are in care at the end of each month."""
    p = h.placements[np.isin(h.placements.child, children)]
    change = np.zeros(h.scenario.months + 1, np.int64)
    np.add.at(change, p.start, 1)
    np.add.at(change, p.end, -1)
    return np.cumsum(change)[:-1]


def experiments() -> tuple[Experiment, ...]:
    """Return the experiments of this file."""
    homes = ("home_at_8_intensive", "home_at_8_usual", "home_at_14_intensive", "home_at_14_usual")
    trial = (*named("ny_trial", *homes, "home_at_60_ratio"), "ny_trial.gap_left")
    city = named("nyc", "exit_hazard_ratio", "caseload_elasticity", "median_stay_ratio")
    return (Experiment(new_york_city, city), Experiment(intensive_trial, trial))
