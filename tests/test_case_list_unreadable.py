"""Single cells that cannot be read: told, and the rest of the file is used; too many: refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from caselists import HEADER, folder_with, spells_csv
from hypothesis import given
from hypothesis import strategies as st
from support import FIXED

from experiments.caselist.quality import Quality
from experiments.caselist.reading import CaseList, read_case_list
from experiments.caselist.reading_problems import CaseListError

SECRET = "010203-1234"


def sound(n: int, start: str = "2021-02-03", end: str = "2022-02-03") -> list[str]:
    return [f"c{i};foster;{start};{end};2012-05-06" for i in range(n)]


def read(folder: Path) -> CaseList:
    return read_case_list(folder, until=date(2024, 1, 1))


def told(quality: Quality) -> dict[str, list[int]]:
    return {r.key: [quality.places[i].row for i in rows] for r, rows in quality.by_reason.items()}


@pytest.mark.parametrize("cell", ["i går", "31-02-2021", "12/31/2021", "=NOW()", "0001-01-01", SECRET])
@pytest.mark.parametrize("column", ["start", "end"])
def test_a_row_with_a_date_that_cannot_be_read_is_dropped_and_told(
    tmp_path: Path, column: str, cell: str
) -> None:
    bad = f"{SECRET};foster;{cell if column == 'start' else '2021-01-01'};{cell};2012-05-06"
    cases = read(folder_with(tmp_path, spells_csv(*sound(9), bad)))
    assert len(cases.spells) == 9
    assert told(cases.quality[0]) == {"unreadable_date": [11]}


def test_a_birth_date_that_cannot_be_read_is_that_of_the_other_rows(tmp_path: Path) -> None:
    rows = [*sound(9), "c1;foster;2022-02-03;;?", "x;foster;2022-02-03;;?"]
    cases = read(folder_with(tmp_path, spells_csv(*rows)))
    assert len(cases.spells) == 10
    assert told(cases.quality[0]) == {"birth_added": [11], "no_birth": [12]}


@pytest.mark.parametrize(("price", "unit"), [("x", "år"), ("-1", "år"), ("5", ""), ("5", "gang")])
def test_a_stay_with_a_price_that_cannot_be_read_is_used_without_it(
    tmp_path: Path, price: str, unit: str
) -> None:
    rows = [f"{row};100;år" for row in sound(9)]
    text = "\n".join(
        [f"{HEADER};unit_price;price_unit", *rows, f"d;foster;2021-01-01;;2012-01-01;{price};{unit}"]
    )
    cases = read(folder_with(tmp_path, text))
    assert told(cases.quality[0]) == {"unreadable_price": [11]}
    assert cases.price[:9].tolist() == [100.0] * 9 and np.isnan(cases.price[9])


@pytest.mark.parametrize(("bad", "is_refused"), [(1, False), (2, False), (3, True), (10, True)])
def test_more_than_a_fifth_of_a_column_refuses_the_file(
    tmp_path: Path, bad: int, is_refused: bool
) -> None:
    rows = sound(10 - bad) + [f"d{i};foster;03-02-21;2022-02-03;2012-05-06" for i in range(bad)]
    folder_with(tmp_path, spells_csv(*rows))
    if not is_refused:
        assert len(read(tmp_path).spells) == 10 - bad
        return
    with pytest.raises(CaseListError, match=rf"start_date.*{bad} of 10.*write dates as"):
        read(tmp_path)


def test_the_share_is_of_the_cells_that_are_filled(tmp_path: Path) -> None:
    """Most stays go on; if all the few ends are unreadable, the column's form is wrong."""
    rows = [*sound(50, end=""), "x;foster;2021-01-01;3.2.21;2012-01-01"]
    folder_with(tmp_path, spells_csv(*rows))
    with pytest.raises(CaseListError, match="end_date"):
        read(tmp_path)


def test_the_optional_files_tell_their_rows_too(tmp_path: Path) -> None:
    lines = "".join(f"c{i};2021-05-03;2021-06-01\n" for i in range(9))
    workers = "".join(f"w{i};1;2020-01-01;\n" for i in range(9))
    folder_with(
        tmp_path, spells_csv(*sound(9)),
        follow_ups=f"child_id;due_date;held_date\n{lines}c1;snart;\n",
        cases="child_id;worker_id;start_date;end_date\n"
        + "".join(f"c{i};w1;2021-01-01;2022-01-01\n" for i in range(9)) + "c1;w1;2021-01-01;?\n",
        workers=f"worker_id;fte;start_date;end_date\n{workers}w9;alt;2020-01-01;\n",
    )  # fmt: skip
    cases = read(tmp_path)
    assert [told(q) for q in cases.quality] == [
        {}, {"unreadable_date": [11]}, {"unreadable_date": [11]}, {"unreadable_number": [11]},
    ]  # fmt: skip


CELLS = st.sampled_from(["2021-02-03", "2022-03-04", "", "?", "2031-01-01", "2011-01-01", "x" * 30])


@given(st.lists(st.tuples(st.integers(0, 9), CELLS, CELLS, CELLS), min_size=1, max_size=40))
@FIXED
def test_rows_in_are_rows_used_and_rows_explained(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, str, str]]
) -> None:
    text = [f"{i or ''};foster;{a};{b};{c or '2012-05-06'}" for i, a, b, c in rows]
    folder = folder_with(tmp_path_factory.mktemp("list"), spells_csv(*sound(60), *text))
    try:
        cases = read(folder)
    except CaseListError:
        assert sum(cell in ("?", "x" * 30) for row in rows for cell in row) > 0
        return
    q = cases.quality[0]
    assert q.rows_in == 60 + len(rows)
    unread = {i for i, row in enumerate(rows, 60) if {"?", "x" * 30} & {row[1], row[2]}}
    assert {i for i, r in q.verdicts.items() if r.key == "unreadable_date"} == unread
    assert q.rows_as_they_stand + q.rows_explained == q.rows_in
