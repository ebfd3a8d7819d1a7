"""The case list in the report: quality, forecast and back-test in short, and no small count anywhere."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from caselists import HEADER, folder_with
from command import Trappe, command_in
from pages import read_page
from reports import BACK, DAY, FORECAST, QUALITY, small_findings, with_tables

from experiments.caselist.backtest_page import COLUMNS
from experiments.report import files, pdf
from experiments.report.asked import Findings, asked, findings
from experiments.report.note import Cell, Number, Part, Table
from experiments.report.own_data import own_data
from experiments.report.saying import Saying
from experiments.words import LANGUAGES, Language
from simulation.staircase import DEFAULT_STAIRCASE


def parts_of(found: Findings) -> tuple[Part, ...]:
    return own_data(found, Saying(found.scenario, found.policy, found.asked.language))


def rows_of(parts: Sequence[Part], name: str) -> list[tuple[Cell, ...]]:
    return list(next(p for p in parts if isinstance(p, Table) and p.name == name).rows)


def said(cell: Cell) -> str | float:
    return cell if isinstance(cell, str) else cell.mean


def test_without_a_case_list_there_is_nothing_to_say() -> None:
    assert parts_of(small_findings()) == ()


@pytest.mark.parametrize(("language", "hidden"), [("da", "skjult"), ("en", "hidden")])
def test_rows_are_counted_by_what_became_of_them(tmp_path: Path, language: Language, hidden: str) -> None:
    parts = parts_of(with_tables(tmp_path, language, quality=QUALITY))
    spells, follow_ups = rows_of(parts, "data_quality")
    assert [said(c) for c in spells[1:]] == [hidden, 90.0, 15.0, 0.0, hidden]
    assert [said(c) for c in follow_ups[1:]] == [40.0, 40.0, 0.0, 0.0, 0.0]
    assert spells[0] == ("Forløb på trinene" if language == "da" else "Stays on the stairs")


def test_a_forecast_under_five_is_not_told_exactly(tmp_path: Path) -> None:
    parts = parts_of(with_tables(tmp_path, "da", forecast=FORECAST))
    rows = {row[0]: row[1] for row in rows_of(parts, "data_forecast")}
    assert rows["Eget værelse, efterskole, bofællesskab"] == "6 (under 5 til 9)"
    assert rows["Netværks- eller slægtspleje"] == "under 5"
    assert rows["Plejefamilie"] == "skjult"
    told = {name: c for name, c in rows.items() if isinstance(c, Number)}
    assert told["Forebyggende indsats"].on_page("da") == ("31", "(26 til 38)")
    assert told["Udgift i året, mio. kr."].on_page("da") == ("12,3", "(10,0 til 15,0)")


@pytest.mark.parametrize(
    ("language", "told", "held"),
    [("da", "Beregningen som i dag", "Af 2 intervaller"), ("en", "The simulation as today", "Of 2 int")],
)
def test_a_back_test_is_told(tmp_path: Path, language: Language, told: str, held: str) -> None:
    parts = parts_of(with_tables(tmp_path, language, back_test=BACK))
    sentence = next(p for p in parts if isinstance(p, str) and told in p)
    assert held in sentence
    assert (" holdt 1 " if language == "da" else ", 1 held ") in sentence
    [row] = rows_of(parts, "data_back_test")
    assert [said(cell) for cell in row[1:]] == [136.0, 131.2, 125.0, 126.0]
    assert row[0] == ("1 år før" if language == "da" else "1 year before")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_too_short_for_a_back_test_says_so(tmp_path: Path, language: Language) -> None:
    parts = parts_of(with_tables(tmp_path, language, back_test=[COLUMNS]))
    assert "for kort" in str(parts[-1]) or "too short" in str(parts[-1])


# --- small counts -------------------------------------------------------------------------------


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    monkeypatch.setattr(pdf, "BROWSERS", ())
    return command_in(monkeypatch, capsys, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "children",
    [
        {"preventive": 30, "network_care": 2, "foster_care": 12, "residential_care": 9},
        {"preventive": 3, "own_room": 1, "foster_care": 7, "residential_care": 4},
        {"preventive": 12, "network_care": 1, "foster_care": 1, "residential_care": 1},
    ],
)
def test_no_count_under_five_is_shown_anywhere(trappe: Trappe, children: dict[str, int]) -> None:
    few = {key for key, n in children.items() if n < 5}
    Path("list").mkdir()
    stairs = [stair for stair, n in children.items() for _ in range(n)]
    rows = [f"C{i};{stair};2021-{i % 12 + 1:02d}-07;;2012-03-04" for i, stair in enumerate(stairs)]
    folder_with(Path("list"), "\n".join([HEADER, *rows]))
    assert trappe("import", "list", "--out", "by.toml", "--no-settle").code == 0
    wanted = replace(asked("by.toml", quick=True), replicates=20, draws=2, tornado=2)
    found = findings(wanted, folder=Path("studies"))
    page, book, folder = files.write(found, Path("by.html"), "trappe report by.toml", DAY, print)
    _check_page(page, few, _total(children) < 5)
    _check_workbook(book, few)
    _check_tables(folder, few, children)


def _labels(keys: set[str]) -> set[str]:
    return {DEFAULT_STAIRCASE[DEFAULT_STAIRCASE.index(key)].label or key for key in keys}


def _total(children: dict[str, int]) -> int:
    return sum(n for key, n in children.items() if key != "preventive")


def _check_page(path: Path, few: set[str], total_is_small: bool) -> None:
    found = read_page(path.read_text("utf-8"))
    assert found.wrong == []
    for name in ("table-staircase", "table-data_forecast"):
        shown = {row[0]: row[1:] for row in found.tables.get(name, [])[1:]}
        for label in _labels(few) & set(shown):
            assert set(shown[label]) == {"skjult"}, (name, label)
    table = {row[0]: row[1:] for row in found.tables["table-staircase"][1:]}
    assert _labels(few) <= set(table)
    assert "figure-staircase" not in found.ids
    measures = {row[0] for row in found.tables["table-children"]}
    homes = table["Døgninstitution og opholdssted"]  # may be hidden for the sake of another stair
    assert ("Måneder på institution" in measures) is ("skjult" not in homes)
    assert ("Måneder som anbragt" in measures) is not total_is_small


def _check_workbook(path: Path, few: set[str]) -> None:
    book = openpyxl.load_workbook(path)
    for name in {"staircase", "data_forecast"} & set(book.sheetnames):
        for row in book[name].iter_rows(min_row=5, values_only=True):
            if row[0] in _labels(few):
                assert {x for x in row[1:] if x is not None} == {"skjult"}, (name, row)


def _check_tables(folder: Path, few: set[str], children: dict[str, int]) -> None:
    sums = {f"n_{key}" for key in few}
    if "residential_care" in few:
        sums |= {"n_residential", "residential_months", "share_family_like"}
    if "preventive" in few:
        sums |= {"n_at_home", "home_cost"}
    if _total(children) < 5:
        sums |= {"n_in_care", "care_months"}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        levels = [r for r in rows if path.stem not in ("differences", "uncertainty")]
        for row in levels:
            if row.get("stair") in few or row.get("outcome") in sums:
                assert row["mean"] == "nan", (path.name, row)
            if row.get("group") in ("residential", "family", "home_based") and row["compared"] == "level":
                assert row["mean"] == "nan", (path.name, row)
