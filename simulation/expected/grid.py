"""The grid: into which groups children are sorted, and the arrays of expected numbers of them.

A child at home or in care stands in one cell of `cases`: stair, cohort (a year of births), trait
(severity, kin, covered), phase, ready or not, months since the last follow-up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from simulation.layout import PLACES
from simulation.tables import Floats, Ints, Tables

BINS = 5
"""Groups of equal size into which children are sorted by severity on arrival."""

WITHIN = 8
"""Points that stand for the severities within one such group."""

MONTHS_APART = 64
"""Months since a follow-up that are told apart; the last one stands for all beyond."""

MONTHS_ASSESSED = 24
"""Months under assessment that are told apart; the last one stands for all beyond."""

UNHELD, HELD, EARLY, EARLY_HELD, YOUNG = range(5)
"""Phases of a stay: before the first follow-up, after it; both for children moved down before they were
ready, as long as that is felt; and after the first follow-up while the early interval holds."""
PHASES = 5

COHORT = 12
"""Months of birth in one cohort."""


class Traits(NamedTuple):
    """What a child keeps for life: [trait], and [trait, point] for the severities it stands for."""

    severity: Floats
    spread: Floats  # severities of the group / its mean
    share: Floats  # of the children who arrive, among those with kin and among those without
    network: Ints
    covered: Ints
    above: Ints  # trait of the same kind, next higher severity; itself where there is none


class Grid(NamedTuple):
    """Groups of children, and how they come."""

    traits: Traits
    born: Ints  # [cohort] first month of birth
    cuts: Ints  # [class] age in months from which on it is another class
    arriving: Floats  # [month of age] share of the children newly at risk
    prices: Floats  # [stair, point] DKK a month


class People(NamedTuple):
    """Expected numbers of children."""

    cases: Floats  # [stair, cohort, trait, phase, ready, since]
    standing: Floats  # [covered, stair, phase, since] sum over these
    ready: Floats  # [stair] sum over those who are ready
    waiting: Floats  # [stair, cohort, trait] of these, who were to move down and found no place
    hidden: Floats  # [cohort, trait]
    grown: Floats  # [cohort, trait] sum over these of what severity has been multiplied with
    assessed: Floats  # [hours are done, cohort, trait, months]
    closed: Floats  # [cohort, trait, months]
    came: Floats  # [place, moved down before ready, cohort, trait] this month
    flow: Floats  # [place, place] moves of this month


def grid_of(tables: Tables, severity_growth_felt: float) -> Grid:
    """Return the groups for the tables of one district.

    `severity_growth_felt` is the mean factor by which severity grows until a child is detected.
    """
    t = tables.table[0]
    return Grid(
        traits=_traits(t, float(tables.districts["reach"][0]), severity_growth_felt),
        born=_cohorts(t),
        cuts=_cuts(t),
        arriving=_arriving(t),
        prices=_prices(t),
    )


def empty_people(tables: Tables, grid: Grid) -> People:
    """Return arrays of zeros for the groups of a grid."""
    t = tables.table[0]
    groups = (len(grid.born), len(grid.traits.severity))
    n = int(t["n_stairs"])
    return People(
        cases=np.zeros((n, *groups, PHASES, 2, MONTHS_APART)),
        standing=np.zeros((2, n, PHASES, MONTHS_APART)),
        ready=np.zeros(n),
        waiting=np.zeros((n, *groups)),
        hidden=np.zeros(groups),
        grown=np.zeros(groups),
        assessed=np.zeros((2, *groups, MONTHS_ASSESSED)),
        closed=np.zeros((*groups, int(t["reentry_months"]) + 2)),
        came=np.zeros((PLACES, 2, *groups)),
        flow=np.zeros((PLACES, PLACES)),
    )


def severity_bins(sd_log: float) -> tuple[Floats, Floats]:
    """Return (mean, points / mean) of equal groups of a lognormal severity of mean 1.

    The mean severity between the quantiles a and b is Phi(sd - z(a)) - Phi(sd - z(b)), over b - a.
    """
    if sd_log <= 0.0:
        return np.ones(1), np.ones((1, 1))
    edges = ndtri(np.linspace(0.0, 1.0, BINS * WITHIN + 1))
    points = -np.diff(ndtr(sd_log - edges)) * BINS * WITHIN
    groups = points.reshape(BINS, WITHIN)
    means = groups.mean(axis=1)
    return means, groups / means[:, None]


def _traits(t: np.void, reach: float, growth: float) -> Traits:
    """Return all traits; severities reach as far as children who were long undetected."""
    means, spread = severity_bins(float(t["severity_sd"]))
    arriving = np.full(len(means), 1.0 / len(means))
    if growth > 1.0:
        means = np.append(means, means[-1] * growth)
        spread, arriving = np.vstack([spread, spread[-1:]]), np.append(arriving, 0.0)
    covered = [c for c, p in ((0, 1.0 - reach), (1, reach)) if p > 0.0]
    rows = [(s, k, c) for c in covered for k in (0, 1) for s in range(len(means))]
    of_cover = (1.0 - reach, reach)
    which = np.array([s for s, _, _ in rows])
    return Traits(
        severity=means[which],
        spread=spread[which],
        share=np.array([arriving[s] * of_cover[c] for s, _, c in rows]),
        network=np.array([k for _, k, _ in rows], np.int64),
        covered=np.array([c for _, _, c in rows], np.int64),
        above=np.arange(len(rows)) + (which < len(means) - 1),
    )


def _cohorts(t: np.void) -> Ints:
    oldest = -int(t["leave_age"])
    return np.arange(oldest, int(t["n_months"]) + COHORT, COHORT, dtype=np.int64)


def _cuts(t: np.void) -> Ints:
    n, bands = int(t["n_stairs"]), int(t["n_bands"])
    ages = {0, *t["stair"]["youngest"][:n].tolist(), *t["band"]["start"][:bands].tolist()}
    return np.array(sorted(ages), np.int64)


def _arriving(t: np.void) -> Floats:
    shares = np.zeros(int(t["leave_age"]))
    before = 0.0
    for band in t["band"][: int(t["n_bands"])]:
        ages = slice(int(band["start"]), int(band["start"] + band["width"]))
        shares[ages] = (float(band["arrival"]) - before) / float(band["width"])
        before = float(band["arrival"])
    return shares


def _prices(t: np.void) -> Floats:
    from simulation import rules

    points = (np.arange(WITHIN) + 0.5) / WITHIN
    return np.array(
        [[rules.monthly_price(t, u, stair) for u in points] for stair in range(int(t["n_stairs"]))]
    )
