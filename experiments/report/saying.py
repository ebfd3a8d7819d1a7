"""Saying things of a scenario in a language: the report's texts with the scenario's words in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import floor, log10

from experiments.labels import label
from experiments.unknowns import Unknown
from experiments.words import (
    Language,
    duration,
    kroner,
    month,
    number,
    people,
    person,
    place,
    policy_name,
    stair_name,
    text,
    texts,
    where,
)
from experiments.words.texts import places
from simulation.scenario import Scenario
from simulation.staircase import DEFAULT_STAIRCASE


@dataclass(frozen=True)
class Saying:
    """The report's texts for one scenario and policy in one language."""

    scenario: Scenario
    policy: str
    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """Return a text of the report; the scenario's own words need not be given."""
        key = self._key(key)
        wanted = places(texts(self.language).get(key, ""))
        own = {name: word for name, word in self._own.items() if name in wanted and name not in values}
        said = text(key, self.language, **own, **values)
        return _TWO_STOPS.sub(".", said)

    def _key(self, key: str) -> str:
        """Return a text's key: that of its variant for those who are no children, where it has one."""
        other = f"report.{key}_other"
        is_other = self.scenario.person != "child" and other in texts(self.language)
        return other if is_other else f"report.{key}"

    @cached_property
    def _own(self) -> dict[str, str]:
        s, language = self.scenario, self.language
        whom = "child" if s.person == "child" else "other"
        own = {
            "place": place(s, language),
            "name": self.policy_name, "policy": self._quoted(self.policy_name),
            "time": duration(s.months, language), "person": person(s, language),
            "people": people(s, language), "People": people(s, language, capital=True),
            "where": where(s, language),
        }  # fmt: skip
        phrases = {"a_person": "a", "no_person": "no", "single": "single", "the_people": "people"}
        return own | {k: text(f"report.person.{whom}_{v}", language) for k, v in phrases.items()}

    @property
    def is_of_children(self) -> bool:
        """Whether the scenario has the standard staircase, that of children."""
        return self.scenario.staircase == DEFAULT_STAIRCASE

    @property
    def policy_name(self) -> str:
        """The policy's name for people."""
        return policy_name(self.scenario, self.policy, self.language)

    def _quoted(self, name: str) -> str:
        """Return a name as it stands within a sentence: one of several words in quotes."""
        return self.quoted(name) if " " in name else name

    def quoted(self, words: str) -> str:
        """Return words in quotes."""
        return f"»{words}«" if self.language == "da" else f"“{words}”"

    def stair(self, key: str) -> str:
        """Return a stair's name in the middle of a text."""
        stairs = self.scenario.staircase
        if key not in stairs.keys:
            return key.replace("_", " ")
        name = stair_name(stairs[stairs.index(key)], self.language)
        return name[:1].lower() + name[1:]

    def name_of(self, unknown: Unknown) -> str:
        """Return the name of a number that nobody knows."""
        return label(unknown, self.scenario, self.language)

    def money(self, dkk: float, signed: bool = False) -> str:
        """Return kroner in millions."""
        return kroner(dkk, self.language, signed=signed)

    def day(self, day: date) -> str:
        """Return a day: 22. november 2026, 22 November 2026."""
        return f"{day.day}{'.' if self.language == 'da' else ''} {month(day, self.language)}"

    def plain(self, x: float, digits: int = 0) -> str:
        """Return a number."""
        return number(x, self.language, digits)

    def count(self, n: int) -> str:
        """Return a small number in words at the beginning of a sentence: To, Two."""
        key = f"count.{n}"
        return self(key) if f"report.{key}" in texts(self.language) else self.plain(n)

    def short(self, x: float, count: int = 3) -> str:
        """Return a number with as many decimals as it needs, `count` digits that count."""
        if x == 0.0 or x != x:
            return number(x, self.language)
        rounded = float(f"{x:.{count}g}")
        most = max(0, count - 1 - floor(log10(abs(rounded))))
        digits = next((d for d in range(most) if round(rounded, d) == rounded), most)
        return number(rounded, self.language, digits)

    def with_unit(self, x: float, unit: str) -> str:
        """Return a value of a number with its unit: 33 timer, 27 %, × 1,25, 1,16 mio. kr."""
        if unit.startswith("share"):
            return self("unit.percent", x=self.short(100.0 * x, 2))
        if unit.startswith("DKK"):
            kind = "million" if abs(x) >= 1e6 else "kroner"
            return self(f"unit.{kind}", x=self.short(x / 1e6 if kind == "million" else x))
        key = _UNITS.get(unit)
        said = self.short(x, 3 if key == "times" else 2)
        return self(f"unit.{key}", x=said) if key else said

    def listed(self, parts: list[str]) -> str:
        """Return parts with commas, and the word for "and" before the last."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('and')} {parts[-1]}"


_TWO_STOPS = re.compile(r"\.\.(?=\s|$)")
"""An abbreviation at the end of a sentence: "kr." needs no second stop."""

_UNITS = {
    "factor": "times", "odds ratio": "times", "hours": "hours", "hours per month": "hours",
    "months": "months", "per year": "per_year",
}  # fmt: skip
"""Units of records, by the text that stands for them."""
