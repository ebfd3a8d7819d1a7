"""Study of how many histories are enough: one policy, its baseline, many histories, several outcomes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.executors import THREADS
from experiments.how_many.precision import (
    Pairing,
    Running,
    effective,
    enough,
    needed,
    pairing,
    running,
)
from experiments.results import SAVINGS
from experiments.runner import BASELINE, BLOCK
from experiments.sweep.design import Design, Row
from experiments.sweep.outcomes import KEPT, LEVELS
from experiments.sweep.run import Sweep
from experiments.sweep.work import Chunk
from simulation.accounts import Floats
from simulation.replicates import Engine
from simulation.scenario import Scenario
from simulation.tables import Ints

REPLICATES, PRECISION = 10_000, 0.01
OUTCOMES = ("net_saving", "care_months_saved", "residential_months_saved")
MARKS = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Numbers of histories that the table has a line for."""

_BLOCK = 100


@dataclass(frozen=True)
class Settled:
    """How one outcome settles: its histories, its running mean, and from how many on it is enough.

    `values` [history]; `tolerance` is the half-width that was asked for, in the outcome's unit, and
    `of` says of what it is a share. `enough` is None where more histories than these are needed, `needed`
    what 1/sqrt(n) predicts: histories, or draws where there are any. `left_out` histories have no such
    outcome.
    """

    outcome: str
    values: Floats
    draw_of: Ints | None
    running: Running
    tolerance: float
    of: str
    enough: int | None
    needed: float
    effective: float | None
    pairing: Pairing | None
    left_out: int


@dataclass(frozen=True)
class Settling:
    """How the outcomes of a policy settle."""

    scenario: Scenario
    policy: str
    precision: float
    seed: int
    draws: int
    outcomes: tuple[Settled, ...]


def how_many(
    scenario: Scenario,
    policy: str | None = None,
    outcomes: Sequence[str] = OUTCOMES,
    *,
    precision: float = PRECISION,
    within: float | None = None,
    replicates: int = REPLICATES,
    draws: int = 0,
    seed: int = 1,
    engine: Engine = "kernel",
    executor: str = THREADS,
    workers: int | None = None,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Settling:
    """Return how the means of outcomes of one policy settle with the number of histories.

    Args:
        scenario: the municipality.
        policy: None: its first.
        outcomes: names of `sweep.outcomes.KEPT`.
        precision: half-width (90 % confidence) that is wanted: for kroner as a share of the baseline's
            placement budget, as in `trappe compare --precision`; for others of the baseline's own level.
        within: the half-width in the outcome's own unit instead; DKK or months over the whole time.
        replicates: histories, 20 or more; so many may be found enough at most.
        draws: how many draws of the parameters they are spread over, in blocks of 10; 0: none.
        seed: study seed.
        engine: "kernel" or "agents".
        executor: where it runs (`experiments.executors`).
        workers: how many work side by side; the bytes depend on neither.
        folder: where chunks of results are kept and found again; None: nowhere.
        progress: called with (chunks done, chunks in all).

    Raises:
        KeyError, ValueError: no such policy or outcome, or a number out of its range.
    """
    name = chosen(scenario, policy)
    _check(outcomes, precision, within, replicates)
    rows = _rows(scenario, name, draws)
    design = Design({scenario.name: scenario}, rows, replicates, seed, engine, rows_per_chunk=2,
                    block=BLOCK if draws else _BLOCK)  # fmt: skip
    sweep = Sweep(design, folder, executor=executor, workers=workers, progress=progress)
    arms = _arms(sweep, replicates, draws)
    if sweep.errors:
        raise ValueError(f"{scenario.label} could not be run: {next(iter(sweep.errors.values()))}")
    draw_of = np.arange(replicates) // BLOCK % draws if draws else None
    found = tuple(_settled(o, arms, draw_of, precision, within, scenario, seed) for o in outcomes)
    return Settling(scenario, name, precision, seed, draws, found)


def chosen(scenario: Scenario, policy: str | None) -> str:
    """Return the policy that is meant: the one named, or the first; ValueError where there is none."""
    if policy is None and not scenario.policies:
        raise ValueError(f"{scenario.label} has no policy, so there is nothing to compare with today")
    name = next(iter(scenario.policies)) if policy is None else policy
    scenario.policy(name)
    return name


def default_folder(scenario: Scenario, asked: Sequence[object]) -> Path:
    """Return the folder a study gets by default: its own, whatever else was run before."""
    text = scenario.model_dump_json() + repr(tuple(asked))
    return Path("results") / f"replicates-{scenario.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _check(outcomes: Sequence[str], precision: float, within: float | None, replicates: int) -> None:
    for outcome in outcomes:
        if outcome not in KEPT:
            raise ValueError(f"outcome = {outcome!r} must be one of: {', '.join(KEPT)}")
    if not precision > 0.0:
        raise ValueError(f"precision = {precision} must be more than 0, such as 0.01")
    if within is not None and not within > 0.0:
        raise ValueError(f"within = {within} must be more than 0")
    if within is not None and len(outcomes) != 1:
        raise ValueError(f"within = {within:g} is in the unit of an outcome: name exactly one outcome")
    if replicates < 2 * BLOCK:
        raise ValueError(f"replicates = {replicates} must be at least {2 * BLOCK}")


def _rows(scenario: Scenario, policy: str, draws: int) -> tuple[Row, ...]:
    """Return the baseline and the policy, at every draw where there are any."""
    at: Sequence[int | None] = range(draws) if draws else (None,)
    return tuple(Row(scenario.name, arm, draw=d) for d in at for arm in (BASELINE, policy))


def _arms(sweep: Sweep, replicates: int, draws: int) -> dict[str, dict[str, Floats]]:
    """Return [history] of every outcome of the baseline and the policy, by arm and outcome.

    With draws, histories are made at each draw in turn, as `experiments.runner` does.
    """
    b = sweep.design.block
    pairs = [(k % draws if draws else 0, k) for k in range(-(-replicates // b))]
    chunks = [Chunk(range(2 * d, 2 * d + 2), range(k * b, (k + 1) * b)) for d, k in pairs]
    sweep.run(chunks)
    names = tuple(KEPT)
    values = np.concatenate([sweep.values(names, c.rows, c.replicates) for c in chunks], axis=1)
    values = values[:, :replicates]
    return {
        arm: {name: values[i, :, j] for j, name in enumerate(names)}
        for i, arm in enumerate((BASELINE, "policy"))
    }


def _settled(
    outcome: str,
    arms: dict[str, dict[str, Floats]],
    draw_of: Ints | None,
    precision: float,
    within: float | None,
    scenario: Scenario,
    seed: int,
) -> Settled:
    whole = arms["policy"][outcome]
    known = ~np.isnan(whole)
    if known.sum() < 2 * BLOCK:
        raise ValueError(
            f"{outcome} is defined in {known.sum()} of {len(whole)} histories only; too few to say more"
        )
    values, draw = whole[known], None if draw_of is None else draw_of[known]
    share, of = _scale(outcome, arms, values)
    tolerance = precision * share if within is None else within
    r = running(values, draw, BLOCK if draw is not None else 1)
    return Settled(
        outcome=outcome,
        values=values,
        draw_of=draw,
        running=r,
        tolerance=tolerance,
        of=scenario.in_words(of) if within is None else "",
        enough=enough(r, tolerance),
        needed=needed(values, tolerance, draw),
        effective=None if draw is None else effective(values, draw),
        pairing=_pairing(outcome, arms, seed),
        left_out=int((~known).sum()),
    )


def level_of(outcome: str) -> str | None:
    """Return the outcome of one arm that an outcome compares, or is; None where there is none."""
    level = "net_cost" if outcome == "net_saving" else outcome.removesuffix("_saved")
    return level if level in LEVELS or level.endswith("_end") else None


def _scale(outcome: str, arms: dict[str, dict[str, Floats]], values: Floats) -> tuple[float, str]:
    """Return of what a precision is a share, over the whole time, and its name."""
    if KEPT[outcome].unit == "DKK" or outcome in SAVINGS:
        return float(arms[BASELINE]["placement_cost"].mean()), "placement budget"
    level = level_of(outcome)
    if level is None:
        return abs(float(values.mean())), "mean"
    return float(np.nanmean(arms[BASELINE][level])), f"{KEPT[level].label.lower()} as today"


def _pairing(outcome: str, arms: dict[str, dict[str, Floats]], seed: int) -> Pairing | None:
    level = level_of(outcome)
    if level is None:
        return None
    one, other = arms[BASELINE][level], arms["policy"][level]
    known = ~np.isnan(one) & ~np.isnan(other)
    return pairing(one[known], other[known], seed) if known.sum() > BLOCK else None
