"""A country's folder: goes on where it was stopped, anywhere, and never mixes what does not belong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.country import run as running
from experiments.country.facts import places_of
from experiments.country.run import BLOCK, Country, Plan, run
from experiments.country.work import Job, Task, done
from experiments.files import StoreError
from simulation.accounts import Floats
from simulation.horizon import with_months
from simulation.reading import find_scenario

TOWNS = places_of(("Fanø", "Læsø"))


def plan_of(replicates: int = 2 * BLOCK, **more: int) -> Plan:
    average = with_months(find_scenario("denmark"), 12)
    return Plan(average, "staff_only", replicates, towns=TOWNS, **more)


@pytest.fixture(scope="module")
def whole() -> Country:
    return run(plan_of(), workers=1)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The tasks that are run, as they are begun."""
    seen: list[Task] = []

    def noted(job: Job, task: Task) -> tuple[Floats, Floats]:
        seen.append(task)
        return done(job, task)

    monkeypatch.setattr(running, "done", noted)
    return seen


def same(one: Country, other: Country) -> bool:
    return one.saved.tobytes() == other.saved.tobytes() and one.kept.tobytes() == other.kept.tobytes()


def stopping_at(n: int) -> Callable[[int, int], None]:
    def progress(finished: int, total: int) -> None:
        if finished >= n:
            raise KeyboardInterrupt

    return progress


def test_a_run_that_was_stopped_goes_on_with_the_blocks_that_are_wanting(
    tmp_path: Path, whole: Country, asked: list[Task]
) -> None:
    """Stopped in the second of two blocks of two municipalities: that block is run again, no other."""
    with pytest.raises(KeyboardInterrupt):
        run(plan_of(), 1, stopping_at(3), folder=tmp_path)
    asked.clear()
    assert same(run(plan_of(), 1, folder=tmp_path), whole)
    assert Counter(block for _, block in asked) == {1: 2}
    asked.clear()
    assert same(run(plan_of(), 1, folder=tmp_path), whole)
    assert not asked


def test_more_histories_go_on_from_fewer(tmp_path: Path, whole: Country, asked: list[Task]) -> None:
    few = run(plan_of(BLOCK - 2), 1, folder=tmp_path)
    assert (few.saved == whole.saved[:, : BLOCK - 2]).all()
    asked.clear()
    assert same(run(plan_of(), 1, folder=tmp_path), whole)
    assert {block for _, block in asked} == {1}


@pytest.mark.parametrize("damage", ["cut", "other", "empty"])
def test_a_damaged_block_is_run_again(
    tmp_path: Path, whole: Country, asked: list[Task], damage: str
) -> None:
    run(plan_of(), 1, folder=tmp_path)
    first, second = sorted((tmp_path / "parts").iterdir())
    kept = {"cut": first.read_bytes()[:-40], "other": second.read_bytes(), "empty": b""}
    first.write_bytes(kept[damage])
    asked.clear()
    assert same(run(plan_of(), 1, folder=tmp_path), whole)
    assert {block for _, block in asked} == {0}


def test_a_folder_of_another_country_is_refused_by_what_differs(tmp_path: Path) -> None:
    run(plan_of(BLOCK), 1, folder=tmp_path)
    with pytest.raises(StoreError, match=r"seed: there 1, here 2"):
        run(plan_of(BLOCK, seed=2), 1, folder=tmp_path)
    with pytest.raises(StoreError, match="caseload_spread"):
        run(replace(plan_of(BLOCK), caseload_sd=0.1), 1, folder=tmp_path)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(StoreError, match=r"no manifest\.json"):
        run(plan_of(BLOCK), 1, folder=tmp_path)
    (tmp_path / "manifest.json").write_text("[1]", "utf-8")
    with pytest.raises(StoreError, match="cannot be read"):
        run(plan_of(BLOCK), 1, folder=tmp_path)


def test_processes_give_the_same_bytes(whole: Country) -> None:
    assert same(run(plan_of(), 2, executor="processes"), whole)


def test_there_is_no_other_executor() -> None:
    with pytest.raises(ValueError, match="must be threads, processes"):
        run(plan_of(), executor="elsewhere")


def test_progress_counts_what_was_there(tmp_path: Path) -> None:
    run(plan_of(BLOCK), 1, folder=tmp_path)
    seen: list[tuple[int, int]] = []
    run(plan_of(), 1, lambda n, total: seen.append((n, total)), folder=tmp_path)
    assert seen == [(2, 4), (3, 4), (4, 4)]


def test_what_is_kept_is_what_was_run(tmp_path: Path, whole: Country) -> None:
    """The file itself: one row per municipality and history, its columns named."""
    import pyarrow.parquet as pq

    run(plan_of(), 1, folder=tmp_path)
    table = pq.read_table(tmp_path / "parts" / "block-00001.parquet")
    assert table["history"].to_pylist() == [*range(BLOCK, 2 * BLOCK)] * 2
    assert table["municipality"].to_pylist() == [563] * BLOCK + [825] * BLOCK
    kept = table["net_saving_to_year_1"].to_numpy().reshape(2, BLOCK)
    np.testing.assert_array_equal(kept, whole.saved[:, BLOCK:, 0])
