"""Staffing in words, in the table, for machines, as a picture and at the command line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Trappe, command_in
from drawings import english_words, faults
from matplotlib.figure import Figure
from rich.console import Console
from support import scenario

from experiments.commands.staffing import numbers
from experiments.plots import as_png
from experiments.staffing.goal import goal
from experiments.staffing.plan import BLOCK, Plan, plan
from experiments.staffing.plots import frontier
from experiments.staffing.race import Race
from experiments.staffing.sentences import sentences, small_print
from experiments.staffing.stages import Histories
from experiments.staffing.study import Staffing, staffing
from experiments.staffing.tables import as_json, staffing_table
from experiments.tables import PLAIN_WIDTH
from experiments.words import LANGUAGES, Language
from simulation.reading import find_scenario

DRAWS = 20
OUTCOMES = ("net_cost", "net_saving", "residential_months", "waiting_months", "caseload",
            "achieved_interval", "share_family_like_end")  # fmt: skip


def made_up(cost: list[float], months: list[float], share: float = 0.8, **race: Any) -> Staffing:
    """Return a study of today and three choices whose means are given: m DKK, months."""
    few = {"fte": [0, 1], "intervals": [6, 1], "replicates": DRAWS * BLOCK, "first": DRAWS * BLOCK}
    asked = plan(scenario({"title": "Lilleby"}), **few, same_cost=2e5)  # type: ignore[arg-type]
    rng = np.random.Generator(np.random.PCG64(4))
    luck = rng.standard_normal((DRAWS, BLOCK, 1))
    values = np.zeros((DRAWS, BLOCK, 4, len(OUTCOMES)))
    own = 0.1 * rng.standard_normal((DRAWS, BLOCK, 4)) * (np.arange(4) > 0)
    values[..., 0] = 1e6 * (np.array(cost) + luck + own)
    values[..., 1] = values[..., :1, 0] - values[..., 0]
    values[..., 2] = values[..., 3] = np.array(months) + luck
    values[..., 4], values[..., 5], values[..., 6] = 20.0, 5.0, share
    k = 4
    found = Race(
        draws=np.full(k, DRAWS), values=values[..., :2].mean(axis=1), cheapest=np.zeros(k, bool),
        cheapest_to_goal=np.zeros(k, bool), dominated=np.ones(k, bool), safe=np.zeros((k, k), bool),
        meets=np.zeros(k, np.int64), history=[(DRAWS, (0, 1, 2, 3))],
    )  # fmt: skip
    for name, value in race.items():
        setattr(found, name, np.array(value) if isinstance(value, list) else value)
    nothing = np.array([0.0, 0.0, 1.5e6, 1.5e6])
    return Staffing(asked, BLOCK, found, Histories(values, OUTCOMES), nothing)


def clear() -> Staffing:
    """Return a study in which one post more, every month, is clearly the best in all."""
    return made_up([50.0, 49.0, 48.0, 45.0], [90.0, 80.0, 70.0, 60.0], leader=3, told_apart=True,
                   cheapest=[False, False, False, True], dominated=[True, True, True, False],
                   cheapest_to_goal=[False, False, False, True], meets=[1, 1, 1, 1],
                   goal_leader=3)  # fmt: skip


# --- in words ------------------------------------------------------------------------------------


def test_a_clear_answer_in_words() -> None:
    said = sentences(clear())
    assert said[0].startswith("Cheapest: 1 FTE more, every month, 45.")
    assert (
        "5.0 m less than as today (give or take 0.0 m; 90 of 100 histories: 4.8 to 5.1 m saved)"
        in said[0]
    )
    assert said[1] == (
        "Every other choice is clearly dearer on average (an error of 5 in 100, all comparisons "
        "together)."
    )
    assert said[2].startswith("It is the cheapest in 100 of 100 draws of the parameters, luck taken out")
    assert said[3].startswith(
        "Cheapest that clearly meets the goal (share in families, last year at least"
    )
    assert "No choice is both cheaper and with fewer child-months" in said[4]
    assert said[4].endswith("than 1 FTE more, every month. 3 of 4 choices are clearly beaten.")
    assert (
        said[5] == "Where nothing works, it costs 1.5 m more than as today, and no child is better off."
    )
    assert "It has the most posts (--fte tries others) and the shortest interval" in said[6]
    assert "The race took 800 histories, from 200 to 200 per choice" in said[7]


def test_an_answer_that_is_not_clear_says_so() -> None:
    said = sentences(
        made_up([50.0, 49.95, 48.0, 45.0], [90.0, 80.0, 70.0, 60.0], leader=1,
                cheapest=[True, True, False, False], dominated=[False, False, False, True],
                cheapest_to_goal=[False, False, True, False], share=0.7)
    )  # fmt: skip
    assert said[1].startswith("It cannot be told apart from as today: more histories would be needed")
    assert "no choice clearly meets it. It cannot be ruled out for 1 FTE more, every 6 months" in said[3]
    assert "nearest: 1 FTE more, every 6 months, 0.7 (give or take 0)" in said[3]
    unclear = "as today; today's posts, every month; 1 FTE more, every 6 months."
    assert f"is open, or too close to matter, for {unclear}" in said[4]
    assert "it costs no more than as today" in said[5]


def test_as_today_may_be_the_cheapest() -> None:
    found = made_up(
        [50.0, 51.0, 52.0, 53.0], [90.0, 80.0, 70.0, 60.0], cheapest=[True, False, False, False]
    )
    said = sentences(found)
    assert said[0].startswith("Cheapest: as today, 50.") and "As today is" not in said[2]
    assert not any(text.startswith("Where nothing works") for text in said)
    assert "No choice meets the goal" in said[3]


def test_as_good_as_the_cheapest_is_named_with_the_zone() -> None:
    said = sentences(replace(clear(), race=replace(clear().race, cheapest=np.array([0, 0, 1, 1], bool))))
    assert said[1] == (
        "It costs at most 0.20 m DKK more than any other choice (an error of 5 in 100, all comparisons "
        "together); as good: 1 FTE more, every 6 months."
    )


def test_a_goal_that_is_not_asked_for_is_not_mentioned() -> None:
    found = clear()
    silent = replace(found, plan=replace(found.plan, goal=None))
    assert not any("goal" in text for text in sentences(silent))
    assert np.isnan(silent.meets_of_100(0))


# --- the table, for machines, the picture --------------------------------------------------------


def printed(found: Staffing) -> str:
    out = io.StringIO()
    Console(file=out, width=PLAIN_WIDTH, highlight=False).print(staffing_table(found))
    return out.getvalue()


def test_the_table_fits_and_marks_the_cheapest() -> None:
    lines = printed(clear()).splitlines()
    assert lines[0].startswith("Lilleby: caseworkers and follow-ups, 2 years, m DKK")
    assert "…" not in printed(clear())
    assert [line.split()[0] for line in lines[-4:]] == ["today", "0", "1", "1"]
    assert " *" in lines[-1] and not any(" *" in line for line in lines[:-1])


def test_json_has_every_choice_and_null_for_what_is_not_defined() -> None:
    found = clear()
    read = json.loads(as_json(replace(found, plan=replace(found.plan, goal=None))))
    assert read["format"] == "trappe-staffing-1" and read["cheapest"] == "fte1_every1"
    assert len(read["choices"]) == 4 and read["choices"][0]["goal_mean"] is None
    assert read["histories"] == read["histories_of_blind_grid"] == 4 * DRAWS * BLOCK


def test_the_picture_is_the_same_bytes_every_time() -> None:
    first, second = (as_png(frontier(clear()), dpi=30) for _ in range(2))
    assert first == second and first.startswith(b"\x89PNG")


def texts(figure: Figure) -> str:
    return " | ".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))


def test_the_picture_names_posts_today_and_what_crosses_are() -> None:
    said = texts(frontier(clear()))
    for words in ("as today", "cheapest", "follow-ups every month", "follow-ups every 6 months",
                  "Months waited on a too intrusive stair", "saves 4.8 to 5.1 m DKK"):  # fmt: skip
        assert words in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_can_be_read_in_both_languages(language: Language) -> None:
    figure = frontier(clear(), language)
    as_png(figure, dpi=100)
    assert faults(figure) == ([], [])
    if language == "da":
        assert english_words(figure) == []
        assert "det billigste valg sparer 4,8 til 5,1 mio. kr. i 90 af 100 forløb" in texts(figure)


# --- the command ---------------------------------------------------------------------------------

TOWN = """
name = "town"
title = "Ærø [/by] :house:"
start = 2016-01-01
months = 12
price_year = 2019

[[districts]]
inflow = 20
caseworkers = [1.0]
places = { foster_care = 8 }
start = { preventive = 10, network_care = 2, foster_care = 6, residential_care = 4 }
"""


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    """The command `trappe staffing`, where town.toml is."""
    return partial(command_in(monkeypatch, capsys, tmp_path, {"town.toml": TOWN}), "staffing")


SMALL = ("town.toml", "--fte", "0,1", "--interval", "6,1", "--replicates", 60)


def same_study(**more: Any) -> Plan:
    return plan("town.toml", fte=[0, 1], intervals=[6, 1], replicates=60, **more)


def test_the_command_prints_table_and_sentences_and_writes_its_files(
    trappe: Trappe, tmp_path: Path
) -> None:
    said = trappe(*SMALL, "--out", "study")
    assert (said.code, said.err) == (0, "Results: study\n")
    assert said.out.startswith("Ærø [/by] :house:: caseworkers and follow-ups, 1 year")
    found, text = staffing(same_study()), " ".join(said.out.split())
    for sentence in (*sentences(found), small_print(found)):
        assert sentence in text
    assert (tmp_path / "study" / "staffing.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((tmp_path / "study" / "staffing.csv").read_text("utf-8").splitlines()))
    assert [row["choice"] for row in rows] == [c.policy for c in found.choices]
    assert float(rows[3]["net_saving"]) == found.estimate("net_saving", 3).mean
    assert (tmp_path / "study" / "looks.csv").read_text("utf-8").count("\n") == 2
    assert sentences(found)[0] in (tmp_path / "study" / "summary.txt").read_text("utf-8")


def test_run_again_nothing_is_done_twice_and_the_bytes_are_the_same(
    trappe: Trappe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after its first parts, then run to the end; and run once more with everything there."""
    whole = trappe(*SMALL, "--out", "whole", "--json")
    trappe(*SMALL, "--out", "stopped", "--json")
    parts = sorted((tmp_path / "stopped" / "runs").glob("*/parts/*.parquet"))
    assert len(parts) >= 6
    for part in parts[::2]:
        part.unlink()
    times = {part: part.stat().st_mtime_ns for part in parts[1::2]}
    again = trappe(*SMALL, "--out", "stopped", "--json", "--workers", 1)
    assert again.out == whole.out
    assert {part: part.stat().st_mtime_ns for part in parts[1::2]} == times
    for name in ("staffing.csv", "looks.csv", "summary.txt", "staffing.png"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_the_command_takes_a_goal_a_seed_and_months(trappe: Trappe) -> None:
    said = trappe(*SMALL, "--goal", "waiting_months<=5", "--seed", 7, "--months", 24, "--json")
    read = json.loads(said.out)
    assert (read["seed"], read["months"]) == (7, 24)
    assert read["goal"] == goal("waiting_months<=5").words


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--goal", "share_family>=0.75"), "did you mean 'share_family_like'?"),
        (("--fte", "1;2"), "--fte '1;2' must be numbers with commas between them"),
        (("--interval", "0"), "interval = 0 must be months between follow-ups, from 1 to 24"),
        (("--with", "nobody"), "scenario 'town' has no policy 'nobody'"),
        (("--engine", "kernels"), "--engine 'kernels' must be kernel or agents"),
        (("--replicates", 100_000), "replicates = 100000 must lie between 20 and 10000"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    trappe: Trappe, arguments: tuple[object, ...], message: str
) -> None:
    said = trappe("town.toml", *arguments)
    assert said.code == 2 and said.out == "" and message in said.err and "Traceback" not in said.err


def test_lists_of_numbers() -> None:
    assert numbers("--fte", "0,0.5, 1") == [0.0, 0.5, 1.0] and numbers("--fte", None) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fano", "herning", "denmark", "adults"])
def test_the_command_runs_on_every_shipped_scenario(trappe: Trappe, name: str) -> None:
    said = trappe(name, "--quick", "--out", name)
    assert said.code == 0 and "Cheapest: " in said.out
    assert ("goal (" in said.out.replace("\n", " ")) == (name != "adults")
    assert find_scenario(name).label in said.out
