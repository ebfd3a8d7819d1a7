"""Where the tables of a case list are: each in a csv file or a workbook, or all in one workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from experiments.caselist.reading_problems import CaseListError, problem
from experiments.caselist.reading_text import Table, read_table
from experiments.caselist.reading_workbook import read_sheet, read_workbook

Reader = Callable[[], Table]
"""Reads a table when it is called; CaseListError where it cannot."""

_REFUSED = {
    ".xlsm": "a workbook with macros", ".xlsb": "a binary workbook", ".xls": "an old workbook",
    ".ods": "a workbook of LibreOffice",
}  # fmt: skip


def tables_in(folder: Path, wanted: Sequence[str]) -> dict[str, Reader]:
    """Return a reader of each of the wanted tables that is in a folder, by name.

    A table `spells` is the file spells.csv, or spells.xlsx. Where the first table wanted is neither, a
    workbook of another name may hold a sheet for each. Raises CaseListError where a table is there twice,
    or in a form that is not read.
    """
    files = {x.name.lower(): x for x in files_in(folder)}
    found = {name: own for name in wanted if (own := _file_of_its_own(name, files))}
    if wanted[0] not in found:
        for path in files.values():
            if path.suffix.lower() == ".xlsx" and path.stem.lower() not in wanted:
                found |= _sheets(path, wanted, found)
    return found


def read_file(path: Path, file: str, wanted: str) -> Table:
    """Return the table in a csv file or a workbook, where `wanted` is the sheet if there are several."""
    if path.suffix.lower() == ".xlsx":
        return read_sheet(read_workbook(path, file), None, wanted)
    return read_table(path, file)


def files_in(folder: Path) -> list[Path]:
    """Return what is in a folder, by name, without hidden and temporary files."""
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise CaseListError(f"the folder {folder} cannot be read: {error.strerror}") from None
    return [x for x in found if not x.name.startswith(("~$", "."))]  # Excel's and the system's own


def _file_of_its_own(name: str, files: dict[str, Path]) -> Reader | None:
    csv, xlsx = files.get(f"{name}.csv"), files.get(f"{name}.xlsx")
    if csv and xlsx:
        raise problem(csv.name, f"there is {xlsx.name} too", "leave only one of them in the folder")
    if csv:
        return lambda: read_file(csv, csv.name, name)
    if xlsx:
        return lambda: read_file(xlsx, xlsx.name, name)
    for suffix, what in _REFUSED.items():
        if path := files.get(f"{name}{suffix}"):
            raise problem(path.name, f"this is {what}", "save it as xlsx, or as 'CSV UTF-8'")
    return None


def _sheets(path: Path, wanted: Sequence[str], found: dict[str, Reader]) -> dict[str, Reader]:
    """Return a reader of each wanted sheet of a workbook; refuse one that was found before."""
    book = read_workbook(path)
    readers: dict[str, Reader] = {}
    for sheet in book.sheets:
        name = sheet.strip().lower()
        if name in wanted and name in {**found, **readers}:
            raise problem(path.name, f"the table {name} is there twice", "leave only one of them")
        if name in wanted:
            readers[name] = partial(read_sheet, book, sheet, name)
    return readers
