"""Work on an existing Dask scheduler: reached soon or not at all, done only by this very program.

Through the scheduler's executor interface. (joblib's Dask backend waits for ever where workers lack our
code.) Tasks travel with their functions named, not copied, so that workers run the program they have;
that it is this one is checked before the first task, and again by every task where it runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from experiments.crews import SCHEDULER_GONE, Crew, ExecutorError
from experiments.program import program

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
R = TypeVar("R")

REACHED_WITHIN = 10.0
"""Seconds to reach a scheduler, and again for a first worker to be there."""

RETRIES = 3
"""How often a task that failed is given to a worker again."""

LOOKED_AT_EVERY = 5.0
"""Seconds between two counts of the workers, which may come and go."""

GONE_FOR = 120.0
"""Seconds without any worker after which nobody is waited for any more."""

PACKAGES = ("numpy", "scipy", "pandas", "numba", "llvmlite", "pyarrow", "pydantic", "mesa")
"""Libraries that must be the same everywhere, beside those that Dask itself looks at."""

MOST_LINES = 12
"""Differences that are spelled out."""

_NOT_NEEDED_ALIKE = ("lz4",)


class VersionError(ExecutorError):
    """A worker that runs another version of this program."""


@contextmanager
def cluster(address: str) -> Iterator[Crew]:
    """Give the workers of the scheduler at `address`; ExecutorError where they cannot be used."""
    client = _reached(address)
    try:
        _check_workers(client, address)
        pool = client.get_executor(retries=RETRIES, pure=False)
        try:
            yield Crew(lambda: _Checked(pool), _Threads(client, address).count, _killed())
        finally:
            pool.shutdown(wait=False)
    finally:
        client.close(timeout=REACHED_WITHIN)


def _reached(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise ExecutorError(
            f"--executor {address} needs Dask, which is not installed; install it with: "
            'pip install "indsatstrappe[dask]"'
        ) from None
    try:
        return Client(address, timeout=REACHED_WITHIN, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise ExecutorError(
            f"no Dask scheduler answers at {address} ({_first_line(error)}); start one with: dask "
            "scheduler; it prints the address to use"
        ) from None


def _killed() -> tuple[type[BaseException], ...]:
    from distributed import KilledWorker

    return (KilledWorker,)


def _check_workers(client: Client, address: str) -> None:
    """Raise ExecutorError where there is no worker, or one that would give other results."""
    try:
        client.wait_for_workers(1, timeout=REACHED_WITHIN)
    except TimeoutError:
        raise ExecutorError(
            f"the Dask scheduler at {address} has no workers; start some with: dask worker {address}"
        ) from None
    found = client.get_versions(packages=list(PACKAGES))
    lines = _other_libraries(found)
    if not lines:
        lines = _other_programs(client)
    if lines:
        raise VersionError(
            f"the cluster at {address} has other versions than this machine; nothing was run:\n"
            + "\n".join(lines[:MOST_LINES])
            + (f"\n  and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else "")
            + "\nInstall the same there as here, then start scheduler and workers again."
        )


def _other_libraries(found: dict[str, Any]) -> list[str]:
    """Return one line per library that differs on a worker, or on the scheduler where Dask minds."""
    here = found["client"]["packages"]
    lines = []
    for name in (n for n in here if n not in _NOT_NEEDED_ALIKE):
        for worker, there in found["workers"].items():
            if there["packages"].get(name) != here[name]:
                lines.append(_line(f"worker {worker}", name, there["packages"].get(name), here[name]))
    dask = found["scheduler"]["packages"].get("distributed")
    if dask != here["distributed"]:
        lines.append(_line("scheduler", "distributed", dask, here["distributed"]))
    return lines


def _other_programs(client: Client) -> list[str]:
    """Return one line per difference between this program and that of the scheduler and each worker."""
    try:
        programs = {"scheduler": client.run_on_scheduler(program)}
        programs |= {f"worker {name}": p for name, p in client.run(program).items()}
    except Exception as error:
        return [f"  Indsatstrappe is missing or another version there ({_first_line(error)})"]
    here = program()
    return [
        _line(who, f"Indsatstrappe, {key}", there.get(key), here[key])
        for who, there in programs.items()
        for key in here
        if there.get(key) != here[key]
    ]


def _line(who: str, what: str, there: str | None, here: str | None) -> str:
    return f"  {who}: {what}: there {there or 'none'}, here {here or 'none'}"


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(":")


class _Checked(Executor):
    """An executor whose every task makes sure that it runs in this program, whenever its worker came."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def submit(self, work: Callable[..., R], /, *args: Any, **more: Any) -> Future[R]:
        return self._pool.submit(_checked, program(), work, *args, **more)


def _checked(expected: dict[str, str], work: Callable[..., R], *args: Any) -> R:
    """Return work(*args), or raise VersionError where this is another program than expected."""
    lines = [_line("a worker", key, program()[key], value) for key, value in expected.items()
             if program()[key] != value]  # fmt: skip
    if lines:
        raise VersionError("a worker came that has another version of this program:\n" + "\n".join(lines))
    return work(*args)


class _Threads:
    """How many threads the workers have, counted now and then: they may come and go."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        self._count, self._counted = 1, -LOOKED_AT_EVERY
        self._seen = time.monotonic()

    def count(self) -> int:
        """Return the number of threads of all workers; ExecutorError where there are none for long."""
        now = time.monotonic()
        if now - self._counted >= LOOKED_AT_EVERY:
            try:
                self._count, self._counted = sum(self._client.nthreads().values()), now
            except OSError:
                raise ExecutorError(SCHEDULER_GONE) from None
            if self._count:
                self._seen = now
        if now - self._seen > GONE_FOR:
            raise ExecutorError(
                f"the Dask scheduler at {self._address} has had no workers for {GONE_FOR:.0f} seconds; "
                "what was finished is kept: start workers and run the same command again"
            )
        return max(1, self._count)
