"""Outcomes: every published measure, one definition and one function each, over a ledger.

A ledger is an array [..., column] in the order of `ledger.column_names`. The functions work on any
leading axes (replicates, years, months). Over years `n_` columns are means of months, the others sums
(`by_year`), so a count of 12 children all year is 12, and "care-months" are 12 times a mean count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulation import costs
from simulation.accounts import (
    MONTHS_IN_YEAR,
    Floats,
    Ledger,
    at_home,
    family_like,
    hidden,
    in_care,
    residential,
)
from simulation.ledger import column_names
from simulation.sections import PEOPLE, PERSON_MONTHS
from simulation.staircase import Stair, Staircase

# --- measures -----------------------------------------------------------------------------------


def _ratio(top: Floats, bottom: Floats) -> Floats:
    """Return top / bottom, NaN where there is nothing to divide by."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0)


def _years(ledger: Ledger) -> Floats:
    """Return what each entry covers, in years (1, or less for an unfinished last year)."""
    return np.asarray(ledger.months) / MONTHS_IN_YEAR


def share_family_like(ledger: Ledger) -> Floats:
    """Children in family-like care / children in care."""
    return _ratio(ledger.over("n_", family_like), ledger.over("n_", in_care))


def caseload(ledger: Ledger) -> Floats:
    """Open cases / FTE on children's cases, posts filled or not."""
    return _ratio(ledger["n_cases"], ledger["n_fte"])


def achieved_interval(ledger: Ledger) -> Floats:
    """Months between follow-ups: months since the last one, averaged over follow-ups held."""
    return _ratio(ledger["sum_interval"], ledger["new_follow_ups"])


def share_overdue(ledger: Ledger) -> Floats:
    """Children whose follow-up was due and not held / children whose follow-up the rule asks for."""
    return _ratio(ledger["n_overdue"], ledger["n_followed"])


def follow_ups_per_case_year(ledger: Ledger) -> Floats:
    """Follow-ups in a year / children whose follow-up the rule asks for (years only)."""
    return _ratio(ledger["new_follow_ups"], ledger["n_followed"] * _years(ledger))


def first_in_time(ledger: Ledger) -> Floats:
    """First follow-ups on a stair held within the first target / first follow-ups held."""
    return _ratio(ledger["new_first_in_time"], ledger["new_first"])


def assessed_in_time(ledger: Ledger) -> Floats:
    """Assessments finished within the deadline / assessments finished."""
    return _ratio(ledger["new_assessed_in_time"], ledger["new_assessed"])


def breakdowns_per_100(ledger: Ledger) -> Floats:
    """Breakdowns per 100 years in care (years only)."""
    return 100.0 * _ratio(ledger["new_breakdowns"], ledger.over("n_", in_care) * _years(ledger))


def handovers_per_case(ledger: Ledger) -> Floats:
    """Changes of caseworker in a year / open cases (years only)."""
    return _ratio(ledger["new_handovers"], ledger["n_cases"] * _years(ledger))


@dataclass(frozen=True)
class Outcome:
    """One published measure, in the words of children; a scenario may have others (`in_words`).

    `better` says which way is better for children or budget, if either.
    """

    label: str
    danish: str
    unit: str
    function: Callable[[Ledger], Floats]
    better: str = ""

    @property
    def definition(self) -> str:
        """The first line of the function's docstring."""
        return (self.function.__doc__ or "").strip().splitlines()[0]


def _column(name: str, meaning: str) -> Callable[[Ledger], Floats]:
    def read(ledger: Ledger) -> Floats:
        return ledger[name]

    read.__doc__ = meaning
    return read


def _months(name: str, meaning: str) -> Callable[[Ledger], Floats]:
    def read(ledger: Ledger) -> Floats:
        return ledger[name] * ledger.months

    read.__doc__ = meaning
    return read


def n_in_care(ledger: Ledger) -> Floats:
    """Children placed outside home, mean of the months."""
    return ledger.over("n_", in_care)


def n_residential(ledger: Ledger) -> Floats:
    """Children in residential care, mean of the months."""
    return ledger.over("n_", residential)


def n_at_home(ledger: Ledger) -> Floats:
    """Children with help at home, mean of the months."""
    return ledger.over("n_", at_home)


def care_months(ledger: Ledger) -> Floats:
    """Children-months in care."""
    return ledger.over("n_", in_care) * ledger.months


def residential_months(ledger: Ledger) -> Floats:
    """Children-months in residential care in a year."""
    return ledger.over("n_", residential) * ledger.months


def undetected_months(ledger: Ledger) -> Floats:
    """Children-months at risk and not known."""
    return ledger.over("n_", hidden) * ledger.months


OUTCOMES: dict[str, Outcome] = {
    "net_cost": Outcome("Net cost", "Nettoudgift", "DKK", costs.net, "less"),
    "gross_cost": Outcome("Gross cost", "Bruttoudgift", "DKK", costs.gross, "less"),
    "placement_cost": Outcome("Placements", "Anbringelser", "DKK", costs.placements, "less"),
    "home_cost": Outcome("Help at home", "Hjælp i hjemmet", "DKK", costs.help_at_home),
    "staff_cost": Outcome("Staff", "Personale", "DKK", costs.staff, "less"),
    "one_off_cost": Outcome("One-off cost", "Engangsudgift", "DKK", costs.one_off, "less"),
    "refund": Outcome("State refund", "Statsrefusion", "DKK", costs.refund),
    "refund_share": Outcome(
        "State's share of placements", "Statens andel af anbringelser", "share", costs.refund_share
    ),
    "n_in_care": Outcome("In care", "Anbragte", PEOPLE, n_in_care),
    "n_residential": Outcome("In residential care", "På institution og lignende", PEOPLE, n_residential),
    "n_at_home": Outcome("Helped at home", "Får hjælp i hjemmet", PEOPLE, n_at_home),
    "share_family_like": Outcome(
        "Share in families", "Andel i familiepleje", "share", share_family_like
    ),
    "care_months": Outcome("Months in care", "Måneder som anbragt", PERSON_MONTHS, care_months),
    "residential_months": Outcome(
        "Months in residential care", "Måneder på institution", PERSON_MONTHS, residential_months
    ),
    "waiting_months": Outcome(
        "Months waited in care", "Måneder i unødigt indgribende anbringelse", PERSON_MONTHS,
        _months("n_waiting", "Children-months in care while ready for a less intrusive stair."),
        "less",
    ),
    "undetected_months": Outcome(
        "Months undetected", "Måneder uopdaget", PERSON_MONTHS,
        undetected_months, "less",
    ),
    "entries": Outcome(
        "Entries into care", "Nye anbringelser", PEOPLE,
        _column("new_entries", "Entries into care in a year."),
    ),
    "exits": Outcome(
        "Moves out of care", "Hjemgivelser", PEOPLE,
        _column("new_exits", "Moves out of care to the home in a year, not at the leaving age."),
    ),
    "moves_down": Outcome(
        "Moves down", "Skridt ned ad trappen", "moves",
        _column("new_moves_down", "Moves to a less intrusive stair in a year, closing included."),
    ),
    "moves_up": Outcome(
        "Moves up", "Skridt op ad trappen", "moves",
        _column("new_moves_up", "Moves to a more intrusive stair in a year, entries included."),
    ),
    "breakdowns": Outcome(
        "Breakdowns", "Sammenbrud", "breakdowns",
        _column("new_breakdowns", "Breakdowns of placements in a year."), "less",
    ),
    "breakdowns_per_100": Outcome(
        "Breakdowns per 100 care-years", "Sammenbrud pr. 100 anbringelsesår", "per 100 years",
        breakdowns_per_100, "less",
    ),
    "reentries": Outcome(
        "Re-entries", "Genåbnede sager", "cases",
        _column("new_reentries", "Closed cases that came back within the window, in a year."), "less",
    ),
    "handovers_per_case": Outcome(
        "Changes of caseworker per case", "Rådgiverskift pr. sag", "per case-year",
        handovers_per_case, "less",
    ),
    "caseload": Outcome("Cases per caseworker", "Sager pr. rådgiver", "cases per FTE", caseload),
    "achieved_interval": Outcome(
        "Months between follow-ups", "Måneder mellem opfølgninger", "months", achieved_interval
    ),
    "share_overdue": Outcome(
        "Follow-ups overdue", "Opfølgninger over tid", "share", share_overdue, "less"
    ),
    "follow_ups_per_case_year": Outcome(
        "Follow-ups per case-year", "Opfølgninger pr. sag og år", "per year",
        follow_ups_per_case_year,
    ),
    "first_in_time": Outcome(
        "First follow-ups in time", "Første opfølgning til tiden", "share", first_in_time, "more"
    ),
    "assessed_in_time": Outcome(
        "Assessments in time", "Undersøgelser til tiden", "share", assessed_in_time, "more"
    ),
}  # fmt: skip
"""Every published measure by name."""


def measured(
    name: str, values: Floats, staircase: Staircase, months: Floats | float = MONTHS_IN_YEAR
) -> Floats:
    """Return outcome `name` of a ledger [..., year, column]; stairs also as `n_<stair>`, `dkk_<stair>`.

    `months` says how many months each year covers (see `accounts.months_covered`). Raises KeyError
    naming near outcomes where there is none of that name.
    """
    ledger = Ledger(values, staircase, months)
    if name in OUTCOMES:
        return OUTCOMES[name].function(ledger)
    try:
        return ledger[name]
    except KeyError:
        import difflib

        near = difflib.get_close_matches(name, [*OUTCOMES, *column_names(staircase)], n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise KeyError(f"no outcome {name!r}{hint}") from None


def stair_label(stair: Stair) -> str:
    """Return a stair's English and Danish names for a figure or table."""
    return f"{stair.name} ({stair.label})" if stair.label else stair.name
