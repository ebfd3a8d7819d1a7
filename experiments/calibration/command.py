"""A calibration from beginning to end: fit, checks, files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.calibration import fit as fitting
from experiments.calibration import table
from experiments.calibration.checks import (
    Predicted,
    Ranks,
    contraction,
    predictive,
    rank_check,
    shift,
)
from experiments.calibration.fit import Fit, Progress
from experiments.calibration.free import free_parameters
from experiments.calibration.runs import published_error, shipped_worlds
from experiments.inference import Floats
from experiments.results import as_csv

PREDICTIVE = 300
"""Simulations at posterior draws for the check of each target."""

QUICK_WAVES = (400, 300, 300)
QUICK_PREDICTIVE = 40
QUICK_TRIALS = 20


@dataclass(frozen=True)
class Calibration:
    """A fit with its checks; `rows` are the draws as evidence records."""

    fit: Fit
    rows: list[dict[str, float]]
    predicted: list[Predicted]
    ranks: Ranks | None
    about: list[str]


def calibrated(
    *, quick: bool, draws: int, seed: int, workers: int, out: Path, checks: bool,
    progress: Progress | None = None,
) -> Calibration:  # fmt: skip
    """Return a calibration and write its files to `out`: draws, parameters, targets, ranks.

    `progress` is called with (simulations done, simulations in all).
    """
    out.mkdir(parents=True, exist_ok=True)
    waves = QUICK_WAVES if quick else fitting.WAVES
    more = QUICK_PREDICTIVE if quick else PREDICTIVE
    total = sum(waves) + more
    tick = None if progress is None else (lambda done, _: progress(done, total))
    fit = fitting.fit(
        shipped_worlds(), waves=waves, draws=draws, workers=workers, seed=seed, progress=tick
    )
    predicted = _predicted(fit, more, workers, seed, sum(waves), tick)
    ranks = rank_check(fit, QUICK_TRIALS if quick else 200, seed) if checks else None
    about = [
        "Draws from the posterior of the calibrated parameters (trappe calibrate --ship).",
        f"{sum(waves)} runs in {len(waves)} waves, seed {seed}. One row is one draw, in random order.",
        "Columns are evidence records (trappe parameters NAME). municipality.readiness_sd is how far",
        "municipalities lie apart in residential readiness, herning.readiness where Herning lies.",
    ]
    result = Calibration(fit, table.rows(fit), predicted, ranks, about)
    _write(result, out)
    return result


def _predicted(
    fit: Fit, n: int, workers: int, seed: int, first: int, progress: Progress | None
) -> list[Predicted]:
    rng = np.random.default_rng([seed, 3])
    z = fit.draws[rng.permutation(len(fit.draws))[:n]]
    done = first

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, first + n)

    found, error = fitting.simulated(z, fit.last.worlds, first, workers, tick)
    noise: Floats = np.array([published_error(rng, e) for e in error])
    return predictive(found, found + noise)


def _write(result: Calibration, out: Path) -> None:
    files = {
        "posterior.csv": table.as_csv(result.rows, result.about),
        "parameters.csv": as_csv(parameter_rows(result)),
        "targets.csv": as_csv([{**vars(p), "inside": p.inside} for p in result.predicted]),
    }
    for name, text in files.items():
        aside = out / f".{name}.tmp"
        aside.write_text(text, encoding="utf-8")
        aside.replace(out / name)


def parameter_rows(result: Calibration) -> list[dict[str, object]]:
    """Return one row per free parameter: prior, posterior, how much was learnt, shift, rank check."""
    thetas = [result.fit.theta(i) for i in range(len(result.fit.draws))]
    learnt, shifted = contraction(result.fit), shift(result.fit)
    rows: list[dict[str, object]] = []
    for j, free in enumerate(free_parameters()):
        values = np.array([t[free.name] for t in thetas])
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        row: dict[str, object] = {
            "parameter": free.name,
            **{f"prior_{q}": fitting.quantile(free, q / 100) for q in (5, 50, 95)},
            "posterior_5": low, "posterior_50": middle, "posterior_95": high,
            "sd_over_prior_sd": learnt[j], "shift_in_sd": shifted[j],
        }  # fmt: skip
        if result.ranks is not None:
            r = result.ranks
            row |= {"rank_p": r.p[j], "covered_50": r.covered_50[j], "covered_90": r.covered_90[j],
                    "bias_in_sd": r.bias[j]}  # fmt: skip
        rows.append(row)
    return rows
