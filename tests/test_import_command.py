"""`trappe import`: what it prints and writes, that `trappe check` takes it, that no child is in it."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from caselists import HEADER, folder_with, spells_csv
from command import Trappe, command_in
from hypothesis import given
from hypothesis import strategies as st
from support import FIXED

from experiments.caselist.showing import hidden_stairs, to_fives
from experiments.names import short_name
from experiments.settle import settle
from simulation.reading import read_scenario

STAIRS = {"preventive": 30, "own_room": 3, "network_care": 1, "foster_care": 17, "residential_care": 9}


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    return command_in(monkeypatch, capsys, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """60 children, with rows that are wrong in several ways; identifiers begin with SECRET."""
    inside = tmp_path / "list"
    inside.mkdir()
    stairs = [stair for stair, n in STAIRS.items() for _ in range(n)]
    rows = [
        f"SECRET{i};{stair};2021-{i % 12 + 1:02d}-07;;2008-03-04;{'=Nord' if i % 2 else 'Syd'}"
        for i, stair in enumerate(stairs)
    ]
    rows += [
        f"SECRET{i};assessment;2020-{i % 12 + 1:02d}-07;2020-12-20;2008-03-04;Syd" for i in range(48)
    ]
    rows += [
        "SECRET1;Kaldet SECRET;2022-01-01;;2008-03-04;",
        "SECRET2;foster_care;2022-01-01;2021-01-01;;",
    ]
    text = "\n".join(
        [f"{HEADER};district", *rows, "LAST;preventive;2020-01-01;2021-12-31;2008-03-04;Syd"]
    )
    return folder_with(inside, text, workers="worker_id;fte;start_date;end_date\nW1;0,8;2019-01-01;\n")


def test_the_scenario_starts_from_the_children_of_the_last_day(trappe: Trappe, folder: Path) -> None:
    said = trappe("import", folder, "--no-settle", "--out", "mine/by.toml", "--internal")
    assert said.code == 0, said.err
    town = read_scenario(Path("mine/by.toml"))
    assert (town.name, town.start) == ("by", date(2022, 1, 1))
    assert [d.name for d in town.districts] == ["=Nord", "Syd"]
    counts = {key: sum(d.start.get(key, 0) for d in town.districts) for key in STAIRS}
    assert counts == STAIRS
    assert town.fte == 0.8
    assert sum(d.inflow for d in town.districts) == pytest.approx(48 / (727 / 365.25) / 0.55, rel=0.02)
    assert trappe("check", "mine/by.toml").code == 0


def test_without_internal_no_small_count_is_in_any_file(trappe: Trappe, folder: Path) -> None:
    said = trappe("import", folder, "--no-settle", "--out", "by.toml")
    assert said.code == 0, said.err
    town = tomllib.loads(Path("by.toml").read_text("utf-8"))
    for district in town["districts"]:
        assert all(n == 0 or n >= 5 for n in district["start"].values())
        assert all(n == 0 or n >= 5 for n in district["places"].values())
    with Path("by-quality.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(not row["rows"] or int(row["rows"]) >= 5 for row in rows)
    assert {row["reason"] for row in rows} >= {"unknown_stair", "end_before_start"}
    assert trappe("check", "by.toml").code == 0


def test_the_children_are_in_their_folder_only_and_the_scenario_starts_from_them(
    trappe: Trappe, folder: Path
) -> None:
    trappe("import", folder, "--no-settle", "--out", "by.toml")
    town = read_scenario(Path("by.toml"))
    assert town.first_day is not None
    assert len(town.first_day) == 60
    assert "SECRET" not in (folder / "first_day.csv").read_text("utf-8")


def test_the_log_has_every_row_that_changed_and_a_hash_for_the_child(
    trappe: Trappe, folder: Path
) -> None:
    logs = []
    for _ in range(2):
        said = trappe("import", folder, "--no-settle", "--out", "by.toml", "--force")
        assert said.code == 0, said.err
        text = (folder / "import_log.csv").read_text("utf-8")
        assert "SECRET" not in text
        logs.append(list(csv.DictReader(text.splitlines())))
    first, second = logs
    assert {(x["row"], x["reason"]) for x in first} >= {
        ("110", "the stair is not known"), ("111", "ends before it starts")
    }  # fmt: skip
    strip = [[{k: v for k, v in x.items() if k != "child"} for x in log] for log in logs]
    assert strip[0] == strip[1]
    assert all(len(x["child"]) == 8 for x in first)
    assert not {x["child"] for x in first} & {x["child"] for x in second}


def test_the_first_day_has_the_children_of_the_list(trappe: Trappe, folder: Path) -> None:
    trappe("import", folder, "--no-settle", "--out", "by.toml")
    town = read_scenario(Path("by.toml"))
    assert town.first_day is not None
    assert {key: sum(c[key] for c in town.first_day.counts.values()) for key in STAIRS} == STAIRS


def test_settled_flows_and_prices_are_written_into_the_file(trappe: Trappe, tmp_path: Path) -> None:
    assert trappe("example", "cases", "--scenario", "fano", "--years", 3).code == 0
    said = trappe("import", "cases", "--out", "fano.toml")
    assert said.code == 0, said.err
    town = read_scenario(Path("fano.toml"))
    assert trappe("check", "fano.toml").code == 0
    assert town.sources["children.entry_share"].startswith("Found by trappe settle")
    assert settle(town).started_right
    assert town.sources["money.unit_price"].startswith("Case list")


@pytest.mark.parametrize("internal", [False, True])
def test_no_identifier_leaves_the_folder(trappe: Trappe, folder: Path, internal: bool) -> None:
    said = trappe(
        "import", folder, "--no-settle", "--out", "by.toml", *(["--internal"] if internal else [])
    )
    files = sorted(p.name for p in Path().iterdir())
    tables = ["back-test", "draws", "forecast", "quality", "rates"]
    assert files == [*(f"by-{name}.csv" for name in tables), "by.toml", "list"]
    written = "".join(Path(name).read_text("utf-8") for name in files[:-1])
    assert "SECRET" not in said.out + said.err + written
    assert "2008-03-04" not in said.out + said.err + written
    assert sorted(p.name for p in folder.iterdir()) == [
        "first_day.csv",
        "import_log.csv",
        "spells.csv",
        "workers.csv",
    ]


def test_the_page_names_rows_and_reasons(trappe: Trappe, folder: Path) -> None:
    out = trappe("import", folder, "--no-settle", "--out", "by.toml", "--internal").out
    assert "spells: 111 rows read; each is counted once below." in out
    assert "1  not used: the stair is not known  (row 110)" in out
    assert "1  not used: ends before it starts  (row 111)" in out


def test_files_are_replaced_only_when_asked(trappe: Trappe, folder: Path) -> None:
    Path("by-quality.csv").write_text("mine", "utf-8")
    said = trappe("import", folder, "--no-settle", "--out", "by.toml")
    assert said.code == 2
    assert "--force" in said.err
    assert Path("by-quality.csv").read_text("utf-8") == "mine"
    assert not Path("by.toml").exists()
    assert trappe("import", folder, "--no-settle", "--out", "by.toml", "--force").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "--out", "a.toml"), "is not there"),
        (("list", "--out", "a.csv"), ".toml"),
        (("list", "--out", "a.toml", "--until", "31-12-2021"), "2026-01-31"),
        (("list", "--out", "a.toml", "--names", "no.toml"), "no such file"),
    ],
)
def test_what_is_refused(trappe: Trappe, folder: Path, arguments: tuple[str, ...], said: str) -> None:
    told = trappe("import", *arguments)
    assert told.code == 2
    assert said in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize("rows", [1, 40])
def test_a_list_without_districts_and_workers_makes_a_scenario(
    trappe: Trappe, tmp_path: Path, rows: int
) -> None:
    inside = tmp_path / "list"
    inside.mkdir()
    folder_with(inside, spells_csv(*(f"{i};foster_care;2021-01-01;;2012-01-01" for i in range(rows))))
    assert trappe("import", inside, "--out", "by.toml").code == 0
    told = trappe("check", "by.toml")
    assert told.code == 0, told.err
    assert [d.start["foster_care"] for d in read_scenario(Path("by.toml")).districts] == [
        0 if rows == 1 else 40
    ]


@given(st.integers(0, 1000))
@FIXED
def test_rounded_counts_are_near_and_never_small(count: int) -> None:
    near = to_fives(count)
    assert near % 5 == 0
    assert abs(near - count) <= 2


@given(st.lists(st.integers(0, 12), min_size=1, max_size=7), st.data())
@FIXED
def test_no_small_count_of_a_stair_can_be_worked_out(counts: list[int], data: st.DataObject) -> None:
    """What is shown leaves at least two possible numbers for each count of 1 to 4."""
    care = np.array(data.draw(st.lists(st.booleans(), min_size=len(counts), max_size=len(counts))))
    hide = hidden_stairs(np.array(counts), care)
    small = [i for i, n in enumerate(counts) if 0 < n < 5]
    assert all(hide[i] for i in small)
    behind = [n for n, c, h in zip(counts, care, hide, strict=False) if c and h]
    if behind and not hide[-1]:
        assert len(behind) > 1
        assert sum(behind) not in (len(behind), 4 * len(behind))


def test_names_of_files_become_names_of_scenarios() -> None:
    assert short_name("Ærø 2024") == "aeroe-2024"
    assert np.all([short_name(x) == "my-municipality" for x in ("", "1", "--")])


def test_the_back_test_is_told_with_every_comparison(trappe: Trappe, tmp_path: Path) -> None:
    assert trappe("example", "cases", "--scenario", "fano", "--years", 5).code == 0
    said = trappe("import", "cases", "--out", "fano.toml", "--no-settle", "--internal")
    assert "Forecast made 3 years before the last day" in said.out
    again = trappe("compare", "fano.toml", "--replicates", 100, "--months", 12)
    assert "made again from earlier days with what was known then: 1 year ahead" in " ".join(
        again.out.split()
    )
    for broken in ("", "a,b\n1,2\n", Path("fano-back-test.csv").read_text("utf-8").replace(".0,", "x,")):
        Path("fano-back-test.csv").write_text(broken, "utf-8")
        told = trappe("compare", "fano.toml", "--replicates", 100, "--months", 12)
        assert "Traceback" not in told.err
        assert ("back_test" in told.err) == bool(broken)


def test_a_list_of_under_a_year_has_no_forecast_and_says_so(trappe: Trappe, folder: Path) -> None:
    said = trappe("import", folder, "--no-settle", "--out", "by.toml", "--until", "2021-06-01")
    assert said.code == 0, said.err
    assert "No forecast" in said.out
    town = read_scenario(Path("by.toml"))
    assert town.case_list is not None
    assert town.case_list.back_test is None
