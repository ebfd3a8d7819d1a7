"""Money: accounts, net of the state refund, two views, discounting, saving and break-even. All in DKK.

Each account is a function of a ledger (`accounts.Ledger`), over any leading axes. Two views: the
municipality's budget is what it pays less what the state refunds for costly single cases; to society the
refund is a transfer between two public purses, so only what is paid counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from simulation.accounts import (
    MONTHS_IN_YEAR,
    Floats,
    Ledger,
    at_home,
    family_like,
    home_based,
    in_care,
    residential,
)

View = Literal["municipality", "society"]
VIEWS: tuple[View, ...] = get_args(View)

ROUNDING = 0.005
"""DKK: half an øre; sums of kroner this near to 0 are 0."""


# --- accounts ---------------------------------------------------------------------------------------


def placements(ledger: Ledger) -> Floats:
    """Cost of children in care, before refund."""
    return ledger.over("dkk_", in_care)


def residential_homes(ledger: Ledger) -> Floats:
    """Cost of residential care, before refund."""
    return ledger.over("dkk_", residential)


def family_care(ledger: Ledger) -> Floats:
    """Cost of care in families, kin and foster, before refund."""
    return ledger.over("dkk_", family_like)


def home_based_care(ledger: Ledger) -> Floats:
    """Cost of placements less intrusive than residential care that are no family, before refund."""
    return ledger.over("dkk_", home_based)


def help_at_home(ledger: Ledger) -> Floats:
    """Cost of help at home."""
    return ledger.over("dkk_", at_home)


def staff(ledger: Ledger) -> Floats:
    """Salaries of caseworkers and team leader, overhead included."""
    return ledger["dkk_staff"]


def one_off(ledger: Ledger) -> Floats:
    """What a policy costs once."""
    return ledger["dkk_one_off"]


def programmes(ledger: Ledger) -> Floats:
    """Courses of programmes, and running costs of supply."""
    return ledger["dkk_programmes"]


def refund(ledger: Ledger) -> Floats:
    """State refund for costly single cases, as it accrues over the calendar year (`simulation.law`)."""
    return ledger["dkk_refund"]


def gross(ledger: Ledger) -> Floats:
    """Placements, help at home, staff, programmes and one-off costs."""
    paid = placements(ledger) + help_at_home(ledger) + staff(ledger) + one_off(ledger)
    return paid + programmes(ledger)


def net(ledger: Ledger) -> Floats:
    """Gross cost less the state refund: what the municipality pays."""
    return gross(ledger) - refund(ledger)


def refund_share(ledger: Ledger) -> Floats:
    """State refund / cost of children in care."""
    paid = placements(ledger)
    return np.divide(refund(ledger), paid, out=np.full(np.shape(paid), np.nan), where=paid > 0)


@dataclass(frozen=True)
class Group:
    """A group of accounts as a budget shows it; all groups add up to the net cost."""

    label: str
    danish: str
    function: Callable[[Ledger], Floats]


def _received(ledger: Ledger) -> Floats:
    return -refund(ledger)


def _programmes_and_one_off(ledger: Ledger) -> Floats:
    return programmes(ledger) + one_off(ledger)


GROUPS: dict[str, Group] = {
    "residential": Group("Residential care", "Institution og lignende", residential_homes),
    "family": Group("Family care", "Familiepleje", family_care),
    "home_based": Group("Other care", "Andre anbringelser", home_based_care),
    "at_home": Group("Help at home", "Hjælp i hjemmet", help_at_home),
    "staff": Group("Caseworkers", "Rådgivere", staff),
    "one_off": Group("Programmes, one-off", "Programmer og engangsudgifter", _programmes_and_one_off),
    "refund": Group("State refund", "Statsrefusion", _received),
}
"""Groups by kinds of stairs, whatever the stairs are called. The refund is money in: negative."""


def by_group(ledger: Ledger) -> Floats:
    """Return [..., group] in the order of GROUPS; their sum is the net cost."""
    return np.stack([group.function(ledger) for group in GROUPS.values()], axis=-1)


def groups_of(view: View) -> list[str]:
    """Return the groups that count in a view: all of them, or to society all but the state refund."""
    check_view(view)
    return [name for name in GROUPS if view == "municipality" or name != "refund"]


def check_view(view: str) -> None:
    """Raise ValueError where there is no such view."""
    if view not in VIEWS:
        raise ValueError(f"view = {view!r} must be {' or '.join(map(repr, VIEWS))}")


# --- over time --------------------------------------------------------------------------------------


def discounted(per_month: Floats, rate: float) -> Floats:
    """Return [..., month] amounts brought to the first month at `rate` a year."""
    months = np.arange(per_month.shape[-1])
    return per_month * (1.0 + rate) ** (-months / MONTHS_IN_YEAR)


def cumulated(per_month: Floats) -> Floats:
    """Return [..., month] amounts summed up to each month."""
    return np.cumsum(per_month, axis=-1)


def at_year_ends(cumulated_: Floats) -> Floats:
    """Return [..., year]: the cumulated amount at the end of each year (the last may be shorter)."""
    months = cumulated_.shape[-1]
    ends = np.minimum(np.arange(MONTHS_IN_YEAR, months + MONTHS_IN_YEAR, MONTHS_IN_YEAR), months) - 1
    return cumulated_[..., ends]


def broken_even(saving_per_month: Floats) -> Floats:
    """Return [..., year]: 1 where the cumulated net saving is not negative at the end of the year."""
    return (at_year_ends(cumulated(saving_per_month)) >= -ROUNDING).astype(float)


def break_even_month(saving_per_month: Floats, begin: int = 0) -> Floats:
    """Return [...]: the first month after which a policy has paid for itself for good.

    For good: the net saving cumulated since month `begin`, in which the policy starts, is not negative
    then nor after any later month. Months count from 1, the policy's first; NaN where it is never so.
    """
    paid = cumulated(saving_per_month[..., begin:]) >= -ROUNDING
    stays = np.flip(np.logical_and.accumulate(np.flip(paid, -1), axis=-1), -1)
    return np.where(stays[..., -1], np.argmax(stays, axis=-1) + 1.0, np.nan)
