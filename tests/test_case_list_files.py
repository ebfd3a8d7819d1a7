"""Files of a case list: what is understood, and what is refused, in words that help."""

from __future__ import annotations

import contextlib
import csv
import errno
import random
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from caselists import HEADER, folder_with, spells_csv

from experiments.caselist.reading import CaseList, read_case_list
from experiments.caselist.reading_cells import day, end_day, number
from experiments.caselist.reading_problems import CaseListError
from experiments.caselist.rows import MISSING, OPEN_END, as_day

UNTIL = date(2024, 1, 1)
SECRET = "010203-1234"
GOOD = f"{SECRET};Plejefamilie;2021-02-03;;2012-05-06"


def read(folder: Path, **more: object) -> CaseList:
    return read_case_list(folder, until=UNTIL, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cell",
    ["2021-02-03", "03-02-2021", "3.2.2021", "3/2-2021", "03/02/2021", "2021/02/03",
    "2021-02-03T00:00:00",
     "03-02-2021 00:00"],
)  # fmt: skip
def test_days_as_people_write_them(cell: str) -> None:
    assert day(cell) == as_day(date(2021, 2, 3))


@pytest.mark.parametrize(
    "cell",
    ["31-02-2021", "12/31/2021", "03-02-21", "030221", "2021-13-01", "i dag", "0001-01-01",
    "44230", "-", "=NOW()",
     "2021-02-03 13:00", "٠٣-٠٢-٢٠٢١x"],
)  # fmt: skip
def test_what_is_no_day(cell: str) -> None:
    assert day(cell) is None


def test_no_day_and_no_end() -> None:
    assert day("") == MISSING
    assert [end_day(x) for x in ("", "9999-12-31", "31.12.9999", "31-12-2999")] == [OPEN_END] * 4


@pytest.mark.parametrize(
    ("cell", "value"),
    [("0,8", 0.8), ("0.875", 0.875), ("1.250", 1250), ("1.234,50", 1234.5), ("1 234,5", 1234.5),
     ("1,234.5", 1234.5), ("522000", 522000), ("1.290.000 kr.", 1_290_000), ("95,-", 95), ("-3", -3)],
)  # fmt: skip
def test_numbers_as_danes_write_them(cell: str, value: float) -> None:
    assert number(cell) == value


@pytest.mark.parametrize("cell", ["x", "1,2,3", "1e9", "nan", "inf", "=1", "0x1", "9" * 30])
def test_what_is_no_number(cell: str) -> None:
    assert number(cell) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_usual_make_of_csv(tmp_path: Path, encoding: str, delimiter: str, newline: str) -> None:
    rows = [
        ["Barn", "Foranstaltning", "Startdato", "Slutdato", "Fødselsdato"],
        ["æ1", "Døgninstitution", "03-02-2021", "04-02-2021", "6/5-2012"],
        ["æ1", '"Netværks- eller slægtspleje"', "04.02.2021", "", "6/5-2012"],
    ]
    text = newline.join(delimiter.join(r) for r in rows) + newline
    s = read(folder_with(tmp_path, text.encode(encoding))).spells
    assert [s.stairs[i] for i in s.stair] == ["residential_care", "network_care"]
    assert s.start.tolist() == [date(2021, 2, 3), date(2021, 2, 4)]
    assert np.isnat(s.end).tolist() == [False, True]
    assert s.birth.tolist() == [date(2012, 5, 6)]


def test_the_delimiter_line_of_excel_and_blank_lines(tmp_path: Path) -> None:
    text = f"sep=;\n{HEADER}\n\n{GOOD}\n;;;;\n"
    cases = read(folder_with(tmp_path, text))
    assert len(cases.spells) == 1
    assert [(x.key, [cases.quality[0].places[i].row for i in rows]) for x, rows in
            cases.quality[0].by_reason.items()] == [("no_child", [5])]  # fmt: skip


def test_a_names_file_says_what_is_called_otherwise(tmp_path: Path) -> None:
    names = tmp_path / "names.toml"
    names.write_text(
        '[columns]\nchild_id = "Løbenr."\n[stairs]\n"Pleje (§ 66)" = "foster_care"\n"Aflastning" = "-"\n',
        "utf-8",
    )
    text = "løbenr;child_id;trin;fra;til;født\n" + "".join(
        f"{i};{99};{stair};2021-02-03;;2012-05-06\n"
        for i, stair in enumerate(("pleje § 66", "AFLASTNING"))
    )
    cases = read(folder_with(tmp_path, text), names=names)
    assert [cases.spells.stairs[i] for i in cases.spells.stair] == ["foster_care"]
    assert [r.key for r in cases.quality[0].by_reason] == ["stair_left_out"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns", "not TOML"),
        ('[colums]\na="b"', "did you mean 'columns'?"),
        ('[columns]\nchild="b"', "child_id"),
        ("[columns]\nchild_id=3", "no text"),
        ('columns = "a"', "no text"),
        ('[stairs]\n"a"="fostercare"', "foster_care"),
    ],
)
def test_a_names_file_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "names.toml").write_text(text, "utf-8")
    with pytest.raises(CaseListError, match=r"names\.toml") as error:
        read(folder_with(tmp_path, spells_csv(GOOD)), names=tmp_path / "names.toml")
    assert said in str(error.value)


def test_the_optional_files(tmp_path: Path) -> None:
    folder_with(
        tmp_path, spells_csv(GOOD, "b;Efterskole;2022-01-01;;2007-01-01"),
        follow_ups=f"child_id,due_date,held_date\n{SECRET},2021-05-03,2021-06-01\n{SECRET},2025-01-01,\n"
        f"nobody,2021-05-03,\n{SECRET},,\n{SECRET},2023-12-01,2024-02-01\n",
        cases=f"child_id;worker_id;start_date;end_date\n{SECRET};w2;2021-02-03;\nb;;2022-01-01;\n",
        workers="worker_id;fte;start_date;end_date\nw1;1;2020-01-01;2022-01-01\n"
        "w2;0,8;2021-01-01;2030-01-01\n"
        "w3;;2020-01-01;\n",
    )  # fmt: skip
    cases = read(tmp_path)
    assert cases.follow_ups is not None and cases.cases is not None and cases.workers is not None
    assert cases.follow_ups.held.tolist() == [date(2021, 6, 1), None]
    assert cases.cases.child.tolist() == [0]
    assert cases.workers.on(np.datetime64("2023-12-31")).tolist() == [0.8]
    assert cases.cases.worker[0] == cases.workers.worker[1]
    accounts = {q.what: {r.key: len(x) for r, x in q.by_reason.items()} for q in cases.quality}
    assert accounts == {
        "spells": {},
        "follow_ups": {"other_child": 1, "no_date": 1, "held_later": 1},
        "cases": {"no_worker": 1},
        "workers": {"ends_later": 1, "no_fte": 1},
    }


def test_prices_are_brought_to_a_year(tmp_path: Path) -> None:
    text = (
        HEADER + ";unit_price;price_unit\n" + GOOD + ";1.000,50;døgn\n"
        "b;foster;2021-01-01;;2012-01-01;10000;pr. måned\nc;foster;2021-01-01;;2012-01-01;;\n"
    )
    price = read(folder_with(tmp_path, text)).price
    assert price[:2] == pytest.approx([1000.5 * 365.25, 120_000])
    assert np.isnan(price[2])


def test_the_last_day_known_is_that_of_the_list(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        spells_csv(GOOD, "b;foster;2021-01-01;2022-03-04;2012-01-01", "b;foster;2029-01-01;;2012-01-01"),
    )
    cases = read_case_list(tmp_path, today=date(2024, 1, 1))
    assert cases.spells.until == np.datetime64("2022-03-05")
    assert [r.key for r in cases.quality[0].by_reason] == ["starts_later"]


def test_ends_that_are_last_days(tmp_path: Path) -> None:
    text = spells_csv("b;foster;2021-01-01;2021-01-31;2012-01-01", "b;residential;2021-02-01;;2012-01-01")
    folder_with(tmp_path, text)
    gap, touching = read(tmp_path), read(tmp_path, last_day=True)
    assert any("--last-day" in remark for remark in gap.quality[0].remarks)
    assert touching.spells.end[0] == touching.spells.start[1]
    assert not touching.quality[0].remarks


def bad_cell(column: int, cell: str) -> str:
    """Return a spells file of which one cell of row 4 is bad."""
    cells = GOOD.split(";")
    cells[column] = cell
    return spells_csv(GOOD, "b" + GOOD, ";".join(cells))


BAD: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "empty": (b"", ("spells.csv", "empty")),
    "only a BOM": (b"\xef\xbb\xbf\r\n", ("empty",)),
    "only a header": (HEADER, ("rows below the header",)),
    "workbook": (b"PK\x03\x04" + bytes(200), ("Excel workbook", "CSV UTF-8")),
    "old workbook": (b"\xd0\xcf\x11\xe0" + bytes(200), ("Excel workbook", "CSV UTF-8")),
    "binary": (bytes(range(256)) * 4, ("spells.csv",)),
    "NUL": (spells_csv(GOOD, GOOD).encode().replace(b"Pleje", b"Pl\0je"), ("row 2", "character")),
    "half UTF-16": (b"\xff\xfea", ("UTF-16",)),
    "two encodings": (
        spells_csv(GOOD).encode() + "x;Døgn;2021-01-01;;2012-01-01\n".encode()
        + "y;Døgn".encode("cp1252"),
        ("row 3 is UTF-8, row 4 is not",),
    ),
    "huge cell": (spells_csv(GOOD, "x" * 5000 + ";;;;"), ("row 3", "more than 2000 characters")),
    "huge header": ("x" * 5000, ("row 1", "2000")),
    "no such delimiter": (spells_csv(GOOD).replace(";", "~"), ("only one column", "delimiter")),
    "spaces for delimiters": (spells_csv(GOOD).replace(";", "  "), ("delimiter",)),
    "missing column": (spells_csv(GOOD).replace("birth_date", "bd"), ("no column birth_date", "--names")),
    "no header": (GOOD + "\n" + GOOD, ("no column child_id", "row 1")),
    "same header twice": (
        spells_csv(GOOD).replace("end_date", "start_date"),
        ("columns 3 and 4", "same header")
    ),
    "two headers for one": (spells_csv(GOOD).replace("end_date", "startdato"), ("both mean start_date",)),
    "unclosed quote": (spells_csv(GOOD, '"' + GOOD, GOOD), ("row 3", "quotation mark")),
    "text after a quote": (
        spells_csv(GOOD, '"a"b;foster;2021-01-01;;2012-01-01'),
        ("row 3", "quotation mark")
    ),
    "too many cells": (spells_csv(GOOD, GOOD + ";;x"), ("row 3", "7 cells where the header has 5")),
    "too few cells": (spells_csv(GOOD, "b;foster"), ("row 3", "2 cells where the header has 5")),
    "31 February": (bad_cell(2, "31-02-2021"), ("row 4", "start_date", "'31-02-2021'", "31-01-2020")),
    "month first": (bad_cell(3, "12/31/2021"), ("row 4", "end_date", "'12/31/2021'")),
    "two-digit year": (bad_cell(2, "03-02-21"), ("row 4", "start_date", "'00-00-00'")),
    "a person for a date": (bad_cell(3, "Anna Andersen"), ("row 4", "'xxxx xxxxxxxx'")),
    "a birth date": (bad_cell(4, "31-02-2012"), ("row 4", "birth_date", "'00-00-0000'")),
    "a formula": (bad_cell(2, "=TODAY()"), ("row 4", "'=xxxxx()'")),
    "year 1": (bad_cell(2, "0001-01-01"), ("row 4",)),
    "too long for a date": (bad_cell(2, "1" * 500), ("row 4", "480 characters more")),
    "line break in a cell": (bad_cell(2, '"2021\n-01-01"'), ("row 4",)),
    "no price unit": (f"{HEADER};unit_price\n{GOOD};100\n", ("row 2", "price_unit", "døgn")),
    "price below 0": (
        f"{HEADER};unit_price;price_unit\n{GOOD};-5;day\n",
        ("row 2", "unit_price", "from 0")
    ),
    "one child": (spells_csv(*[GOOD] * 1001), ("same child", "child_id")),
    "no stair known": (
        spells_csv(GOOD.replace("Plejefamilie", "x")),
        ("none is left", "stair is not known", "row 2")
    ),
    "districts that are none": (
        f"{HEADER};district\n" + "".join(f"{GOOD};{i}\n" for i in range(101)), ("101 districts",)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, name: str) -> None:
    content, said = BAD[name]
    folder_with(tmp_path, content)
    with pytest.raises(CaseListError) as error:
        read(tmp_path)
    for words in said:
        assert words in str(error.value)
    assert SECRET not in str(error.value)
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("name", ["follow_ups", "cases", "workers"])
@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"\0", b'"', b"PK\x03\x04"])
def test_a_bad_optional_file_is_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    folder_with(tmp_path, spells_csv(GOOD), **{name: content})
    with pytest.raises(CaseListError, match=rf"{name}\.csv"):
        read(tmp_path)


@pytest.mark.parametrize("seed", range(200))
def test_a_damaged_file_is_read_or_refused_never_worse(tmp_path: Path, seed: int) -> None:
    """Bytes of a good file are put out of place, doubled, cut or replaced by whatever comes."""
    chance = random.Random(seed)
    text = spells_csv(*(f"{i};Døgninstitution;0{i}-02-2021;;2012-05-06" for i in range(1, 9)))
    data = bytearray(text.encode(chance.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"])))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        what = chance.choice(
            [b";", b'"', b"\n", b"\0", b"\xff", b",", b"\t", b"=", b"", bytes([chance.randrange(256)])]
        )
        data[at : at + chance.choice([0, 1, 1, 9])] = what * chance.choice([1, 1, 1, 3000])
    folder_with(tmp_path, bytes(data))
    try:
        cases = read(tmp_path)
    except CaseListError as error:
        assert "spells.csv" in str(error) or "none is left" in str(error)
        return
    q = cases.quality[0]
    assert q.used() == len(
        {*range(q.rows_in)} - {i for i, r in q.verdicts.items() if r.fate in ("merged", "dropped")}
    )


def test_no_folder_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(CaseListError, match="is not there"):
        read(tmp_path / "no")
    with pytest.raises(CaseListError, match=r"spells\.csv"):
        read(tmp_path)
    (tmp_path / "spells.csv").mkdir()
    with pytest.raises(CaseListError, match=r"spells\.csv"):
        read(tmp_path)
    with pytest.raises(CaseListError, match="is a file"):
        read(_a_file(tmp_path))


def _a_file(folder: Path) -> Path:
    (folder / "x.txt").write_text("x", "utf-8")
    return folder / "x.txt"


def test_names_of_stairs_are_repeated_only_where_many_children_have_them(tmp_path: Path) -> None:
    rows = [f"{i};Kostskole X;2021-01-01;;2012-01-01" for i in range(5)]
    rows += [f"{i};Anna Andersen;2021-01-01;;2012-01-01" for i in range(4)]
    remark = read(folder_with(tmp_path, spells_csv(GOOD, *rows))).quality[0].remarks[0]
    assert "'Kostskole X', rarer names, for instance in row 8" in remark
    assert "Anna" not in remark


def test_a_name_that_may_be_an_identifier_is_never_repeated(tmp_path: Path) -> None:
    rows = [f"{i};{SECRET};2021-01-01;;2012-01-01" for i in range(9)]
    remark = read(folder_with(tmp_path, spells_csv(GOOD, *rows))).quality[0].remarks[0]
    assert "names, for instance in row 3" in remark and SECRET not in remark


def test_few_names_are_shown_and_not_all_of_a_long_one(tmp_path: Path) -> None:
    names = [letter * 200 for letter in "abcdefghijklmnopqrstuvwxyz"]
    rows = [f"{name[0]}{i};{name};2021-01-01;;2012-01-01" for name in names for i in range(5)]
    remark = read(folder_with(tmp_path, spells_csv(GOOD, *rows))).quality[0].remarks[0]
    assert len(remark) < 1000 and "aaa..." in remark and "rarer names, for instance in row 53" in remark


@pytest.mark.parametrize("method", ["read_bytes", "iterdir"])
def test_what_the_system_refuses_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    folder_with(tmp_path, spells_csv(GOOD))

    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, method, refuse)
    with pytest.raises(CaseListError, match="cannot be read: Permission denied"):
        read(tmp_path)


@pytest.mark.parametrize("cell", ["x", "x" * 5000])
def test_reading_leaves_the_limit_of_cells_as_it_was(tmp_path: Path, cell: str) -> None:
    before = csv.field_size_limit()
    folder_with(tmp_path, spells_csv(GOOD, f"b;{cell};2021-01-01;;2012-01-01"))
    with contextlib.suppress(CaseListError):
        read(tmp_path)
    assert csv.field_size_limit() == before
