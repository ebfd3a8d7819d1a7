"""The command `trappe denmark`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commands.options import Json, Out, Policy, Seed, Workers

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
    language: Annotated[str, typer.Option(help="da (Danish) or en (English).")] = "da",
    out: Out = None,
    json: Json = False,
) -> None:
    """Run all 98 municipalities: the sum, who gains, small numbers, and who can be told apart."""
    from experiments.country.facts import places_of
    from experiments.country.output import as_json, files
    from experiments.country.rows import Result
    from experiments.country.run import run
    from experiments.files import write_files
    from experiments.progress import bar
    from experiments.words import check_language

    said_in = check_language(language)
    plan = _plan(scenario, policy, only, replicates, years, draws, seed, caseload_spread)
    shown = places_of(municipality) if municipality else ()
    if strangers := [i for i in shown if i not in plan.towns]:
        raise ValueError(
            f"--municipality names {len(strangers)} that --only leaves out; name them there too"
        )
    with bar(f"{plan.policy}: {len(plan.towns)} municipalities, {replicates} histories") as progress:
        result = Result(run(plan, workers, progress))
    folder = out or _folder(result)
    write_files(folder, {**files(result), **_figures(result, shown, language)})
    if json:
        typer.echo(as_json(result))
        return
    from experiments.country.tables import print_country

    print_country(result, said_in)
    typer.echo(f"Results: {folder}", err=True)


def _plan(
    scenario: str, policy: str | None, only: list[str] | None, replicates: int, years: int, draws: int,
    seed: int, caseload_spread: float | None,
) -> Plan:  # fmt: skip
    from experiments.country.facts import places_of
    from experiments.country.run import Plan
    from experiments.country.unknown import level_of
    from simulation.horizon import with_months
    from simulation.reading import find_scenario

    average = with_months(find_scenario(scenario), 12 * years)
    level_of(average)
    chosen = policy or next(iter(average.policies), "")
    average.policy(chosen)
    return Plan(average, chosen, replicates, seed, draws, places_of(only), caseload_spread)


def _folder(result: Result) -> Path:
    import hashlib
    import json

    from experiments.country.output import identity

    told = json.dumps(identity(result), sort_keys=True)
    name = result.country.plan.average.name
    return Path("results") / f"{name}-country-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _figures(result: Result, shown: tuple[int, ...], language: str) -> dict[str, bytes | str]:
    from experiments.country.figures import benchmark, by_size, ranking
    from experiments.plots import as_png
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
