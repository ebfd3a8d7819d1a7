"""The report: a valid, self-contained page in both languages, whose numbers are those of the studies."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import openpyxl
import pytest
from command import Trappe, command_in
from pages import Page, read_page
from reports import COMMAND, DAY, small_findings, small_note, small_page

from experiments.report import pdf
from experiments.report.asked import Findings, asked, findings
from experiments.report.content import note
from experiments.report.html import STYLE, _data, _text, page
from experiments.report.note import Note, Number
from experiments.report.workbook import workbook
from experiments.words import LANGUAGES, Language, between, kroner, number


@pytest.fixture(scope="module")
def found() -> Findings:
    return small_findings()


@pytest.fixture(scope="module")
def notes() -> dict[str, Note]:
    return {x: small_note(x) for x in LANGUAGES}


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    return {x: small_page(x) for x in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_valid_and_accessible(pages: dict[str, Page], language: Language) -> None:
    found = pages[language]
    assert found.wrong == []
    assert found.language == language
    assert found.title.strip()
    assert [level for level, _ in found.headings].count(2) == 11
    assert len(found.images) == 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_fetches_nothing(notes: dict[str, Note], language: Language) -> None:
    text = page(notes[language]).lower()
    for what in ("http", "<script", "<link", "url(", "@import", 'src="//', "srcset"):
        assert what not in text, what
    assert all(
        i["src"].startswith("data:image/png;base64,") for i in read_page(page(notes[language])).images
    )


def test_a_picture_whose_letters_spell_an_address_does_not() -> None:
    from base64 import b64decode
    from urllib.parse import unquote

    png = b64decode("AAAAhttpAAAAHTTPhTtP")
    said = _data(png)
    assert "http" not in said.lower()
    assert b64decode(unquote(said).partition(",")[2]) == png


def test_what_a_scenario_calls_itself_is_no_link_and_no_mark() -> None:
    assert _text("<b>By</b> https://example.org & co") == "&lt;b&gt;By&lt;/b&gt; example.org &amp; co"


def test_both_languages_say_the_same(notes: dict[str, Note]) -> None:
    danish, english = (notes[x] for x in ("da", "en"))
    assert [s.key for s in danish.sections] == [s.key for s in english.sections]
    for a, b in zip(danish.tables, english.tables, strict=True):
        assert (a.name, len(a.columns)) == (b.name, len(b.columns))
        for one, other in zip(a.rows, b.rows, strict=True):
            for x, y in zip(one, other, strict=True):
                if isinstance(x, Number) and isinstance(y, Number):
                    assert (x.mean, x.low, x.high) == (y.mean, y.low, y.high)
    for s, t in zip(danish.sections, english.sections, strict=True):
        assert s.heading != t.heading
        assert [type(p) for p in s.parts] == [type(p) for p in t.parts]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_the_studys(found: Findings, pages: dict[str, Page], language: Language) -> None:
    total = found.study.cumulated_saving("swedish_model")[:, -1]
    low, high = np.quantile(total, [0.05, 0.95])
    answer = next(p for p in pages[language].paragraphs if kroner(abs(total.mean()), language) in p)
    for amount in (low, high):
        assert kroner(abs(amount), language).rstrip(".") in answer
    paid = round(100 * float((total >= 0).mean()))
    assert f"{paid} " in answer
    assert f"{100 - paid} " in answer


def test_what_is_paid_for_and_changes_nothing_is_a_cost_in_every_history(tmp_path: Path) -> None:
    wanted = replace(asked("fano", "en", "null", quick=True), replicates=20, draws=2, tornado=2)
    found = read_page(page(note(findings(wanted, folder=tmp_path), COMMAND, DAY)))
    assert found.wrong == []
    answer = next(p for p in found.paragraphs if "in every simulated history" in p)
    assert answer.startswith("“No effect” costs Fanø 4.7 m DKK net over 5 years")
    assert "the doubt is large" not in found.text
    assert "figure-causes" not in found.ids  # one cause alone: nothing to share out


@pytest.mark.parametrize("language", LANGUAGES)
def test_money_by_year_is_the_studys(found: Findings, pages: dict[str, Page], language: Language) -> None:
    rows = pages[language].tables["table-money"][1:]
    yearly = {
        r["year"]: r for r in found.study.difference_rows(("net_saving",)) if r["outcome"] == "net_saving"
    }
    so_far = {
        r["year"]: r for r in found.study.difference_rows() if r["outcome"] == "net_saving_cumulated"
    }
    assert len(rows) == found.study.n_years
    for row in rows:
        year = int(row[0])
        for cell, of in zip(row[1:3], (yearly[year], so_far[year]), strict=True):
            mean = number(of["mean"] / 1e6, language, 1)
            assert cell == f"{mean} ({between(of['low'] / 1e6, of['high'] / 1e6, language, 1)})"
        paid = found.study.p_broken_even("swedish_model")[year - 1]
        assert row[3] == number(100 * float(paid), language)


def test_the_parts_sum_to_the_net_saving(notes: dict[str, Note]) -> None:
    table = next(t for t in notes["en"].tables if t.name == "parts")
    means = [cell.mean for _, cell in table.rows if isinstance(cell, Number)]
    assert sum(means[:-1]) == pytest.approx(means[-1], abs=1.0)  # DKK, of millions


def test_the_shares_of_the_causes_sum_to_the_whole(found: Findings, notes: dict[str, Note]) -> None:
    table = next(t for t in notes["en"].tables if t.name == "causes")
    n = len(found.causes.question.changed)
    for column in (1, 4, 5):
        values = [row[column].mean for row in table.rows if isinstance(row[column], Number)]  # type: ignore[union-attr]
        assert sum(values[:n]) == pytest.approx(values[n], rel=1e-9, abs=1e-6)
    assert [row[0] for row in table.rows[n:]] == [
        "The whole", "The whole, if nothing works", "The whole, if it goes the wrong way",
    ]  # fmt: skip


def test_what_would_change_the_answer_is_the_tornado(found: Findings, notes: dict[str, Note]) -> None:
    table = next(t for t in notes["da"].tables if t.name == "tornado")
    one = found.doubt.indices["net_saving"]
    first = found.doubt.first("net_saving", 3)
    assert len(table.rows) == 3
    for row, i in zip(table.rows, first, strict=True):
        unknown = found.doubt.asked.numbers[i]
        ends = [float(one.base.values[0]) + float(index.values[i]) for index in (one.low, one.high)]
        said = [cell.mean for cell in row if isinstance(cell, Number)]
        assert said == pytest.approx([unknown.at(0.05), ends[0], unknown.at(0.95), ends[1]])
        assert row[-1] == unknown.record.grade


def test_every_source_that_a_table_refers_to_is_listed(notes: dict[str, Note]) -> None:
    from experiments.report.note import Points

    section = next(s for s in notes["da"].sections if s.key == "assumptions")
    table = next(t for t in notes["da"].tables if t.name == "assumptions")
    sources = next(p for p in section.parts if isinstance(p, Points))
    cited = {int(n) for row in table.rows for n in re.findall(r"\d+", str(row[-1]))}
    assert cited == set(range(1, len(sources.points) + 1))


def test_colours_of_the_text_are_dark_enough() -> None:
    def luminance(colour: str) -> float:
        full = colour if len(colour) == 7 else "#" + "".join(2 * c for c in colour[1:])
        parts = [int(full[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    inks = re.findall(r"(?<![-\w])color: (#[0-9a-f]+)", STYLE)
    grounds = re.findall(r"background: (#[0-9a-f]+)", STYLE)
    assert len(inks) > 3 and len(grounds) > 2
    for ink in inks:
        for ground in grounds:
            assert (luminance(ground) + 0.05) / (luminance(ink) + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_numbers_and_no_formula(notes: dict[str, Note], language: Language) -> None:
    book = openpyxl.load_workbook(BytesIO(workbook(notes[language])))
    assert book.sheetnames == [t.name for t in notes[language].tables]
    for table in notes[language].tables:
        sheet = book[table.name]
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert all(cell.data_type in ("s", "n") for cell in cells)
        assert not any(str(cell.value).startswith("=") for cell in cells)
        said = [x for row in table.rows for cell in row if isinstance(cell, Number)
                for x in ((cell.mean,) if table.columns[row.index(cell)].parts is False
                          else (cell.mean, cell.low, cell.high))]  # fmt: skip
        there = [c.value for row in sheet.iter_rows(min_row=5) for c in row if c.data_type == "n"
                 and c.value is not None]  # fmt: skip
        assert there == pytest.approx([x for x in said if x is not None and x == x])


def test_units_stand_above_the_numbers(notes: dict[str, Note]) -> None:
    sheet = openpyxl.load_workbook(BytesIO(workbook(notes["da"])))["money"]
    assert [c.value for c in sheet[4]][1:] == ["kr."] * 6 + ["af 100 forløb"]


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    monkeypatch.setattr(pdf, "BROWSERS", ())
    return command_in(monkeypatch, capsys, tmp_path)


def test_the_command_writes_page_workbook_and_csv_and_goes_on_from_what_is_there(trappe: Trappe) -> None:
    said = trappe("report", "fano", "--quick", "--policy", "staff_only", "--out", "to/note.html")
    assert said.code == 0, said.err
    assert "No PDF: no chromium or chrome was found" in said.err
    assert sorted(p.name for p in Path("to").iterdir()) == ["note-csv", "note.html", "note.xlsx"]
    text = Path("to/note.html").read_text("utf-8")
    found = read_page(text)
    assert found.wrong == []
    assert found.language == "da"
    command = "trappe report fano --language da --policy staff_only --draws 100 --replicates 100 --seed 1"
    assert ["Kommando", f"{command} --quick"] in found.tables["table-made"]
    with Path("to/note-csv/differences.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["policy"] for row in rows} == {"staff_only"}
    parts = {p: p.stat().st_mtime_ns for p in Path("results").rglob("*.parquet")}
    again = trappe(
        "report", "fano", "--quick", "--policy", "staff_only", "--language", "en", "--out", "b.html"
    )
    assert again.code == 0, again.err
    assert {p: p.stat().st_mtime_ns for p in Path("results").rglob("*.parquet")} == parts
    assert read_page(Path("b.html").read_text("utf-8")).language == "en"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fano", "--out", "note.txt"], "--out 'note.txt' must end in .html, such as note.html"),
        (["fano", "--out", "."], "--out '.' must end in .html"),
        (["fano", "--language", "sv"], "language 'sv' must be 'da' (Danish) or 'en' (English)"),
        (["fano", "--policy", "swedish"], "has no policy 'swedish' (did you mean 'swedish_model'?)"),
        (["fanoe"], "fanoe"),
        (["fano.toml"], "fano.toml: there is no such file"),
        (["fano", "--out", "a-file/note.html"], "cannot be written: "),
        (["fano", "--out", "taken.html"], "taken-csv, the folder of its csv files, is a file"),
        (["fano", "--draws", 100_000], "draws = 100000 must lie between 0 and"),
    ],
)
def test_what_cannot_be_is_refused_in_words(trappe: Trappe, arguments: list[object], said: str) -> None:
    for name in ("a-file", "taken-csv"):
        Path(name).write_text("mine", "utf-8")
    told = trappe("report", *arguments)
    assert told.code == 2
    assert said in told.err
    assert "Traceback" not in told.err
    assert not Path("results").exists()  # it is said before anything is run
    assert not list(Path().rglob("*.html"))


def test_the_browser_is_asked_for_paper_and_what_it_fails_at_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:

    assert pdf.printed(b"<p>", str(tmp_path / "no-such-browser")) is None

    def prints_nothing(*_: object, **__: object) -> SimpleNamespace:
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr("experiments.report.pdf.subprocess.run", prints_nothing)
    assert pdf.printed(b"<p>", "browser") is None


@pytest.mark.slow
def test_the_pdf_is_printed_where_there_is_a_browser(notes: dict[str, Note]) -> None:
    program = pdf.browser()
    if program is None:
        pytest.skip("no chromium or chrome on this machine; install one to test the PDF")
    made = pdf.printed(page(notes["da"]).encode("utf-8"), program)
    assert made is not None
    assert made.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) >= 3


@pytest.mark.slow
def test_another_staircase_says_that_its_numbers_are_placeholders(tmp_path: Path) -> None:
    found = findings(asked("adults", quick=True), folder=tmp_path)
    text = read_page(page(note(found, COMMAND, DAY)))
    assert text.wrong == []
    assert any("pladsholdere" in p for p in text.paragraphs)
    cells = [cell for rows in text.tables.values() for row in rows for cell in row]
    for said in (*text.paragraphs, *cells, *(image["alt"] for image in text.images)):
        assert not re.search(
            r"børnene|anbragt|anbringelse|sammenbrud|institution|søskende", said, re.I
        ), said
