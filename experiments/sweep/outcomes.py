"""What a sweep keeps of each history: one number per outcome, over the whole time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation import law
from simulation.accounts import MONTHS_IN_YEAR, Floats, Ledger
from simulation.costs import break_even_month, discounted, gross, net
from simulation.ledger import column_names
from simulation.outcomes import OUTCOMES, share_family_like
from simulation.policy import Policy
from simulation.remembered import remembered
from simulation.scenario import Scenario
from simulation.staircase import Staircase
from simulation.tables import window

LEVELS = (
    "net_cost", "placement_cost", "home_cost", "staff_cost", "one_off_cost", "refund", "care_months",
    "residential_months", "waiting_months", "undetected_months", "entries", "exits", "breakdowns",
    "reentries", "share_family_like", "caseload", "achieved_interval", "share_overdue",
)  # fmt: skip
"""Outcomes of an arm over the whole time: sums of what adds up, ratios of sums of the rest."""

SAVED = ("net_cost", "care_months", "residential_months", "waiting_months", "breakdowns")
"""Of these also what the policy saves: baseline - policy, the same children with the same luck."""


@dataclass(frozen=True)
class Kept:
    """One number that is kept of each history."""

    label: str
    unit: str
    better: str = ""


KEPT: dict[str, Kept] = {
    "net_saving": Kept("Net saving", "DKK", "more"),
    "net_saving_society": Kept("Net saving to society", "DKK", "more"),
    "break_even_month": Kept("Month from which it has paid", "months", "less"),
    "care_months_saved": Kept("Months in care saved", "child-months", "more"),
    "residential_months_saved": Kept("Months in residential care saved", "child-months", "more"),
    "waiting_months_saved": Kept("Months waited in care saved", "child-months", "more"),
    "breakdowns_saved": Kept("Breakdowns saved", "breakdowns", "more"),
    "share_family_like_end": Kept("Share in families, last year", "share"),
    "n_residential_end": Kept("In residential care, last year", "children", "less"),
    **{name: Kept(OUTCOMES[name].label, OUTCOMES[name].unit, OUTCOMES[name].better) for name in LEVELS},
}
"""What is kept, in the order of the columns. NaN: not defined in that history."""

NAMES = tuple(KEPT)


def kept(
    books: Floats, baseline: Floats, scenario: Scenario, policy: Policy | None
) -> Floats:  # fmt: skip
    """Return [replicate, outcome] in the order of KEPT from two arms' ledgers [replicate, month, column].

    `policy` is None where the arm is the baseline itself. DKK at the scenario's price year; societal
    saving discounted at the rate of `law.discount_rate`.
    """
    stairs, months = scenario.staircase, books.shape[1]
    both = _levels(np.stack([_total(books), _total(baseline)]), months, stairs)
    values = {name: x[0] for name, x in both.items()}
    saved = {_saved_name(name): both[name][1] - both[name][0] for name in SAVED}
    found = {**values, **saved, **_last_year(books, stairs)}
    found |= _over_time(books, baseline, scenario, policy or Policy(), months)
    return np.stack([found[name] for name in NAMES], axis=1)


def _saved_name(name: str) -> str:
    return "net_saving" if name == "net_cost" else f"{name}_saved"


@remembered
def _is_count(stairs: Staircase) -> Floats:
    return np.array([name.startswith("n_") for name in column_names(stairs)])


def _total(books: Floats) -> Floats:
    return np.asarray(books.sum(axis=1))


def _as_one_year(total: Floats, months: int, stairs: Staircase) -> Ledger:
    """Return months together, from their sums: means of `n_` columns, sums of the others."""
    return Ledger(np.where(_is_count(stairs), total / months, total), stairs, months)


def _levels(total: Floats, months: int, stairs: Staircase) -> dict[str, Floats]:
    ledger = _as_one_year(total, months, stairs)
    return {name: OUTCOMES[name].function(ledger) for name in LEVELS}


def _last_year(books: Floats, stairs: Staircase) -> dict[str, Floats]:
    last = books[:, -MONTHS_IN_YEAR:]
    ledger = _as_one_year(_total(last), last.shape[1], stairs)
    return {
        "share_family_like_end": share_family_like(ledger),
        "n_residential_end": OUTCOMES["n_residential"].function(ledger),
    }


def _over_time(
    books: Floats, baseline: Floats, s: Scenario, policy: Policy, months: int
) -> dict[str, Floats]:
    """Return what depends on when money is spent."""
    if baseline is books:
        nothing = np.zeros(len(books))
        return {"net_saving_society": nothing, "break_even_month": np.full(len(books), np.nan)}
    after, before = Ledger(books, s.staircase), Ledger(baseline, s.staircase)
    society = discounted(gross(before) - gross(after), law.discount_rate(s, policy))
    return {
        "net_saving_society": society.sum(axis=1),
        "break_even_month": break_even_month(net(before) - net(after), window(s, policy)[0]),
    }
