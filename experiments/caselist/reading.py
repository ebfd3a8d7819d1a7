"""A case list: the files of a folder, read and cleaned. It never leaves the process that read it."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.caselist.hashed import Salted
from experiments.caselist.quality import SMALLEST, Quality
from experiments.caselist.quality_cleaning import Cleaning, cleaned
from experiments.caselist.reading_columns import Numbers
from experiments.caselist.reading_extras import (
    Cases,
    FollowUps,
    Workers,
    cases_in,
    follow_ups_in,
    workers_in,
)
from experiments.caselist.reading_files import Stays, stays_in
from experiments.caselist.reading_names import Names, read_names
from experiments.caselist.reading_problems import CaseListError, rows_in_words
from experiments.caselist.reading_sources import tables_in
from experiments.caselist.reading_ssda903 import is_ssda903, ssda903_in
from experiments.caselist.reading_standard import Given, standard_in, standard_tables
from experiments.caselist.rows import MISSING, OPEN_END, Known, Row, as_day
from experiments.caselist.spells import Ints, Spells
from experiments.caselist.worker_districts import with_districts
from simulation.staircase import DEFAULT_STAIRCASE, Staircase

LEAVE_AGE = 18
_DIGITS, _MOST_NAMES, _LONGEST = 4, 10, 60
"""Digits that may make a name a number; how many names are shown, and how much of each."""
TABLES = ("spells", "follow_ups", "cases", "workers")
"""Tables of a case list, each in a file or a sheet of its own; only the first has to be there."""


@dataclass(frozen=True)
class CaseList:
    """What a folder holds, clean and without identifiers.

    `district` [spell] is a position in `districts`, -1 where none is given; `price` [spell] DKK per
    year, NaN where none is given; the optional files are None where they are not there. `quality`: one
    account per file, that of the spells first. `hashes` [row of the spells]: of the child of a row that
    is not used as it stands, another at every reading.
    """

    spells: Spells
    districts: tuple[str, ...]
    district: Ints
    price: NDArray[np.float64]
    follow_ups: FollowUps | None
    cases: Cases | None
    workers: Workers | None
    quality: tuple[Quality, ...]
    hashes: Mapping[int, str] = field(default_factory=dict)


def read_case_list(
    folder: Path, *, names: Path | None = None, until: date | None = None, today: date | None = None,
    last_day: bool = False, staircase: Staircase = DEFAULT_STAIRCASE, leave_age: int = LEAVE_AGE,
) -> CaseList:  # fmt: skip
    """Return the case list in a folder; CaseListError says what cannot be read.

    The folder holds our own tables (csv or xlsx), English returns (SSDA903) or the Standard Safeguarding
    Dataset.

    `names`: a names file (see `reading_names`). `until`: the day of the export, from which on nothing is
    known; where it is not given, the day after the last start or end that does not lie after `today`.
    `last_day`: end dates are the last day of a stay, not the first day after it.
    """
    _is_a_folder(folder)
    given = read_names(names, staircase)
    with _no_collection():
        return _case_list(folder, given, until, today or date.today(), last_day, staircase, leave_age)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Put off collecting garbage: done again and again among so many rows, it is a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _case_list(
    folder: Path, names: Names, until: date | None, today: date, last_day: bool, staircase: Staircase,
    leave_age: int,
) -> CaseList:  # fmt: skip
    children = Numbers()
    read = _read(folder, names, staircase, children, last_day)
    stays = read.stays
    end = as_day(until) if until else _last_day_known(stays.rows, as_day(today))
    cleaning = cleaned(stays.rows, Known(end, leave_age, staircase), stays.places, stays.notes)
    if not len(cleaning.spells):
        raise CaseListError(_why_none(folder, cleaning.quality))
    return _with_extras(read, names, cleaning, children, end)


def _read(folder: Path, names: Names, staircase: Staircase, children: Numbers, last_day: bool) -> Given:
    """Return the stays and the other tables of whatever a folder holds, in our form."""
    tables = tables_in(folder, TABLES)
    if TABLES[0] in tables:
        stays = stays_in(tables[TABLES[0]](), names, staircase, children, last_day=last_day)
    elif standard := standard_tables(folder):
        return standard_in(standard, names, staircase, children)
    elif is_ssda903(folder):
        stays = ssda903_in(folder, names, staircase, children)
    else:
        raise CaseListError(
            f"{folder}: there is no spells.csv or spells.xlsx, no workbook with a sheet 'spells', no "
            "English return (a header and an episodes file) and no table ssd_cla_placement"
        )
    follow_ups, cases, workers = (tables[name]() if name in tables else None for name in TABLES[1:])
    return Given(stays, follow_ups, cases, workers)


def _with_extras(
    read: Given, names: Names, cleaning: Cleaning, children: Numbers, until: int
) -> CaseList:
    stays = read.stays
    numbers = Numbers()
    child_of = {int(n): i for i, n in enumerate(cleaning.number)}
    follow_ups = read.follow_ups and follow_ups_in(
        read.follow_ups, names, child_of, children, until, read.excluded.get("follow_ups")
    )
    cases = read.cases and cases_in(
        read.cases, names, child_of, children, numbers, until, read.excluded.get("cases")
    )
    staff = read.workers and workers_in(read.workers, names, numbers, until, stays.districts)
    workers = staff[0] if staff else None
    if workers and cases:
        workers = with_districts(workers, cases[0], cleaning.spells, cleaning.district)
    spells = replace(cleaning.quality, remarks=tuple(_remarks(stays, cleaning)))
    extras = [found[1] for found in (follow_ups, cases, staff) if found]
    return CaseList(
        cleaning.spells, stays.districts, cleaning.district, cleaning.price,
        follow_ups[0] if follow_ups else None, cases[0] if cases else None, workers,
        (spells, *extras), _hashes(stays, spells, children),
    )  # fmt: skip


def _hashes(stays: Stays, quality: Quality, children: Numbers) -> dict[int, str]:
    """Return the child's hash for each row of the spells that is not used as it stands, by its id.

    A row of which a cell could not be read has none: it was never put into numbers.
    """
    salted, identifiers = Salted(), list(children.known)
    changed = (row for row in stays.rows if row.id in quality.verdicts and row.child >= 0)
    return {row.id: salted.of(identifiers[row.child]) for row in changed}


def _is_a_folder(folder: Path) -> None:
    if not folder.is_dir():
        what = "is a file; name the folder it lies in" if folder.exists() else "is not there"
        raise CaseListError(f"the folder {folder} {what}")


def _last_day_known(rows: Sequence[Row], today: int) -> int:
    days = [d for r in rows for d in (r.start, r.end) if MISSING < d <= today and d != OPEN_END]
    return max(days) + 1 if days else today


def _why_none(folder: Path, quality: Quality) -> str:
    """Return, for a message, the file and why none of its rows is left."""
    reason, rows = next(iter(quality.by_reason.items()), (None, []))
    if reason is None:
        return f"{folder}: the stays have no rows; there must be rows below the header"
    file = quality.places[rows[0]].file
    numbers = rows_in_words(quality.places[i].row for i in rows if quality.places[i].file == file)
    return f"{file}: of {quality.rows_in} rows none is left; most often: {reason.text} ({numbers})"


def _remarks(stays: Stays, cleaning: Cleaning) -> list[str]:
    """Return what was seen and not changed, in sentences."""
    found = []
    if stays.unknown:
        found.append(_unknown_in_words(stays))
    a_day, none = _gaps(cleaning.spells)
    if a_day > none:
        found.append(
            "More often than not the next stay begins one day after the end of the one before. If the "
            "end date is the last day of a stay, import with --last-day: then they touch: moves."
        )
    if (left := sum(1 for x in cleaning.district if x < 0)) and stays.districts:
        found.append(
            f"{'Some' if left < SMALLEST else left} stays have no district; they count to the first."
        )
    return found


def _unknown_in_words(stays: Stays) -> str:
    """Return the names that are no stairs: in full where many children have them and they are no numbers.

    A name with four digits or more may be an identifier from the wrong column.
    """
    child = {row.id: row.child for row in stays.rows}
    common = [
        name for name, rows in stays.unknown.items()
        if len({child[i] for i in rows}) >= SMALLEST and sum(c.isdigit() for c in name) < _DIGITS
    ][:_MOST_NAMES]  # fmt: skip
    said = [repr(name if len(name) <= _LONGEST else name[:_LONGEST] + "...") for name in common]
    rest = [stays.places[rows[0]].row for name, rows in stays.unknown.items() if name not in common]
    if rest:
        said.append(f"rarer names, for instance in row {rest[0]}")
    return (
        f"No stair is known by these names: {', '.join(said)}. Say what they are in a names file under "
        "[stairs], or that they are left out (--names)."
    )


def _gaps(spells: Spells) -> tuple[int, int]:
    """Return how many stays the next one follows a day after the end, and how many at the end."""
    same = spells.child[1:] == spells.child[:-1]
    gap = Counter((spells.start[1:][same] - spells.end[:-1][same]).astype(np.int64).tolist())
    return gap[1], gap[0]
