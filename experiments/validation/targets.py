"""Targets: what each is called, what must hold besides, and what is not simulated."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.validation import childhoods, country, fano, herning, new_york, trend
from experiments.validation.settings import Experiment, group_of
from simulation.parameters import Parameter, parameters

GROUPS = {
    "denmark": "Denmark",
    "time": "What a caseload allows",
    "herning": "Herning 2013-15",
    "nyc": "New York City: fewer cases",
    "ny_trial": "New York State: intensive trial",
    "trend": "Denmark 2011-18",
    "fano": "Fanø 2015: expectations",
    "null": "Null world",
    "perverse": "Perverse world",
}
"""Groups of targets by the second word of their names, in the order they are shown."""

LABELS = {
    "denmark": {
        "exits_0_17": "Leave care in a year",
        "type_change_per_year": "Change kind of placement in a year",
        "breakdowns_per_100": "Breakdowns per 100 in care and year",
        "breakdowns_teen_share": "Breakdowns that are teenagers'",
        "teen_placements_broken": "Teenagers' placements that break down",
        "breakdowns_first_year": "Teenagers' breakdowns in the first year",
        "net_entries_per_year": "New in care over a year, per child in care",
        "mean_duration_years": "Mean stay in care",
        "reunified_5_years": "Small children home within 5 years",
        "reentries_2_years": "Small children back in care within 2 years",
        "placements_one": "Placed children with 1 placement",
        "placements_two": "Placed children with 2 placements",
        "placements_three": "Placed children with 3 placements",
        "placements_four_or_more": "Placed children with 4 or more",
        "stock_family_2018": "In care in families, 2018",
        "stock_residential_2018": "In residential care, 2018",
        "stock_other_2018": "In own room and the like, 2018",
        "stock_family_2011": "In care in families, 2011",
        "stock_residential_2011": "In residential care, 2011",
        "stock_other_2011": "In own room and the like, 2011",
        "stock_holds": "In care after three years / now",
        "network_share": "Family care that is network care",
        "teen_share_stock": "In care aged 12-17",
        "preventive_per_placed": "Helped at home per child in care",
        "first_family": "Entries into families",
        "first_own_room": "Entries into own room and the like",
        "first_residential": "Entries into residential care",
        "entry_age_0_3": "Entries at age 0-3",
        "entry_age_4_11": "Entries at age 4-11",
        "entry_age_12_17": "Entries at age 12-17",
        "follow_up_events": "Follow-ups per child in care and year",
        "refund_share": "State refund / spending, 2014",
        "spending_per_placed_2019": "Spending per child in care, 2019",
        "spending_per_placed_2015": "Spending per child in care, 2015",
    },
    "time": {
        "follow_ups_at_42": "Follow-ups per case and year, 42 cases",
        "first_in_time_at_32": "First follow-ups in time, 32 cases",
        "assessed_in_time_at_32": "Assessments in time, 32 cases",
        "interval_at_23": "Months between follow-ups, 23 cases",
        "overdue_at_45": "Follow-ups overdue, 46 cases",
    },
    "herning": {
        "pilot_caseload_2013": "Pilot: cases per caseworker, 2013",
        "pilot_caseload_2014": "Pilot: cases per caseworker, 2014",
        "placed_2014": "Pilot: children in care, 2014",
        "mix_2014_own_room": "Pilot: in own room and the like, 2014",
        "mix_2014_family": "Pilot: in families, 2014",
        "mix_2014_residential": "Pilot: in residential care, 2014",
        "residential_later": "Pilot: residential children, 2015",
        "spending_2014": "Pilot: spending, 2014",
        "spending_fall": "Pilot: fall of spending, 2013-14",
        "accounts_residential": "Pilot: residential spending, 2014 / 2013",
        "accounts_family": "Pilot: family spending, 2014 / 2013",
        "accounts_own_room": "Pilot: own room spending, 2014 / 2013",
        "accounts_total": "Pilot: all spending, 2014 / 2013",
        "others_spending_2014": "Others: spending, 2014",
        "others_spending_rise": "Others: rise of spending, 2013-14",
        "others_accounts_residential": "Others: residential spending, 2014 / 2013",
        "others_accounts_family": "Others: family spending, 2014 / 2013",
        "others_accounts_own_room": "Others: own room spending, 2014 / 2013",
        "others_accounts_total": "Others: all spending, 2014 / 2013",
    },
    "nyc": {
        "exit_hazard_ratio": "Rate of leaving care, after / before",
        "caseload_elasticity": "Elasticity of leaving to the caseload",
        "median_stay_ratio": "Median stay, after / before",
    },
    "ny_trial": {
        "home_at_8_intensive": "Home after 8.5 months, intensive",
        "home_at_8_usual": "Home after 8.5 months, usual",
        "home_at_14_intensive": "Home after 14.5 months, intensive",
        "home_at_14_usual": "Home after 14.5 months, usual",
        "home_at_60_ratio": "Home after 5 years, intensive / usual",
    },
    "trend": {
        "stock_ratio": "In care, 2018 / 2011",
        "residential_ratio": "Residential, 2018 / 2011",
        "family_ratio": "In families, 2018 / 2011",
    },
    "fano": {
        "residential_moved_down": "Of nine, moved down within two years",
        "covered_year_1": "Savings / cost, year 1",
        "covered_year_2": "Savings / cost, year 2",
    },
    "null": {"difference": "Children whose history differs"},
    "perverse": {"residential_ratio": "Residential care, perverse policy / today"},
}
"""What a target is called in the table, by group and name."""


@dataclass(frozen=True)
class Requirement:
    """What must hold beside the published figures: a value of at most `most` in 9 of 10 draws."""

    label: str
    most: float
    why: str


REQUIREMENTS = {
    "herning.capacity_alone_residential": Requirement(
        "Capacity alone: residential fall / published", 0.5,
        "capacity alone must fall clearly short of Herning: half of its fall or less",
    ),
    "herning.capacity_alone_spending": Requirement(
        "Capacity alone: spending fall / published", 0.5,
        "capacity alone must fall clearly short of Herning: half of its fall or less",
    ),
    "ny_trial.gap_left": Requirement(
        "Gap after 5 years / at 8.5 and 14.5 months", 0.5,
        "what intensive work gains must fade after it stops: half of the gap or less is left",
    ),
    "trend.caseload_alone_stock": Requirement(
        "Caseload alone: fall in care / published", 1.0,
        "the fall of the caseload alone must not explain all of the fall",
    ),
    "trend.caseload_alone_residential": Requirement(
        "Caseload alone: residential fall / published", 1.0,
        "the fall of the caseload alone must not explain all of the fall",
    ),
    "null.other_columns": Requirement(
        "Columns that differ, what is paid for aside", 0.0,
        "a policy without effect must change nothing but salaries, one-off and programme costs",
    ),
}  # fmt: skip
"""By name: group and what is measured (the files beside this one)."""

IN_NINE_OF_TEN = 0.9
"""Share of draws in which a requirement must hold."""

NOTES = {
    "denmark": "An average municipality at 32 cases per caseworker, a mean of many histories. Children "
    "of 0-17 years; some figures are of 0-22. Childhoods: followed to 18 from the first entry in the "
    "simulation. Figures of 2011: settled at 46 cases, with the foster places of then.",
    "herning": "Both groups of districts under the programme, one history per draw, so that chance is in "
    "the model's interval; of the published spread of small counts only what is reading is then added. "
    "Capacity alone: expected values, before against after as in Herning's own figures.",
    "nyc": "Not fitted. The average Danish municipality, all children in care, leaving at 18 included; a "
    "follow-up every month as far as hours allow; the first year, in which caseworkers are new, is left "
    "out.",
    "ny_trial": "Not fitted. A closed cohort of Danish children in care under 13, usual service at 32 "
    "cases against ten cases and monthly follow-ups for nine months. New York's children "
    "of the 1970s went home far sooner; what the model can be held to is the course of the gap.",
    "trend": "From 46 to 33 cases per caseworker in seven years and foster places up as published, "
    "against the same municipality in which nothing changes. Children in families follow from the "
    "places, so their ratio is not wholly a result.",
    "fano": "Expectations of 2015, not results, so no verdict: P is the share of histories in which the "
    "model gives at least what was expected.",
}
"""What a reader must know about the runs behind a group."""

REPORTED = ("fano",)
"""Groups whose figures are expectations: reported, not judged."""

FITTED, HELD_OUT, REQUIRED = "fitted", "held out", "required"
"""What a row is for the verdict."""


def to_validate() -> dict[str, Parameter]:
    """Return every record that the model is fitted to or held against, by name."""
    found = {n: p for n, p in parameters().items() if n.startswith("target.")}
    return {n: p for n, p in found.items() if p.weight in ("fit", "validate")}


def all_experiments() -> tuple[Experiment, ...]:
    """Return every experiment."""
    modules = (country, childhoods, herning, new_york, trend, fano)
    return tuple(e for module in modules for e in module.experiments())


def not_simulated() -> dict[str, str]:
    """Return the targets that nothing measures, each with the reason."""
    if country.has_2014():
        return {}
    reason = f"needs an average municipality of 2014, and no scenario {country.COUNTRY_2014} is shipped"
    return dict.fromkeys(country.TARGETS_2014, reason)


def status_of(name: str) -> str:
    """Return whether a target was fitted, held out, or is a requirement."""
    if name in REQUIREMENTS:
        return REQUIRED
    return FITTED if parameters()[name].weight == "fit" else HELD_OUT


def label_of(name: str) -> str:
    """Return what a target or requirement is called."""
    if name in REQUIREMENTS:
        return REQUIREMENTS[name].label
    return LABELS[group_of(name)][name.rpartition(".")[2]]
