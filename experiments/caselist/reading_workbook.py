"""Reading workbooks: a sheet of an xlsx file as a table of cells. Data only: nothing in it is ever run.

openpyxl reads the cells. Before it does, the file is looked through as bytes (`_looked_through`): it must
be a zip of bounded size with no macros, and none of its XML may define entities of its own, which no
spreadsheet writes and which could grow without bound when they are expanded.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from experiments.caselist.reading_cells import NO_RESULT
from experiments.caselist.reading_problems import CaseListError, problem
from experiments.caselist.reading_text import CONTROL, LARGEST_CELL, Table, bytes_of, table_of_cells

LARGEST_WORKBOOK = 300_000_000
"""Bytes of a workbook once it is unpacked."""
MOST_ROWS, MOST_COLUMNS = 1_048_576, 200
"""Rows that a sheet of Excel can have, and columns that a case list can need."""

_SERIAL_0 = date(1899, 12, 30)
_SERIAL_0_MAC = date(1904, 1, 1)
"""Dates that count as day 0 in the two calendars of Excel (from March 1900 on)."""

Cells = tuple[int, tuple[Any, ...]]
"""The number and the values of a row."""

_MIDNIGHT = time()
_CHUNK, _OVERLAP = 1 << 20, 64
_OWN_ENTITIES = re.compile(rb"<!(DOCTYPE|ENTITY)")
_UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|\s*\0\s*<|\s*<\0")
_FORMULA = re.compile(rb"<(\w+:)?f[ >/]")
_SAVE_AS = "open it in Excel and save it as a new workbook (xlsx), or as 'CSV UTF-8'"


@dataclass(frozen=True)
class Workbook:
    """An xlsx file that was looked through: its name, its bytes, whether any cell has a formula."""

    file: str
    data: bytes
    has_formulas: bool

    @cached_property
    def results(self) -> Any:
        """The book of openpyxl whose cells are values: of formulas, the results that were stored."""
        return self._opened(data_only=True)

    @cached_property
    def formulas(self) -> Any:
        """The book of openpyxl whose cells are values, or formulas as text."""
        return self._opened(data_only=False)

    def _opened(self, data_only: bool) -> Any:
        import openpyxl  # takes a third of a second, and most case lists are csv files

        with _whatever_is_wrong(self.file):
            return openpyxl.load_workbook(
                BytesIO(self.data), read_only=True, data_only=data_only, keep_links=False
            )

    @property
    def sheets(self) -> list[str]:
        """The names of its sheets."""
        return [sheet.title for sheet in self.results.worksheets]


@contextmanager
def _whatever_is_wrong(called: str) -> Iterator[None]:
    """Say that a workbook is damaged where reading it raises anything; there are dozens of kinds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except CaseListError:
        raise
    except Exception:
        raise problem(called, "the workbook is damaged", _SAVE_AS) from None


def read_workbook(path: Path, file: str | None = None) -> Workbook:
    """Return a workbook, looked through but not yet read; CaseListError says what is wrong with it.

    `file`: what messages call it.
    """
    name = file or path.name
    data = bytes_of(path, name)
    return Workbook(name, data, _looked_through(data, name))


def read_sheet(book: Workbook, sheet: str | None, wanted: str) -> Table:
    """Return the table in a sheet; CaseListError where there is none.

    `sheet` None: the one called `wanted`, whatever its letter case, or the only one there is.
    """
    title = sheet if sheet is not None else _chosen(book.sheets, wanted, book.file)
    several = len(book.sheets) > 1
    called = f"{book.file}, sheet {book.sheets.index(title) + 1}" if several else book.file
    rows = _rows(book.results, title, called)
    if book.has_formulas:
        rows = _with_formulas(rows, _rows(book.formulas, title, called))
    lines = _as_wide_as_the_header([(i, [_text(c) for c in cells]) for i, cells in rows], called)
    mac = book.results.epoch.year == 1904
    return replace(table_of_cells(lines, called), serial_0=_SERIAL_0_MAC if mac else _SERIAL_0)


def _chosen(names: list[str], wanted: str, file: str) -> str:
    found = [name for name in names if name.strip().lower() == wanted]
    if not found and len(names) == 1:
        return names[0]
    if len(found) != 1:
        raise problem(
            file,
            f"{len(names)} sheets, {'none' if not found else 'several'} called {wanted!r}",
            f"call the sheet that is to be read {wanted!r}",
        )
    return found[0]


def _looked_through(data: bytes, name: str) -> bool:
    """Return whether there are formulas; refuse what is no workbook, or one that is not only data."""
    _is_a_zip(data, name)
    with _whatever_is_wrong(name), zipfile.ZipFile(BytesIO(data)) as packed:
        parts = packed.infolist()
        _is_a_workbook([p.filename for p in parts], sum(p.file_size for p in parts), name)
        # every part, whatever it is called: what is read as a sheet is said in another part
        return any([_has_formulas(packed, part, name) for part in parts])


def _is_a_zip(data: bytes, name: str) -> None:
    if data.startswith(b"PK\x03\x04"):
        return
    if not data.strip():
        raise problem(name, "the file is empty", "it must have a header and rows")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise problem(
            name, "this is an old Excel workbook (xls), or one with a password",
            "save it as xlsx without a password",
        )  # fmt: skip
    if re.match(rb"\s*(\xef\xbb\xbf)?\s*<", data[:1000]):
        raise problem(name, "this is a web page (html or xml) with the name of a workbook", _SAVE_AS)
    raise problem(name, "this is no workbook, whatever its name says", _SAVE_AS)


def _is_a_workbook(parts: list[str], unpacked: int, name: str) -> None:
    if unpacked > LARGEST_WORKBOOK:
        raise problem(
            name, f"{unpacked / 1e6:.0f} MB when unpacked", f"at most {LARGEST_WORKBOOK / 1e6:.0f} MB"
        )
    if any(p.lower().endswith("vbaproject.bin") for p in parts):
        raise problem(name, "this workbook has macros", "save it as xlsx without macros")
    if "[Content_Types].xml" not in parts:
        raise problem(name, "this is a zip file and no workbook of Excel", _SAVE_AS)


def _has_formulas(packed: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> bool:
    found = False
    with packed.open(part) as file:
        before = b""
        while chunk := file.read(_CHUNK):
            if not before and _UTF_16.match(chunk):  # which the search below would not see through
                raise problem(name, "it is written in UTF-16, as Excel never writes it", _SAVE_AS)
            text = before + chunk
            if _OWN_ENTITIES.search(text):
                raise problem(name, "it defines XML entities, which no spreadsheet does", _SAVE_AS)
            found = found or _FORMULA.search(text) is not None
            before = chunk[-_OVERLAP:]
    return found


def _rows(book: Any, sheet: str, called: str) -> list[Cells]:
    """Return the rows of a sheet that are not blank."""
    found: list[Cells] = []
    with _whatever_is_wrong(called):
        book[sheet].reset_dimensions()  # what a sheet says of its own size need not be true
        for number, cells in enumerate(book[sheet].iter_rows(values_only=True), 1):
            if number > MOST_ROWS:
                raise problem(called, "a row beyond the last one that Excel has", _SAVE_AS)
            if len(cells) > MOST_COLUMNS and any(c is not None for c in cells[MOST_COLUMNS:]):
                raise problem(
                    called, f"more than {MOST_COLUMNS} columns", "leave out other columns", number
                )
            if any(c is not None and c != "" for c in cells):
                found.append((number, cells[:MOST_COLUMNS]))
    return found


def _with_formulas(results: list[Cells], formulas: list[Cells]) -> list[Cells]:
    """Return the results with `NO_RESULT` in cells that have a formula and no stored result."""
    of = dict(results)
    return [
        (number, tuple(
            NO_RESULT if _is_formula(cell) and _at(of.get(number, ()), i) is None
            else _at(of.get(number, ()), i)
            for i, cell in enumerate(cells)
        ))
        for number, cells in formulas
    ]  # fmt: skip


def _is_formula(cell: object) -> bool:
    # array formulas and data tables come as objects of openpyxl, others as text
    return (isinstance(cell, str) and cell.startswith("=")) or type(cell).__module__.startswith(
        "openpyxl"
    )


def _at(cells: tuple[Any, ...], i: int) -> Any:
    return cells[i] if i < len(cells) else None


def _text(cell: Any) -> str:
    """Return a cell as a csv file would have it; a decimal comma, so that no point is for thousands."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == _MIDNIGHT else cell.isoformat(" ")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell).replace(".", ",")
    return str(cell)


def _as_wide_as_the_header(
    lines: list[tuple[int, list[str]]], called: str
) -> list[tuple[int, list[str]]]:
    """Return rows of one width: a sheet leaves out empty cells, and notes may stand beside a table."""
    for number, cells in lines:
        if max(map(len, cells)) > LARGEST_CELL:
            found = f"a cell of more than {LARGEST_CELL} characters"
            raise problem(called, found, "shorten the text", number)
        if CONTROL.search("".join(cells)):
            raise problem(called, "a character that no text has", _SAVE_AS, number)
    n = max((i for i, cell in enumerate(lines[0][1], 1) if cell), default=0) if lines else 0
    return [(number, cells[:n] + [""] * (n - len(cells))) for number, cells in lines]
