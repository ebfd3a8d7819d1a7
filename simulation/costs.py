"""Money: accounts, net of the state refund, discounting, saving and break-even. All in DKK.

Each account is a function of a ledger (`accounts.Ledger`), over any leading axes. The view is the
municipal budget: what the municipality pays, less what the state refunds for costly single cases.
"""

from __future__ import annotations

import numpy as np

from simulation.accounts import MONTHS_IN_YEAR, Floats, Ledger, at_home, in_care


def placements(ledger: Ledger) -> Floats:
    """Cost of children in care, before refund."""
    return ledger.over("dkk_", in_care)


def help_at_home(ledger: Ledger) -> Floats:
    """Cost of help at home."""
    return ledger.over("dkk_", at_home)


def staff(ledger: Ledger) -> Floats:
    """Salaries of caseworkers and team leader, overhead included."""
    return ledger["dkk_staff"]


def one_off(ledger: Ledger) -> Floats:
    """What a policy costs once."""
    return ledger["dkk_one_off"]


def refund(ledger: Ledger) -> Floats:
    """State refund for costly single cases, as it accrues over the calendar year (`simulation.law`)."""
    return ledger["dkk_refund"]


def gross(ledger: Ledger) -> Floats:
    """Placements, help at home, staff and one-off costs."""
    return placements(ledger) + help_at_home(ledger) + staff(ledger) + one_off(ledger)


def net(ledger: Ledger) -> Floats:
    """Gross cost less the state refund: what the municipality pays."""
    return gross(ledger) - refund(ledger)


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
    return (at_year_ends(cumulated(saving_per_month)) >= 0.0).astype(float)


def break_even_year(saving_per_month: Floats) -> Floats:
    """Return the first year (1, 2, ...) at whose end the policy has paid for itself for good.

    For good: it is still so at the end of every later year. NaN where that is never so.
    """
    paid = broken_even(saving_per_month) > 0
    stays = np.flip(np.logical_and.accumulate(np.flip(paid, -1), axis=-1), -1)
    first = np.argmax(stays, axis=-1) + 1.0
    return np.where(stays.any(axis=-1), first, np.nan)
