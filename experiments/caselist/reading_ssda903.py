"""SSDA903: the English return on children looked after (header and episodes), as stays.

Columns and codes are those of the Department for Education's guide to the collection: an episode begins
at DECOM for the reason RNE and ends at DEC, empty while it lasts; each return tells open episodes
again. RNE "L" is a change of legal status alone; "T" and "U" are changes with the same carer: the stay
goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from experiments.caselist.quality import Place
from experiments.caselist.reading_files import Cells, Numbers, Stays, unknown_names
from experiments.caselist.reading_names import Names, found_columns, plain, words
from experiments.caselist.reading_problems import CaseListError
from experiments.caselist.reading_text import Table, read_table
from experiments.caselist.rows import LEFT_OUT, MISSING, UNKNOWN, Row
from simulation.staircase import Staircase

EPISODES = ("CHILD", "DECOM", "RNE", "PLACE", "DEC")
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
    places: list[Place] = []
    codes: list[str] = []
    births: dict[int, int] = {}
    returns = _returns(folder)
    for header, _ in returns:
        births |= _births(read_table(header, _called(header, folder)), names, children)
    known = _stairs(names, staircase)
    for number, (_, path) in enumerate(returns):
        table = read_table(path, _called(path, folder))
        cells = Cells(table, found_columns(table, names, EPISODES, ()))
        codes += cells.text("PLACE")
        rows += _episodes(cells, known, children, births, number, len(rows))
        places += [Place(table.file, n) for n in table.numbers]
    return Stays(rows, places, (), unknown_names(codes, rows))


def _returns(folder: Path) -> list[tuple[Path, Path]]:
    """Return the header and the episodes of each return, in order of its folder's name."""
    found = []
    for place in (folder, *sorted(x for x in folder.iterdir() if x.is_dir())):
        files = sorted(x for x in place.iterdir() if x.suffix.lower() == ".csv")
        episodes = [x for x in files if "episodes" in x.name.lower()]
        headers = [x for x in files if "header" in x.name.lower()]
        if len(episodes) > 1 or len(headers) > 1:
            raise CaseListError(
                f"{place}: several files of one kind; put each return into a folder of its own"
            )
        if episodes and not headers:
            raise CaseListError(
                f"{place}: {episodes[0].name} is there and no header file, which has the birth dates"
            )
        if episodes:
            found.append((headers[0], episodes[0]))
    return found


def _called(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _births(table: Table, names: Names, children: Numbers) -> dict[int, int]:
    cells = Cells(table, found_columns(table, names, HEADER, ()))
    ids = [children.of(cell) for cell in cells.text("CHILD")]
    return {i: b for i, b in zip(ids, cells.days("DOB"), strict=True) if b != MISSING}


def _episodes(
    cells: Cells,
    known: Mapping[str, int],
    children: Numbers,
    births: Mapping[int, int],
    number: int,
    first: int,
) -> list[Row]:
    ids = [children.of(cell) for cell in cells.text("CHILD")]
    stairs = [known.get(plain(code), UNKNOWN) for code in cells.text("PLACE")]
    new = [code.upper() not in GOES_ON for code in cells.text("RNE")]
    parts = zip(ids, stairs, cells.days("DECOM"), cells.ends("DEC"), new, strict=True)
    return [
        Row(first + i, child, stair, start, end, births.get(child, MISSING), "", not moved, number)
        for i, (child, stair, start, end, moved) in enumerate(parts)
    ]


def _stairs(names: Names, staircase: Staircase) -> dict[str, int]:
    """Return the stair of each placement code, the names file's word before ours."""
    ours = {code: key for key, codes in words()["ssda903"].items() for code in codes}
    given = {**{plain(k): v for k, v in ours.items()}, **{plain(k): v for k, v in names.stairs.items()}}
    return {
        code: LEFT_OUT if key == "-" else staircase.index(key)
        for code, key in given.items() if key == "-" or key in staircase.keys
    }  # fmt: skip
