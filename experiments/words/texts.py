"""Texts by key and language, read from the files beside this one."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any, Literal, get_args

Language = Literal["da", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class UnknownTextError(KeyError):
    """There is no text of that key."""

    def __str__(self) -> str:
        return str(self.args[0])


def text(key: str, language: Language, **values: object) -> str:
    """Return the text of a key, with `values` in the places that it names.

    Args:
        key: section and name, such as "saving.title".
        language: "da" or "en".
        values: one for each {place} of the text; numbers as text already (`words.number`).

    Raises:
        UnknownTextError: no such key; the nearest is named. ValueError: no such language, or values that
            do not fit the places of the text.
    """
    found = texts(check_language(language))
    if key not in found:
        raise UnknownTextError(f"no text {key!r}{_near(key, found)}")
    wanted = places(found[key])
    if wanted != set(values):
        raise ValueError(
            f"text {key!r} has the places {_listed(wanted)}, but was given {_listed(set(values))}"
        )
    return found[key].format(**values)


def check_language(language: str) -> Language:
    """Return `language`; ValueError where it is none of those there are."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} must be 'da' (Danish) or 'en' (English)")
    return language


@cache
def texts(language: Language) -> dict[str, str]:
    """Return every text of a language by key. ValueError where two files have the same key."""
    found: dict[str, str] = {}
    for name, content in sorted(_files(language).items()):
        for key, value in _flat(tomllib.loads(content)):
            if key in found:
                raise ValueError(f"{name}: text {key!r} stands in another file too; keep one of them")
            found[key] = value
    return found


def places(template: str) -> set[str]:
    """Return the names of the {places} of a text."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _files(language: Language) -> dict[str, str]:
    folder = resources.files("experiments.words")
    return {
        f.name: f.read_text("utf-8")
        for f in folder.iterdir()
        if f.name.startswith(f"{language}_") and f.name.endswith(".toml")
    }


def _flat(table: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def _near(key: str, known: dict[str, str]) -> str:
    match = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"; did you mean {match[0]!r}?" if match else ""


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
