"""The country: national stocks, flows, time and money, of an average municipality."""

from __future__ import annotations

import numpy as np

from experiments import measures as ms
from experiments.calibration.runs import (
    AIMS,
    LAST_YEAR,
    SECOND_YEAR,
    SETTLED_YEARS,
    ledger,
    with_caseload,
    with_interval,
)
from experiments.validation.histories import EVENT, FROM, MONTH, History, histories
from experiments.validation.settings import (
    COUNTRY,
    Experiment,
    Found,
    Setting,
    aims_of,
    in_the_prices_of,
    named,
    pooled,
    yearly,
)
from simulation.accounts import Floats, Ledger, in_care, residential
from simulation.costs import placements
from simulation.ledger import Event
from simulation.parameters import value
from simulation.reading import shipped_scenarios

COUNTRY_2014 = "denmark_2014"
MONTHS, HISTORIES = 48, 24
SHORT_MONTHS, SHORT_HISTORIES = 24, 12


def net_entries(years: slice) -> ms.Measure:
    """Children in care when a year ended who were not when it began, per child in care."""

    def share(b: Ledger) -> Floats:
        came = b["sum_year_began"][..., 1:] - b["sum_year_stayed"][..., :-1]
        return ms.pooled(came, b.over("n_", in_care)[..., :-1], years)

    return share


def stay_years(years: slice) -> ms.Measure:
    """Children in care per entry into care in a year."""
    return lambda b: ms.pooled(b.over("n_", in_care), b["new_entries"], years)


def spending_per_placed(years: slice) -> ms.Measure:
    """Spending on placements per child in care and year."""
    return lambda b: ms.pooled(placements(b), b.over("n_", in_care) * b.months / 12.0, years)


def refund_share(years: slice) -> ms.Measure:
    """State refund as a share of spending on placements."""
    return lambda b: ms.pooled(b["dkk_refund"], placements(b), years)


def country(at: Setting) -> Found:
    """Return national stocks, flows and spending: an average municipality as it is today."""
    s = at.country(MONTHS)
    found = ledger(s, None, at.seed, HISTORIES)
    values = aims_of("country", found)
    years, last = SETTLED_YEARS, LAST_YEAR
    young, teens = ms.entries_youngest(years)(found), ms.entries_teen(years)(found)
    spending = "target.denmark.spending_per_placed_2019"
    values |= {
        "target.denmark.stock_residential_2018": ms.share_in_care(residential, last)(found),
        "target.denmark.first_residential": ms.share_of_entries(residential, years)(found),
        "target.denmark.entry_age_4_11": 1.0 - young - teens,
        "target.denmark.teen_share_stock": ms.teen_share_in_care(last)(found),
        "target.denmark.net_entries_per_year": net_entries(years)(found),
        "target.denmark.mean_duration_years": stay_years(years)(found),
        spending: spending_per_placed(years)(found) * in_the_prices_of(spending, s),
    }
    return {name: pooled(x) for name, x in values.items()}


def country_2014(at: Setting) -> Found:
    """Return the money of 2014-15, when other refund thresholds were in force."""
    s = at.scenario(COUNTRY_2014, SHORT_MONTHS)
    found = ledger(s, None, at.seed, SHORT_HISTORIES)
    spending = "target.denmark.spending_per_placed_2015"
    per_placed = spending_per_placed(slice(1, 2))(found) * in_the_prices_of(spending, s)
    share = refund_share(slice(0, 1))(found)
    return {"target.denmark.refund_share": pooled(share), spending: pooled(per_placed)}


# --- time: what a caseload allows ------------------------------------------------------------------


def time(at: Setting) -> Found:
    """Return what a caseload allows: follow-ups at 42 cases, intervals at 23, overdue at 46."""
    months, n = SHORT_MONTHS, SHORT_HISTORIES
    many = value("target.denmark.caseload_2009")
    few = with_caseload(with_interval(at.scenario(COUNTRY, months), 3.0), 23.0)
    at_42 = list(histories(at.country(months, 42.0), seed=at.seed, replicates=n))
    found = aims_of("at_42", yearly(at_42)) | aims_of("at_23", ledger(few, None, at.seed, n))
    overdue = ledger(at.country(months, many), None, at.seed, n)
    found["target.time.overdue_at_45"] = ms.share_overdue(SECOND_YEAR)(overdue)
    found["target.denmark.follow_up_events"] = np.array([_follow_ups_in_care(h) for h in at_42])
    return {name: pooled(x) for name, x in found.items()}


def _follow_ups_in_care(h: History) -> float:
    """Return follow-ups per child in care and year, in the second year."""
    e = h.events
    held = (e[:, EVENT] == Event.FOLLOW_UP) & h.in_care[e[:, FROM]] & (e[:, MONTH] >= 12)
    years_in_care = Ledger(h.book[12:], h.scenario.staircase).over("n_", in_care).sum() / 12.0
    return float(held.sum() / years_in_care)


# --- all of them -----------------------------------------------------------------------------------

_COUNTRY_TARGETS = (
    *(aim.target for aim in AIMS if aim.run == "country"),
    *named(
        "denmark", "stock_residential_2018", "first_residential", "entry_age_4_11",
        "teen_share_stock", "net_entries_per_year", "mean_duration_years", "spending_per_placed_2019",
    ),
)  # fmt: skip
_TIME_TARGETS = (
    *(aim.target for aim in AIMS if aim.run in ("at_42", "at_23")),
    "target.time.overdue_at_45",
    "target.denmark.follow_up_events",
)
TARGETS_2014 = named("denmark", "refund_share", "spending_per_placed_2015")
"""Targets about the year 2014, which need a scenario of that year."""


def has_2014() -> bool:
    """Return whether the average municipality of 2014 is shipped."""
    return COUNTRY_2014 in shipped_scenarios()


def experiments() -> tuple[Experiment, ...]:
    """Return the experiments of this file."""
    of_2014 = (Experiment(country_2014, TARGETS_2014),) if has_2014() else ()
    return (
        Experiment(country, _COUNTRY_TARGETS),
        *of_2014,
        Experiment(time, _TIME_TARGETS),
    )
