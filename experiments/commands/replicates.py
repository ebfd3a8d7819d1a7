"""The command `trappe replicates`."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.commands.options import (
    Engine,
    Executor,
    Json,
    Months,
    Out,
    PictureLanguage,
    Policy,
    Quick,
    ScenarioArgument,
    Seed,
    Workers,
    known_engine,
)
from experiments.executors import THREADS

QUICK = 500


def replicates(
    scenario: ScenarioArgument,
    policy: Policy = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            help="An outcome (may be repeated). "
            "(default: net_saving, care_months_saved, residential_months_saved)"
        ),
    ] = None,
    precision: Annotated[
        float,
        typer.Option(
            min=1e-5, max=1.0,
            help="Wanted half-width of the mean: as a share of the placement budget, for months and "
            "counts of their level as today.",
        ),
    ] = 0.01,
    within: Annotated[
        float | None, typer.Option(help="Wanted half-width in the unit of the one outcome named.")
    ] = None,
    replicates: Annotated[
        int, typer.Option(min=20, max=1_000_000, help="Histories to look at.")
    ] = 10_000,
    draws: Annotated[
        int, typer.Option(min=0, help="Draws of the parameters to spread histories over. (0: none)")
    ] = 0,
    months: Months = None,
    seed: Seed = 1,
    workers: Workers = None,
    engine: Engine = "kernel",
    executor: Executor = THREADS,
    quick: Quick = False,
    out: Out = None,
    language: PictureLanguage = "en",
    json: Json = False,
) -> None:  # fmt: skip
    """Show how many replicates (histories) are enough."""
    from experiments.files import write_files
    from experiments.how_many.plots import settling
    from experiments.how_many.study import OUTCOMES, chosen, default_folder, how_many
    from experiments.how_many.tables import as_json, files, print_settling
    from experiments.plots import as_png
    from experiments.progress import bar
    from experiments.words import check_language
    from simulation.horizon import with_months
    from simulation.reading import find_scenario

    named, said_in = known_engine(engine), check_language(language)
    found = find_scenario(scenario)
    found = found if months is None else with_months(found, months)
    name, outcomes = chosen(found, policy), tuple(dict.fromkeys(outcome or OUTCOMES))
    n = min(replicates, QUICK) if quick else replicates
    folder = out or default_folder(found, (name, outcomes, precision, within, draws, seed))
    with bar(f"{found.label}: {n} histories") as progress:
        result = how_many(
            found, name, outcomes, precision=precision, within=within, replicates=n, draws=draws,
            seed=seed, engine=named,
            executor=executor, workers=workers, folder=folder / "runs", progress=progress,
        )  # fmt: skip
    write_files(folder, {**files(result), "replicates.png": as_png(settling(result, said_in))})
    if json:
        typer.echo(as_json(result))
    else:
        print_settling(result)
    typer.echo(f"Results: {folder}", err=True)
