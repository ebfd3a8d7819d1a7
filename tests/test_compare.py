"""Comparisons: the same bytes however they are run, paired differences, precision, resuming."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import district, scenario

from experiments import business_case
from experiments.business_case import compare, default_folder
from experiments.results import Study
from experiments.runner import BASELINE, CHUNK, Plan, Runner, until_precise, worst_half_width
from simulation.accounts import Ledger
from simulation.costs import net
from simulation.ledger import column_names
from simulation.replicates import ledgers
from simulation.scenario import Scenario

MORE: dict[str, Any] = {
    "capacity": {"extra_fte": [1.0, 0.5], "team_leader": 0.5, "start_cost": 250_000.0},
    "reviews": {"first": 2.0, "later": 2.0},
    "practice": {"orientation": 1.5},
    "supply": {"network_search": 0.6, "extra_places": {"foster_care": 4}},
}
POLICIES: dict[str, Any] = {
    "more": MORE,
    "twin": {**MORE, "label": "The same under another name"},
    "null": {"like": "more", "world": {"effect": 0.0}},
}
ROOT = Path(__file__).parents[1]


def town(**overrides: Any) -> Scenario:
    return scenario(**{"months": 18, "policies": POLICIES, **overrides})


def village(**overrides: Any) -> Scenario:
    few = {"preventive": 3, "foster_care": 2, "residential_care": 1}
    return town(
        months=4,
        districts=district(inflow=6.0, caseworkers=[0.5], places={"foster_care": 3}, start=few),
        **overrides,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return every part file and table of a study by name; the manifest holds the time of day."""
    found = [*folder.glob("parts/[!.]*"), *folder.glob("*.csv")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def study() -> Study:
    return compare(town(), replicates=300)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study that nobody stopped."""
    folder = tmp_path_factory.mktemp("whole")
    compare(town(), ["more"], replicates=400, workers=1, out=folder)
    return folder


# --- the same bytes ------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [2, 3, 16])
def test_any_number_of_workers_writes_the_same_bytes(whole: Path, tmp_path: Path, workers: int) -> None:
    compare(town(), ["more"], replicates=400, workers=workers, out=tmp_path)
    assert contents(tmp_path) == contents(whole)
    assert len(contents(whole)) == 2 * 4 + 6  # arms x chunks, tables


def test_both_engines_write_the_same_bytes(tmp_path: Path) -> None:
    kernel, agents = tmp_path / "kernel", tmp_path / "agents"
    compare(village(), ["more"], replicates=20, out=kernel)
    compare(village(), ["more"], replicates=20, engine="agents", workers=2, out=agents)
    assert contents(kernel) == contents(agents)


def test_a_study_of_several_districts_is_the_sum_of_its_districts() -> None:
    """As `ledgers` gives it, in which both engines agree."""
    two = [{**district()[0], "name": name} for name in ("north", "south")]
    s = town(districts=two)
    study = compare(s, ["more"], replicates=4)
    for arm, policy in ((BASELINE, None), ("more", s.policy("more"))):
        whole = ledgers(s, policy, replicates=4)
        assert np.array_equal(study.arms[arm].net, net(Ledger(whole, s.staircase)))


def test_a_study_in_memory_is_the_study_on_disk(whole: Path) -> None:
    kept = compare(town(), ["more"], replicates=400, out=whole)
    held = compare(town(), ["more"], replicates=400)
    assert held.folder is None
    assert kept.folder == whole
    assert held.summary_rows() == kept.summary_rows()
    assert held.difference_rows() == kept.difference_rows()


def test_another_seed_gives_other_histories(study: Study) -> None:
    other = compare(town(), ["more"], replicates=100, seed=2)
    assert not np.array_equal(other.arms[BASELINE].net, study.arms[BASELINE].net[:100])


def test_a_policy_is_the_same_whatever_else_is_compared(study: Study) -> None:
    alone = compare(town(), ["twin"], replicates=300)
    assert np.array_equal(alone.saving("twin"), study.saving("twin"))


# --- how many replicates -------------------------------------------------------------------------


@pytest.mark.parametrize("replicates", [1, 99, 100, 150, 201])
def test_a_study_has_just_the_replicates_that_were_asked_for(
    study: Study, replicates: int, tmp_path: Path
) -> None:
    short = compare(town(), ["more"], replicates=replicates, out=tmp_path)
    assert short.replicates == replicates
    for arm in (BASELINE, "more"):
        for field in ("years", "net", "stairs"):
            of_study = getattr(study.arms[arm], field)
            assert np.array_equal(getattr(short.arms[arm], field), of_study[:replicates])
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest["run"]["replicates"] == replicates


def test_a_folder_takes_more_replicates_later(whole: Path, tmp_path: Path) -> None:
    compare(town(), ["more"], replicates=150, out=tmp_path)
    before = contents(tmp_path)
    compare(town(), ["more"], replicates=400, out=tmp_path)
    after = contents(tmp_path)
    assert after == contents(whole)
    assert all(after[name] == before[name] for name in before if name.startswith("parts"))


# --- pairs ---------------------------------------------------------------------------------------


def test_differences_are_taken_within_replicates(study: Study) -> None:
    for name in ("net_cost", "n_residential", "breakdowns", "caseload"):
        expected = study.outcome(name, "more") - study.outcome(name)
        rows = [r for r in study.difference_rows((name,)) if r["policy"] == "more"]
        assert [r["mean"] for r in rows] == pytest.approx(list(expected.mean(axis=0)))
        assert [r["high"] for r in rows] == pytest.approx(list(np.quantile(expected, 0.95, axis=0)))


def test_pairing_narrows_the_difference(study: Study) -> None:
    """The same luck in both arms: less than half the variance of independent arms."""
    base, more = (study.outcome("n_in_care", arm)[:, -1] for arm in (BASELINE, "more"))
    assert np.var(more - base) < 0.5 * (np.var(more) + np.var(base))


def test_two_identical_arms_differ_by_exactly_nothing(study: Study) -> None:
    for field in ("years", "net", "stairs"):
        assert np.array_equal(getattr(study.arms["more"], field), getattr(study.arms["twin"], field))
    assert not (study.saving("more") - study.saving("twin")).any()


def test_a_policy_without_effect_costs_its_salaries_and_nothing_else(study: Study) -> None:
    money = study.plan.scenario.money
    fte = 1.5 + 0.5 * money.leader_factor
    monthly = np.full(18, fte * money.salary * (1 + money.overhead) / 12)
    monthly[0] += 250_000.0
    assert np.allclose(study.saving("null"), -monthly, rtol=0, atol=1e-6)  # DKK, every replicate


def test_a_policy_without_effect_leaves_every_child_alone(study: Study) -> None:
    names = column_names(study.plan.scenario.staircase)
    differ = [
        name
        for i, name in enumerate(names)
        if not np.array_equal(study.arms["null"].years[..., i], study.arms[BASELINE].years[..., i])
    ]
    assert set(differ) <= {"n_fte", "new_resignations", "dkk_staff", "dkk_one_off"}
    assert np.array_equal(study.arms["null"].stairs, study.arms[BASELINE].stairs)


# --- precision -----------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", [0.02, 0.005])
def test_the_asked_precision_is_reached_and_not_much_exceeded(precision: float) -> None:
    study = compare(town(), ["more"], precision=precision)
    assert worst_half_width(study.arms, study.plan) <= precision
    if study.replicates > 2 * CHUNK:
        half = {name: arm.first(study.replicates // 2) for name, arm in study.arms.items()}
        assert worst_half_width(half, study.plan) > precision


def test_precision_is_of_the_yearly_saving_against_the_yearly_placement_budget() -> None:
    study = compare(town(), ["more"], replicates=200)
    yearly_saving = study.saving("more").sum(axis=1) / 1.5
    half_width = 1.645 * yearly_saving.std(ddof=1) / 200**0.5
    budget = study.outcome("placement_cost").sum(axis=1).mean() / 1.5
    assert worst_half_width(study.arms, study.plan) == pytest.approx(half_width / budget)


def test_precision_stops_at_the_same_replicate_for_any_number_of_workers(tmp_path: Path) -> None:
    for workers in (1, 2, 3):
        compare(town(), ["more"], precision=0.005, workers=workers, out=tmp_path / str(workers))
    one, two, three = (contents(tmp_path / name) for name in "123")
    assert one == two == three


def test_a_precision_out_of_reach_stops_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(business_case, "MOST_REPLICATES", 500)
    assert compare(town(), ["more"], precision=1e-9).replicates == 500


def test_replicates_double_until_precise_or_at_the_cap() -> None:
    plan = Plan(town(), ("more",))
    runner = Runner(plan, 1)
    chunk = {arm: runner.chunk(0, arm) for arm in plan.arms}
    asked: list[int] = []

    def run(n: int) -> dict[str, Any]:
        asked.append(n)
        return chunk

    until_precise(run, 1e-9, 1000, plan)
    assert asked == [200, 400, 800, 1000]


def test_a_resumed_run_goes_on_to_the_precision(tmp_path: Path) -> None:
    compare(town(), ["more"], replicates=300, out=tmp_path / "first")
    compare(town(), ["more"], precision=0.005, out=tmp_path / "first")
    compare(town(), ["more"], precision=0.005, out=tmp_path / "second")
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


# --- bad requests --------------------------------------------------------------------------------


def test_an_unknown_policy_names_those_that_come_near(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match=r"no policy 'mor' \(did you mean 'more'\?\); it has: more"):
        compare(town(), ["mor"], out=tmp_path / "study")
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"replicates": 0}, "replicates = 0 must be at least 1"),
        ({"replicates": -5}, "replicates = -5 must be at least 1"),
        ({"precision": 0.0}, "precision = 0.0 must be more than 0"),
        ({"precision": float("nan")}, "precision = nan must be more than 0"),
        ({"seed": -1}, "seed = -1 must lie between 0 and 4294967295"),
        ({"seed": 2**32}, "seed = 4294967296 must lie between 0 and 4294967295"),
        ({"workers": 0}, "workers = 0 must be at least 1"),
        ({"engine": "Kernel"}, "engine = 'Kernel' must be 'kernel' or 'agents'"),
    ],
)
def test_a_number_out_of_its_range_is_refused(bad: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        compare(town(), ["more"], **bad)


def test_a_policy_called_baseline_is_refused() -> None:
    with pytest.raises(ValueError, match="give the policy another name"):
        compare(town(policies={"baseline": MORE}))


def test_policies_named_twice_are_one_study() -> None:
    twice, once = ["more", "null", "more"], ["more", "null"]
    assert compare(town(), twice, replicates=1).plan.policies == ("more", "null")
    assert default_folder(town(), twice, 1, "kernel") == default_folder(town(), once, 1, "kernel")


def test_a_scenario_without_policies_gives_its_baseline(tmp_path: Path) -> None:
    study = compare(town(policies={}), replicates=100, out=tmp_path)
    assert study.plan.arms == (BASELINE,)
    assert sorted(contents(tmp_path)) == [
        "by_month.csv",
        "by_year.csv",
        "parts/baseline-00000.parquet",
        "spending.csv",
        "summary.csv",
    ]


# --- resuming ------------------------------------------------------------------------------------


class StoppedError(Exception):
    """Thrown to stop a run."""


def stop_after(n: int) -> Any:
    def progress(done: int, _: int) -> None:
        if done >= n:
            raise StoppedError

    return progress


def test_a_stopped_run_goes_on_where_it_was(whole: Path, tmp_path: Path) -> None:
    for n in (1, 3, 6):
        with pytest.raises(StoppedError):
            compare(town(), ["more"], replicates=400, out=tmp_path, progress=stop_after(n))
    done: list[int] = []
    compare(town(), ["more"], replicates=400, out=tmp_path, progress=lambda d, _: done.append(d))
    assert done == [7, 8]  # six of the eight chunks were there
    assert contents(tmp_path) == contents(whole)


def test_a_finished_study_runs_nothing_again(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(whole)
    monkeypatch.setattr(Runner, "chunk", lambda *_: pytest.fail("a chunk was run again"))
    compare(town(), ["more"], replicates=400, out=whole)
    assert contents(whole) == before


def test_what_a_killed_run_left_half_written_is_ignored(whole: Path, tmp_path: Path) -> None:
    compare(town(), ["more"], replicates=100, out=tmp_path)
    for name in ("parts/.more-00001.parquet.77.tmp", ".summary.csv.77.tmp", ".x.tmp"):
        (tmp_path / name).write_bytes(b"PAR1 half a fi")
    compare(town(), ["more"], replicates=400, out=tmp_path)
    assert contents(tmp_path) == contents(whole)


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(tmp_path: Path) -> None:
    """SIGKILL of a real process whenever a random number of new parts is there."""
    replicates, moments = 2000, random.Random(20160101)
    file = tmp_path / "town.toml"
    file.write_text(TOWN, "utf-8")
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    compare(file, replicates=replicates, workers=1, out=unbroken)
    parts = len(list(unbroken.glob("parts/*")))
    assert parts == 3 * replicates // CHUNK
    killed = 0
    for _ in range(3):
        here = len(list(broken.glob("parts/[!.]*")))
        killed += kill_when(broken, here + moments.randint(1, parts // 4), file, replicates)
    assert killed, "the machine is too quick for this test"
    assert start(broken, file, replicates).wait() == 0
    assert contents(broken) == contents(unbroken)


TOWN = """
name = "town"
start = 2016-01-01
months = 24
price_year = 2019

[[districts]]
inflow = 30
caseworkers = [1.0, 1.0]
places = { foster_care = 12 }
start = { preventive = 20, own_room = 2, network_care = 3, foster_care = 10, residential_care = 6 }

[policies.more]
capacity = { extra_fte = [1.0] }
reviews = { first = 2, later = 2 }

[policies.supply]
supply = { network_search = 0.6 }
"""
COMMAND = "from experiments.cli import main; main()"


def start(folder: Path, file: Path, replicates: int) -> subprocess.Popen[bytes]:
    options = ["--out", folder, "--replicates", str(replicates), "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "compare", file, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )


def kill_when(folder: Path, parts: int, file: Path, replicates: int) -> bool:
    """Start a run, kill it when `parts` parts are there; return whether it was still running."""
    run = start(folder, file, replicates)
    deadline = time.monotonic() + 120
    while run.poll() is None and len(list(folder.glob("parts/[!.]*"))) < parts:
        assert time.monotonic() < deadline, "the run made no progress"
        time.sleep(0.001)
    run.kill()
    return run.wait() != 0
