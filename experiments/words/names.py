"""Names of a scenario's own things in either language: who it is about, its stairs, its policies."""

from __future__ import annotations

from experiments.words.texts import Language, text, texts
from simulation.outcomes import OUTCOMES
from simulation.scenario import Scenario
from simulation.staircase import Stair

BASELINE = "baseline"


def person(scenario: Scenario, language: Language) -> str:
    """Return the word for one of those on the stairs; the scenario's own where it has another word."""
    return _known(f"person.{scenario.person}", scenario.person, language)


def people(scenario: Scenario, language: Language, capital: bool = False) -> str:
    """Return the word for several of those on the stairs, `capital` at the beginning of a text."""
    word = _known(f"people.{scenario.people}", scenario.people, language)
    return word[:1].upper() + word[1:] if capital else word


def where(scenario: Scenario, language: Language) -> str:
    """Return where those on the most intrusive stairs live: "in residential care", på institution."""
    whom = scenario.person if f"where.{scenario.person}" in texts(language) else "other"
    return text(f"where.{whom}", language)


def stair_name(stair: Stair, language: Language) -> str:
    """Return a stair's name; where it has none in Danish, its English one."""
    return (stair.label or stair.name) if language == "da" else stair.name


def in_language(local: str, english: str, language: Language) -> str:
    """Return a name that a scenario's file gives; where it has none in a language, the other one."""
    return (english or local) if language == "en" else (local or english)


def place(scenario: Scenario, language: Language) -> str:
    """Return a scenario's name for people."""
    return in_language(scenario.title, scenario.english, language) or scenario.name


def policy_name(scenario: Scenario, policy: str, language: Language) -> str:
    """Return a policy's name for people; carrying on as today has one too."""
    if policy == BASELINE:
        return text("policy.as_today", language)
    found = scenario.policy(policy)
    return in_language(found.label, found.english, language) or policy


def outcome_name(name: str, language: Language) -> str:
    """Return the name of a published measure (`simulation.outcomes`)."""
    return OUTCOMES[name].danish if language == "da" else OUTCOMES[name].label


def _known(key: str, otherwise: str, language: Language) -> str:
    return texts(language).get(key, otherwise)
