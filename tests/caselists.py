"""Case lists made up for tests: rows, csv text, folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from experiments.caselist.quality import Place
from experiments.caselist.quality_cleaning import Cleaning, cleaned
from experiments.caselist.rows import OPEN_END, Known, Row, as_day
from simulation.staircase import DEFAULT_STAIRCASE

HOME, FOSTER, RESIDENTIAL = (
    DEFAULT_STAIRCASE.index(key) for key in ("preventive", "foster_care", "residential_care")
)
BIRTH = as_day(date(2010, 1, 1))
DAY_0 = as_day(date(2020, 1, 1))
KNOWN = Known(DAY_0 + 1000, 18, DEFAULT_STAIRCASE)
HEADER = "child_id;stair;start_date;end_date;birth_date"


def row(id: int, start: int, end: int | None = None, stair: int = FOSTER, **more: Any) -> Row:
    """Return a row of child 0, its days counted from `DAY_0`; without an end it is open."""
    plain = Row(id, 0, stair, DAY_0 + start, OPEN_END if end is None else DAY_0 + end, BIRTH)
    return replace(plain, **more)


def times(rows: Iterable[Row]) -> list[tuple[int, int, int | None]]:
    """Return id, start and end of rows, days counted from `DAY_0`, in order of start."""
    return [
        (r.id, r.start - DAY_0, None if r.is_open else r.end - DAY_0)
        for r in sorted(rows, key=lambda r: (r.start, r.id))
    ]


def clean(*rows: Row, known: Known = KNOWN) -> Cleaning:
    """Return what all the rules make of rows whose ids are their places."""
    return cleaned(rows, known, [Place("spells.csv", r.id + 2) for r in rows])


def folder_with(folder: Path, spells: str | bytes, **files: str | bytes) -> Path:
    """Write spells.csv and other files, by name without .csv, into a folder."""
    for name, content in {"spells": spells, **files}.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def spells_csv(*rows: str) -> str:
    """Return the text of a spells file with the usual header."""
    return "\n".join([HEADER, *rows]) + "\n"
