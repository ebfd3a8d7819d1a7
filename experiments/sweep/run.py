"""Running a sweep: the chunks that are missing, anywhere, each kept as soon as it is finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from experiments.executors import PROCESSES, THREADS, each
from experiments.files import StoreError
from experiments.sweep.design import Design
from experiments.sweep.outcomes import NAMES
from experiments.sweep.store import SweepStore
from experiments.sweep.work import Chunk, Result, chunks, done, task
from simulation.accounts import Floats
from simulation.replicates import compile_first

Progress = Callable[[int, int], None]

MEMORY = 2**26
"""Numbers that are held in memory; where a folder keeps them too, the others are read again."""


class Sweep:
    """A design with its results so far: in memory, and in a folder where one is given.

    Chunks that the folder holds are read, the others are run by the `executor` (see
    `experiments.executors`) and written as they come. The bytes do not depend on executor or workers.
    """

    def __init__(
        self,
        design: Design,
        folder: Path | None = None,
        *,
        executor: str = THREADS,
        workers: int | None = None,
        shard: tuple[int, int] = (0, 1),
        progress: Progress | None = None,
    ) -> None:
        """Open the folder, or create it; StoreError where it holds another sweep.

        `shard` (i, n), i from 0, runs every n-th chunk only, beside other processes with the same folder.
        """
        if not 0 <= shard[0] < shard[1]:
            raise ValueError(f"shard = {shard} must be (i, n) with i from 0 to n - 1")
        self.design = design
        self.executor, self.workers, self.shard, self.progress = executor, workers, shard, progress
        self.errors: dict[int, str] = {}
        self._store = SweepStore(folder, design) if folder is not None else None
        self._kept: dict[Chunk, Result] = {}
        self._whole: set[Chunk] = set()
        self._numbers = 0
        if self._store is not None:
            self._store.open()

    def values(
        self, outcomes: Sequence[str], rows: range | None = None, replicates: range | None = None
    ) -> Floats:
        """Return [row, replicate, outcome], running what is missing. NaN in rows that failed.

        By default all rows, and as many replicates as the design says. ValueError where other shards
        have not made them yet.
        """
        rows = range(len(self.design.rows)) if rows is None else rows
        replicates = range(self.design.replicates) if replicates is None else replicates
        wanted = chunks(self.design, rows, replicates)
        self.run(wanted)
        if missing := self.missing(wanted):
            raise ValueError(f"{len(missing)} of {len(wanted)} chunks are left to other shards")
        columns = [NAMES.index(name) for name in outcomes]
        found = np.full((len(rows), len(replicates), len(columns)), np.nan)
        for chunk in wanted:
            _copy(self._result(chunk).values[:, :, columns], chunk, found, rows, replicates)
        return found

    def missing(self, wanted: list[Chunk]) -> list[Chunk]:
        """Return the chunks that neither memory nor the folder holds."""
        return [chunk for chunk in wanted if not self._is_there(chunk)]

    def run(self, wanted: list[Chunk]) -> None:
        """Run the chunks that are missing (of this shard), and keep them."""
        index, shards = self.shard
        mine = [chunk for i, chunk in enumerate(wanted) if i % shards == index]
        missing = self.missing(mine)
        self._tell(len(mine) - len(missing), len(mine))
        if self.executor == PROCESSES and missing:
            compile_first(self.design.engine)
        tasks = (task(self.design, chunk) for chunk in missing)
        for n, (finished, result) in enumerate(each(done, tasks, self.executor, self.workers), 1):
            if self._store is not None:
                self._store.save(finished.chunk, result)
            self._keep(finished.chunk, result)
            self._tell(len(mine) - len(missing) + n, len(mine))

    def _is_there(self, chunk: Chunk) -> bool:
        """Return whether a chunk is whole; what the folder holds of it is read."""
        if chunk not in self._whole and self._store is not None:
            found = self._store.load(chunk)
            if found is not None:
                self._keep(chunk, found)
        return chunk in self._whole

    def _result(self, chunk: Chunk) -> Result:
        found = self._kept.get(chunk)
        if found is None and self._store is not None:
            found = self._store.load(chunk)
        if found is None:
            raise StoreError("a part was there and is gone; run the same command again")
        return found

    def _keep(self, chunk: Chunk, result: Result) -> None:
        self._whole.add(chunk)
        self.errors |= result.errors
        if self._store is None or self._numbers < MEMORY:
            self._kept[chunk] = result
            self._numbers += result.values.size

    def _tell(self, n: int, total: int) -> None:
        if self.progress is not None:
            self.progress(n, total)


def _copy(values: Floats, chunk: Chunk, found: Floats, rows: range, replicates: range) -> None:
    """Copy what a chunk and the wanted rows and replicates share."""
    r = range(max(chunk.rows.start, rows.start), min(chunk.rows.stop, rows.stop))
    n = range(max(chunk.replicates.start, replicates.start), min(chunk.replicates.stop, replicates.stop))
    source = np.s_[
        r.start - chunk.rows.start : r.stop - chunk.rows.start,
        n.start - chunk.replicates.start : n.stop - chunk.replicates.start,
    ]
    target = np.s_[
        r.start - rows.start : r.stop - rows.start, n.start - replicates.start : n.stop - replicates.start
    ]
    found[target] = values[source]
