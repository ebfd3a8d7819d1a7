"""Where work runs: in threads here, in processes here, or on an existing Dask scheduler.

Every task is a plain function of its arguments and gives the same result wherever it runs, so that a
worker that dies costs time and nothing else: its tasks are given to another one.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Generic, TypeVar

from experiments.crews import KEPT, SCHEDULER_GONE, Crew, ExecutorError

T = TypeVar("T")
R = TypeVar("R")

THREADS, PROCESSES, CLUSTER = "threads", "processes", "tcp://"

DEATHS = 4
"""How often a task may lose its worker before it is taken for the cause."""

LOOK_AFTER = 5.0
"""Seconds without a result after which it is looked whether anybody is still there."""

IDLE = 60.0
"""Seconds after which a process without work ends."""


def check_executor(where: str) -> None:
    """Raise ValueError where there is no such executor."""
    if where not in (THREADS, PROCESSES) and not where.startswith(CLUSTER):
        raise ValueError(
            f"--executor {where!r} must be threads, processes, or the address of a Dask scheduler "
            "such as tcp://127.0.0.1:8786"
        )


@contextmanager
def crew(where: str = THREADS, workers: int | None = None) -> Iterator[Crew]:
    """Give a crew: "threads", "processes", or the workers of a Dask scheduler (tcp://...).

    `workers` is how many threads or processes (default: one per processor); a scheduler has its own.
    """
    check_executor(where)
    n = workers or os.cpu_count() or 1
    if where == THREADS:
        with ThreadPoolExecutor(n) as threads:
            yield Crew(lambda: threads, lambda: n)
    elif where == PROCESSES:
        yield Crew(lambda: _processes(n), lambda: n)
    else:
        from experiments.cluster import cluster

        with cluster(where) as found:
            yield found


def _processes(n: int) -> Executor:
    """Return a pool of processes: the one there was, or a new one where it has lost a process."""
    from loky import get_reusable_executor

    pool: Executor = get_reusable_executor(
        max_workers=n, timeout=IDLE, initializer=_end_with, initargs=(os.getpid(),)
    )
    return pool


def _end_with(parent: int) -> None:
    """Let this process end soon after its parent, which may be killed without a chance to say so."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    if os.name == "posix":  # elsewhere a process keeps the number of a parent that is gone
        Thread(target=watch, daemon=True).start()


def each(
    work: Callable[[T], R], tasks: Iterable[T], where: str = THREADS, workers: int | None = None
) -> Iterator[tuple[T, R]]:
    """Yield (task, work(task)) as they are finished, in no fixed order; few wait at any one time.

    `work` is a function that stands in a module, or a `functools.partial` of one. What it raises is
    raised here. ExecutorError where workers cannot be reached, have another version of this program, or
    keep dying.
    """
    with crew(where, workers) as found:
        yield from _Work(found, work, tasks).results()


class _Work(Generic[T, R]):
    """Tasks that run, tasks that lost their worker, and how often each has."""

    def __init__(self, crew: Crew, work: Callable[[T], R], tasks: Iterable[T]) -> None:
        self._crew, self._work, self._fresh = crew, work, iter(tasks)
        self._running: dict[Future[R], _Job[T]] = {}
        self._again: deque[_Job[T]] = deque()

    def results(self) -> Iterator[tuple[T, R]]:
        """Yield (task, result) until all are done; on the way out, cancel what has not begun."""
        try:
            while True:
                self._hand_out()
                if not self._running:
                    return
                done, _ = wait(self._running, LOOK_AFTER, return_when=FIRST_COMPLETED)
                for future in done:
                    job = self._running.pop(future)
                    try:
                        result = future.result()
                    except BrokenExecutor:
                        self._lost(job)
                        continue
                    except CancelledError:
                        raise ExecutorError(SCHEDULER_GONE) from None
                    except self._crew.killed:
                        raise ExecutorError(_DIED) from None
                    yield job.task, result
        finally:
            for future in self._running:
                future.cancel()

    def _hand_out(self) -> None:
        """Give each of the crew something to do, and something to do next."""
        ahead = 2 * self._crew.size()
        while len(self._running) < ahead and (job := self._next()) is not None:
            try:
                self._running[self._crew.pool().submit(self._work, job.task)] = job
            except BrokenExecutor:  # it broke between the last look and now
                self._lost(job)

    def _next(self) -> _Job[T] | None:
        if self._again:
            return self._again.popleft()
        return next((_Job(task) for task in self._fresh), None)

    def _lost(self, job: _Job[T]) -> None:
        job.deaths += 1
        if job.deaths >= DEATHS:
            raise ExecutorError(_DIED)
        self._again.append(job)


@dataclass
class _Job(Generic[T]):
    """A task, and how often a worker has died while it had it."""

    task: T
    deaths: int = 0


_DIED = (
    f"workers died {DEATHS} times over the same work, ended from outside or out of memory; {KEPT}"
    "run the same command again with fewer --workers, or with --executor threads"
)
