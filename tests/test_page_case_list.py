"""The page about an imported case list: no count under 5, no single child; what it saves can be run."""

from __future__ import annotations

import math
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from boards import live, small, texts_of
from caselists import HEADER, folder_with

from experiments import cli
from experiments.page import figures, sentences
from experiments.page.answer import Answer
from experiments.page.saving import as_toml, file_name
from experiments.page.state import Board, board, moved
from experiments.page.walk import may_be_walked
from experiments.words import LANGUAGES, Language, stair_name, text
from simulation.reading import find_scenario, read_scenario

STAIRS = {"preventive": 31, "own_room": 3, "network_care": 1, "foster_care": 17, "residential_care": 9}
FEW = {"own_room", "network_care"}
"""Stairs of under 5 children."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an imported list of 61 children: my.toml, and internal.toml, which may show all."""
    here = tmp_path_factory.mktemp("imported")
    stairs = [stair for stair, n in STAIRS.items() for _ in range(n)]
    rows = [f"SECRET{i};{stair};2021-{i % 12 + 1:02d}-07;;2008-03-04" for i, stair in enumerate(stairs)]
    rows += [f"SECRET{i};assessment;2020-{i % 12 + 1:02d}-07;2020-12-20;2008-03-04" for i in range(48)]
    rows += ["LAST;preventive;2020-01-01;2021-12-31;2008-03-04"]
    workers = "worker_id;fte;start_date;end_date\nW1;0,8;2019-01-01;\n"
    for name, more in (("my", []), ("internal", ["--internal"])):
        (here / name).mkdir()
        folder_with(here / name, "\n".join([HEADER, *rows]) + "\n", workers=workers)
        asked = ["trappe", "import", str(here / name), "--out", str(here / f"{name}.toml"), *more]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", asked)
            with pytest.raises(SystemExit) as end:
                cli.main()
        assert not end.value.code
    return here


@pytest.fixture(scope="module")
def of(folder: Path) -> Board:
    return board(find_scenario(str(folder / "my.toml")))


@pytest.fixture(scope="module")
def answer(of: Board) -> Answer:
    return live(of).answer(of.start)


def test_stairs_of_under_five_have_no_number(answer: Answer, of: Board) -> None:
    for i, stair in enumerate(of.scenario.staircase):
        for numbers in (answer.today, answer.as_today, answer.after):
            assert math.isnan(numbers[i]) == (stair.key in FEW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_staircase_says_too_few_there(answer: Answer, of: Board, language: Language) -> None:
    """In the picture, and in what it says to those who do not see it."""
    picture = figures.staircase(answer, of.scenario, language)
    too_few = text("page_staircase.hidden", language)
    assert texts_of(picture).count(too_few) == len(FEW)
    for stair in of.scenario.staircase:
        if stair.key in FEW:
            said = re.search(rf"{re.escape(stair_name(stair, language))}([^;]*)", picture)
            assert said and too_few in said[1] and not re.search(r"\d", said[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_few_live_in_residential_care_its_change_is_not_said(
    answer: Answer, of: Board, language: Language
) -> None:
    where = sentences.residential_words(of.scenario, language)
    assert where in " ".join(sentences.answer_lines(answer, of.scenario, language))
    without = replace(answer, residential_change=math.nan)
    assert where not in " ".join(sentences.answer_lines(without, of.scenario, language))


def test_no_single_history_of_listed_children_is_shown(folder: Path, of: Board) -> None:
    assert not may_be_walked(of.scenario)
    assert may_be_walked(find_scenario(str(folder / "internal.toml"))), "who says so may see all"
    assert may_be_walked(small()), "made up from counts"


def test_what_it_saves_beside_the_list_means_what_the_sliders_said(folder: Path, of: Board) -> None:
    chosen = moved(moved(of.start, of.slider("extra_fte"), 1), of.slider("months"), 2)
    given = str(folder / "my.toml")
    saved = folder / file_name(given)
    saved.write_text(as_toml(chosen, of, given, "Eget forslag"), "utf-8")
    back = board(read_scenario(saved), "own")
    assert back.scenario.case_list == of.scenario.case_list
    one, other = live(back).answer(back.start), live(of).answer(chosen)
    assert one.total == other.total
    assert "SECRET" not in saved.read_text("utf-8")
