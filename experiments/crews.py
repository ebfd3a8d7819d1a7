"""Crews: those who do the work of a study, and what is said where they cannot."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

KEPT = "what was finished is kept: "
SCHEDULER_GONE = (
    f"the Dask scheduler went away; {KEPT}start it again with its workers and run the same command again"
)


class ExecutorError(RuntimeError):
    """Work could not be done where it was sent; the message says why and what to do."""


@dataclass(frozen=True)
class Crew:
    """Those who do the work.

    `pool()` is an executor that is alive; `size()` is how many work at a time, and raises ExecutorError
    where nobody is left; `killed` is what a task raises that has lost its worker too often.
    """

    pool: Callable[[], Executor]
    size: Callable[[], int]
    killed: tuple[type[BaseException], ...] = ()
