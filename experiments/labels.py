"""Labels: short names of numbers, their values and outcomes for tables and figures."""

from __future__ import annotations

from experiments.sweep.outcomes import KEPT
from experiments.unknowns import Group, Unknown
from experiments.words import (
    Language,
    duration,
    outcome_name,
    people,
    person,
    stair_name,
    text,
    texts,
    where,
)
from simulation.scenario import Scenario
from simulation.sections import PEOPLE, PERSON_MONTHS

_LONGEST = 52
"""Letters of a label, at most."""


def label(number: Unknown, scenario: Scenario, language: Language = "en") -> str:
    """Return a short name of a number for people, such as "Price: residential care"."""
    name = plain_name(number.name)
    stem, _, last = name.rpartition(".")
    known = texts(language)
    found = known.get(f"unknown.{name}") or known.get(f"unknown.{stem}") or number.meaning
    said = found.format(
        stair=_stair(scenario, last, language), last=_last(last, language), **_words(scenario, language)
    )
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1].rstrip() + "…"


def plain_name(name: str) -> str:
    """Return a number's name without its policy's: "policy.supply.outreach"."""
    return "policy." + ".".join(name.split(".")[2:]) if name.startswith("policies.") else name


def _stair(scenario: Scenario, key: str, language: Language) -> str:
    if key not in scenario.staircase.keys:
        return key.replace("_", " ")
    stair = scenario.staircase[scenario.staircase.index(key)]
    name = stair_name(stair, language).partition(",")[0]
    return name[:1].lower() + name[1:]


def _last(key: str, language: Language) -> str:
    """Return what is guaranteed: "follow-ups", "reactive"; in Danish where it has a name there."""
    return texts(language).get(f"guaranteed.{key}", key)


def _words(scenario: Scenario, language: Language) -> dict[str, str]:
    one = person(scenario, language)
    article = ("et" if one == "barn" else "en") if language == "da" else _article(one)
    return {
        "people": people(scenario, language), "People": people(scenario, language, capital=True),
        "person": f"{article} {one}", "where": where(scenario, language),
    }  # fmt: skip


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def label_of_group(group: Group, key: str, scenario: Scenario, language: Language = "en") -> str:
    """Return the name of a group of numbers for people."""
    found = texts(language).get(f"unknown_group.{group}.{key.replace(' ', '_')}", key)
    return found.format(**_words(scenario, language))


def in_short(x: float, unit: str = "", language: Language = "en") -> str:
    """Return a value of a number with three digits that count and its unit: 33.2 h, 27 %, 1.16 m kr."""
    if unit.startswith("share"):
        return text("short.share", language, x=_three(100 * x, language))
    plain = _three(x, language)
    if abs(x) >= 1e6:
        plain = text("short.millions", language, x=_three(x / 1e6, language))
    key = f"short.{unit.replace(' ', '_')}"
    return text(key, language, x=plain) if key in texts(language) else plain


def _three(x: float, language: Language) -> str:
    said = f"{float(f'{x:.3g}'):,.6g}"
    return said.translate(str.maketrans(",.", ".,")) if language == "da" else said


def outcome_label(outcome: str, language: Language = "en") -> str:
    """Return the name of an outcome that is kept of each history (`sweep.outcomes.KEPT`)."""
    key = f"kept.{outcome}"
    return text(key, language) if key in texts(language) else outcome_name(outcome, language)


def timed(outcome: str, months: int, language: Language = "en") -> str:
    """Return an outcome's name for people with the time that it is about."""
    name = outcome_label(outcome, language)
    has_its_own = outcome.endswith("_end") or outcome == "break_even_month"
    if has_its_own:
        return name
    return text("axis.over_time", language, what=name, time=duration(months, language))


def percent(share: float) -> str:
    """Return a share in whole per cent; what is not defined as "none"."""
    return f"{round(100 * share)} %" if share == share else "none"


def unit(outcome: str, scenario: Scenario, language: Language = "en") -> str:
    """Return an outcome's unit for people; kroner in millions, at the scenario's prices."""
    plain = KEPT[outcome].unit
    if plain == "DKK":
        return text("axis.millions", language, year=scenario.price_year)
    if plain == PERSON_MONTHS:
        return person_months(scenario, language)
    if plain == PEOPLE:
        return people(scenario, language)
    return text(f"unit.{plain.replace(' ', '_')}", language)


def person_months(scenario: Scenario, language: Language = "en") -> str:
    """Return the unit of months summed over those on the stairs: child-months."""
    return texts(language).get(f"person_months.{scenario.person}", scenario.in_words(PERSON_MONTHS))


def scale(outcome: str) -> float:
    """Return what an outcome is divided by for people."""
    return 1e6 if KEPT[outcome].unit == "DKK" else 1.0


def digits(largest: float) -> int:
    """Return how many decimals numbers of this size are given."""
    return 0 if largest >= 50 else 1 if largest >= 1 else 3


def signed(x: float, decimals: int) -> str:
    """Return a number without a minus before zero."""
    text = f"{x:.{decimals}f}"
    return text[1:] if float(text) == 0.0 and text.startswith("-") else text
