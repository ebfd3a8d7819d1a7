"""Executors: the same results in threads, in processes and on a Dask scheduler, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clusters import Cluster, cluster, free_port
from jobs import deadly, deadly_once, refused, slowly, squared
from sweeps import contents, small, town

import experiments.cluster as cluster_module
from experiments import executors
from experiments.business_case import compare
from experiments.crews import ExecutorError
from experiments.executors import each
from experiments.sweep.run import Sweep

SQUARES = {x: x * x for x in range(20)}


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a scheduler with two workers, started once."""
    with cluster(tmp_path_factory.mktemp("dask")) as found:
        yield found


@pytest.fixture(params=["threads", "processes", "dask"])
def where(request: pytest.FixtureRequest) -> str:
    """Give each executor in turn."""
    if request.param == "dask":
        return str(request.getfixturevalue("dask").address)
    return str(request.param)


# --- all three -----------------------------------------------------------------------------------


def test_every_task_is_done_once(where: str) -> None:
    assert sorted(each(squared, range(20), where, 2)) == sorted(SQUARES.items())


def test_nothing_to_do_is_done(where: str) -> None:
    assert list(each(squared, [], where, 2)) == []


def test_what_work_raises_is_raised(where: str) -> None:
    with pytest.raises(ValueError, match="3 is refused"):
        list(each(refused, range(20), where, 2))


def test_tasks_are_taken_as_they_are_needed(where: str) -> None:
    """A sweep of a million chunks must not stand in memory."""
    taken = []

    def tasks() -> Iterator[int]:
        for x in range(1000):
            taken.append(x)
            yield x

    results = each(squared, tasks(), where, 2)
    next(results)
    assert len(taken) <= 6
    results.close()  # type: ignore[attr-defined]


def test_a_sweep_gives_the_same_files_everywhere(where: str, tmp_path: Path) -> None:
    Sweep(small(), tmp_path / "there", executor=where, workers=2).values(["caseload"])
    Sweep(small(), tmp_path / "here", workers=1).values(["caseload"])
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_agents_run_everywhere(where: str) -> None:
    """Both engines give the same bytes, so agents elsewhere give those of the kernel here."""
    design = small(replicates=1, block=1, engine="agents", scenarios={"test": town(months=6)})
    kernel = small(replicates=1, block=1, scenarios={"test": town(months=6)})
    agents = Sweep(design, executor=where, workers=2).values(["net_saving", "caseload"])
    assert agents.tobytes() == Sweep(kernel).values(["net_saving", "caseload"]).tobytes()


def test_a_comparison_gives_the_same_bytes_everywhere(where: str) -> None:
    here = compare(town(), ["more"], replicates=200, workers=1)
    there = compare(town(), ["more"], replicates=200, workers=2, executor=where)
    for name in ("baseline", "more"):
        for field in ("net", "years", "stairs", "refund", "spending"):
            assert getattr(there.arm(name), field).tobytes() == getattr(here.arm(name), field).tobytes()


def test_a_comparison_over_draws_gives_the_same_bytes_everywhere(where: str) -> None:
    here = compare("fano", ["staff_only"], replicates=100, draws=2, workers=1)
    there = compare("fano", ["staff_only"], replicates=100, draws=2, workers=2, executor=where)
    assert there.arm("staff_only").net.tobytes() == here.arm("staff_only").net.tobytes()


def test_a_comparison_by_agents_runs_everywhere(where: str) -> None:
    short = town(months=1)
    here = compare(short, ["more"], replicates=100)
    there = compare(short, ["more"], replicates=100, engine="agents", workers=2, executor=where)
    assert there.arm("more").net.tobytes() == here.arm("more").net.tobytes()


# --- processes -----------------------------------------------------------------------------------


def test_a_process_that_dies_changes_nothing(tmp_path: Path) -> None:
    found = sorted(each(partial(deadly_once, str(tmp_path)), range(20), "processes", 2))
    assert (tmp_path / "died").exists()
    assert found == sorted(SQUARES.items())


def test_work_that_kills_every_process_is_given_up_in_words() -> None:
    with pytest.raises(ExecutorError, match=r"died 4 times over the same work.*fewer --workers"):
        list(each(deadly, range(20), "processes", 2))
    assert sorted(each(squared, range(20), "processes", 2)) == sorted(SQUARES.items())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("tasks", [8, 8000])
def test_processes_end_when_their_parent_is_killed(tasks: int) -> None:
    """It is killed when all is done, and in the middle of handing out work."""
    script = (
        "import time\n"
        "from experiments.executors import each\n"
        "from jobs import own_number\n"
        f"for _, n in each(own_number, range({tasks}), 'processes', 2): print(n, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    assert parent.stdout is not None
    numbers = {int(parent.stdout.readline()) for _ in range(8)}
    parent.kill()
    parent.wait(10)
    deadline = time.monotonic() + 30.0
    while any(_is_alive(n) for n in numbers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert numbers
    assert not any(_is_alive(n) for n in numbers)


def _is_alive(number: int) -> bool:
    """Return whether a process runs; one that has ended and that nobody asked about does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --- Dask ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_killed_dask_worker_changes_nothing(tmp_path: Path) -> None:
    """One of two workers is killed while it works; the other does the rest."""
    with cluster(tmp_path) as found:
        results = each(slowly, range(20), found.address)
        first = [next(results) for _ in range(4)]
        found.workers[0].send_signal(signal.SIGKILL)
        found.workers[0].wait(10)
        assert sorted([*first, *results]) == sorted(SQUARES.items())


def test_a_killed_dask_worker_leaves_a_sweep_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "dask").mkdir()
    with cluster(tmp_path / "dask") as found:

        def kill_one(done: int, total: int) -> None:
            if done == 2:
                found.workers[0].send_signal(signal.SIGKILL)

        design = small(replicates=100)
        sweep = Sweep(design, tmp_path / "there", executor=found.address, progress=kill_one)
        sweep.values(["caseload"])
        assert found.workers[0].wait(10) == -signal.SIGKILL
    Sweep(design, tmp_path / "here").values(["caseload"])
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_a_scheduler_that_is_not_there_is_said_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "REACHED_WITHIN", 1.0)
    began = time.monotonic()
    with pytest.raises(ExecutorError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:\d+"):
        list(each(squared, range(3), f"tcp://127.0.0.1:{free_port()}"))
    assert time.monotonic() - began < 10.0


def test_a_scheduler_without_workers_is_said_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "REACHED_WITHIN", 1.0)
    with cluster(tmp_path, workers=0) as found, pytest.raises(ExecutorError, match="has no workers"):
        list(each(squared, range(3), found.address))


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dask

    with cluster(tmp_path) as found, dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        results = each(slowly, range(200), found.address)
        next(results)
        assert found.scheduler is not None
        found.scheduler.send_signal(signal.SIGKILL)
        with pytest.raises(ExecutorError, match="scheduler went away; what was finished is kept"):
            list(results)


def test_workers_that_all_go_away_are_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "LOOK_AFTER", 0.2)
    monkeypatch.setattr(cluster_module, "LOOKED_AT_EVERY", 0.2)
    monkeypatch.setattr(cluster_module, "GONE_FOR", 1.0)
    with cluster(tmp_path, workers=1) as found:
        results = each(slowly, range(100), found.address)
        next(results)
        found.workers[0].send_signal(signal.SIGKILL)
        with pytest.raises(ExecutorError, match="has had no workers for 1 seconds; what was finished"):
            list(results)


@pytest.mark.slow
def test_work_that_kills_dask_workers_is_given_up_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scheduler gives a task up when it has cost too many workers; here one is too many."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with cluster(tmp_path) as found, pytest.raises(ExecutorError, match="over the same work"):
        list(each(deadly, range(20), found.address))


def test_another_version_on_the_cluster_is_refused(
    dask: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = {**cluster_module.program(), "version": "9.9.9"}
    monkeypatch.setattr(cluster_module, "program", _Elsewhere(here))
    with pytest.raises(ExecutorError, match=r"Indsatstrappe, version: there .+, here 9\.9\.9"):
        list(each(squared, range(3), dask.address))


class _Elsewhere:
    """A program here that is another one on workers, which unpickle the real one."""

    def __init__(self, here: dict[str, str]) -> None:
        self._here = here

    def __call__(self) -> dict[str, str]:
        return self._here

    def __reduce__(self) -> Any:
        from experiments.program import program

        return (_itself, (program,))


def _itself(thing: Any) -> Any:
    return thing


def test_a_worker_that_comes_late_with_another_version_is_refused(
    dask: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_check_workers", lambda *_: None)
    monkeypatch.setattr(cluster_module, "program", lambda: {"version": "9.9.9"})
    with pytest.raises(ExecutorError, match=r"a worker: version: there .+, here 9\.9\.9"):
        list(each(squared, range(3), dask.address))


def test_workers_without_this_program_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other" / "experiments").mkdir(parents=True)
    (tmp_path / "other" / "experiments" / "__init__.py").touch()
    with cluster(tmp_path, workers=0) as found:
        found.start_worker(PYTHONPATH=str(tmp_path / "other"))
        with pytest.raises(ExecutorError, match="missing or another version there"):
            list(each(squared, range(3), found.address))


def test_another_library_is_named(dask: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    real = cluster_module._other_libraries

    def with_another_numpy(found: dict[str, Any]) -> list[str]:
        found["client"]["packages"]["numpy"] = "1.0"
        return real(found)

    monkeypatch.setattr(cluster_module, "_other_libraries", with_another_numpy)
    with pytest.raises(ExecutorError, match=rf"numpy: there {np.__version__}, here 1\.0"):
        list(each(squared, range(3), dask.address))


def test_without_dask_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExecutorError, match=r'pip install "indsatstrappe\[dask\]"'):
        list(each(squared, range(3), "tcp://127.0.0.1:1"))


@pytest.mark.parametrize("wrong", ["", "dask", "thread", "http://127.0.0.1:8786"])
def test_an_executor_that_is_not_there_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="must be threads, processes, or the address"):
        list(each(squared, range(3), wrong))


def test_threads_are_threads_of_this_process() -> None:
    names = {found for _, found in each(_thread, range(4), "threads", 2)}
    assert threading.current_thread().name not in names


def _thread(_: int) -> str:
    return threading.current_thread().name
