"""The study: every target at every draw from the posterior, in threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.draws import draws as drawn
from experiments.draws import posterior
from experiments.validation.settings import Experiment, Found, Setting, group_of
from experiments.validation.targets import (
    GROUPS,
    REQUIRED,
    REQUIREMENTS,
    all_experiments,
    not_simulated,
    status_of,
    to_validate,
)
from experiments.validation.verdicts import FAILS, REPORTED_ONLY, Row, figure
from simulation.accounts import Floats
from simulation.parameters import parameter, parameters

DRAWS = 60
POINTS = 20
"""How often the point values are run, each time with other luck, where nothing is drawn."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Validation:
    """All rows, in the order of their groups, and how they were made.

    `drawn` says whether the values are of draws from the posterior, or of the point values with other
    luck; `n` how many settings there were; `missing` names targets that are not simulated, with reasons.
    """

    rows: tuple[Row, ...]
    missing: dict[str, str]
    drawn: bool
    n: int
    seed: int

    def with_status(self, status: str) -> list[Row]:
        """Return the rows that are fitted, held out or required and were judged."""
        return [r for r in self.rows if r.status == status and r.verdict != REPORTED_ONLY]

    @property
    def failing(self) -> list[Row]:
        """The rows that fail."""
        return [r for r in self.rows if r.verdict == FAILS]

    @property
    def groups(self) -> list[str]:
        """The groups there are, in their order."""
        present = {group_of(name) for name in (*(r.name for r in self.rows), *self.missing)}
        return [g for g in GROUPS if g in present]


def validate(
    draws: int = DRAWS,
    *,
    group: str | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Return every target with the model's interval and a verdict.

    Args:
        draws: draws from the posterior; each is simulated with luck of its own. With 0, and where no
            posterior is shipped: parameters at their recorded values, POINTS times with other luck.
        group: one group of GROUPS only.
        seed: study seed.
        workers: threads; they do not change the result.
        progress: called with (runs done, runs in all).

    Raises ValueError for an unknown group, or more draws than were made.
    """
    if group is not None and group not in GROUPS:
        raise ValueError(f"--group {group!r} must be one of: {', '.join(GROUPS)}")
    settings = settings_for(draws, seed)
    chosen = [e for e in all_experiments() if group is None or group in e.groups()]
    found = _run(chosen, settings, workers, progress)
    missing = {n: why for n, why in not_simulated().items() if group in (None, group_of(n))}
    rows = [_row(name, values) for name, values in found.items() if group in (None, group_of(name))]
    order = {name: i for i, name in enumerate((*to_validate(), *REQUIREMENTS))}
    rows.sort(key=lambda r: (list(GROUPS).index(r.group), order[r.name]))
    by_draws = settings[0].draw is not None
    return Validation(tuple(rows), missing, by_draws, len(settings), seed)


def settings_for(draws: int, seed: int) -> list[Setting]:
    """Return the settings to run: draws from the posterior, or the point values with other luck.

    A setting's seed depends on the study seed and its position only.
    """
    rows: list[Any] = list(drawn(draws)) if draws and has_posterior() else [None] * POINTS
    seeds = np.random.SeedSequence(seed).generate_state(len(rows))
    return [Setting(row, int(x)) for row, x in zip(rows, seeds, strict=True)]


def has_posterior() -> bool:
    """Return whether draws from the posterior are shipped."""
    return bool(posterior())


def _run(
    chosen: list[Experiment], settings: list[Setting], workers: int | None, progress: Progress | None
) -> dict[str, Floats]:
    """Return target -> values over all settings, in their order, by threads."""
    parameters()  # read once, before threads ask for it
    total = len(chosen) * len(settings)
    results: dict[tuple[int, int], Found] = {}
    with ThreadPoolExecutor(workers) as pool:
        waiting = {
            pool.submit(e.run, at): (i, j) for j, at in enumerate(settings) for i, e in enumerate(chosen)
        }
        try:
            for done, future in enumerate(as_completed(waiting), 1):
                results[waiting[future]] = future.result()
                if progress is not None:
                    progress(done, total)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
    return {
        name: np.concatenate([results[i, j][name] for j in range(len(settings))])
        for i, e in enumerate(chosen)
        for name in e.targets
    }


def _row(name: str, values: Floats) -> Row:
    if name in REQUIREMENTS:
        return Row(name, REQUIRED, "ratio", None, values)
    return Row(name, status_of(name), parameter(name).unit, figure(name), values)
