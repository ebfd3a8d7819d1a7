"""The command `trappe sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.commands.options import (
    Executor,
    Json,
    Months,
    Out,
    PictureLanguage,
    Quick,
    Workers,
    known_engine,
)

if TYPE_CHECKING:
    from experiments.sweep.asked import Asked
    from experiments.sweep.run import Sweep
    from experiments.words import Language


def sweep(
    design: Annotated[
        str,
        typer.Argument(
            help="A design file (.toml), a design that comes with the package, or the folder of a sweep, "
            "whose design.csv may have been edited."
        ),
    ],
    outcome: Annotated[
        list[str] | None,
        typer.Option(help="An outcome to show (may be repeated). (default: the design's)"),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(min=2, max=1_000_000, help="Histories per row. (default: the design's)")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, help="Study seed. (default: the design's)")
    ] = None,
    months: Months = None,
    workers: Workers = None,
    executor: Executor = "threads",
    engine: Annotated[
        str | None,
        typer.Option(help="kernel, or agents (same results, far slower). (default: the design's)"),
    ] = None,
    shard: Annotated[
        str,
        typer.Option(help="i/n: run part i of n only, into the same folder as the others (job arrays)."),
    ] = "1/1",
    table_only: Annotated[
        bool, typer.Option("--table-only", help="Write design.csv, to look at and to edit; run nothing.")
    ] = False,
    out: Out = None,
    quick: Quick = False,
    language: PictureLanguage = "en",
    json: Json = False,
) -> None:
    """Run every row of a design: scenarios x policies x parameters x draws, resumed where it stopped.

    The rows are written down first, as design.csv in the results folder. Edit it (take rows away, change
    values, add rows) and run the folder: rows that are still there are not run again.
    """
    from experiments.sweep.asked import adopted, find_design
    from experiments.sweep.asked import quick as made_quick
    from experiments.sweep.file import check_outcomes
    from experiments.sweep.run import Sweep
    from experiments.sweep.work import chunks
    from experiments.words import check_language

    named = None if engine is None else known_engine(engine)
    part, said_in = shard_of(shard), check_language(language)
    check_outcomes(outcome or ())
    asked = find_design(design, replicates=replicates, seed=seed, months=months, engine=named)
    asked = made_quick(asked) if quick else asked
    folder = out or asked.default_folder
    asked = adopted(asked, folder)
    if table_only:
        _write_table(asked, folder)
        return
    rows = range(len(asked.design.rows))
    every = chunks(asked.design, rows, range(asked.design.replicates))
    sweep, left = _run(asked, folder, every, executor, workers, part, Sweep)
    if left:
        typer.echo(
            f"Shard {shard} is finished; {left} of {len(every)} chunks are left to the others. The last "
            "one writes the summary; so does the same command without --shard.",
            err=True,
        )
    else:
        _show(asked, sweep, folder, tuple(outcome or asked.outcomes), json, said_in)
    typer.echo(f"Results: {folder}", err=True)
    if sweep.errors:
        raise typer.Exit(1)


def shard_of(text: str) -> tuple[int, int]:
    """Return (i - 1, n) of "i/n"; ValueError where it is not that."""
    i, _, n = text.partition("/")
    if i.isdecimal() and n.isdecimal() and 1 <= int(i) <= int(n):
        return int(i) - 1, int(n)
    raise ValueError(f"--shard {text!r} must be i/n with i from 1 to n, such as 3/8")


def _write_table(asked: Asked, folder: Path) -> None:
    from experiments.sweep.store import SweepStore

    SweepStore(folder, asked.design).open()
    typer.echo(
        f"Wrote {folder / 'design.csv'}: {len(asked.design.rows)} rows. Look at it or edit it, then: "
        f"trappe sweep {folder}"
    )


def _run(
    asked: Asked, folder: Path, every: list[Any], executor: str, workers: int | None,
    part: tuple[int, int], kind: type[Sweep],
) -> tuple[Sweep, int]:  # fmt: skip
    """Run this part; return the sweep and how many chunks are still missing."""
    from experiments.executors import check_executor
    from experiments.progress import bar

    check_executor(executor)
    title = f"{asked.name}: {len(asked.design.rows)} rows, {asked.design.replicates} histories each"
    with bar(title) as progress:
        found = kind(
            asked.design, folder, executor=executor, workers=workers, shard=part, progress=progress
        )
        found.run(every)
    return found, len(found.missing(every))


def _show(
    asked: Asked, sweep: Sweep, folder: Path, outcomes: tuple[str, ...], json: bool, language: Language
) -> None:
    """Write summary and figure, and print them for people or machines."""
    from dataclasses import replace

    from experiments.files import write_files
    from experiments.plots import as_png
    from experiments.results import as_csv
    from experiments.sweep.picture import picture
    from experiments.sweep.summary import lines_of, over_draws, summary_rows

    asked = replace(asked, outcomes=outcomes)
    rows, lines, draws = summary_rows(sweep), lines_of(sweep, outcomes), over_draws(sweep)
    files: dict[str, bytes | str] = {"summary.csv": as_csv(rows)}
    if draws:
        files["over_draws.csv"] = as_csv(draws)
    if any(not line.error for line in lines):
        files["sweep.png"] = as_png(picture(asked, lines, language))
    write_files(folder, files)
    if json:
        typer.echo(_as_json(rows, outcomes, sweep))
        return
    from experiments.sweep.words import print_sweep

    print_sweep(asked, lines, sweep.errors)


def _as_json(rows: list[dict[str, Any]], outcomes: tuple[str, ...], sweep: Sweep) -> str:
    """Return the summary of the outcomes shown as JSON; what is not defined is null."""
    from json import dumps

    kept = [
        {key: None if isinstance(x, float) and x != x else x for key, x in row.items()}
        for row in rows
        if row["outcome"] in outcomes
    ]
    failed = {str(row + 1): why for row, why in sorted(sweep.errors.items())}
    return dumps({"rows": len(sweep.design.rows), "failed": failed, "summary": kept}, ensure_ascii=False)
