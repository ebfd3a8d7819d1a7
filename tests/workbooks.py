"""Workbooks made up for tests: sound ones by openpyxl, others part by part."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def workbook(sheets: Mapping[str, Iterable[Sequence[Any]]], mac: bool = False) -> bytes:
    """Return a workbook of sheets, each a list of rows; text that begins with = is a formula."""
    book = openpyxl.Workbook()
    if mac:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook by name."""
    with zipfile.ZipFile(BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip of parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def sheet_of(rows: str) -> bytes:
    """Return a workbook with one sheet, spells, whose rows are the given XML."""
    content, kind = f"{_PACKAGE}/content-types", "application/vnd.openxmlformats"
    office, links = f"{kind}-officedocument.spreadsheetml", f"{_PACKAGE}/relationships"
    return packed({
        name: (HEAD + text).encode() for name, text in {
            "[Content_Types].xml": f'<Types xmlns="{content}">'
            f'<Default Extension="rels" ContentType="{kind}-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{office}.worksheet+xml"/>'
            "</Types>",
            "_rels/.rels": f'<Relationships xmlns="{links}"><Relationship Id="r1" '
            f'Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>'
            '<sheet name="spells" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{links}"><Relationship '
            f'Id="r1" Type="{_DOC}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml":
                f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        }.items()
    })  # fmt: skip


def row_xml(number: int, cells: Iterable[str]) -> str:
    """Return a row of a sheet with cells of text."""
    texts = "".join(
        f'<c r="{chr(65 + i)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for i, cell in enumerate(cells)
    )
    return f'<row r="{number}">{texts}</row>'


def save(folder: Path, **files: bytes) -> Path:
    """Write workbooks, by name without .xlsx, into a folder."""
    for name, data in files.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    return folder
