"""A sweep in words, a table and a figure: made from lines written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from drawings import english_words, faults
from matplotlib.text import Text
from sweeps import HOURS, small, some_rows, town

from experiments.plots import as_png
from experiments.sweep.asked import Asked
from experiments.sweep.design import Row
from experiments.sweep.picture import MOST_PANELS, picture
from experiments.sweep.run import Sweep
from experiments.sweep.summary import Line, lines_of, over_draws
from experiments.sweep.words import MOST_LINES, failures, in_words, print_sweep, sentences, shown, varying
from experiments.words import LANGUAGES, Language

NAMES = ("net_saving", "share_overdue")
WAIT, CASE = "work.assessment_wait", "work.case_hours"


def line(number: int, mean: float, row: Row | None = None, error: str = "") -> Line:
    """Return a line of 100 histories around `mean` m DKK, 5 % of them 1 m below and above."""
    spread = np.zeros(100)
    spread[:6], spread[-6:] = -1e6, 1e6
    values = np.column_stack([mean * 1e6 + spread, np.full(100, 0.25)])
    return Line(row or Row("test", "more", {HOURS: float(number)}), (number,), NAMES, values, None, error)


def asked(rows: tuple[Row, ...] = (), name: str = "trial") -> Asked:
    return Asked(name, small(rows or some_rows()), NAMES)


def printed(lines: list[Line], errors: dict[int, str], capsys: pytest.CaptureFixture[str]) -> str:
    print_sweep(asked(), lines, errors)
    return capsys.readouterr().out


def test_the_table_has_every_line_with_mean_and_interval(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed([line(1, 2.0), line(2, 5.0)], {}, capsys)
    assert "2.0 (1.0 to 3.0)" in out
    assert "5.0 (4.0 to 6.0)" in out
    assert "25.0 (25.0 to 25.0)" in out
    assert "Net saving: from 2.0 m DKK in row 1 to 5.0 m DKK in row 2" in out
    assert "chance only" in out
    assert "follow_up_hours" in out
    assert "Policy" not in out  # the same in both


def test_of_many_lines_the_highest_and_the_lowest_are_shown() -> None:
    lines = [line(i, float(i)) for i in range(1, 101)]
    found = [x.numbers[0] for x in shown(lines, "net_saving")]
    half = MOST_LINES // 2
    assert found == [*range(100, 100 - half, -1), *range(half, 0, -1)]
    assert f"{100 - MOST_LINES} rows between are in summary.csv only" in sentences(asked(), lines)[0]


def test_lines_without_a_number_are_neither_highest_nor_lowest() -> None:
    lines = [line(i, float(i)) for i in range(1, 41)] + [line(99, float("nan"))]
    assert 99 not in [x.numbers[0] for x in shown(lines, "net_saving")]
    assert "row 99" not in sentences(asked(), lines)[0]


def test_only_what_varies_is_a_column() -> None:
    rows = [Row("a", "x", {HOURS: 1.0, CASE: 2.0}), Row("a", "y", {HOURS: 1.0})]
    assert varying([line(i, 0.0, row) for i, row in enumerate(rows, 1)]) == ["policy", CASE]


def test_the_same_failure_is_said_once() -> None:
    said = failures({0: "why", 1: "why", 4: "other"}, 9)
    assert said == ["Failed, row 1, 2: why", "Failed, row 5: other",
                    "3 of 9 rows failed; the others are not touched by that."]  # fmt: skip


def test_nothing_but_failures_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed([line(1, float("nan"), error="why [/x]")], {0: "why [/x]"}, capsys)
    assert "Failed, row 1: why [/x]" in out
    assert "1 of 6 rows failed" in out


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("net_saving", 1_250_000.0, "1.2 m DKK"),
        ("net_saving", -1.0, "0.0 m DKK"),
        ("share_overdue", 0.125, "12.5 %"),
        ("caseload", 21.04, "21.0 cases per FTE"),
        ("break_even_month", float("nan"), "undefined months"),
    ],
)
def test_numbers_have_their_unit(name: str, value: float, words: str) -> None:
    assert in_words(name, value) == words


# --- lines ---------------------------------------------------------------------------------------


def test_rows_that_differ_in_their_draw_alone_are_one_line() -> None:
    rows = tuple(
        Row("test", p, {HOURS: h}, d) for h, d, p in product((4.0, 5.0), (0, 1, 2), ("more", "reviews"))
    )
    found = lines_of(Sweep(small((*rows, Row("test", "more", {HOURS: 4.0})))), NAMES)
    assert [x.numbers for x in found] == [(1, 3, 5), (2, 4, 6), (7, 9, 11), (8, 10, 12), (13,)]
    assert all(len(x.values) == 30 for x in found[:4])
    assert found[4].draw_of is None
    assert found[0].draw_of is not None
    assert found[0].draw_of.tolist() == [0] * 10 + [1] * 10 + [2] * 10


def test_a_failed_draw_is_left_out_of_its_line() -> None:
    rows = (Row("test", "more", {}, 0), Row("test", "more", {}, 5000), Row("test", "more", {}, 1))
    (found,) = lines_of(Sweep(small(rows)), NAMES)
    assert found.numbers == (1, 3)
    assert not found.error
    assert {row["draws"] for row in over_draws(Sweep(small(rows)))} == {2}


def test_without_draws_there_is_no_table_over_draws() -> None:
    assert over_draws(Sweep(small())) == []


# --- the figure ----------------------------------------------------------------------------------


def test_a_grid_is_drawn_as_a_curve_per_policy() -> None:
    lines = [line(i + 1, float(i), Row("test", p, {HOURS: float(h)}))
             for i, (h, p) in enumerate(product((4, 6, 8), ("more", "reviews")))]  # fmt: skip
    figure = picture(asked(), lines)
    left = figure.axes[0]
    curves = [c for c in left.lines if len(c.get_xdata()) == 3]
    assert [c.get_label() for c in curves] == ["more", "reviews"]
    assert list(curves[0].get_xdata()) == [4.0, 6.0, 8.0]
    assert list(curves[1].get_ydata()) == [1.0, 3.0, 5.0]
    assert "work.follow_up_hours (hours)" in left.get_xlabel()


def test_a_hypercube_is_drawn_as_clouds_the_closest_parameter_first() -> None:
    rng = np.random.default_rng(1)
    names = [HOURS, WAIT, CASE, "money.a", "money.b", "money.c", "money.d"]
    points = rng.uniform(size=(30, len(names)))
    lines = [line(i + 1, p[1], Row("test", "more", dict(zip(names, map(float, p), strict=True))))
             for i, p in enumerate(points)]  # fmt: skip
    figure = picture(asked(), lines)
    shown_axes = [ax for ax in figure.axes if ax.get_visible()]
    assert len(shown_axes) == MOST_PANELS
    assert shown_axes[0].get_xlabel().startswith(WAIT)
    assert len(shown_axes[0].lines[0].get_xdata()) == 30


def test_a_list_is_drawn_as_dots_with_intervals() -> None:
    lines = [line(1, 2.0, Row("test", "more")), line(2, 3.0, Row("test", "reviews"))]
    left = picture(asked(), lines).axes[0]
    assert [t.get_text() for t in left.get_yticklabels()] == ["reviews", "more"]
    assert [1.0, 3.0] in [list(x.get_xdata()) for x in left.lines]


def of_a_grid() -> list[Line]:
    return [line(i + 1, float(i), Row("test", p, {HOURS: float(h)}))
            for i, (h, p) in enumerate(product((4, 6, 8), ("more", "reviews")))]  # fmt: skip


def of_a_hypercube() -> list[Line]:
    points = np.random.default_rng(2).uniform(4.0, 12.0, size=(9, 2))
    return [
        line(i + 1, p[0], Row("test", "more", {HOURS: p[0], WAIT: p[1]})) for i, p in enumerate(points)
    ]


def of_a_list() -> list[Line]:
    return [line(1, 2.0, Row("test", "more")), line(2, 3.0, Row("test", "baseline"))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lines", [of_a_grid, of_a_hypercube, of_a_list])
def test_the_picture_can_be_read_in_both_languages(
    lines: Callable[[], list[Line]], language: Language
) -> None:
    found = replace(asked(), about="A trial", danish="En prøve")
    figure = picture(found, lines(), language)
    as_png(figure, dpi=100)
    assert faults(figure) == ([], [])
    said = "\n".join(t.get_text() for t in figure.findobj(Text))
    assert {"da": "mio. kr., 2019-priser", "en": "m DKK, 2019 prices"}[language] in said
    if language == "da":
        assert english_words(figure) == [] and "En prøve" in said


@pytest.mark.parametrize("n", [1, 2, 60])
def test_any_number_of_lines_has_a_figure(n: int, tmp_path: Path) -> None:
    lines = [line(i + 1, float(i), Row("test", f"policy {i}")) for i in range(n)]
    first, second = (as_png(picture(asked(), lines)) for _ in range(2))
    assert first == second
    assert first.startswith(b"\x89PNG")


def test_an_outcome_that_is_never_defined_has_a_figure() -> None:
    rows = (Row("test"), Row("test", "more"))
    design = small(rows, scenarios={"test": town(months=2)})
    found = Asked("trial", design, ("break_even_month",))
    lines = lines_of(Sweep(design), found.outcomes)
    assert as_png(picture(found, lines)).startswith(b"\x89PNG")
