"""Small counts: results of a simulation from a case list show no stair on which few children began."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from caselists import HEADER, folder_with
from command import Trappe, command_in

FEW, MANY = "network_care", "residential_care"
CHILDREN = {"preventive": 30, FEW: 2, "foster_care": 12, MANY: 9}


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    (tmp_path / "list").mkdir()
    stairs = [stair for stair, n in CHILDREN.items() for _ in range(n)]
    rows = [f"C{i};{stair};2021-{i % 12 + 1:02d}-07;;2012-03-04" for i, stair in enumerate(stairs)]
    folder_with(tmp_path / "list", "\n".join([HEADER, *rows]))
    return command_in(monkeypatch, capsys, tmp_path)


def results(trappe: Trappe, *more: str) -> dict[str, list[dict[str, str]]]:
    said = trappe("import", "list", "--out", "by.toml", "--no-settle", *more)
    assert said.code == 0, said.err
    said = trappe("compare", "by.toml", "--replicates", 20, "--months", 12, "--out", "found")
    assert said.code == 0, said.err
    found = {}
    for name in ("by_month", "by_year"):
        with Path(f"found/{name}.csv").open(encoding="utf-8", newline="") as file:
            found[name] = list(csv.DictReader(file))
    return found


def test_a_stair_with_few_children_has_no_numbers_and_another_neither(trappe: Trappe) -> None:
    found = results(trappe)
    for rows, few, other in (
        (found["by_month"], [("stair", FEW)], ("stair", "preventive")),
        (found["by_year"], [("outcome", f"n_{FEW}")], ("outcome", "n_in_care")),
    ):
        for column, value in few:
            chosen = [row for row in rows if row[column] == value]
            assert chosen
            assert {(row["mean"], row["low"], row["high"]) for row in chosen} == {("nan",) * 3}
            assert all(row["covers"].startswith("hidden") for row in chosen)
        assert all(row["mean"] != "nan" for row in rows if row[other[0]] == other[1])
    hidden = {row["stair"] for row in found["by_month"] if row["mean"] == "nan"}
    assert len(hidden) > 1  # the total in care is known: one hidden stair alone could be worked out
    if MANY in hidden:
        assert all(row["mean"] == "nan" for row in found["by_year"] if row["outcome"] == "n_residential")


def test_internal_shows_them(trappe: Trappe) -> None:
    found = results(trappe, "--internal")
    assert all(row["mean"] != "nan" for rows in found.values() for row in rows)
    manifest = json.loads(Path("found/manifest.json").read_text("utf-8"))
    assert manifest["study"]["scenario"]["case_list"]["internal"] is True
