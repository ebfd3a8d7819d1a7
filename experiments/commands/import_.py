"""The command `trappe import`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer


def import_(
    folder: Annotated[Path, typer.Argument(help="A folder with spells.csv, or with SSDA903 returns.")],
    out: Annotated[Path, typer.Option(help="The scenario file to write; quality.csv goes beside it.")],
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
    internal: Annotated[
        bool, typer.Option("--internal", help="Show counts under 5 too: for use inside the house only.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the files where they exist.")] = False,
) -> None:  # fmt: skip
    """Read a municipality's own case list: what is wrong with it, and a scenario that starts from it."""
    from experiments.caselist.quality_page import as_rows, page
    from experiments.caselist.reading import read_case_list
    from experiments.caselist.start_counts import staircase_in_words
    from experiments.caselist.start_file import as_scenario
    from experiments.files import write_files
    from experiments.names import short_name
    from experiments.results import as_csv

    files = [out, out.with_name("quality.csv")]
    _may_write(out, files, force)
    cases = read_case_list(folder, names=names, until=_day(until), last_day=last_day)
    scenario = as_scenario(cases, short_name(out.stem), internal=internal)
    table = as_csv(as_rows(cases.quality, internal))
    write_files(out.parent, {out.name: scenario, files[1].name: table})
    typer.echo("\n".join([*page(cases.quality, internal), "", *staircase_in_words(cases, internal)]))
    typer.echo(f"Wrote {out} and {files[1]}. Then: trappe check {out}; trappe settle {out}", err=True)


def _may_write(out: Path, files: list[Path], force: bool) -> None:
    if out.suffix != ".toml":
        raise ValueError(f"--out {str(out)!r} must end in .toml: it is a scenario file")
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
