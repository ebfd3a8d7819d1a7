"""The command `trappe settle`."""

from __future__ import annotations

from typing import Annotated

import typer


def settle(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario, or the path of a TOML file.")],
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the histories.")] = 1,
    months: Annotated[
        int, typer.Option(min=60, max=1200, help="Counts hold on average over month 13 to this one.")
    ] = 60,
) -> None:
    """Find the flows that hold today's counts: inflow, share placed, types of entry. Lines to paste."""
    from experiments.progress import bar
    from experiments.settle import settle as settled
    from experiments.tables_settle import as_toml, why_not
    from simulation.reading import find_scenario

    found = find_scenario(scenario)
    with bar(f"{found.label}: flows that hold today's counts") as progress:
        result = settled(found, seed, progress, months)
    typer.echo(as_toml(result), nl=False)
    if problem := why_not(result):
        typer.echo(f"trappe: {problem}", err=True)
        raise typer.Exit(1)
