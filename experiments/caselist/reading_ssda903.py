"""SSDA903: the English return on children looked after (header and episodes), as stays.

Columns and codes are those of the Department for Education's guide to the collection (sources in
`experiments/data/words.toml`): an episode begins at DECOM for the reason RNE and ends at DEC, empty
while it lasts; each return tells open episodes again. RNE "L" is a change of legal status alone; "T" and
"U" are changes with the same carer: the stay goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from experiments.caselist.quality import Note, Place
from experiments.caselist.reading_codes import (
    SHORT_BREAK,
    SHORT_BREAKS,
    code_of,
    code_positions,
    with_temporary_moves,
)
from experiments.caselist.reading_columns import UNREADABLE_DATE, Cells, Numbers
from experiments.caselist.reading_files import Stays, positions_of, unknown_names
from experiments.caselist.reading_names import Names, found_columns
from experiments.caselist.reading_problems import CaseListError
from experiments.caselist.reading_sources import files_in, read_file
from experiments.caselist.reading_text import Table
from experiments.caselist.rows import MISSING, Row
from simulation.staircase import Staircase

EPISODES = ("CHILD", "DECOM", "RNE", "PLACE", "DEC")
EPISODES_OPTIONAL = ("LS",)
HEADER = ("CHILD", "DOB")
GOES_ON = ("L", "T", "U")


def is_ssda903(folder: Path) -> bool:
    """Return whether a folder holds a return, or folders that do, one per year."""
    return bool(_returns(folder))


def ssda903_in(folder: Path, names: Names, staircase: Staircase, children: Numbers) -> Stays:
    """Return the stays of the returns in a folder, the year that comes last by name being the latest.

    Raises CaseListError where a file cannot be read or a return lacks its header.
    """
    rows: list[Row] = []
    notes: list[Note] = []
    places: list[Place] = []
    codes: list[str] = []
    births: dict[int, int] = {}
    returns = _returns(folder)
    for header, _ in returns:
        births |= _births(read_file(header, _called(header, folder), "header"), names, children)
    known = code_positions(names, staircase)
    for number, (_, path) in enumerate(returns):
        table = read_file(path, _called(path, folder), "episodes")
        cells = Cells(table, found_columns(table, names, EPISODES, EPISODES_OPTIONAL))
        read, more = _episodes(cells, known, children, births, number, len(places))
        notes += more
        read, more = with_temporary_moves(read)
        rows, notes = rows + read, notes + more
        codes += cells.text("PLACE")
        places += [Place(table.file, n) for n in table.numbers]
    return Stays(rows, places, (), unknown_names(codes, rows), notes)


def _returns(folder: Path) -> list[tuple[Path, Path]]:
    """Return the header and the episodes of each return, in order of its folder's name."""
    found = []
    for place in (folder, *(x for x in files_in(folder) if x.is_dir())):
        files = [x for x in files_in(place) if x.suffix.lower() in (".csv", ".xlsx")]
        episodes = [x for x in files if _is(x, "episodes")]
        headers = [x for x in files if _is(x, "header")]
        for same in (episodes, headers):
            if len(same) > 1:
                raise CaseListError(
                    f"{place}: {same[0].name} and {same[1].name} are of one kind; put each return into a "
                    "folder of its own"
                )
        if episodes and not headers:
            raise CaseListError(
                f"{place}: {episodes[0].name} is there and no header file, which has the birth dates"
            )
        if episodes:
            found.append((headers[0], episodes[0]))
    return found


def _is(path: Path, what: str) -> bool:
    """Return whether a file's name says what it is; episodes of social workers are another table."""
    name = path.stem.lower().replace("-", "_").replace(" ", "_")
    others = ("sw_episodes", "swepisodes", "ssd_")
    return what in name and not any(other in name for other in others)


def _called(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _births(table: Table, names: Names, children: Numbers) -> dict[int, int]:
    cells = Cells(table, found_columns(table, names, HEADER, ()))
    ids = [children.of(cell) for cell in cells.ids("CHILD")]
    days = zip(ids, cells.days("DOB"), strict=True)
    return {i: b for i, b in days if b is not None and b != MISSING}


def _episodes(
    cells: Cells, known: Mapping[str, int], children: Numbers, births: Mapping[int, int], number: int,
    first: int,
) -> tuple[list[Row], list[Note]]:  # fmt: skip
    ids = [children.of(cell) for cell in cells.ids("CHILD")]
    stairs = positions_of([code_of(cell) for cell in cells.text("PLACE")], known)
    new = [code.upper() not in GOES_ON for code in cells.text("RNE")]
    breaks = [code.upper() in SHORT_BREAKS for code in cells.text("LS")]
    rows: list[Row] = []
    notes: list[Note] = []
    for i, (start, end) in enumerate(zip(cells.days("DECOM"), cells.ends("DEC"), strict=True)):
        if breaks[i]:
            notes.append(Note(first + i, SHORT_BREAK))
        elif start is None or end is None:
            notes.append(Note(first + i, UNREADABLE_DATE))
        else:
            birth = births.get(ids[i], MISSING)
            rows.append(Row(first + i, ids[i], stairs[i], start, end, birth, "", not new[i], number))
    return rows, notes
