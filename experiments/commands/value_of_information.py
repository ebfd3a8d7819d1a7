"""The command `trappe value-of-information`."""

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
    Quick,
    ScenarioArgument,
    Seed,
    Workers,
    known_engine,
)
from experiments.executors import THREADS

QUICK_SAMPLES, QUICK_REPLICATES = 60, 4


def value_of_information(
    scenario: ScenarioArgument,
    policy: Annotated[
        list[str] | None,
        typer.Option(help="May be chosen (may be repeated). (default: all that are no bad world)"),
    ] = None,
    outcome: Annotated[
        str, typer.Option(help="What is decided by: net_saving, net_saving_society, ..._saved.")
    ] = "net_saving",
    value_of_care_month: Annotated[
        float, typer.Option(min=0.0, help="DKK that a month in care saved is worth beside.")
    ] = 0.0,
    group: Annotated[str, typer.Option(help="Valued together: by cause, grade or section.")] = "cause",
    samples: Annotated[int, typer.Option(min=20, max=100_000, help="Possible worlds.")] = 1000,
    replicates: Annotated[
        int, typer.Option(min=2, max=1_000_000, help="Histories of each decision in each world.")
    ] = 20,
    months: Months = None,
    seed: Seed = 1,
    workers: Workers = None,
    engine: Engine = "kernel",
    executor: Executor = THREADS,
    quick: Quick = False,
    out: Out = None,
    language: PictureLanguage = "en",
    json: Json = False,
) -> None:
    """Say which unknown is worth measuring before deciding, in kroner."""
    from experiments.files import write_files
    from experiments.plots import as_png
    from experiments.progress import bar
    from experiments.value_of_information.benefits import Luck, choices
    from experiments.value_of_information.plots import information
    from experiments.value_of_information.study import Question, answered
    from experiments.value_of_information.tables import as_json, files, print_information
    from experiments.words import check_language
    from simulation.horizon import with_months
    from simulation.reading import find_scenario

    named, said_in = known_engine(engine), check_language(language)
    found = find_scenario(scenario)
    found = found if months is None else with_months(found, months)
    if quick:
        samples, replicates = min(samples, QUICK_SAMPLES), min(replicates, QUICK_REPLICATES)
    asked = Question(found, choices(found, policy), outcome, value_of_care_month,
                     group, samples, replicates, seed)  # type: ignore[arg-type]  # fmt: skip
    folder = out or asked.folder
    with bar(f"{found.label}: {samples} possible worlds, {len(asked.policies)} policies") as progress:
        luck = Luck(seed, named, executor, workers, folder / "runs", progress)
        result = answered(asked, luck)
    write_files(folder, {**files(result), "information.png": as_png(information(result, said_in))})
    if json:
        typer.echo(as_json(result))
    else:
        print_information(result)
    typer.echo(f"Results: {folder}", err=True)
