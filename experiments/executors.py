"""Where work runs: in threads here, in processes here, or on an existing Dask scheduler.

Every task is a plain function of its arguments and gives the same result wherever it runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS = "threads"


@contextmanager
def executor(where: str = THREADS, workers: int | None = None) -> Iterator[Executor]:
    """Give an executor: "threads", "processes", or the address of a Dask scheduler (tcp://...)."""
    if where != THREADS:
        raise ValueError(f"executor = {where!r} must be threads")
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        yield pool


def each(
    work: Callable[[T], R], tasks: Iterable[T], where: str = THREADS, workers: int | None = None
) -> Iterator[tuple[T, R]]:
    """Yield (task, work(task)) as they are finished, in no fixed order; few wait at any one time."""
    ahead = 2 * (workers or os.cpu_count() or 1)
    waiting = iter(tasks)
    with executor(where, workers) as pool:
        running: dict[Future[R], T] = {}
        try:
            while True:
                for task in waiting:
                    running[pool.submit(work, task)] = task
                    if len(running) >= ahead:
                        break
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        finally:
            for future in running:
                future.cancel()
