"""The command `trappe calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def calibrate(
    quick: Annotated[
        bool, typer.Option("--quick", help="Far fewer simulations: to see that it runs, not to use.")
    ] = False,
    draws: Annotated[int, typer.Option(min=10, max=10_000, help="Draws to keep.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of everything drawn.")] = 1,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads. (default: one per processor)")
    ] = None,
    out: Annotated[Path, typer.Option(help="Results folder.")] = Path("results/calibration"),
    checks: Annotated[
        bool, typer.Option("--checks/--no-checks", help="Rank check and recovery, a few minutes more.")
    ] = True,
    ship: Annotated[
        bool,
        typer.Option(
            "--ship",
            help="Also write the draws for --draws, and their medians and ranges into the records.",
        ),
    ] = False,
) -> None:
    """Fit what nobody measured to what was published, with the uncertainty of both."""
    import os

    from experiments.calibration.command import calibrated
    from experiments.calibration.report import print_calibration
    from experiments.progress import bar

    if quick and ship:
        raise ValueError("--quick is to see that it runs; to ship draws, leave --quick out")
    with bar("Calibration: simulations") as progress:
        result = calibrated(
            quick=quick, draws=draws, seed=seed, workers=workers or os.cpu_count() or 1, out=out,
            checks=checks, progress=progress,
        )  # fmt: skip
    print_calibration(result)
    typer.echo(f"Results: {out}", err=True)
    if ship:
        from experiments.calibration.table import ship as ship_draws

        changed = ship_draws(result.rows, result.about)
        typer.echo(f"Shipped: {len(result.rows)} draws; {len(changed)} evidence records.", err=True)
