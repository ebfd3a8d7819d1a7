"""The command `trappe staffing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commands import options

if TYPE_CHECKING:
    from pathlib import Path

    from experiments.staffing.study import Staffing
    from experiments.words import Language

QUICK = {"replicates": 100, "first": 100}


def staffing(
    scenario: options.ScenarioArgument,
    policy: Annotated[
        str | None,
        typer.Option(
            help="Whose dates, districts, reach and world hold. (default: the scenario's first)"
        ),
    ] = None,
    along: Annotated[
        str | None,
        typer.Option("--with", help="A policy whose practice, supply and leader every choice has too."),
    ] = None,
    fte: Annotated[
        str | None,
        typer.Option(help="Posts more in each district: 0,0.5,1. (default: to 15 cases per caseworker)"),
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option(help="Months between follow-ups: 6,3,1. (default: today's and shorter ones)"),
    ] = None,
    goal: Annotated[
        str | None,
        typer.Option(
            help="An outcome, >= or <=, and a number. (default: 75/25, share_family_like_end>=0.75)"
        ),
    ] = None,
    replicates: Annotated[
        int, typer.Option(min=20, max=1_000_000, help="Most histories per choice.")
    ] = 4000,
    workers: options.Workers = None,
    seed: options.Seed = 1,
    months: options.Months = None,
    out: options.Out = None,
    language: options.PictureLanguage = "en",
    quick: options.Quick = False,
    executor: options.Executor = "threads",
    engine: options.Engine = "kernel",
    json: options.Json = False,
) -> None:
    """Find how many caseworkers, and which follow-up interval, cost least or meet a goal."""
    from experiments.progress import bar
    from experiments.staffing.plan import plan
    from experiments.staffing.study import staffing as raced
    from experiments.words import check_language
    from simulation.horizon import with_months
    from simulation.reading import find_scenario

    named, said_in = options.known_engine(engine), check_language(language)
    found = find_scenario(scenario)
    planned = plan(
        found if months is None else with_months(found, months), policy, along=along,
        fte=numbers("--fte", fte), intervals=numbers("--interval", interval), goal=goal, seed=seed,
        engine=named, **(QUICK if quick else {"replicates": replicates}),
    )  # fmt: skip
    folder = out or planned.default_folder
    with bar(f"{found.label}: {len(planned.question.choices)} choices") as progress:
        result = raced(planned, folder / "runs", executor=executor, workers=workers, progress=progress)
    _write(folder, result, said_in)
    _show(result, json)
    typer.echo(f"Results: {folder}", err=True)


def numbers(name: str, text: str | None) -> list[float] | None:
    """Return the numbers of a list such as "0,0.5,1"; ValueError where one of them is none."""
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"{name} {text!r} must be numbers with commas between them: 0,0.5,1") from None


def _write(folder: Path, result: Staffing, language: Language) -> None:
    from experiments.files import write_files
    from experiments.plots import as_png
    from experiments.results import as_csv
    from experiments.staffing.plots import frontier
    from experiments.staffing.sentences import sentences, small_print

    write_files(
        folder,
        {
            "staffing.csv": as_csv(result.rows()),
            "looks.csv": as_csv(result.look_rows()),
            "summary.txt": "\n".join([*sentences(result), small_print(result)]) + "\n",
            "staffing.png": as_png(frontier(result, language)),
        },
    )


def _show(result: Staffing, json: bool) -> None:
    from experiments.staffing.tables import as_json, print_staffing

    if json:
        typer.echo(as_json(result))
    else:
        print_staffing(result)
