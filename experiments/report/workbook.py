"""The note's tables as a workbook: a sheet each, numbers as numbers with their units, no formula."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from experiments.csv_cells import neutral
from experiments.report.note import Column, Note, Number, Table
from experiments.words import text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WIDEST = 60
"""Letters across a column, at most."""


def workbook(note: Note) -> bytes:
    """Return the workbook: kroner in whole kroner, intervals in columns of their own."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for table in note.tables:
        _fill(book.create_sheet(table.name), table, note)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, table: Table, note: Note) -> None:
    from openpyxl.styles import Font

    sheet.append([neutral(table.caption)])
    sheet.append([neutral(f"{note.title}. {note.kind}")])
    sheet.append([neutral(head) for column in table.columns for head in _heads(column, note)])
    sheet.append([unit for column in table.columns for unit in _units(column)])
    for row in table.rows:
        cells = zip(table.columns, row, strict=True)
        sheet.append([value for column, cell in cells for value in _values(column, cell)])
    for line in (1, 3):
        for cell in sheet[line]:
            cell.font = Font(bold=True)
    sheet.freeze_panes = "B5"
    _widen(sheet)


def _heads(column: Column, note: Note) -> list[str]:
    if not column.parts:
        return [column.head]
    of = text("report.interval", note.language)
    ends = [text(f"report.{end}", note.language) for end in ("low", "high")]
    return [column.head, *(f"{column.head}, {end.lower()} ({of})" for end in ends)]


def _units(column: Column) -> list[str | None]:
    unit: str | None = neutral(column.in_book or column.unit) or None
    return [unit] * (3 if column.parts else 1)


def _values(column: Column, cell: str | Number) -> list[float | str | None]:
    if isinstance(cell, str):
        return [neutral(cell), None, None] if column.parts else [neutral(cell)]
    numbers = [cell.mean, cell.low, cell.high] if column.parts else [cell.mean]
    return [None if x is None or x != x else x for x in numbers]


def _widen(sheet: Worksheet) -> None:
    from openpyxl.utils import get_column_letter

    for i, column in enumerate(sheet.iter_cols(min_row=3), 1):
        longest = max((len(_seen(cell.value)) for cell in column), default=0)
        sheet.column_dimensions[get_column_letter(i)].width = min(WIDEST, longest + 2)
        for cell in column:
            if isinstance(cell.value, float):
                cell.number_format = "#,##0" if abs(cell.value) >= 1000 else "0.00"


def _seen(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value or "")
