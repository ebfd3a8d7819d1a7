"""Words for people, in Danish and English: every text of pictures, reports and pages, in one place.

Texts stand in `<language>_<part>.toml` beside this file, one file per language and part, so that somebody
who writes no code can read and correct them. Numbers, kroner, months and intervals are written here too.

    from experiments.words import kroner, text
    text("saving.title", "da", policy="Sverigesmodellen")
    kroner(4.49e6, "da")        # '4,5 mio. kr.'
"""

from experiments.words.names import (
    in_language,
    outcome_name,
    people,
    person,
    place,
    policy_name,
    stair_name,
    where,
)
from experiments.words.numbers import between, kroner, number, of_hundred, percent, whole_kroner
from experiments.words.texts import LANGUAGES, Language, UnknownTextError, check_language, text, texts
from experiments.words.times import duration, month, month_after, month_name

__all__ = [
    "LANGUAGES",
    "Language",
    "UnknownTextError",
    "between",
    "check_language",
    "duration",
    "in_language",
    "kroner",
    "month",
    "month_after",
    "month_name",
    "number",
    "of_hundred",
    "outcome_name",
    "people",
    "percent",
    "person",
    "place",
    "policy_name",
    "stair_name",
    "text",
    "texts",
    "where",
    "whole_kroner",
]
