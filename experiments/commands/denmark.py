"""The command `trappe denmark`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commands.options import Executor, Json, Out, Policy, Seed, Workers
from experiments.executors import THREADS

if TYPE_CHECKING:
    from experiments.country.rows import Result
    from experiments.country.run import Plan


def denmark(
    scenario: Annotated[
        str, typer.Argument(help="The average municipality: denmark, denmark_2014 or denmark_2023.")
    ] = "denmark",
    policy: Policy = None,
    municipality: Annotated[
        list[str] | None,
        typer.Option(help="A municipality to show beside comparable ones (may be repeated)."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Run this one only (may be repeated). (default: all 98)")
    ] = None,
    replicates: Annotated[int, typer.Option(min=2, max=100_000, help="Histories.")] = 100,
    years: Annotated[int, typer.Option(min=1, max=50, help="Length, years.")] = 10,
    draws: Annotated[
        int, typer.Option(min=0, help="Draws of the parameters to spread histories over. (0: none)")
    ] = 20,
    caseload_spread: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Spread of caseloads between municipalities, log units; 0: all alike. (default: 0.3)",
        ),
    ] = None,
    seed: Seed = 1,
    workers: Workers = None,
    executor: Executor = THREADS,
    language: Annotated[str, typer.Option(help="da (Danish) or en (English).")] = "da",
    out: Out = None,
    json: Json = False,
) -> None:
    """Run all 98 municipalities: the sum, who gains, small numbers, and who can be told apart.

    The same command goes on where it was stopped, and with more histories from fewer.
    """
    from dataclasses import replace

    from experiments.country.balance import in_balance
    from experiments.country.facts import places_of
    from experiments.country.output import files
    from experiments.country.rows import Result
    from experiments.country.run import run
    from experiments.executors import check_executor
    from experiments.files import write_files
    from experiments.progress import bar
    from experiments.words import check_language

    said_in = check_language(language)
    check_executor(executor)
    plan = _plan(scenario, policy, only, replicates, years, draws, seed, caseload_spread)
    shown = places_of(municipality) if municipality else ()
    if strangers := [i for i in shown if i not in plan.towns]:
        raise ValueError(
            f"--municipality names {len(strangers)} that --only leaves out; name them there too"
        )
    with bar(f"{plan.policy}: {len(plan.towns)} municipalities, {replicates} histories") as progress:
        plan = replace(plan, average=in_balance(plan.average))
        folder = out or _folder(plan)
        result = Result(run(plan, workers, progress, executor=executor, folder=folder))
    write_files(folder, {**files(result), **_figures(result, shown, language)})
    if json:
        from experiments.country.schema import as_json

        typer.echo(as_json(result))
    else:
        from experiments.country.tables import print_country

        print_country(result, said_in, [plan.towns.index(i) for i in shown])
    typer.echo(f"Results: {folder}", err=True)


def _plan(
    scenario: str, policy: str | None, only: list[str] | None, replicates: int, years: int, draws: int,
    seed: int, caseload_spread: float | None,
) -> Plan:  # fmt: skip
    from experiments.country.facts import is_municipality, places_of
    from experiments.country.run import Plan
    from experiments.country.unknown import level_of
    from experiments.country.work import check
    from simulation.horizon import with_months
    from simulation.reading import find_scenario, shipped_scenarios

    if (named := is_municipality(scenario)) and scenario not in shipped_scenarios():
        raise ValueError(
            f"{named} is a municipality, not an average one of some year; show it by --municipality "
            f"{named}, run it alone by --only {named}"
        )
    average = with_months(find_scenario(scenario), 12 * years)
    level_of(average)
    chosen = policy or next(iter(average.policies), "")
    average.policy(chosen)
    plan = Plan(average, chosen, replicates, seed, draws, places_of(only), caseload_spread)
    check(plan)
    return plan


def _folder(plan: Plan) -> Path:
    from experiments.country.store import digest

    return Path("results") / f"{plan.average.name}-country-{digest(plan)[:8]}"


def _figures(result: Result, shown: tuple[int, ...], language: str) -> dict[str, bytes | str]:
    from experiments.country.figures import benchmark, by_size, ranking
    from experiments.pictures.look import as_png
    from experiments.words import check_language

    said_in = check_language(language)
    towns = result.country.plan.towns
    found: dict[str, bytes | str] = {
        "ranking.png": as_png(ranking(result, said_in)),
        "by_size.png": as_png(by_size(result, said_in)),
    }
    if not shown:
        return found | {"benchmark.png": as_png(benchmark(result, None, said_in))}
    for i in shown:
        code = result.country.plan.municipalities[towns.index(i)].code
        found[f"benchmark_{code}.png"] = as_png(benchmark(result, towns.index(i), said_in))
    return found
