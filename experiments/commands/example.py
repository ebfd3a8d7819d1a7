"""The command `trappe example`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def example(
    folder: Annotated[Path, typer.Argument(help="The folder to write the case list to.")],
    scenario: Annotated[
        str, typer.Option(help="Whose cases: a shipped scenario, or the path of a TOML file.")
    ] = "denmark",
    years: Annotated[int, typer.Option(min=1, max=50, help="How many years the list reaches back.")] = 5,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the history.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Replace the files where they exist.")] = False,
) -> None:  # fmt: skip
    """Write a made-up case list, of simulated children, to try `trappe import` with."""
    from experiments.caselist.made_up import made_up
    from experiments.files import write_files
    from simulation.reading import find_scenario

    files = made_up(find_scenario(scenario), years, seed)
    found = [str(folder / name) for name in files if (folder / name).exists()]
    if found and not force:
        raise ValueError(f"{found[0]} exists; choose another folder, or replace with --force")
    write_files(folder, files)
    for name, text in files.items():
        typer.echo(f"{text.count(chr(10)) - 1:8d}  rows in {folder / name}")
    typer.echo(f"Then: trappe import {folder} --out {folder.name}.toml", err=True)
