"""`trappe sweep`: designs as files and tables, what is printed, what is refused, shards."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Trappe, command_in
from sweeps import HOURS, contents

import experiments
from experiments import cli
from experiments.files import StoreError
from experiments.sweep.asked import find_design, quick
from experiments.sweep.design import Row
from experiments.sweep.file import shipped_designs
from experiments.sweep.outcomes import NAMES

TOWN = """
name = "town"
start = 2016-01-01
months = 12
price_year = 2019
[[districts]]
name = "all"
inflow = 30.0
caseworkers = [1.0, 1.0]
places = { foster_care = 12 }
[districts.start]
undetected = 20
assessment = 3
preventive = 20
own_room = 2
network_care = 3
foster_care = 10
residential_care = 6
[policies.more]
capacity = { extra_fte = [1.0] }
[policies.reviews]
reviews = { first = 2.0, later = 2.0 }
"""

GRID = """
scenarios = ["town.toml"]
policies = ["more", "reviews"]
replicates = 10
[grid]
"work.follow_up_hours" = [4.0, 6.0, 8.0]
"""


@pytest.fixture
def trappe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Trappe:
    """The command, where town.toml and grid.toml are."""
    return command_in(monkeypatch, capsys, tmp_path, {"town.toml": TOWN, "grid.toml": GRID})


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def written(text: str) -> tuple[Row, ...]:
    """Return the rows of a design file."""
    Path("design.toml").write_text(text, "utf-8")
    return find_design("design.toml").design.rows


# --- a design file -------------------------------------------------------------------------------


def test_a_grid_is_run_and_written_down(trappe: Trappe) -> None:
    said = trappe("sweep", "grid.toml")
    assert said.code == 0
    folder = Path(said.err.splitlines()[-1].removeprefix("Results: "))
    assert folder.name.startswith("sweep-grid-")
    rows = table(folder / "design.csv")
    assert [(r["policy"], r[HOURS]) for r in rows] == [
        (policy, hours) for hours in ("4.0", "6.0", "8.0") for policy in ("more", "reviews")
    ]
    summary = table(folder / "summary.csv")
    assert len(summary) == 6 * len(NAMES)
    assert {line["n"] for line in summary if line["outcome"] == "net_saving"} == {"10"}
    assert (folder / "sweep.png").read_bytes().startswith(b"\x89PNG")
    assert "Net saving" in said.out
    assert "same luck" in said.out


def test_the_summary_is_that_of_the_values(trappe: Trappe) -> None:
    trappe("sweep", "grid.toml", "--out", "out", "--replicates", "40")
    loaded = experiments.load("out")
    values = loaded.values.query("row == 3")["net_saving"].to_numpy()
    assert len(values) == 40
    line = loaded.summary.query("row == 3 and outcome == 'net_saving'").iloc[0]
    assert line["mean"] == values.mean()
    assert line["standard_error"] == pytest.approx(values.std(ddof=1) / np.sqrt(40))
    assert [line["low"], line["median"], line["high"]] == pytest.approx(
        np.quantile(values, [0.05, 0.5, 0.95])
    )
    assert line[HOURS] == 6.0


def test_rows_are_what_compare_runs(trappe: Trappe) -> None:
    """A row without parameters is the study of its policy: the same histories."""
    Path("one.toml").write_text(
        'scenarios = ["town.toml"]\npolicies = ["more"]\nreplicates = 100\n', "utf-8"
    )
    trappe("sweep", "one.toml", "--out", "out")
    study = experiments.compare("town.toml", ["more"], replicates=100)
    values = experiments.load("out").values["net_saving"].to_numpy()
    np.testing.assert_allclose(values, study.cumulated_saving("more")[:, -1], rtol=1e-9)


def test_steps_are_from_one_end_to_the_other(trappe: Trappe) -> None:
    rows = written(GRID.replace("[4.0, 6.0, 8.0]", "{ from = 4.0, to = 6.0, steps = 3 }"))
    assert [row.values[HOURS] for row in rows[::2]] == [4.0, 5.0, 6.0]


def test_a_grid_has_every_combination_at_every_draw(trappe: Trappe) -> None:
    text = GRID.replace("replicates", "draws = 2\nreplicates") + '"children.recognition" = [0.4, 0.5]\n'
    rows = written(text)
    assert len(rows) == len(set(map(repr, rows))) == 3 * 2 * 2 * 2
    assert {row.draw for row in rows} == {0, 1}


HYPERCUBE = """
scenarios = ["town.toml", "fano"]
replicates = 2
[latin_hypercube]
points = 10
[latin_hypercube.between]
"work.follow_up_hours" = [4.0, 6.0]
"children.recognition" = "evidence"
"""


def test_a_hypercube_has_one_point_in_every_tenth(trappe: Trappe) -> None:
    """The definition of a Latin hypercube, in each parameter."""
    rows = [row for row in written(HYPERCUBE) if row.scenario == "fano"]
    tenths = sorted(int((row.values[HOURS] - 4.0) / 0.2) for row in rows)
    assert tenths == list(range(10))
    (unknown,) = (u for u in _unknowns("fano") if u.name == "children.recognition")
    edges = [unknown.at(u) for u in np.linspace(0.1, 0.9, 9)]
    found = np.searchsorted(edges, sorted(row.values["children.recognition"] for row in rows))
    assert found.tolist() == list(range(10))


def _unknowns(name: str) -> Any:
    from experiments.unknowns import unknowns
    from simulation.reading import find_scenario

    return unknowns(find_scenario(name))


def test_a_hypercube_is_that_of_its_seed(trappe: Trappe) -> None:
    assert written(HYPERCUBE) == written(HYPERCUBE)
    assert written(HYPERCUBE) != written(HYPERCUBE.replace("points = 10", "points = 10\nseed = 2"))


def test_a_point_may_say_scenario_policy_and_draw(trappe: Trappe) -> None:
    points = '[[points]]\n[[points]]\npolicy = "reviews"\n"work.follow_up_hours" = 5\n'
    points += '[[points]]\nscenario = "fano"\npolicy = "staff_only"\ndraw = 7\n'
    rows = written('scenarios = ["town.toml"]\npolicies = ["more"]\n' + points)
    assert rows == (
        Row("town.toml", "more"),
        Row("town.toml", "reviews", {HOURS: 5.0}),
        Row("fano", "staff_only", {}, 7),
    )


def test_shipped_designs_run(trappe: Trappe) -> None:
    assert shipped_designs()
    for name in shipped_designs():
        said = trappe("sweep", name, "--quick", "--months", "12", "--json")
        assert said.code == 0
        found = json.loads(said.out)
        assert found["failed"] == {}
        assert all(line["mean"] is not None for line in found["summary"])


def test_quick_thins_a_large_design(trappe: Trappe) -> None:
    large = find_design("fano-follow-ups")
    many = GRID.replace("[4.0, 6.0, 8.0]", "{ from = 4.0, to = 6.0, steps = 500 }")
    Path("many.toml").write_text(many, "utf-8")
    few = quick(find_design("many.toml"))
    assert 20 <= len(few.design.rows) <= 40
    assert few.design.replicates == 10
    assert len(quick(large).design.rows) == len(large.design.rows)


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_the_same_files_for_any_workers(trappe: Trappe, executor: str) -> None:
    trappe("sweep", "grid.toml", "--out", "one", "--workers", "1")
    trappe("sweep", "grid.toml", "--out", "more", "--workers", "3", "--executor", executor)
    assert contents(Path("one")) == contents(Path("more"))


def test_both_engines_give_the_same_values(trappe: Trappe) -> None:
    for engine in ("kernel", "agents"):
        said = trappe("sweep", "grid.toml", "--out", engine, "--engine", engine, "--replicates", "2",
                      "--months", "3")  # fmt: skip
        assert said.code == 0
    assert Path("kernel/summary.csv").read_bytes() == Path("agents/summary.csv").read_bytes()


def test_draws_are_summed_up_together(trappe: Trappe) -> None:
    design = (
        GRID.replace("replicates", "draws = 3\nreplicates")
        .replace('"reviews"', "")
        .replace("town.toml", "fano")
    )
    Path("drawn.toml").write_text(
        design.replace('"more", ', '"staff_only"').replace("[4.0, 6.0, 8.0]", "[4.0]"), "utf-8"
    )
    said = trappe("sweep", "drawn.toml", "--out", "out", "--months", "12")
    assert said.code == 0
    lines = [line for line in table(Path("out/over_draws.csv")) if line["outcome"] == "net_saving"]
    assert [(line["draws"], line["n"]) for line in lines] == [("3", "30")]
    means = [float(r["mean"]) for r in table(Path("out/summary.csv")) if r["outcome"] == "net_saving"]
    assert float(lines[0]["mean"]) == pytest.approx(np.mean(means))
    assert float(lines[0]["standard_error"]) == pytest.approx(np.std(means, ddof=1) / np.sqrt(3))
    assert "draws of the parameters" in said.out


def test_compare_runs_in_processes_too(trappe: Trappe) -> None:
    for executor in ("threads", "processes"):
        said = trappe("compare", "town.toml", "--policy", "more", "--replicates", "100", "--executor",
                      executor, "--out", executor)  # fmt: skip
        assert said.code == 0
    there, here = contents(Path("threads")), contents(Path("processes"))
    assert {k: v for k, v in there.items() if k != "manifest.json"} == {
        k: v for k, v in here.items() if k != "manifest.json"
    }
    said = trappe("compare", "town.toml", "--executor", "somewhere")
    assert said.code == 2
    assert "must be threads, processes, or the address" in said.err


# --- a table that was edited ---------------------------------------------------------------------


def test_the_table_is_written_first_and_run_as_it_was_edited(trappe: Trappe) -> None:
    said = trappe("sweep", "grid.toml", "--table-only", "--out", "out")
    assert said.code == 0
    assert "trappe sweep out" in said.out
    assert not list(Path("out/parts").iterdir())
    lines = Path("out/design.csv").read_text("utf-8").splitlines()
    edited = [
        *lines[:3],
        lines[4].replace("6.0", "7.0"),
        "99,town.toml,reviews,,5.0",
        "100,fano,staff_only,1,",
    ]
    Path("out/design.csv").write_text("\n".join(edited) + "\n", "utf-8")
    assert trappe("sweep", "out").code == 0
    rows = table(Path("out/design.csv"))
    assert [(r["row"], r["scenario"], r["policy"], r["draw"], r[HOURS]) for r in rows] == [
        ("1", "town.toml", "more", "", "4.0"),
        ("2", "town.toml", "reviews", "", "4.0"),
        ("3", "town.toml", "reviews", "", "7.0"),
        ("4", "town.toml", "reviews", "", "5.0"),
        ("5", "fano", "staff_only", "1", ""),
    ]
    assert {line["row"] for line in table(Path("out/summary.csv"))} == {"1", "2", "3", "4", "5"}


def test_an_edited_folder_runs_only_what_changed(trappe: Trappe) -> None:
    trappe("sweep", "grid.toml", "--out", "out")
    before = {p.name: p.stat().st_mtime_ns for p in Path("out/parts").iterdir()}
    text = Path("out/design.csv").read_text("utf-8")
    Path("out/design.csv").write_text(
        text.replace("5,town.toml,more,,8.0", "5,town.toml,more,,9.0"), "utf-8"
    )
    assert trappe("sweep", "out/design.csv").code == 0
    after = {p.name: p.stat().st_mtime_ns for p in Path("out/parts").iterdir()}
    assert sum(before[name] == after[name] for name in before) == len(before) - 1
    lines = [x for x in table(Path("out/summary.csv")) if x["row"] == "5"]
    assert {x[HOURS] for x in lines} == {"9.0"}


def test_more_histories_of_a_folder(trappe: Trappe) -> None:
    trappe("sweep", "grid.toml", "--out", "out")
    trappe("sweep", "out", "--replicates", "30")
    assert {line["n"] for line in table(Path("out/summary.csv")) if line["outcome"] == "caseload"} == {
        "30"
    }
    assert trappe("sweep", "grid.toml", "--out", "out", "--replicates", "30").code == 0


def test_a_table_alone_is_a_design(trappe: Trappe) -> None:
    Path("mine.csv").write_text("scenario;policy;work.follow_up_hours\ntown.toml;more;4,5\n", "utf-8")
    said = trappe("sweep", "mine.csv", "--replicates", "5", "--out", "out")
    assert said.code == 0
    assert table(Path("out/design.csv"))[0][HOURS] == "4.5"


def test_another_design_in_the_folder_is_refused(trappe: Trappe) -> None:
    trappe("sweep", "grid.toml", "--out", "out")
    before = contents(Path("out"))
    said = trappe("sweep", "grid.toml", "--out", "out", "--seed", "2")
    assert said.code == 2
    assert "seed: there 1, here 2" in said.err
    town = TOWN.replace("inflow = 30.0", "inflow = 31.0")
    Path("town.toml").write_text(town, "utf-8")
    said = trappe("sweep", "grid.toml", "--out", "out")
    assert said.code == 2
    assert "districts[0].inflow: there 30.0, here 31.0" in said.err
    assert contents(Path("out")) == before


# --- rows that fail ------------------------------------------------------------------------------


POISONED = """
scenarios = ["town.toml"]
policies = ["more"]
replicates = 10
[[points]]
[[points]]
"children.recognition" = 1.5
[[points]]
policy = "mroe"
[[points]]
scenario = "broken.toml"
[[points]]
"work.nonsense" = 1.0
[[points]]
"work.follow_up_hours" = 6.0
"""


def test_poison_in_the_middle_is_a_clear_row_and_a_failing_exit_code(trappe: Trappe) -> None:
    Path("broken.toml").write_text("start = ", "utf-8")
    Path("poisoned.toml").write_text(POISONED, "utf-8")
    said = trappe("sweep", "poisoned.toml", "--out", "out")
    assert said.code == 1
    assert "Failed, row 2: children.recognition = 1.5: must be less than 1" in said.out
    assert "Failed, row 3: scenario 'town' has no policy 'mroe' (did you mean 'more'?)" in said.out
    assert "Failed, row 4: broken.toml" in said.out
    assert "no scenario has a number 'work.nonsense'" in said.out
    assert "4 of 6 rows failed; the others are not touched" in said.out
    lines = {x["row"]: x for x in table(Path("out/summary.csv")) if x["outcome"] == "net_saving"}
    assert [row for row, line in lines.items() if line["error"]] == ["2", "3", "4", "5"]
    assert [line["n"] for line in lines.values()] == ["10", "0", "0", "0", "0", "10"]
    Path("healthy.toml").write_text(
        POISONED.split("[[points]]")[0] + '[[points]]\n[[points]]\n"work.follow_up_hours" = 6.0\n',
        "utf-8",
    )
    trappe("sweep", "healthy.toml", "--out", "healthy")
    healthy = [x for x in table(Path("healthy/summary.csv")) if x["outcome"] == "net_saving"]
    assert [lines[row]["mean"] for row in ("1", "6")] == [x["mean"] for x in healthy]


def test_a_design_of_failing_rows_only_still_says_why(trappe: Trappe) -> None:
    Path("bad.toml").write_text('scenarios = ["town.toml"]\npolicies = ["x"]\nreplicates = 5\n', "utf-8")
    said = trappe("sweep", "bad.toml", "--out", "out")
    assert said.code == 1
    assert "1 of 1 rows failed" in said.out
    assert "Traceback" not in said.err


# --- shards --------------------------------------------------------------------------------------


def test_shards_side_by_side_make_the_whole(trappe: Trappe, tmp_path: Path) -> None:
    """Three processes at once, into one folder; the last of them to finish writes the summary."""
    whole = trappe("sweep", "grid.toml", "--out", "whole")
    command = [sys.executable, "-m", "experiments.cli", "sweep", "grid.toml", "--out", "shards"]
    root = str(Path(cli.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    runs = [
        subprocess.Popen([*command, "--shard", f"{i}/3"], cwd=tmp_path, env=environment,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for i in (1, 2, 3)
    ]  # fmt: skip
    assert [run.communicate(timeout=120) and run.returncode for run in runs] == [0, 0, 0]
    assert whole.code == 0
    assert contents(Path("shards")) == contents(Path("whole"))


def test_a_shard_alone_says_what_is_left(trappe: Trappe) -> None:
    said = trappe("sweep", "grid.toml", "--out", "out", "--shard", "1/3")
    assert said.code == 0
    assert "2 of 3 chunks are left to the others" in said.err
    assert not Path("out/summary.csv").exists()
    assert trappe("sweep", "grid.toml", "--out", "out").code == 0
    assert Path("out/summary.csv").exists()


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "a/b", "1/0", "-1/3", ""])
def test_a_shard_that_is_not_there_is_refused(trappe: Trappe, shard: str) -> None:
    said = trappe("sweep", "grid.toml", "--shard", shard)
    assert said.code == 2
    assert "must be i/n" in said.err


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scenarios = ", "is not TOML"),
        ("", "scenarios is missing"),
        ("scenarios = []", "scenarios"),
        ('scenarios = ["nowhere"]', "no scenario 'nowhere'"),
        ('scenarios = ["fano"]\nreplicate = 3', "unknown key 'replicate'; did you mean 'replicates'"),
        ('scenarios = ["fano"]\nreplicates = 1', "replicates = 1"),
        (
            'scenarios = ["fano"]\noutcomes = ["savings"]',
            "no outcome 'savings'; the outcomes are: net_saving",
        ),
        (
            'scenarios = ["fano"]\n[grid]\n"work.follow_up_hour" = [1.0]',
            "did you mean 'work.follow_up_hours'",
        ),
        ('scenarios = ["fano"]\n[grid]\n"work.follow_up_hours" = []', "has no values"),
        (
            'scenarios = ["fano"]\n[grid]\n"work.case_hours" = [1.0]\n[[points]]\n',
            "one of grid, latin_hypercube and points, not 2",
        ),
        (HYPERCUBE.replace("[4.0, 6.0]", "[6.0, 4.0]"), "the first must be the lower"),
        (HYPERCUBE.replace('"evidence"', '"facts"'), 'must be two ends or "evidence"'),
        (HYPERCUBE.replace("children.recognition", "work.nothing"), "has no evidence range in"),
        (
            'scenarios = ["fano"]\n[[points]]\n"work.case_hours" = "8"',
            "must be a number, without quotation",
        ),
        ('scenarios = ["fano"]\n[[points]]\ndraw = -1', "draw = -1.0 must be a whole number from 0"),
    ],
)
def test_a_design_that_cannot_be_run_says_why(trappe: Trappe, text: str, said: str) -> None:
    Path("design.toml").write_text(text, "utf-8")
    found = (
        trappe("sweep", "design.toml", "--replicates", "5")
        if "replicates = 1" not in text
        else trappe("sweep", "design.toml")
    )
    assert found.code == 2
    assert said in found.err
    assert "Traceback" not in found.err
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "no design 'nothing'"),
        (("nothing.toml",), "there is no such file"),
        (("nothing.csv",), "cannot be read"),
        (("grid.toml", "--engine", "fast"), "must be kernel or agents"),
        (("grid.toml", "--executor", "cloud"), "must be threads, processes, or the address"),
        (("grid.toml", "--outcome", "savings"), "no outcome 'savings'"),
        (("grid.toml", "--out", "town.toml"), "cannot be written"),
    ],
)
def test_a_request_that_cannot_be_met_says_why(
    trappe: Trappe, arguments: tuple[str, ...], said: str
) -> None:
    found = trappe("sweep", *arguments)
    assert found.code == 2
    assert said in found.err


# --- load ----------------------------------------------------------------------------------------


def test_load_gives_the_tables_of_a_sweep(trappe: Trappe) -> None:
    trappe("sweep", "grid.toml", "--out", "out")
    found = experiments.load("out")
    assert list(found.design["policy"]) == ["more", "reviews"] * 3
    assert list(found.values.columns) == ["row", "replicate", "error", *NAMES]
    assert found.values[["row", "replicate"]].to_numpy().tolist() == [
        [i, j] for i in range(1, 7) for j in range(10)
    ]
    assert found.values["error"].isna().all()
    assert found.names == ("design", "summary")


def test_load_sums_up_what_has_been_run(trappe: Trappe) -> None:
    """Without summary.csv, as the sweeps below other questions are, and with one part missing."""
    trappe("sweep", "grid.toml", "--out", "out")
    written = experiments.load("out").summary
    Path("out/summary.csv").unlink()
    again = experiments.load("out").summary
    assert again["mean"].tolist() == pytest.approx(written["mean"].tolist(), nan_ok=True)
    next(Path("out/parts").glob("rows-0000003*")).unlink()
    assert set(experiments.load("out").summary["row"]) == {1, 2, 5, 6}


def test_load_reads_results_of_another_version(trappe: Trappe, monkeypatch: pytest.MonkeyPatch) -> None:
    trappe("sweep", "grid.toml", "--out", "out")
    monkeypatch.setattr("experiments.program.program_hash", lambda: "another")
    assert len(experiments.load("out").values) == 60


def test_load_reads_a_comparison(trappe: Trappe) -> None:
    trappe("compare", "town.toml", "--policy", "more", "--replicates", "100", "--out", "out")
    found = experiments.load("out")
    assert set(found.summary["policy"]) == {"baseline", "more"}
    assert "by_year" in found.names
    assert len(found["by_year"])
    with pytest.raises(StoreError, match="not the folder of a sweep"):
        _ = found.values
    with pytest.raises(KeyError, match="has no table 'design'; it has: "):
        _ = found.design


def test_load_finds_the_sweep_below_a_question(trappe: Trappe) -> None:
    trappe("sweep", "grid.toml", "--out", "question/runs")
    Path("question/answer.csv").write_text("a,b\n1,2.5\n", "utf-8")
    found = experiments.load("question")
    assert found["answer"].to_dict("records") == [{"a": 1, "b": 2.5}]
    assert len(found.runs.values) == 60


def test_load_refuses_what_is_not_ours(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no results folder"):
        experiments.load(tmp_path / "nothing")
    (tmp_path / "manifest.json").write_text('{"project": "Another"}', "utf-8")
    with pytest.raises(StoreError, match="is not a results folder"):
        experiments.load(tmp_path)
