"""Runs: every municipality in every history; block by block, each kept as soon as it is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from experiments.country.store import CountryStore, digest
from experiments.country.work import BLOCK, KEPT, Job, Plan, check, done
from experiments.executors import THREADS, check_executor, each
from simulation.accounts import Floats

__all__ = ["BLOCK", "KEPT", "Country", "Plan", "run"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Country:
    """Every history of every municipality.

    `saved` [municipality, history, year] is the net saving cumulated to the end of each year, DKK;
    `kept` [municipality, history, KEPT] the rest.
    """

    plan: Plan
    saved: Floats
    kept: Floats

    def of(self, name: str) -> Floats:
        """Return [municipality, history] of something kept."""
        return np.asarray(self.kept[:, :, KEPT.index(name)])

    @cached_property
    def saving(self) -> Floats:
        """[municipality, history]: net saving over the whole time, DKK."""
        return np.asarray(self.saved[:, :, -1])

    @cached_property
    def children(self) -> Floats:
        """[municipality]: children of 0-17 years, as published."""
        return np.array([m.children for m in self.plan.municipalities], float)

    @cached_property
    def per_child(self) -> Floats:
        """[municipality, history]: net saving per child of 0-17 years and year, DKK."""
        return np.asarray(self.saving / self.children[:, None] / self.plan.years)

    @cached_property
    def per_child_of_all(self) -> Floats:
        """[history]: the same of all municipalities together."""
        return np.asarray(self.saving.sum(axis=0) / self.children.sum() / self.plan.years)


def run(
    plan: Plan,
    workers: int | None = None,
    progress: Progress | None = None,
    *,
    executor: str = THREADS,
    folder: Path | None = None,
) -> Country:
    """Return every history of a plan; blocks that `folder` holds are read, the others kept there.

    `progress` is called with (blocks of one municipality done, all of them). The bytes depend neither on
    `executor` (see `experiments.executors`) nor on `workers`. Raises ValueError where the scenario is no
    average municipality or the policy is for some of its districts only, StoreError for a folder of
    something else.
    """
    check_executor(executor)
    check(plan)
    store = CountryStore(folder, plan) if folder is not None else None
    if store is not None:
        store.open()
    blocks = _Blocks(plan, store)
    n, total = len(plan.towns), len(plan.towns) * plan.blocks
    ready = total - n * len(blocks.missing)
    if progress is not None:
        progress(ready, total)
    largest = sorted(range(n), key=lambda i: -plan.municipalities[i].children)
    at = {place: i for i, place in enumerate(plan.towns)}
    tasks = [(plan.towns[i], block) for block in blocks.missing for i in largest]
    work = partial(done, Job(plan, digest(plan)))
    for finished, ((place, block), found) in enumerate(each(work, tasks, executor, workers), ready + 1):
        blocks.add(at[place], block, *found)
        if progress is not None:
            progress(finished, total)
    return Country(plan, blocks.saved[:, : plan.replicates], blocks.kept[:, : plan.replicates])


class _Blocks:
    """All histories so far; a block that is whole is kept in the folder, where there is one."""

    def __init__(self, plan: Plan, store: CountryStore | None) -> None:
        n = len(plan.towns)
        self.saved = np.zeros((n, plan.blocks * BLOCK, plan.calendar))
        self.kept = np.zeros((n, plan.blocks * BLOCK, len(KEPT)))
        self._store, self._wanting = store, dict.fromkeys(range(plan.blocks), n)
        for block in range(plan.blocks):
            if store is not None and (found := store.load(block)) is not None:
                self.saved[:, _here(block)], self.kept[:, _here(block)] = found
                del self._wanting[block]
        self.missing = tuple(self._wanting)
        """Blocks that are to be run."""

    def add(self, town: int, block: int, saved: Floats, kept: Floats) -> None:
        """Enter a block of one municipality, by its position in the run."""
        here = _here(block)
        self.saved[town, here], self.kept[town, here] = saved, kept
        self._wanting[block] -= 1
        if not self._wanting[block] and self._store is not None:
            self._store.save(block, self.saved[:, here], self.kept[:, here])


def _here(block: int) -> slice:
    return slice(block * BLOCK, (block + 1) * BLOCK)
