"""Expected values as people get them: the command, the check, and the record of how far they are off."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from command import Trappe, command_in

from experiments.business_case import compare
from experiments.expected.distance import Distance, as_text, distances, recorded, when_recorded
from experiments.expected.study import FIGURES, SAVING, expect
from simulation.horizon import with_months
from simulation.reading import find_scenario, shipped_scenarios

HELD = {"fano": "swedish_model", "herning": "sverigesprogram", "denmark": "swedish_model"}
"""Scenarios and policies whose distance is held to the record."""


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    """The command in a folder of its own."""
    return command_in(monkeypatch, capsys, tmp_path, {})


@pytest.mark.parametrize("name", HELD)
def test_the_distance_from_histories_is_not_larger_than_recorded(name: str) -> None:
    """Against the recorded means. Where the model's numbers change: python -m experiments.expected."""
    expected = expect(find_scenario(name), [HELD[name]])
    rows = [r for r in recorded() if r.scenario == name and r.policy in expected.ledgers]
    assert len(rows) == 2 * len(FIGURES) - 1
    for row in rows:
        now = expected.figures(row.policy)[row.figure]
        assert abs(now - row.simulated) <= abs(row.difference) + 1e-3 * abs(row.simulated), row


def test_every_shipped_scenario_and_policy_is_recorded() -> None:
    arms = {(r.scenario, r.policy) for r in recorded()}
    for name in shipped_scenarios():
        assert {p for s, p in arms if s == name} == {"baseline", *find_scenario(name).policies}
    assert "histories" in when_recorded()


def test_the_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = [
        Distance("fano", "null", SAVING, -4.5e6, -4.5e6, 0.0),
        Distance("a", "b", "caseload", 2, 1, 0.5),
    ]
    (tmp_path / "record.csv").write_text(as_text(rows, date(2026, 1, 2), "abc"))
    assert recorded(tmp_path / "record.csv") == rows
    assert when_recorded(tmp_path / "record.csv").startswith("measured 2026-01-02, commit abc")


def test_distances_stand_beside_the_same_figures_of_the_histories() -> None:
    s = with_months(find_scenario("fano"), 12)
    expected, study = expect(s, ["null"]), compare(s, ["null"], replicates=100)
    rows = {(r.policy, r.figure): r for r in distances(expected, study)}
    saving = rows["null", SAVING]
    assert saving.expected == pytest.approx(saving.simulated)
    care = rows["baseline", "n_in_care"]
    assert care.simulated == pytest.approx(study.outcome("n_in_care")[:, -1].mean())
    assert care.expected == expected.figures("baseline")["n_in_care"]
    assert ("baseline", SAVING) not in rows


def test_the_saving_by_year_adds_up() -> None:
    expected = expect(with_months(find_scenario("fano"), 18), ["swedish_model"])
    total = expected.figures("swedish_model")[SAVING]
    assert expected.saving_by_year("swedish_model").sum() == pytest.approx(total)
    assert len(expected.saving_by_year("swedish_model")) == 2


def test_the_command_prints_the_table_and_how_far_it_is_off(trappe: Trappe, tmp_path: Path) -> None:
    said = trappe("compare", "fano", "--expected", "--policy", "null", "--months", "12")
    assert said.code == 0
    assert "expected values" in said.out and "They have no interval" in said.out
    assert "--expected --check" in said.out
    assert not list(tmp_path.iterdir())  # nothing is kept


def test_check_puts_histories_beside_them(trappe: Trappe) -> None:
    said = trappe(
        "compare", "fano", "--expected", "--check", "--policy", "null", "--months", "12",
        "--replicates", "100",
    )  # fmt: skip
    assert said.code == 0
    assert "means of 100 histories" in said.out


@pytest.mark.parametrize(
    "options",
    [
        ["--check"],
        ["--expected", "--draws", "10"],
        ["--expected", "--json"],
        ["--expected", "--spending"],
        ["--expected", "--engine", "agents"],
        ["--expected", "--discount-rate", "0.03"],
        ["--expected", "--language", "da"],
    ],
)
def test_options_that_do_not_go_together_are_refused(trappe: Trappe, options: list[str]) -> None:
    said = trappe("compare", "fano", *options)
    assert said.code == 2
    assert "--expected" in said.err
