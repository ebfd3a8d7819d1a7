"""The command `trappe import`."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

WIDTH = 118
"""Columns of a page; tables are never wider."""


def import_(
    folder: Annotated[
        Path, typer.Argument(help="A folder with spells.csv or spells.xlsx, or with English returns.")
    ],
    out: Annotated[Path, typer.Option(help="The scenario file to write; its tables go beside it.")],
    names: Annotated[
        Path | None, typer.Option(help="A TOML file with your own names of columns and stairs.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="Day of the export, 2026-01-31; nothing is known from then on. "
            "(default: the day after the last date in the list)"
        ),
    ] = None,
    last_day: Annotated[
        bool,
        typer.Option("--last-day", help="End dates are the last day of a stay, not the day after it."),
    ] = False,
    settle: Annotated[
        bool, typer.Option(help="Find the inflow that holds the counts, which takes some seconds.")
    ] = True,
    internal: Annotated[
        bool, typer.Option("--internal", help="Show counts under 5 too: for use inside the house only.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the files where they exist.")] = False,
) -> None:  # fmt: skip
    """Read a municipality's own case list: its quality, and a scenario that starts from its children."""
    from experiments.caselist.importing import Asked, imported

    asked = Asked(folder, out, names, _day(until), last_day, internal, settle)
    _may_write(asked.files, force)
    for lines in imported(asked):
        typer.echo("\n".join(part for line in lines for part in _wrapped(line)))
    typer.echo(f"Wrote {', '.join(map(str, asked.files))}.", err=True)
    typer.echo(
        f"Then: trappe check {out}; trappe compare {out} --draws 100; trappe report {out}", err=True
    )


def _wrapped(line: str) -> list[str]:
    """Return a line of a page as lines of at most `WIDTH`, those after the first indented."""
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip(" *")))
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, drop_whitespace=True)


def _may_write(files: list[Path], force: bool) -> None:
    if files[0].suffix != ".toml":
        raise ValueError(f"--out {str(files[0])!r} must end in .toml: it is a scenario file")
    found = [str(path) for path in files if path.exists()]
    if found and not force:
        raise ValueError(f"{' and '.join(found)} exist; choose another folder, or replace with --force")


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--until {text!r} must be a date such as 2026-01-31") from None
