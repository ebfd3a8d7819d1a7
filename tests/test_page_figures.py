"""Figures and sentences of the page, in both languages: what they show is what the answer says."""

from __future__ import annotations

import dataclasses
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from boards import alt_of, live, small_board, texts_of
from hypothesis import given
from hypothesis import strategies as st
from support import FIXED

from experiments.page import drawing, figures, sentences
from experiments.page.answer import Answer
from experiments.page.state import Board, moved
from experiments.page.walk import walk_of
from experiments.page.walk_figure import legend, walk_figure
from experiments.words import LANGUAGES, Language, kroner, number, of_hundred, text
from experiments.words.numbers import MINUS

BOARD = small_board()


@pytest.fixture(scope="module")
def answer() -> Answer:
    return live(BOARD).answer(BOARD.start)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_staircase_shows_every_number(answer: Answer, language: Language) -> None:
    picture = figures.staircase(answer, BOARD.scenario, language)
    said = texts_of(picture)
    shown = [i for i, s in enumerate(BOARD.scenario.staircase) if s.kind in ("home", "care")]
    for i in shown:
        assert number(answer.today[i], language) in said
        for value in (answer.as_today[i], answer.after[i]):
            assert number(value, language, 1) in said
            assert number(value, language, 1) in alt_of(picture)


@pytest.mark.parametrize("across", [figures.WIDE, figures.NARROW])
def test_bars_are_as_high_as_their_numbers(answer: Answer, across: float) -> None:
    root = ET.fromstring(figures.staircase(answer, BOARD.scenario, "en", across))
    rects = [r.attrib for r in root.iter("rect")]
    height = [float(r["height"]) for r in rects if r["fill"] == drawing.BLUE]
    assert all(0 <= float(r["x"]) <= across - float(r["width"]) + 1 for r in rects if "x" in r)
    shown = [i for i, s in enumerate(BOARD.scenario.staircase) if s.kind in ("home", "care")]
    values = answer.after[shown]
    np.testing.assert_allclose(np.array(height) / max(height), values / values.max(), atol=0.01)


def test_what_must_be_hidden_is_not_said(answer: Answer) -> None:
    nowhere = np.full(len(answer.today), np.nan)
    hidden = dataclasses.replace(answer, today=nowhere, as_today=nowhere, after=nowhere)
    picture = figures.staircase(hidden, BOARD.scenario, "da")
    said = " ".join(texts_of(picture))
    assert "for få" in said and "for få" in alt_of(picture)
    assert not any(c.isdigit() for c in said.replace("2 år", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_saving_says_its_end_and_its_break_even_month(answer: Answer, language: Language) -> None:
    known = dataclasses.replace(answer, month=7.0, p_paid=0.46)
    picture = figures.saving(known, BOARD.scenario, language)
    assert all(kroner(abs(x), language) in alt_of(picture) for x in known.total)
    said = figures.saving_legend(known, language)
    assert text("page_saving.break_even", language, month="7", share=of_hundred(0.46, language)) in said
    never = dataclasses.replace(answer, month=math.nan, p_paid=0.0)
    dashed = 'stroke-dasharray="6 4"'
    assert dashed in picture and dashed not in figures.saving(never, BOARD.scenario, language)
    assert dashed in said and dashed not in figures.saving_legend(never, language)


def test_the_mean_ends_where_the_axis_says(answer: Answer) -> None:
    """Read the picture back: the last point of the mean, by the places of the axis labels."""
    root = ET.fromstring(figures.saving(answer, BOARD.scenario, "en"))
    labels = [t for t in root.iter("text") if t.attrib["text-anchor"] == "end"]
    plain = [(float(t.attrib["y"]) - 4, (t.text or "").replace(MINUS, "-")) for t in labels]
    marks = [(y, float(said)) for y, said in plain if said.lstrip("-").replace(".", "").isdigit()]
    (y0, v0), (y1, v1) = marks[0], marks[-1]
    mean = next(p for p in root.iter("polyline") if p.attrib["stroke-width"] == "3")
    y = float(mean.attrib["points"].split()[-1].split(",")[1])
    read = v0 + (v1 - v0) * (y - y0) / (y1 - y0)
    assert read == pytest.approx(answer.total[0] / 1e6, abs=abs(v1 - v0) / 100)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_known_case_is_a_dot(language: Language) -> None:
    walk = walk_of(BOARD.start, BOARD)
    for _ in range(6):
        walk.step()
    frame = walk.frame()
    cases = [i for i, s in enumerate(BOARD.scenario.staircase) if s.is_case]
    for world in (frame.as_today, frame.after):
        root = ET.fromstring(walk_figure(world, 6, "Som i dag", BOARD.scenario, language))
        circles = list(root.iter("circle"))
        assert len(circles) == sum(len(world.stairs[i]) for i in cases)
        places = {(c.attrib["cx"], c.attrib["cy"]) for c in circles}
        assert len(places) == len(circles)
        assert all(float(c.attrib["cy"]) > 0 for c in circles)
    said = [span.text or span[0].tail for span in ET.fromstring(f"<p>{legend(language)}</p>")]
    assert said == [text(f"page_walk.{name}", language) for name in ("same", "apart", "up", "down")]


def test_names_from_a_file_cannot_bring_markup(answer: Answer) -> None:
    stairs = BOARD.scenario.staircase
    named = [s.model_copy(update={"label": "<script>"}) for s in stairs]
    renamed = stairs.model_copy(update={"root": tuple(named)})
    scenario = BOARD.scenario.model_copy(update={"staircase": renamed})
    picture = figures.staircase(answer, scenario, "da")
    assert "<script>" not in picture and "<script>" in texts_of(picture)


@given(st.floats(-1e4, 1e4), st.floats(0, 1e4))
@FIXED
def test_ticks_hold_what_is_shown_and_are_told_apart(low: float, width: float) -> None:
    steps = drawing.ticks(low, low + width)
    assert 2 <= len(steps) <= 9
    near = 1e-6 * (steps[1] - steps[0])
    assert steps[0] <= low + near and steps[-1] >= low + width - near
    if width > 1e-3:
        said = [number(step, "en", drawing.decimals(steps)) for step in steps]
        assert len(set(said)) == len(said)


# --- sentences --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cost_is_not_called_a_saving(answer: Answer, language: Language) -> None:
    costs = dataclasses.replace(answer, mean=np.full_like(answer.mean, -2.5e6))
    saves = dataclasses.replace(answer, mean=np.full_like(answer.mean, 2.5e6))
    first, other = (sentences.answer_lines(a, BOARD.scenario, language)[0] for a in (costs, saves))
    assert kroner(2.5e6, language) in first and kroner(2.5e6, language) in other
    assert ("koster" if language == "da" else "cost") in first
    assert ("spare" if language == "da" else "saving") in other


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_position_of_every_slider_is_said_differently(language: Language) -> None:
    for slider in BOARD.sliders:
        said = [sentences.slider_value(slider, value, language) for value in slider.values]
        assert len(set(said)) == len(said), slider.name


def test_the_rest_of_the_policy_is_told_in_full() -> None:
    said = sentences.rest_of_policy(BOARD, "da")
    for part in ("0,75", "1,25", "2 flere pladser (Plejefamilie)", "4,5", "6 måneder"):
        assert part in said
    assert "intet ud over skyderne" in sentences.rest_of_policy(_plain(), "da")


def _plain() -> Board:
    return small_board(policies={"proposal": {"capacity": {"extra_fte": [1.0]}}})


def test_sentences_end_in_one_full_stop(answer: Answer) -> None:
    for language in LANGUAGES:
        lines = sentences.answer_lines(answer, BOARD.scenario, language)
        for line in [*lines, sentences.covers(answer, 10, 0.2, language)]:
            assert line.endswith(".") and ".." not in line, line


def test_a_moved_slider_says_where_it_stands() -> None:
    slider = BOARD.slider("interval")
    chosen = moved(BOARD.start, slider, 0)
    assert sentences.slider_value(slider, chosen.interval, "da") == "måned"
    assert sentences.slider_value(slider, slider.today or 0, "en") == "6 months (as today)"
