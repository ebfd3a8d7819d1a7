"""Facts: what is published of each municipality, and where each column comes from.

The files lie in `simulation/data/municipalities`: `figures.csv`, and `columns.toml` with meaning, unit,
source and grade of every column.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from simulation.parameters import Source

YEARS = (2015, 2019, 2024)
"""Years of the shares with support and of the notifications."""


@dataclass(frozen=True)
class Municipality:
    """What is published of one municipality. `supported` and `notified` by year."""

    code: int
    name: str
    region: str
    population: int
    """Residents in 2014."""
    children: int
    """Children of 0-17 years in 2014."""
    young: int
    """Young people of 18-22 years in 2014."""
    supported: dict[int, float]
    """Share with support or placed on 31 December, of those of 0-22 years."""
    notified: dict[int, float]
    """Children with a notification in the year per 1,000 of 0-17 years."""


@cache
def municipalities() -> tuple[Municipality, ...]:
    """Return all 98 municipalities, in the order of the file."""
    return tuple(_municipality(row) for row in rows())


def rows() -> list[dict[str, str]]:
    """Return the rows of `figures.csv` as they stand there."""
    return list(csv.DictReader(_text("figures.csv").splitlines()))


def facts_hash() -> str:
    """Return 12 hex digits that change with the published figures."""
    return hashlib.sha256(_text("figures.csv").encode()).hexdigest()[:12]


@cache
def columns() -> dict[str, dict[str, Any]]:
    """Return what each column of `figures.csv` is: meaning, unit, kind, grade, source, note."""
    found: dict[str, dict[str, Any]] = _described()["columns"]
    return found


@cache
def column_sources() -> dict[str, Source]:
    """Return the documents that the columns name, by key."""
    return {key: Source(**source) for key, source in _described()["sources"].items()}


def nearest_year(year: int) -> int:
    """Return the year of the published shares nearest to a year (the earlier one of two)."""
    return min(YEARS, key=lambda known: abs(known - year))


def places_of(wanted: Iterable[str] | None) -> tuple[int, ...]:
    """Return the positions of municipalities by name, in the order of the file; all where none is named.

    Raises KeyError for a name that is none, with the nearest.
    """
    names = [m.name for m in municipalities()]
    if wanted is None:
        return tuple(range(len(names)))
    return tuple(sorted({position(name, names) for name in wanted}))


def position(name: str, names: Sequence[str]) -> int:
    """Return the position of a municipality's name, whatever its capitals; KeyError names the nearest."""
    plain = [known.casefold() for known in names]
    asked = name.strip().casefold().removesuffix(" kommune")
    if asked in plain:
        return plain.index(asked)
    near = difflib.get_close_matches(asked, plain, n=1)
    hint = f"; did you mean {names[plain.index(near[0])]!r}?" if near else ""
    if "," in name:
        hint = "; name one at a time: --only Fanø --only Ærø"
    raise KeyError(f"there is no municipality {name!r}{hint}")


def is_municipality(name: str) -> str:
    """Return the municipality that a name means, as it is written; "" where there is none."""
    names = [m.name for m in municipalities()]
    try:
        return names[position(name, names)]
    except KeyError:
        return ""


def _municipality(row: dict[str, str]) -> Municipality:
    return Municipality(
        code=int(row["code"]),
        name=row["name"],
        region=row["region"],
        population=int(row["population_2014"]),
        children=int(row["children_2014"]),
        young=int(row["young_2014"]),
        supported={year: float(row[f"supported_{year}"]) / 100.0 for year in YEARS},
        notified={year: float(row[f"notified_{year}"]) for year in YEARS},
    )


@cache
def _described() -> dict[str, Any]:
    return tomllib.loads(_text("columns.toml"))


@cache
def _text(name: str) -> str:
    return resources.files("simulation").joinpath(f"data/municipalities/{name}").read_text("utf-8")
