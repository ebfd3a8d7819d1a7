"""Reading text: a csv file of any usual make as a table of cells. Nothing in it is ever run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from experiments.caselist.reading_problems import CaseListError, problem

LARGEST_FILE = 200_000_000
LARGEST_CELL = 2000
"""Bytes of a file and characters of a cell: what is larger is not a case list."""

_DELIMITERS = ";,\t|"
_WORKBOOKS = {
    b"PK\x03\x04": "an Excel workbook (xlsx) or another zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}
_SAVE_AS = "save it as 'CSV UTF-8' and import that"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
"""Characters that no text has."""


@dataclass(frozen=True)
class Table:
    """Cells of a file: `columns` as its header names them, `rows` as long as the header.

    `numbers` [row] counts rows as a spreadsheet does, the header being row 1. `serial_0`: in a workbook,
    the date that is number 0 where dates are written as numbers; None elsewhere, where none may be.
    """

    file: str
    columns: list[str]
    rows: list[list[str]]
    numbers: list[int]
    serial_0: date | None = None


def read_table(path: Path, file: str | None = None) -> Table:
    """Return the table in a csv file; CaseListError says what is wrong with the file.

    Semicolons, commas, tabs or bars; UTF-8 with or without BOM, UTF-16 with BOM, Windows-1252 or Latin-1.
    `file`: what messages call it.
    """
    name = file or path.name
    return table_of(decoded(bytes_of(path, name), name), name)


def bytes_of(path: Path, name: str) -> bytes:
    """Return what is in a file; CaseListError where it cannot be read or is too large."""
    try:
        if path.exists() and not path.is_file():
            raise problem(name, "a folder, or something that is read only once", "it must be a file")
        if path.stat().st_size > LARGEST_FILE:
            raise problem(
                name, f"{path.stat().st_size / 1e6:.0f} MB", f"at most {LARGEST_FILE / 1e6:.0f} MB"
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise CaseListError(f"{name}: there is no such file in the folder {path.parent}") from None
    except OSError as error:
        raise CaseListError(f"{name} cannot be read: {error.strerror}") from None


def decoded(data: bytes, name: str) -> str:
    """Return the text in bytes; CaseListError where they are no text, or text in two encodings."""
    if not data.strip(b"\xef\xbb\xbf \r\n\t"):
        raise problem(name, "the file is empty", "it must have a header and rows")
    for mark, what in _WORKBOOKS.items():
        if data.startswith(mark):
            raise problem(name, f"this is {what}", _SAVE_AS)
    text = _text(data, name)
    if found := CONTROL.search(text):
        row = text.count("\n", 0, found.start()) + 1
        raise problem(
            name, "a character that no text has", f"the file is damaged or no csv: {_SAVE_AS}", row
        )
    return text


def _text(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise problem(name, "text that begins as UTF-16 and is not", _SAVE_AS) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        _not_two_encodings(data, name)
        return data.decode("cp1252", errors="replace") if _is_cp1252(data) else data.decode("latin-1")


def _is_cp1252(data: bytes) -> bool:
    return not any(byte in data for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D))


def _not_two_encodings(data: bytes, name: str) -> None:
    """Refuse a file with some rows in UTF-8 and others not: their letters would come out wrong."""
    utf8, other = 0, 0
    for row, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            utf8 = utf8 or row
        except UnicodeDecodeError:
            other = other or row
        if utf8 and other:
            raise problem(
                name,
                f"letters are written in two ways: row {utf8} is UTF-8, row {other} is not",
                _SAVE_AS,
            )


def table_of(text: str, name: str) -> Table:
    """Return the cells of a csv text; CaseListError where they do not form a table."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = 1
    delimiter = ""
    if found := re.match(r"sep=(.)\n", text):  # Excel writes the delimiter into a line of its own
        first, delimiter, text = 2, found[1], text[found.end() :]
    delimiter = delimiter or _delimiter(text)
    return table_of_cells(_records(text, delimiter, name, first), name)


def table_of_cells(lines: Sequence[tuple[int, list[str]]], name: str) -> Table:
    """Return the table in numbered rows of cells, the first one being the header."""
    if not lines:
        raise problem(name, "the file is empty", "it must have a header and rows")
    (number, header), *rest = lines
    columns = _header(header, name, number)
    rows = [_as_long_as(columns, cells, name, row) for row, cells in rest]
    return Table(name, columns, rows, [row for row, _ in rest])


def _delimiter(text: str) -> str:
    """Return the sign that the header uses most, outside quotation marks."""
    header = re.sub(r'"[^"]*"', "", next((x for x in text.split("\n") if x.strip()), ""))
    return max(_DELIMITERS, key=header.count)


def _records(text: str, delimiter: str, name: str, first: int) -> list[tuple[int, list[str]]]:
    """Return the number and the cells of every record that is not blank, without space around cells."""
    before = csv.field_size_limit(LARGEST_CELL)  # the limit is one for the whole process
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    try:
        for row, cells in enumerate(reader, first):
            if cells:
                found.append((row, [cell.strip() for cell in cells]))
    except csv.Error as error:
        raise _csv_problem(str(error), name, (found[-1][0] if found else first - 1) + 1) from None
    finally:
        csv.field_size_limit(before)
    return found


def _csv_problem(said: str, name: str, row: int) -> CaseListError:
    if "field larger" in said:
        return problem(
            name, f"a cell of more than {LARGEST_CELL} characters, or a quotation mark never closed",
            "shorten the text or close the quotation mark", row,
        )  # fmt: skip
    return problem(
        name, "a quotation mark that is never closed, or text right after a closing one",
        'write "" for a quotation mark within quotation marks', row,
    )  # fmt: skip


def _header(cells: list[str], name: str, row: int) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    twice = sorted({c for c in cells if c and cells.count(c) > 1})
    if twice:
        at = [i for i, c in enumerate(cells, 1) if c == twice[0]]
        raise problem(
            name, f"columns {at[0]} and {at[1]} have the same header", "each column needs its own", row
        )
    return cells


def _as_long_as(columns: list[str], cells: list[str], name: str, row: int) -> list[str]:
    """Return the cells of a row, without blank ones beyond the header; refuse a row of another length."""
    n = len(columns)
    if len(cells) > n and not any(cells[n:]):
        cells = cells[:n]
    if len(cells) != n:
        raise problem(
            name, f"{len(cells)} cells where the header has {n}",
            "each row needs as many; put quotation marks around text that holds the delimiter", row,
        )  # fmt: skip
    return cells
