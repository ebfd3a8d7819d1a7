"""Workbooks as case lists: data only, whatever a file of that name holds."""

from __future__ import annotations

import time
import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from caselists import folder_with, spells_csv
from workbooks import packed, parts_of, row_xml, save, sheet_of, workbook

from experiments.caselist import reading_workbook
from experiments.caselist.reading import CaseList, read_case_list
from experiments.caselist.reading_problems import CaseListError

SECRET = "0102031234"
HEADER = ("child_id", "stair", "start_date", "end_date", "birth_date")
DAY, BIRTH = date(2021, 2, 3), date(2012, 5, 6)
GOOD = (SECRET, "Plejefamilie", DAY, None, BIRTH)


def read(folder: Path) -> CaseList:
    return read_case_list(folder, until=date(2024, 1, 1))


def refused(folder: Path) -> str:
    with pytest.raises(CaseListError) as error:
        read(folder)
    assert SECRET not in str(error.value)
    assert len(str(error.value)) < 500
    return str(error.value)


def many(n: int = 10) -> list[tuple[object, ...]]:
    return [(f"c{i}", "Plejefamilie", DAY, None, BIRTH) for i in range(n)]


def test_dates_numbers_and_text_mean_the_same(tmp_path: Path) -> None:
    serial = (DAY - date(1899, 12, 30)).days
    starts = (DAY, datetime(2021, 2, 3), "03-02-2021", serial, float(serial), "2021-02-03")
    rows = [(1000 + i, "Plejefamilie", x, None, "6/5-2012") for i, x in enumerate(starts)]
    save(tmp_path, spells=workbook({"Ark1": [HEADER, *rows]}))
    cases = read(tmp_path)
    assert cases.spells.start.tolist() == [DAY] * len(starts)
    assert cases.spells.birth.tolist() == [BIRTH] * len(starts)
    assert np.isnat(cases.spells.end).all()
    assert cases.quality[0].rows_as_they_stand == len(starts)


def test_the_calendar_of_old_macs(tmp_path: Path) -> None:
    serial = (DAY - date(1904, 1, 1)).days
    rows = [HEADER, ("a", "foster", serial, None, BIRTH), ("b", "foster", DAY, None, BIRTH)]
    save(tmp_path, spells=workbook({"spells": rows}, mac=True))
    assert read(tmp_path).spells.start.tolist() == [DAY, DAY]


def test_numbers_are_numbers_and_no_thousands(tmp_path: Path) -> None:
    header = (*HEADER, "unit_price", "price_unit")
    rows = [(f"c{i}", "foster", DAY, None, BIRTH, p, "år") for i, p in enumerate((234.567, 1250, 1e6))]
    save(tmp_path, spells=workbook({"spells": [header, *rows]}))
    assert read(tmp_path).price.tolist() == [234.567, 1250.0, 1e6]


def test_one_workbook_may_hold_every_table(tmp_path: Path) -> None:
    save(tmp_path, udtraek=workbook({
        "Forside": [("Udtræk",)], "Spells": [HEADER, *many()],
        "follow_ups": [("child_id", "due_date", "held_date"), ("c1", date(2022, 1, 1), None)],
        "cases": [("child_id", "worker_id", "start_date", "end_date"), ("c1", 7, DAY, None)],
        "workers": [("worker_id", "fte", "start_date", "end_date"), (7, 0.8, DAY, None)],
    }))  # fmt: skip
    cases = read(tmp_path)
    assert cases.follow_ups is not None and cases.follow_ups.due.tolist() == [date(2022, 1, 1)]
    assert cases.cases is not None and cases.workers is not None
    assert cases.workers.fte.tolist() == [0.8]
    assert cases.cases.worker.tolist() == cases.workers.worker.tolist()
    assert [place.row for place in cases.quality[0].places][:2] == [2, 3]


def test_files_of_both_kinds_may_stand_side_by_side(tmp_path: Path) -> None:
    folder_with(tmp_path, spells_csv(f"{SECRET};Plejefamilie;2021-02-03;;2012-05-06"))
    rows = [("child_id", "due_date", "held_date"), (SECRET, DAY, None)]
    save(tmp_path, follow_ups=workbook({"Ark1": rows}), other=b"no workbook at all")
    cases = read(tmp_path)
    assert cases.follow_ups is not None and len(cases.follow_ups.due) == 1


def test_blank_rows_and_notes_beside_the_table_are_no_cells_of_it(tmp_path: Path) -> None:
    rows = [(), HEADER, GOOD, (), (*GOOD, None, "husk at spørge"), (None, None)]
    save(tmp_path, spells=workbook({"spells": rows}))
    quality = read(tmp_path).quality[0]
    assert [place.row for place in quality.places] == [3, 5]


def test_a_formula_counts_as_what_it_gave_and_is_never_run(tmp_path: Path) -> None:
    cells = "".join(f'<c r="{c}2" t="str"><f>A{i}</f><v>{v}</v></c>' for i, (c, v) in enumerate(
        [("A", "a"), ("B", "foster"), ("C", "2021-02-03"), ("E", "2012-05-06")]
    ))  # fmt: skip
    save(tmp_path, spells=sheet_of(row_xml(1, HEADER) + f'<row r="2">{cells}</row>'))
    assert read(tmp_path).spells.start.tolist() == [DAY]


def test_a_formula_without_a_result_is_a_cell_that_cannot_be_read(tmp_path: Path) -> None:
    bad = [
        ("x", "Plejefamilie", "=TODAY()", None, BIRTH),
        ("=A1", "Plejefamilie", DAY, None, BIRTH),
        ("y", "=B2", DAY, None, BIRTH),
        ("#N/A", "Plejefamilie", DAY, None, BIRTH),
    ]
    save(tmp_path, spells=workbook({"spells": [HEADER, *many(20), *bad]}))
    quality = read(tmp_path).quality[0]
    assert {r.key: [quality.places[i].row for i in rows] for r, rows in quality.by_reason.items()} == {
        "unreadable_date": [22], "no_child": [23, 25], "unknown_stair": [24],
    }  # fmt: skip


SOUND = workbook({"spells": [HEADER, GOOD]})


def with_part(name: str, change: tuple[bytes, bytes]) -> bytes:
    parts = parts_of(SOUND)
    assert change[0] in parts[name]
    return packed({**parts, name: parts[name].replace(*change)})


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)) + b"]>"
)  # fmt: skip
BAD: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty": (b"", ("empty",)),
    "html": (b"<html><table><tr><td>0102031234</td></tr></table></html>", ("web page",)),
    "xml of 2003": (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', ("web page (html or xml)",)),
    "csv": (b"child_id;stair\n1;2\n", ("no workbook", "CSV UTF-8")),
    "password": (b"\xd0\xcf\x11\xe0" + bytes(2000), ("password",)),
    "cut off": (SOUND[: len(SOUND) // 2], ("damaged",)),
    "bytes flipped": (SOUND[:300] + bytes(100) + SOUND[400:], ("damaged",)),
    "another zip": (packed({"a.txt": b"x"}), ("no workbook of Excel",)),
    "no sheets": (packed({"[Content_Types].xml": b"<Types/>"}), ("damaged",)),
    "macros": (packed({**parts_of(SOUND), "xl/vbaProject.bin": b"x"}), ("macros",)),
    "billion laughs": (
        with_part(SHEET, (b"<worksheet", LAUGHS + b"<worksheet")), ("XML entities",)
    ),
    "outside entity": (
        with_part(SHEET, (
            b"<worksheet", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><worksheet'
        )),
        ("XML entities",),
    ),
    "utf-16": (
        packed({**parts_of(SOUND), SHEET: parts_of(SOUND)[SHEET].decode().encode("utf-16")}), ("UTF-16",)
    ),
    "laughs under another name": (
        packed({
            name.replace("sheet1.xml", "sheet1.png"): LAUGHS + content if name == SHEET
            else content.replace(b"sheet1.xml", b"sheet1.png")
            for name, content in parts_of(SOUND).items()
        }),
        ("XML entities",),
    ),
    "utf-16 without a mark": (
        packed({**parts_of(SOUND), SHEET: parts_of(SOUND)[SHEET].decode().encode("utf-16-be")}),
        ("UTF-16",),
    ),
    "not well formed": (with_part(SHEET, (b"</sheetData>", b"")), ("damaged",)),
    "several sheets": (workbook({"a": [HEADER], "b": [HEADER]}), ("2 sheets", "'spells'")),
    "only a header": (workbook({"spells": [HEADER]}), ("rows below the header",)),
    "nothing": (workbook({"spells": []}), ("empty",)),
    "a far column": (sheet_of('<row r="1"><c r="XFD1"><v>1</v></c></row>'), ("columns",)),
    "a far row": (
        sheet_of(row_xml(1, HEADER) + '<row r="99999999"><c><v>1</v></c></row>'), ("last one",)
    ),
    "a far cell": (sheet_of('<row r="1"><c r="A99999999"><v>1</v></c></row>'), ("spells.xlsx",)),
    "huge cell": (workbook({"spells": [HEADER, (SECRET, "x" * 5000)]}), ("row 2", "2000 characters")),
    "same header twice": (workbook({"spells": [(*HEADER, "stair"), GOOD]}), ("columns 2 and 6",)),
    "missing column": (workbook({"spells": [HEADER[:-1], GOOD[:-1]]}), ("birth_date",)),
    "month first": (
        workbook({"spells": [HEADER, (SECRET, "foster", "12/31/2021", None, BIRTH)]}),
        ("row 2", "start_date", "'12/31/2021'"),
    ),
    "serial of no day": (
        workbook({"spells": [HEADER, (SECRET, "foster", 9_999_999, None, BIRTH)]}),
        ("row 2", "start_date"),
    ),
    "a time of day": (
        workbook({"spells": [HEADER, (SECRET, "foster", datetime(2021, 1, 1, 13), None, BIRTH)]}),
        ("row 2", "start_date"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_workbook_is_refused_in_words(tmp_path: Path, name: str) -> None:
    data, said = BAD[name]
    save(tmp_path, spells=data)
    message = refused(tmp_path)
    for words in ("spells.xlsx", *said) if name != "only a header" else said:
        assert words in message


@pytest.mark.parametrize("suffix", ["xlsm", "xls", "xlsb", "ods"])
def test_other_kinds_of_workbooks_are_named(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"spells.{suffix}").write_bytes(SOUND)
    assert f"spells.{suffix}" in refused(tmp_path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_workbook, "LARGEST_WORKBOOK", 5_000_000)
    save(tmp_path, spells=packed({**parts_of(SOUND), "xl/media/image1.xml": bytes(6_000_000)}))
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # so that nothing can be unpacked
    assert "6 MB when unpacked; at most 5 MB" in refused(tmp_path)


def test_pictures_and_printers_in_a_workbook_are_let_be(tmp_path: Path) -> None:
    more = {
        "xl/media/image1.png": b"\x89PNG\0\0<",
        "xl/printerSettings/p1.bin": "HP Laser".encode("utf-16-le"),
    }
    save(tmp_path, spells=packed({**parts_of(SOUND), **more}))
    assert len(read(tmp_path).spells) == 1


def test_a_table_that_is_there_twice_is_not_chosen_from(tmp_path: Path) -> None:
    folder_with(tmp_path, spells_csv("a;foster;2021-02-03;;2012-05-06"))
    save(tmp_path, spells=SOUND)
    assert "spells.xlsx" in refused(tmp_path)
    (tmp_path / "spells.csv").unlink()
    (tmp_path / "spells.xlsx").unlink()
    save(tmp_path, a=SOUND, b=SOUND)
    assert "twice" in refused(tmp_path)


def test_files_that_excel_leaves_behind_are_no_workbooks(tmp_path: Path) -> None:
    save(tmp_path, list=SOUND, **{"~$list": b"\x04user"})
    assert len(read(tmp_path).spells) == 1


@pytest.mark.slow
def test_fifty_thousand_rows_take_seconds(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("spells")
    sheet.append(HEADER)
    for i in range(50_000):
        sheet.append((f"c{i}", "Plejefamilie", DAY, None, BIRTH))
    out = BytesIO()
    book.save(out)
    save(tmp_path, spells=out.getvalue())
    began = time.perf_counter()
    assert len(read(tmp_path).spells) == 50_000
    assert time.perf_counter() - began < 20.0  # 3 s on an idle machine
