"""A validation in the table, in words, for machines, as a page, as a picture and at the command line."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from drawings import english_words
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread
from matplotlib.text import Text
from rich.console import Console

from experiments import cli, plots_validation
from experiments.plots import ORANGE, as_png
from experiments.schema_validation import Target, ValidationResult, as_json, as_rows, schema_text
from experiments.tables import PLAIN_WIDTH
from experiments.tables_validation import (
    RULE,
    as_markdown,
    cells,
    covers,
    group_table,
    print_validation,
    published,
    summary,
    under,
)
from experiments.validation import study
from experiments.validation.study import Validation
from experiments.validation.targets import (
    GROUPS,
    REQUIRED,
    REQUIREMENTS,
    label_of,
    status_of,
    to_validate,
)
from experiments.validation.verdicts import FAILS, Row, figure
from experiments.words import LANGUAGES, Language
from simulation import compiling
from simulation.parameters import parameter

SCHEMA = Path(__file__).parents[1] / "docs" / "validate.schema.json"


def row(name: str, *values: float) -> Row:
    """Return a row of made-up values of the model."""
    if name in REQUIREMENTS:
        return Row(name, REQUIRED, "ratio", None, np.array(values))
    return Row(name, status_of(name), parameter(name).unit, figure(name), np.array(values))


def made_up(drawn: bool = True) -> Validation:
    """Return every target at its published value, but for half of them, which are far off."""
    rows = []
    for i, name in enumerate(to_validate()):
        x = parameter(name).value
        rows.append(
            row(name, *(x + (i % 2) * (0.7 * abs(x) + 1e-6) + 0.01 * abs(x) * k for k in (-1, 0, 1)))
        )
    rows += [
        row(name, *[r.most * 0.5 + 0.2 * (i % 2)] * 3) for i, (name, r) in enumerate(REQUIREMENTS.items())
    ]
    order = list(GROUPS)
    return Validation(tuple(sorted(rows, key=lambda r: order.index(r.group))), {}, drawn, 3, 1)


@pytest.fixture(scope="module")
def found() -> Validation:
    return made_up()


# --- a row in words ------------------------------------------------------------------------------


def test_a_share_with_a_standard_deviation() -> None:
    p = parameter("target.denmark.exits_0_17")
    text = cells(row(p.name, 0.18, 0.19, 0.2))
    sd = f"{50 * (p.high - p.low):.2f}".rstrip("0").rstrip(".")
    assert text[1] == f"{100 * p.value:g} ± {sd} %"
    assert text[2:] == ("19.0 (18.1 to 19.9) %", "inside", "fitted")


def test_a_range_and_a_negative_number() -> None:
    text = cells(row("target.nyc.caseload_elasticity", -0.1, -0.05, 0.0))
    assert text[1:] == ("-0.39 to -0.17", "-0.05 (-0.10 to -0.01)", "fails", "held out")


def test_millions_and_thousands() -> None:
    millions = cells(row("target.herning.spending_fall", -1e6, 2e6))
    assert millions[1:3] == ("3.7 ± 0.1 m DKK", "0.5 (-0.8 to 1.8) m DKK")
    thousands = cells(row("target.denmark.spending_per_placed_2019", 7e5, 7.2e5))
    assert thousands[1:3] == ("716.9 to 724.4 k DKK", "710 (701 to 719) k DKK")


def test_an_exact_figure_and_no_minus_before_nothing() -> None:
    assert cells(row("target.null.difference", 0.0))[1:4] == ("0", "0.0 (0.0 to 0.0)", "inside")
    assert cells(row("trend.caseload_alone_stock", -0.001))[2] == "0.00 (0.00 to 0.00)"


def test_a_requirement_says_what_is_allowed() -> None:
    text = cells(row("herning.capacity_alone_spending", 0.6, 0.8))
    assert text[1:] == ("at most 0.5", "0.70 (0.61 to 0.79)", "fails (0 %)", "required")


def test_an_expectation_has_a_probability_instead_of_a_verdict() -> None:
    assert cells(row("target.fano.residential_moved_down", 2, 4, 6, 8))[3] == "P = 0.50"


def test_what_is_defined_in_no_draw_is_said_to_be_so_and_fails() -> None:
    text = cells(row("target.nyc.median_stay_ratio", np.nan, np.nan))
    assert text[2:4] == ("not defined", "fails")


# --- the table -----------------------------------------------------------------------------------


def printed(found: Validation, group: str, width: int = PLAIN_WIDTH) -> str:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(group_table(found, group, narrow=width < PLAIN_WIDTH))
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_one_line_a_row_with_every_number(found: Validation, group: str) -> None:
    rows = [r for r in found.rows if r.group == group]
    lines = printed(found, group).splitlines()
    assert lines[0].strip() == GROUPS[group]
    assert lines[1].split() == ["Target", "Published", "Model", "Verdict", "Status"]
    assert len(lines) == 2 + len(rows)
    for line, r in zip(lines[2:], rows, strict=True):
        assert all(cell in line for cell in cells(r))


def test_a_narrow_table_cuts_no_number(found: Validation) -> None:
    text = printed(found, "denmark", 80).split()
    for r in (r for r in found.rows if r.group == "denmark"):
        for part in cells(r):
            assert all(word in text for word in part.split()), part


def test_the_whole_is_printed_with_the_rule_and_what_intervals_cover(
    found: Validation, capsys: pytest.CaptureFixture[str]
) -> None:
    print_validation(found)
    out = capsys.readouterr().out
    said = " ".join(out.split())
    assert " ".join(RULE.split()) in said and covers(found) in said
    assert max(map(len, out.splitlines())) <= PLAIN_WIDTH
    for r in found.rows:
        assert r.label in out


def test_intervals_say_what_they_cover() -> None:
    assert covers(made_up(True)).startswith("5 to 95 % of 3 draws from the posterior")
    assert "chance alone" in covers(made_up(False))


def test_what_is_not_simulated_is_named_with_its_reason() -> None:
    missing = {"target.denmark.refund_share": "no scenario of 2014 is shipped"}
    found = Validation((), missing, True, 2, 1)
    assert found.groups == ["denmark"]
    assert under(found, "denmark")[-1] == (
        "Not simulated: State refund / spending, 2014: no scenario of 2014 is shipped."
    )


# --- the summary -----------------------------------------------------------------------------------


def of_rows(*rows: Row) -> Validation:
    return Validation(rows, {}, True, 2, 1)


def test_the_summary_counts_and_names_what_fails() -> None:
    good, bad = row("target.denmark.first_family", 0.32), row("target.denmark.stock_holds", 3.0)
    held, reported = row("target.nyc.exit_hazard_ratio", 1.0), row("target.fano.covered_year_1", 9.0)
    required = row("trend.caseload_alone_stock", 0.5)
    assert summary(of_rows(good, bad, held, reported, required)) == [
        "1 of 2 fitted targets inside, 0 of 1 held-out targets inside, 1 of 1 requirements hold.",
        "Failing, Denmark: In care after three years / now.",
        "Failing, New York City: fewer cases: Rate of leaving care, after / before.",
    ]


def test_a_summary_without_failures_says_so() -> None:
    assert summary(of_rows(row("target.denmark.first_family", 0.32))) == [
        "1 of 1 fitted targets inside. None fails."
    ]
    assert summary(of_rows(row("target.fano.covered_year_1", 9.0))) == ["Nothing was judged. None fails."]


def test_every_failing_row_is_named_once(found: Validation) -> None:
    text = " ".join(summary(found)[1:])
    assert len(found.failing) > 10
    for r in found.failing:
        assert r.label in text
    assert sum(line.count(";") + 1 for line in summary(found)[1:]) == len(found.failing)


# --- as a page -------------------------------------------------------------------------------------


def test_the_page_has_a_row_for_each_target_with_failures_in_bold(found: Validation) -> None:
    lines = as_markdown(found).splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| target")]
    assert len(rows) == len(found.rows)
    assert sum("| **fails" in line for line in rows) == len(found.failing)
    assert all(line.count("|") == 6 for line in rows)
    assert all(f"**{title}**" in lines for title in GROUPS.values())
    assert max(len(line) for line in lines if not line.startswith("|")) <= 120
    assert as_markdown(found).endswith(".\n")


# --- for machines --------------------------------------------------------------------------------


def test_json_keeps_to_the_schema_and_to_the_numbers(found: Validation) -> None:
    result = ValidationResult.model_validate_json(as_json(found))
    assert [t.target for t in result.targets] == [r.name for r in found.rows]
    for t, r in zip(result.targets, found.rows, strict=True):
        assert (t.mean, t.verdict, t.status) == (r.mean, r.verdict, r.status)
        assert (t.low, t.high) == r.interval
    assert result.summary == summary(found) and result.drawn and result.runs == 3


def test_the_schema_in_the_documents_is_the_programs() -> None:
    assert SCHEMA.read_text("utf-8") == schema_text()


def test_what_is_not_defined_is_null(found: Validation) -> None:
    one = of_rows(row("target.nyc.median_stay_ratio", np.nan))
    target = json.loads(as_json(one))["targets"][0]
    assert target["mean"] is target["low"] is target["high"] is None
    assert target["verdict"] == FAILS and target["values"] == 0


def test_a_requirement_and_an_expectation_have_a_probability_and_a_target_has_none() -> None:
    names = ("trend.caseload_alone_stock", "target.fano.covered_year_1", "target.nyc.exit_hazard_ratio")
    required, expected, judged = (as_rows(of_rows(row(name, 0.5, 2.0)))[0] for name in names)
    assert (required["p"], expected["p"], judged["p"]) == (0.5, 0.5, None)
    assert (required["published"], required["published_high"]) == (None, 1.0)
    assert (required["published_kind"], required["grade"]) == ("at most", "")


# --- the picture ---------------------------------------------------------------------------------


def texts(figure) -> list[Text]:  # type: ignore[no-untyped-def]
    return [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_names_every_target_and_is_not_blank(found: Validation, language: Language) -> None:
    drawn = plots_validation.validation(found, language)
    words = [t.get_text() for t in texts(drawn)]
    for r in found.rows:
        if r.figure is None or r.figure.value != 0.0:
            assert label_of(r.name, language) in words
    if language == "da":
        assert english_words(drawn) == []
    image = imread(io.BytesIO(as_png(drawn, dpi=60)))
    assert 0.02 < (image[..., :3].min(axis=2) < 0.9).mean() < 0.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_picture_lies_on_another_or_outside(found: Validation, language: Language) -> None:
    drawn = plots_validation.validation(found, language)
    FigureCanvasAgg(drawn).draw()
    page = drawn.bbox
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts(drawn)]
    for text, box in boxes:
        assert box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1, text
    for i, (text, box) in enumerate(boxes):
        for other, o in boxes[i + 1 :]:
            apart = box.x1 <= o.x0 or o.x1 <= box.x0 or box.y1 <= o.y0 + 1 or o.y1 <= box.y0 + 1
            assert apart, (text, other)


def test_what_fails_differs_by_shape_and_weight_and_colour() -> None:
    name = "target.nyc.exit_hazard_ratio"
    for value, marker, weight in (
        (1.09, "o", "normal"),
        (1.9, "X", "bold"),
        (3.0, ">", "bold"),
        (-3.0, "<", "bold"),
    ):
        r = row(name, value)
        ax = plots_validation.plot_targets([r])
        marks = [line for line in ax.get_lines() if line.get_marker() not in ("None", None, "")]
        assert [m.get_marker() for m in marks] == [marker]
        assert (marks[0].get_markerfacecolor() == ORANGE) == (r.verdict == FAILS)
        label = next(t for t in texts(ax) if t.get_text() == r.label)
        assert label.get_fontweight() == weight
        x = marks[0].get_xdata()[0]
        assert x == pytest.approx(min(max(100 * value / 1.09, 0.0), 200.0))


def test_the_band_is_the_published_interval() -> None:
    r = row("target.nyc.exit_hazard_ratio", 1.0)
    (band,) = plots_validation.plot_targets([r]).patches
    assert band.get_x() == pytest.approx(100 * 1.045 / 1.09)  # type: ignore[attr-defined]
    assert band.get_width() == pytest.approx(100 * 0.09 / 1.09)  # type: ignore[attr-defined]


def test_a_figure_of_nothing_cannot_be_drawn_in_per_cent() -> None:
    with pytest.raises(
        ValueError, match=r"target\.null\.difference has no published figure other than 0"
    ):
        plots_validation.plot_targets([row("target.null.difference", 0.0)])


def test_numbers_are_written_as_each_language_writes_them() -> None:
    r = row("target.herning.spending_2014", 21_700_000.0)
    assert (published(r), published(r, "da")) == ("21 ± 1.2 m DKK", "21 ± 1,2 mio. kr.")
    r = row("target.denmark.spending_per_placed_2019", 661_000.0)
    assert published(r, "da") == "716,9 til 724,4 t.kr."
    assert published(row("ny_trial.gap_left", 0.4), "da") == "højst 0,5"


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_alone_can_be_drawn(found: Validation, group: str) -> None:
    part = Validation(tuple(r for r in found.rows if r.group == group), {}, True, 3, 1)
    assert len(as_png(plots_validation.validation(part), dpi=40)) > 2000


# --- the command line ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(study, "POINTS", 3)
    monkeypatch.setattr(compiling.notice, "speak", lambda: None)

    def invoke(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["trappe", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        seen = capsys.readouterr()
        return Said(seen.out, seen.err, code)

    return invoke


FILES = {"validation.csv", "validation.json", "validation.png"}


def test_a_quick_run_prints_the_group_and_leaves_its_files(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    said = run("validate", "--draws", 0, "--group", "herning")
    assert said.code == 0, said.err
    assert said.out.startswith(GROUPS["herning"]) and "fitted targets inside" in said.out
    (folder,) = (tmp_path / "results").iterdir()
    assert folder.name.startswith("validation-") and f"Results: results/{folder.name}" in said.err
    assert {p.name for p in folder.iterdir()} == FILES
    rows = list(csv.DictReader(io.StringIO((folder / "validation.csv").read_text("utf-8"))))
    assert list(rows[0]) == list(Target.model_fields)
    assert [r["target"] for r in rows] == [
        t["target"] for t in json.loads((folder / "validation.json").read_text("utf-8"))["targets"]
    ]
    assert (folder / "validation.png").read_bytes()[1:4] == b"PNG"


def test_the_same_command_gives_the_same_bytes(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for out, workers in (("a", 1), ("b", 2)):
        run("validate", "--draws", 0, "--group", "perverse", "--out", out, "--workers", workers)
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in FILES)


def test_json_and_markdown_print_nothing_else(run) -> None:  # type: ignore[no-untyped-def]
    asked = ("validate", "--draws", 0, "--group", "null", "--out", "x")
    assert ValidationResult.model_validate_json(run(*asked, "--json").out).runs == 3
    assert "| target | published | model | verdict | |" in run(*asked, "--markdown").out
    both = run(*asked, "--json", "--markdown")
    assert both.code == 2 and "choose one" in both.err


@pytest.mark.parametrize(("value", "code"), [(1.09, 0), (5.0, 1)])
def test_strict_says_by_its_exit_code_whether_a_target_fails(
    value: float, code: int, run, monkeypatch: pytest.MonkeyPatch  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    result = of_rows(row("target.nyc.exit_hazard_ratio", value))
    monkeypatch.setattr(study, "validate", lambda *_, **__: result)
    assert run("validate").code == 0
    assert run("validate", "--strict").code == code


def test_a_folder_with_other_files_is_refused(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear council")
    said = run("validate", "--draws", 0, "--group", "null", "--out", "mine")
    assert said.code == 2 and "mine holds other files (letter.txt)" in said.err
    assert "--out" in said.err and "Traceback" not in said.err


def test_an_unknown_group_is_refused_with_those_there_are(run) -> None:  # type: ignore[no-untyped-def]
    said = run("validate", "--draws", 0, "--group", "norway")
    assert said.code == 2 and "--group 'norway' must be one of: denmark, time" in said.err
