"""The command `trappe report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commands.options import Quick, ScenarioArgument, Seed, Workers

if TYPE_CHECKING:
    from experiments.report.asked import Asked


def report(
    scenario: ScenarioArgument,
    language: Annotated[str, typer.Option(help="da (Danish) or en (English).")] = "da",
    out: Annotated[Path, typer.Option(help="The page; workbook, csv files and PDF go beside it.")] = Path(
        "report.html"
    ),
    policy: Annotated[
        str | None, typer.Option(help="The policy. (default: the scenario's first)")
    ] = None,
    draws: Annotated[
        int, typer.Option(min=0, help="Draws of the parameters to spread histories over. (0: none)")
    ] = 100,
    replicates: Annotated[
        int | None,
        typer.Option(min=2, max=1_000_000, help="Histories per policy. (default: 1000; quick: 100)"),
    ] = None,
    seed: Seed = 1,
    workers: Workers = None,
    quick: Quick = False,
) -> None:
    """Write a decision note for a council: one page to mail round, with workbook, csv files, PDF."""
    from datetime import UTC, datetime

    from experiments.progress import bar
    from experiments.report import asked, files
    from experiments.words import check_language

    files.check_out(out)
    wanted = asked.asked(
        scenario, check_language(language), policy, replicates=replicates, draws=draws, seed=seed,
        quick=quick,
    )  # fmt: skip
    with bar(f"{wanted.scenario.label}: {wanted.policy}, its causes, and what it hangs on") as progress:
        found = asked.findings(wanted, workers, progress)
    written = files.write(found, out, _command(wanted), datetime.now(UTC).date(), _said)
    typer.echo(f"Wrote {', '.join(str(path) for path in written)}")
    typer.echo(f"Results: {found.study.folder}, {found.causes.study.folder}", err=True)


def _command(wanted: Asked) -> str:
    """Return the command that makes the same numbers again."""
    options = {
        "language": wanted.language, "policy": wanted.policy, "draws": wanted.draws,
        "replicates": wanted.replicates, "seed": wanted.seed,
    }  # fmt: skip
    told = " ".join(f"--{name} {value}" for name, value in options.items())
    return f"trappe report {Path(wanted.name).name} {told}{' --quick' if wanted.quick else ''}"


def _said(text: str) -> None:
    typer.echo(text, err=True)
