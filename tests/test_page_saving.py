"""What the page saves is a scenario file that means what the sliders said."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.page.saving import as_toml, file_name, own_key
from experiments.page.state import Board, Chosen, board, can_be_saved, moved, policy_of, without_effect
from simulation.reading import find_scenario, read_scenario, shipped_scenarios, shipped_text


def _moved(of: Board) -> Chosen:
    """Return every slider at its second position, if it has one, in the null world."""
    chosen = of.start
    for slider in of.sliders:
        chosen = moved(chosen, slider, min(1, len(slider.values) - 1))
    return without_effect(chosen)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_shipped_scenario_comes_back_with_the_policy(name: str, tmp_path: Path) -> None:
    of = board(find_scenario(name))
    for chosen in (of.start, _moved(of)):
        _comes_back(chosen, of, name, tmp_path / file_name(name))


@pytest.mark.parametrize("policy", list(find_scenario("fano").policies))
def test_every_policy_can_be_saved(policy: str, tmp_path: Path) -> None:
    of = board(find_scenario("fano"), policy)
    _comes_back(of.start, of, "fano", tmp_path / "fano-own.toml")


def test_a_file_of_one_s_own_is_kept_as_it_is(tmp_path: Path) -> None:
    given = tmp_path / "ours.toml"
    given.write_text(shipped_text("fano").replace('"fano"', '"ours"'), "utf-8")
    of = board(find_scenario(given))
    _comes_back(of.start, of, str(given), tmp_path / file_name(str(given)))
    _comes_back(_moved(of), of, str(given), tmp_path / file_name(str(given)))
    saved = (tmp_path / "ours-own.toml").read_text("utf-8")
    assert "# two workers who also carry 90 adult cases" in saved


def test_a_file_that_does_not_state_its_length_gets_one(tmp_path: Path) -> None:
    given = tmp_path / "ours.toml"
    given.write_text('like = "fano"\nname = "ours"\n\n[work]\ncase_hours = 90\n', "utf-8")
    of = board(find_scenario(given))
    _comes_back(_moved(of), of, str(given), tmp_path / "ours-own.toml")


def _comes_back(chosen: Chosen, of: Board, given: str, file: Path) -> None:
    label = 'Vores "eget" forslag\\nr. 1'
    file.write_text(as_toml(chosen, of, given, label), "utf-8")
    back = read_scenario(file)
    own = back.policies[own_key(of)]
    meant = policy_of(chosen, of)
    assert (own.label, own.english) == (label, "")
    named = {"label": meant.label, "english": meant.english, "about": meant.about}
    assert own.model_copy(update=named) == meant
    assert back.months == chosen.months
    same = {key: getattr(of.scenario, key) for key in ("months", "policies", "districts")}
    assert back.model_copy(update=same) == of.scenario


def test_what_changes_nothing_cannot_be_saved() -> None:
    of = board(find_scenario("fano"))
    null = without_effect(of.start)
    assert can_be_saved(of.start, of) and can_be_saved(null, of), "salaries are a change"
    assert not can_be_saved(moved(null, of.slider("extra_fte"), 0), of)


def test_a_policy_called_own_is_not_overwritten() -> None:
    fano = find_scenario("fano")
    policies = dict.fromkeys(("own", "own_2"), fano.policy("null"))
    taken = fano.model_copy(update={"policies": policies})
    assert own_key(board(fano)) == "own"
    assert own_key(board(taken)) == "own_3"
