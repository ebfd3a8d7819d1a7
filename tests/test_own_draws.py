"""Draws of a municipality's own numbers: the file, and what a study makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import scenario

from experiments.draws import (
    OWN,
    at_draw,
    draws,
    draws_hash,
    numbers_at,
    own_draws,
    posterior,
    posterior_hash,
)
from experiments.own_draws import as_text, may_be_own, read_own_draws, within_bounds
from experiments.points import at_point
from experiments.runner import Plan, Runner
from experiments.store import identity, short_name
from experiments.sweep import identity as of_sweep
from experiments.sweep.design import Design, Row
from experiments.value_of_information.joint import joint
from simulation.parameters import parameter
from simulation.scenario import Scenario
from simulation.values import with_values

N = len(posterior())
RECOGNITION, READY = "children.recognition", "children.readiness_rate.residential_care"
TURNOVER = "work.turnover_rate"


def columns(level: float = 0.3) -> dict[str, np.ndarray]:
    return {
        RECOGNITION: level + 0.0001 * np.arange(N),
        READY: np.full(N, 0.9),
        TURNOVER: np.full(N, 0.2),
    }


def written(folder: Path, found: dict[str, np.ndarray], name: str = "own.csv") -> Path:
    path = folder / name
    path.write_text(as_text(found, "Own numbers, 2020 to 2022.", posterior_hash()), "utf-8")
    return path


def with_own(path: Path | str, **more: object) -> Scenario:
    return scenario(name="lilleby", case_list={"draws": str(path)}, **more)


# --- the file ------------------------------------------------------------------------------------------


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = read_own_draws(written(tmp_path, columns()), N, posterior_hash())
    assert found.names == (RECOGNITION, READY, TURNOVER)
    assert found.row(7) == pytest.approx({RECOGNITION: 0.3007, READY: 0.9, TURNOVER: 0.2})
    text = (tmp_path / "own.csv").read_text("utf-8").splitlines()
    assert [line.startswith("#") for line in text[:3]] == [True, True, False]


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def without_last(text: str) -> str:
    return "\n".join(text.splitlines()[:-1]) + "\n"


NOT_MADE, UNKNOWN = "was not made for the national draws", "is no record that a case list may know"
HOSTILE = {
    "another posterior": (replaced(posterior_hash(), "0123456789ab"), NOT_MADE),
    "no words": (lambda t: "\n".join(t.splitlines()[2:]), NOT_MADE),
    "a row too few": (without_last, f"has {N - 1} draws; {N} are needed"),
    "an unknown column": (replaced(READY, "children.happiness"), UNKNOWN),
    "a flow": (replaced(READY, "children.placed_after_assessment"), "is no record that a case list"),
    "a formula": (replaced(READY, "=cmd()"), "'=cmd\\(\\)' is no record"),
    "a column twice": (replaced(READY, RECOGNITION), "stands there twice"),
    "no number": (replaced("0.3007", "much"), "recognition = 'much' in draw 8; it must be a number"),
    "out of range": (replaced("0.3007", "1.5"), "= '1.5' in draw 8; it must be a number, at least 0"),
    "not a number": (replaced("0.3007", "nan"), "= 'nan' in draw 8"),
    "infinite": (replaced("0.3007", "inf"), "= 'inf' in draw 8"),
    "a cell too many": (replaced("0.3007,", "0.3007,1,"), "draw 8 has 4 numbers, the header 3"),
    "empty": (lambda t: "", NOT_MADE),
    "a quote left open": (replaced("0.3007", '"0.3007'), "is no table with commas|in draw 8|numbers"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_bad_file_is_answered_with_what_to_do(tmp_path: Path, what: str) -> None:
    change, message = HOSTILE[what]
    path = written(tmp_path, columns())
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    with pytest.raises(ValueError, match=message):
        read_own_draws(path, N, posterior_hash())


def test_what_is_no_file_of_text(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot be read .*import the case list again"):
        read_own_draws(tmp_path / "none.csv", N, posterior_hash())
    with pytest.raises(ValueError, match="is no file of draws"):
        read_own_draws(tmp_path, N, posterior_hash())
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ValueError, match="is no text in UTF-8"):
        read_own_draws(path, N, posterior_hash())


def test_a_list_that_knows_nothing_better_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, {})
    assert read_own_draws(path, N, posterior_hash()).names == ()
    s = with_own(path)
    assert at_draw(s, draws(2, s)[1]).children == at_draw(scenario(name="lilleby"), draws(2)[1]).children


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, columns())
    before = read_own_draws(path, N, posterior_hash())
    written(tmp_path, columns(0.41))
    after = read_own_draws(path, N, posterior_hash())
    assert before.digest != after.digest and after.row(0)[RECOGNITION] == pytest.approx(0.41)


@pytest.mark.parametrize("name", [RECOGNITION, READY, "children.breakdown_up"])
def test_numbers_are_moved_within_what_a_scenario_may_state(name: str) -> None:
    b = parameter(name).bounds
    found = within_bounds(name, np.array([-1.0, 0.5, 1e9]))
    assert may_be_own(name) and found[1] == 0.5
    assert found[0] >= b.least and (found[2] < b.most if b.most_open else found[2] <= b.most)


# --- a scenario at its own draws -----------------------------------------------------------------------


def test_own_numbers_stand_in_place_of_the_country_s(tmp_path: Path) -> None:
    s = with_own(written(tmp_path, columns()))
    rows = draws(3, s)
    assert rows[2][RECOGNITION] == pytest.approx(0.3002) and rows[2][OWN] == 1.0
    found = at_draw(s, rows[2])
    assert found.children.recognition == pytest.approx(0.3002)
    assert found.work.turnover_rate == pytest.approx(0.2)
    national = posterior()[2]["children.readiness_rate.foster_care"]
    assert found.children.readiness_rate["foster_care"] == national


def test_the_place_among_municipalities_has_no_part_in_them(tmp_path: Path) -> None:
    s = with_own(written(tmp_path, columns()))
    assert numbers_at(s, draws(1, s)[0])[READY] == 0.9
    without = scenario(name="lilleby")
    assert numbers_at(without, draws(1)[0])[READY] != posterior()[0][READY]


def test_they_hold_where_the_scenario_states_another_value(tmp_path: Path) -> None:
    stated = {"recognition": 0.77, "readiness_rate": {"residential_care": 0.5, "foster_care": 0.2}}
    s = with_own(written(tmp_path, columns()), children=stated)
    found = at_draw(s, draws(1, s)[0])
    assert found.children.recognition == pytest.approx(0.3)
    assert found.children.readiness_rate["residential_care"] == 0.9
    assert found.children.readiness_rate["foster_care"] == 0.2  # stated, and not among the own ones


def test_a_draw_made_without_the_scenario_is_refused(tmp_path: Path) -> None:
    s = with_own(written(tmp_path, columns()))
    with pytest.raises(ValueError, match=r"lacks its own numbers; take draws\(n, scenario\)"):
        at_draw(s, draws(1)[0])


def test_without_a_file_nothing_changes() -> None:
    s = scenario(name="lilleby")
    assert own_draws(s) is None and draws_hash(s) == posterior_hash()
    assert draws(4, s) == draws(4)


def test_runs_points_and_the_value_of_information_take_them(tmp_path: Path) -> None:
    s = with_own(written(tmp_path, columns()), policies={"model": {"capacity": {"extra_fte": [1.0]}}})
    run = Runner(Plan(s, ("model",), draws=3))
    assert run._scenario(1).children.recognition == pytest.approx(0.3001)
    assert at_point(s, {}, draw=2).children.recognition == pytest.approx(0.3002)
    worlds = joint(s, ["model"], 4, seed=1)
    names = [q.name for q in worlds.quantities]
    assert worlds.x[3, names.index(RECOGNITION)] == pytest.approx(0.3003)
    assert worlds.x[0, names.index(READY)] == 0.9


def test_another_file_makes_another_study(tmp_path: Path) -> None:
    path = written(tmp_path, columns())
    s = with_own(path)
    plan, design = Plan(s, (), draws=2), Design({"lilleby": s}, (Row("lilleby", draw=0),))
    before, swept = short_name(plan), of_sweep.identity(design)
    assert identity(plan)["draws"] == [2, draws_hash(s)]
    written(tmp_path, columns(0.41))
    assert short_name(plan) != before
    assert of_sweep.identity(design) != swept
    assert short_name(Plan(with_values(s, {}), (), draws=2)) == short_name(plan)


def test_a_bad_file_stops_a_study_before_it_runs(tmp_path: Path) -> None:
    s = with_own(tmp_path / "gone.csv")
    with pytest.raises(ValueError, match=r"gone.csv, cannot be read"):
        Runner(Plan(s, (), draws=2))
