"""The command `trappe attribute`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.options import PictureLanguage


def attribute(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario, or the path of a TOML file.")],
    policy: Annotated[
        str | None,
        typer.Option(help="The policy. (default: the first that changes two causes or more)"),
    ] = None,
    replicates: Annotated[
        int, typer.Option(min=2, max=1_000_000, help="Histories per combination of causes.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Study seed.")] = 1,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads. (default: one per processor)")
    ] = None,
    draws: Annotated[
        int, typer.Option(min=0, help="Draws of the parameters to spread histories over. (0: none)")
    ] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Results folder. (default: results/<scenario>-<study>)")
    ] = None,
    language: PictureLanguage = "en",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Share out a policy's effect among its causes: capacity, reviews, practice, supply."""
    from experiments import attribution
    from experiments.combinations import question
    from experiments.plots import as_png
    from experiments.plots_attribution import attribution as picture
    from experiments.progress import bar
    from experiments.store import Store
    from experiments.words import check_language
    from simulation.reading import find_scenario

    said_in = check_language(language)
    found = find_scenario(scenario)
    asked = question(found, policy)
    folder = out or attribution.default_folder(asked, seed, draws)
    with bar(f"{found.label}: {replicates} histories per combination of causes") as progress:
        result = attribution.attribute(
            found, asked.policy, replicates=replicates, seed=seed, workers=workers, draws=draws,
            out=folder, progress=progress,
        )  # fmt: skip
    Store(folder, result.study.plan).write_bytes("attribution.png", as_png(picture(result, said_in)))
    if json:
        from experiments.schema_attribution import as_json

        typer.echo(as_json(result))
        return
    from experiments.tables_attribution import print_attribution

    print_attribution(result)
    typer.echo(f"Results: {folder}", err=True)
