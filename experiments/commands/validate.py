"""The command `trappe validate`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commands.options import PictureLanguage

if TYPE_CHECKING:
    from experiments.validation.study import Validation
    from experiments.words import Language


def validate(
    draws: Annotated[
        int,
        typer.Option(min=0, max=10_000, help="Draws from the posterior. (0: the recorded values)"),
    ] = 60,
    group: Annotated[
        str | None, typer.Option(help="One group of targets, such as herning. (default: all)")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Study seed.")] = 1,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads. (default: one per processor)")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Results folder. (default: results/validation-<study>)")
    ] = None,
    language: PictureLanguage = "en",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table as a page.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 where a target fails.")] = False,
) -> None:
    """Hold the model against published figures, target by target: inside or not."""
    from experiments.progress import bar
    from experiments.schema_validation import as_json
    from experiments.tables_validation import as_markdown, print_validation
    from experiments.validation import study as v
    from experiments.words import check_language

    said_in = check_language(language)
    if json and markdown:
        raise ValueError("--json and --markdown both print the result; choose one")
    if draws and not v.has_posterior():
        typer.echo(
            "There are no draws from a posterior yet: parameters at their recorded values.", err=True
        )
    folder = out or Path("results") / f"validation-{_study(draws, group, seed)}"
    _refuse_foreign(folder)
    with bar("Validation") as progress:
        found = v.validate(draws, group=group, seed=seed, workers=workers, progress=progress)
    _write(folder, found, said_in)
    if json:
        typer.echo(as_json(found))
    elif markdown:
        typer.echo(as_markdown(found), nl=False)
    else:
        print_validation(found)
        typer.echo(f"Results: {folder}", err=True)
    if strict and found.failing:
        raise typer.Exit(1)


def _study(draws: int, group: str | None, seed: int) -> str:
    """Return eight hex digits that change with what is run, and with the source of the simulation."""
    from experiments.draws import posterior_hash
    from experiments.store import code_hash

    what = repr((code_hash(), posterior_hash(), draws, group, seed))
    return hashlib.sha256(what.encode()).hexdigest()[:8]


FILES = ("validation.csv", "validation.json", "validation.png")


def _refuse_foreign(folder: Path) -> None:
    """Raise ValueError where the folder holds anything but an earlier validation."""
    if folder.exists():
        others = sorted(p.name for p in folder.iterdir() if p.name not in FILES)
        if others:
            raise ValueError(
                f"{folder} holds other files ({', '.join(others[:3])}); name another folder with --out"
            )


def _write(folder: Path, found: Validation, language: Language) -> None:
    """Write table, result for machines and figure; each aside, then renamed."""
    from experiments.plots import as_png
    from experiments.plots_validation import validation as picture
    from experiments.results import as_csv
    from experiments.schema_validation import as_json, as_rows

    folder.mkdir(parents=True, exist_ok=True)
    rows = as_rows(found)
    texts = (as_csv(rows) if rows else "", as_json(found) + "\n")
    contents = (*(t.encode() for t in texts), as_png(picture(found, language)))
    for name, data in zip(FILES, contents, strict=True):
        aside = folder / f".{name}.tmp"
        aside.write_bytes(data)
        aside.replace(folder / name)
