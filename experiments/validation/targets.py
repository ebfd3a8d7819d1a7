"""Targets: their groups, what must hold besides, and what is not simulated."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.validation import childhoods, country, fano, herning, new_york, trend
from experiments.validation.settings import Experiment, group_of
from experiments.words import Language, text
from simulation.parameters import Parameter, parameters

_GROUPS = ("denmark", "time", "herning", "nyc", "ny_trial", "trend", "fano", "null", "perverse")
GROUPS = {group: text(f"target_group.{group}", "en") for group in _GROUPS}
"""Groups of targets by the second word of their names, in the order they are shown."""


@dataclass(frozen=True)
class Requirement:
    """What must hold beside the published figures: a value of at most `most` in 9 of 10 draws."""

    most: float
    why: str


REQUIREMENTS = {
    "herning.capacity_alone_residential": Requirement(
        0.5,
        "capacity alone must fall clearly short of Herning: half of its fall or less",
    ),
    "herning.capacity_alone_spending": Requirement(
        0.5,
        "capacity alone must fall clearly short of Herning: half of its fall or less",
    ),
    "ny_trial.gap_left": Requirement(
        0.5,
        "what intensive work gains must fade after it stops: half of the gap or less is left",
    ),
    "trend.caseload_alone_stock": Requirement(
        1.0,
        "the fall of the caseload alone must not explain all of the fall",
    ),
    "trend.caseload_alone_residential": Requirement(
        1.0,
        "the fall of the caseload alone must not explain all of the fall",
    ),
    "null.other_columns": Requirement(
        0.0,
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


def label_of(name: str, language: Language = "en") -> str:
    """Return what a target or requirement is called."""
    return text(f"target.{group_of(name)}.{name.rpartition('.')[2]}", language)
