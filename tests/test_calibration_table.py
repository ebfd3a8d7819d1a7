"""The table of a calibration and its command: draws as a file, records, what is shipped."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from experiments import draws as drawing
from experiments import settle
from experiments.calibration import command, table
from experiments.calibration.fit import theta
from experiments.calibration.free import free_parameters, settings
from experiments.calibration.runs import AIMS
from simulation.parameters import evidence_files, parameters

# --- the table -----------------------------------------------------------------------------------------


def some_rows(n: int = 41) -> list[dict[str, float]]:
    z = np.random.default_rng(6).standard_normal((n, len(free_parameters())))
    return [settings(theta(row)) for row in z]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the evidence folder, and a place for the draws; nothing shipped is touched."""
    for path in evidence_files():
        shutil.copy(path, tmp_path)
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(table, "evidence_files", lambda: sorted(tmp_path.glob("*.toml")))
    there = SimpleNamespace(files=lambda _: tmp_path)
    for module in (table, drawing):
        monkeypatch.setattr(module, "resources", there)
    for cached in (drawing._text, drawing.posterior, drawing.posterior_hash):
        monkeypatch.setattr(drawing, cached.__name__, cached.__wrapped__)
    return tmp_path


def test_draws_are_read_as_they_were_written(folder: Path) -> None:
    rows = some_rows()
    path = table.write(rows, ["What this is.", "And, with a comma, how it was made."])
    assert path == folder / "data/posterior.csv"
    assert path.read_text("utf-8").startswith("# What this is.\n# And, with a comma, how it was made.\n")
    assert [p.name for p in path.parent.iterdir()] == ["posterior.csv"]
    found = drawing.posterior()
    assert [list(row) for row in found] == [list(row) for row in rows]
    for row, again in zip(rows, found, strict=True):
        assert again == pytest.approx(row, rel=1e-4)


def test_a_record_s_summary_is_median_and_central_90_percent_of_its_draws() -> None:
    rows = [{"a": float(x), "b": 1.0} for x in range(1, 1002)]
    assert table.summary(rows) == {"a": (501.0, 51.0, 951.0), "b": (1.0, 1.0, 1.0)}


def records(folder: Path) -> dict[str, dict[str, Any]]:
    read = [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]
    return {name: entry for file in read for name, entry in file.get("parameters", {}).items()}


def test_only_the_three_numbers_of_calibrated_records_are_written(folder: Path) -> None:
    before, rows = records(folder), some_rows()
    lines = {path: path.read_text("utf-8").splitlines() for path in folder.glob("*.toml")}
    changed = table.update_records(rows)
    after, new = records(folder), table.summary(rows)
    assert set(changed) == {
        name for name in new if name in before and before[name]["kind"] == "calibrated"
    }
    assert len(changed) > 20
    for name, entry in after.items():
        rest = {k: v for k, v in entry.items() if k not in ("value", "low", "high")}
        assert rest == {k: v for k, v in before[name].items() if k not in ("value", "low", "high")}
        if name not in changed:
            assert entry == before[name], name
        else:
            found = (entry["value"], entry["low"], entry["high"])
            assert found == pytest.approx(new[name], abs=1e-3 if "age_at" in name else 1e-9), name
            assert entry["low"] <= entry["value"] <= entry["high"]
    for path, old in lines.items():
        now = path.read_text("utf-8").splitlines()
        different = [a for a, b in zip(old, now, strict=True) if a != b]
        assert all(line.startswith(("value = ", "low = ", "high = ")) for line in different)
    assert sum(entry["value"] for name, entry in after.items() if name.startswith(table._SHARES)) == (
        pytest.approx(1.0, abs=1e-9)
    )
    assert {p.suffix for p in folder.iterdir()} == {".toml", ""}


def test_comments_behind_the_numbers_stay() -> None:
    text = '[parameters."a.b"]\nmeaning = "low = 3"\nvalue = 1.0  # ours\nlow = 0\nhigh = 2 # at most\n'
    text += '\n[parameters."a.bc"]\nvalue = 5\nlow = 4\nhigh = 6\n'
    found = table._with(text, "a.b", 1.5, 0.25, 1e-5)
    assert found == text.replace("1.0  #", "1.5  #").replace("\nlow = 0\n", "\nlow = 0.25\n").replace(
        "high = 2 #", "high = 1e-05 #"
    )
    assert tomllib.loads(found)["parameters"]["a.bc"] == {"value": 5, "low": 4, "high": 6}


def test_shipping_writes_draws_and_records(folder: Path) -> None:
    rows = some_rows()
    changed = table.ship(rows, ["From a test."])
    assert len(drawing.posterior()) == len(rows)
    assert set(changed) <= set(parameters())


# --- the command ------------------------------------------------------------------------------------


def test_nothing_is_shipped_from_a_quick_fit() -> None:
    from experiments.commands.calibrate import calibrate

    with pytest.raises(ValueError, match="to ship draws, leave --quick out"):
        calibrate(quick=True, ship=True)


@pytest.mark.slow
def test_the_command_runs_from_beginning_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a tenth of the quick simulations; it leaves the shipped evidence alone."""
    from experiments.calibration.report import print_calibration

    monkeypatch.setattr(command, "QUICK_WAVES", (120, 100))
    monkeypatch.setattr(settle, "CHILD_MONTHS", 20_000)
    monkeypatch.setattr(settle, "ROUGH", 20_000)
    shipped = {path: path.read_bytes() for path in evidence_files()}
    told: list[tuple[int, int]] = []
    result = command.calibrated(
        quick=True, draws=60, seed=1, workers=2, out=tmp_path / "cal", checks=True,
        progress=lambda *x: told.append(x),
    )  # fmt: skip
    print_calibration(result)
    said = capsys.readouterr().out
    assert "Published and fitted" in said and "Rank check" in said
    assert told[-1] == (220 + command.QUICK_PREDICTIVE,) * 2
    files = {path.name: path.read_text("utf-8").splitlines() for path in (tmp_path / "cal").iterdir()}
    assert set(files) == {"posterior.csv", "parameters.csv", "targets.csv"}
    assert len(files["parameters.csv"]) == 1 + len(free_parameters())
    assert len(files["targets.csv"]) == 1 + len(AIMS)
    assert sum(not line.startswith("#") for line in files["posterior.csv"]) == 61
    assert {path: path.read_bytes() for path in evidence_files()} == shipped
