"""What a calibration found, as tables for people."""

from __future__ import annotations

import numpy as np
from rich.markup import escape
from rich.table import Table

from experiments.calibration.checks import (
    CONTRACTED,
    DRAWS,
    ERROR_RATE,
    LOST,
    Predicted,
    Ranks,
    contraction,
    shift,
)
from experiments.calibration.command import Calibration, parameter_rows
from experiments.calibration.fit import Fit
from experiments.calibration.free import free_parameters
from experiments.tables import console_for_people
from simulation.parameters import parameter


def print_calibration(result: Calibration) -> None:
    """Print targets, parameters and checks."""
    console = console_for_people()
    console.print(targets_table(result.predicted))
    inside = sum(p.inside for p in result.predicted)
    console.print(
        f"{inside} of {len(result.predicted)} published figures lie in the central 90 % of what the "
        "fitted model gives, with their own error. These were fitted; what was held out: trappe validate."
    )
    console.print(parameters_table(result))
    console.print(
        f"'learnt' is the posterior's spread over the prior's: near 1, the figures say nothing about it "
        f"(so for {_unlearnt(result)} of {len(parameter_rows(result))})."
    )
    console.print(shift_sentence(result.fit))
    if result.ranks is not None:
        console.print(rank_sentence(result.ranks))


def targets_table(predicted: list[Predicted]) -> Table:
    """Return targets with the published figure and the model's central 90 %."""
    table = Table(title="Published and fitted", title_justify="left", box=None, pad_edge=False)
    for head, side in (("Target", "left"), ("Published", "right"), ("Model", "right"), ("", "left")):
        table.add_column(head, justify=side)  # type: ignore[arg-type]
    for p in predicted:
        low, value, high = p.published
        table.add_row(
            escape(parameter(p.target).meaning),
            f"{value:.3g} ({low:.3g} to {high:.3g})",
            f"{p.middle:.3g} ({p.low:.3g} to {p.high:.3g})",
            "inside" if p.inside else "OUTSIDE",
        )
    return table


def parameters_table(result: Calibration) -> Table:
    """Return free parameters with prior and posterior, medians and central 90 %."""
    table = Table(title="Parameters", title_justify="left", box=None, pad_edge=False)
    for head, side in (
        ("Parameter", "left"),
        ("Before", "right"),
        ("After", "right"),
        ("Learnt", "right"),
    ):
        table.add_column(head, justify=side)  # type: ignore[arg-type]
    for row in parameter_rows(result):
        before, after = (
            f"{row[f'{k}_50']:.3g} ({row[f'{k}_5']:.3g} to {row[f'{k}_95']:.3g})"
            for k in ("prior", "posterior")
        )
        table.add_row(escape(str(row["parameter"])), before, after, f"{row['sd_over_prior_sd']:.2f}")
    return table


def shift_sentence(fit: Fit) -> str:
    """Return in words how far the posterior lies from the simulations it was made from, at most."""
    found = shift(fit)
    worst = int(np.abs(found).argmax())
    said = (
        f"The posterior's means lie at most {abs(found[worst]):.1f} sd from the middle of the last "
        f"wave's simulations ({free_parameters()[worst].name})"
    )
    if abs(found[worst]) > LOST:
        return (
            f"WARNING: {said}. Above {LOST:g} the fit is lost, or has not settled: it rests on an "
            "emulator used where nothing was simulated. Do not use it; give it more waves or simulations."
        )
    return f"{said}: it was looked for where it is. A fit that got lost shows 3 and more."


def rank_sentence(ranks: Ranks) -> str:
    """Return in words what the rank check says."""
    verdict = (
        "no parameter is rejected"
        if ranks.passed
        else "REJECTED: "
        + ", ".join(name for name, bad in zip(ranks.names, ranks.rejected, strict=True) if bad)
    )
    half, most = (100 * x.mean() for x in (ranks.covered_50, ranks.covered_90))
    return (
        f"Rank check (simulation-based calibration, {DRAWS} draws a trial, error rate {ERROR_RATE:g} "
        f"over all parameters): {verdict}. Recovery: intervals of 50 % hold the truth in {half:.0f} of "
        f"100, of 90 % in {most:.0f} of 100; mean bias {ranks.bias.mean():+.2f} posterior sd."
    )


def _unlearnt(result: Calibration) -> int:
    return int((contraction(result.fit) > CONTRACTED).sum())
