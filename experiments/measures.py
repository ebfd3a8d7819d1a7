"""Measures: what a published figure is in the simulation, one function per target.

Each takes the ledger by year of a run (`simulation.accounts.Ledger`, [replicate, year, column]) and
returns [replicate]. Pooled over years where the published figure is, so that small counts do not make a
ratio jump.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulation.accounts import Floats, Ledger, at_home, family_like, in_care, residential
from simulation.staircase import Staircase

Measure = Callable[[Ledger], Floats]


def pooled(top: Floats, bottom: Floats, years: slice) -> Floats:
    """Return sum of `top` / sum of `bottom` over years, NaN where there is nothing to divide by."""
    a, b = top[..., years].sum(axis=-1), bottom[..., years].sum(axis=-1)
    return np.asarray(np.divide(a, b, out=np.full(np.shape(a), np.nan), where=b > 0))


def needs_network(stairs: Staircase, i: int) -> bool:
    """Whether stair i is care by kin or network."""
    return stairs[i].needs_network


def other_care(stairs: Staircase, i: int) -> bool:
    """Whether stair i is care neither in a family nor residential: own room, boarding school."""
    return stairs[i].in_care and not family_like(stairs, i) and not residential(stairs, i)


def left_in_year(years: slice) -> Measure:
    """Share of those in care when a year began who were not when it ended."""
    return lambda b: 1.0 - pooled(b["sum_year_stayed"], b["sum_year_began"], years)


def changed_kind(years: slice) -> Measure:
    """Share of those in care at both ends of a year who are on another stair."""
    return lambda b: pooled(b["sum_year_changed"], b["sum_year_stayed"], years)


def breakdowns_per_100(years: slice) -> Measure:
    """Breakdowns per 100 children in care and year."""
    return lambda b: 100.0 * pooled(b["new_breakdowns"], b.over("n_", in_care) * b.months / 12.0, years)


def teen_share_of_breakdowns(years: slice) -> Measure:
    """Share of breakdowns at the teen age or later."""
    return lambda b: pooled(b["new_breakdowns_teen"], b["new_breakdowns"], years)


def teen_share_in_care(years: slice) -> Measure:
    """Share of children in care at the teen age or later."""
    return lambda b: pooled(b["n_teens_in_care"], b.over("n_", in_care), years)


def share_in_care(which: Callable[[Staircase, int], bool], years: slice) -> Measure:
    """Share of children in care who are on the stairs `which` names."""
    return lambda b: pooled(b.over("n_", which), b.over("n_", in_care), years)


def network_share(years: slice) -> Measure:
    """Network care as a share of family-like care."""
    return lambda b: pooled(b.over("n_", needs_network), b.over("n_", family_like), years)


def share_of_entries(which: Callable[[Staircase, int], bool], years: slice) -> Measure:
    """Share of entries into care on the stairs `which` names."""
    return lambda b: pooled(b.over("new_in_", which), b["new_entries"], years)


def entries_youngest(years: slice) -> Measure:
    """Share of entries in the youngest age band."""
    return lambda b: pooled(b["new_entries_youngest"], b["new_entries"], years)


def entries_teen(years: slice) -> Measure:
    """Share of entries at the teen age or later."""
    return lambda b: pooled(b["new_entries_teen"], b["new_entries"], years)


def preventive_per_placed(years: slice) -> Measure:
    """Children helped at home per child in care."""
    return lambda b: pooled(b.over("n_", at_home), b.over("n_", in_care), years)


def in_care_ratio(year: int) -> Measure:
    """Children in care in a year as a multiple of those in care when the simulation began."""
    return lambda b: pooled(
        b.over("n_", in_care)[..., [year]], b["sum_year_began"][..., [0]], slice(None)
    )


def mean_in_care(year: int) -> Measure:
    """Children in care in a year, on average."""
    return lambda b: np.asarray(b.over("n_", in_care)[..., year])


def caseload(year: int) -> Measure:
    """Cases per FTE in a year, on average."""
    return lambda b: pooled(b["n_cases"], b["n_fte"], slice(year, year + 1))


def follow_ups_per_case_year(years: slice) -> Measure:
    """Follow-ups per year and child whose follow-up the rule asks for."""
    return lambda b: pooled(b["new_follow_ups"], b["n_followed"] * b.months / 12.0, years)


def first_in_time(years: slice) -> Measure:
    """First follow-ups held within the first target, as a share of those held."""
    return lambda b: pooled(b["new_first_in_time"], b["new_first"], years)


def assessed_in_time(years: slice) -> Measure:
    """Assessments finished within the deadline, as a share of those finished."""
    return lambda b: pooled(b["new_assessed_in_time"], b["new_assessed"], years)


def interval(years: slice) -> Measure:
    """Months between follow-ups held."""
    return lambda b: pooled(b["sum_interval"], b["new_follow_ups"], years)


def share_overdue(years: slice) -> Measure:
    """Children whose follow-up is due and not held, as a share of those with a rule."""
    return lambda b: pooled(b["n_overdue"], b["n_followed"], years)


def spending_ratio(which: Callable[[Staircase, int], bool], year: int, against: int) -> Measure:
    """Spending on the stairs `which` names in a year, as a multiple of another year's; fixed prices."""

    def ratio(b: Ledger) -> Floats:
        spent = b.over("dkk_", which)
        return pooled(spent[..., [year]], spent[..., [against]], slice(None))

    return ratio


def values(measures: Sequence[Measure], ledger: Ledger) -> Floats:
    """Return [replicate, measure]."""
    return np.stack([m(ledger) for m in measures], axis=-1)
