"""The command `trappe sensitivity`."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.commands.options import (
    Engine,
    Executor,
    Json,
    Months,
    Out,
    Outcome,
    PictureLanguage,
    Policy,
    Quick,
    ScenarioArgument,
    Seed,
    Workers,
)


def sensitivity(
    scenario: ScenarioArgument,
    method: Annotated[
        str,
        typer.Option(
            help="tornado (one number at a time), morris (screening) or sobol (shares of variance)."
        ),
    ] = "tornado",
    policy: Policy = None,
    outcome: Outcome = None,
    group: Annotated[
        str | None,
        typer.Option(help="Move numbers together by cause, grade or section (morris, sobol)."),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            help="Only these: names or beginnings of names, with commas or repeated. (default: all)"
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(min=1, help="Only so many numbers: those with the longest bars in a tornado."),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            min=2, max=1_000_000,
            help="Histories per row. (default: 1000 for a tornado, 100 for morris, 32 for sobol)",
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=2, max=1_048_576,
            help="Trajectories of morris (20), base points of sobol (a power of two: 256).",
        ),
    ] = None,
    months: Months = None,
    seed: Seed = 1,
    workers: Workers = None,
    executor: Executor = "threads",
    engine: Engine = "kernel",
    quick: Quick = False,
    out: Out = None,
    language: PictureLanguage = "en",
    json: Json = False,
) -> None:  # fmt: skip
    """Rank the numbers nobody knows exactly by what they do to an outcome: one chart of what matters."""
    from experiments.files import write_files
    from experiments.plots import as_png
    from experiments.progress import bar
    from experiments.sensitivity.figures import figure
    from experiments.sensitivity.question import question
    from experiments.sensitivity.rows import as_json, files
    from experiments.sensitivity.runs import Setup
    from experiments.sensitivity.study import study, widest
    from experiments.words import check_language
    from simulation.horizon import with_months
    from simulation.reading import find_scenario

    said_in = check_language(language)
    found = find_scenario(scenario)
    asked = question(
        found if months is None else with_months(found, months), method, policy, outcome, parameters,
        group, samples, replicates, seed, engine, quick, top,
    )  # fmt: skip
    folder = out or asked.default_folder()
    if top is not None:
        with bar(f"{found.label}: a tornado to choose {top} numbers") as progress:
            asked = widest(asked, Setup(folder / "choice", executor, workers, progress))
    with bar(f"{found.label}: {asked.method}") as progress:
        setup = Setup(folder / "runs", executor, workers, progress, _said)
        result = study(asked, setup)
    write_files(folder, files(result))
    write_files(folder, {"sensitivity.png": as_png(figure(result, said_in))})
    if json:
        typer.echo(as_json(result))
        return
    from experiments.sensitivity.tables import print_sensitivity

    print_sensitivity(result)
    typer.echo(f"Results: {folder}", err=True)


def _said(text: str) -> None:
    """Say something above a progress bar."""
    import sys

    from tqdm import tqdm

    tqdm.write(text, file=sys.stderr)
