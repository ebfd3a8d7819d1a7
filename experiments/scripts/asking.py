"""The five options that every experiment script takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

QUICK = 40
"""Histories where a question is asked with --quick."""


@dataclass(frozen=True)
class Options:
    """What a script was asked with. `replicates` is None where nothing was said."""

    replicates: int | None = None
    workers: int | None = None
    seed: int = 1
    out: Path | None = None
    quick: bool = False

    def histories(self, usual: int) -> int:
        """Return how many histories to run: what was said; else QUICK or the usual number."""
        if self.replicates is not None:
            return self.replicates
        return min(QUICK, usual) if self.quick else usual


def ask(question: Callable[[Options], None]) -> None:
    """Run a script's question with the options of the command line; errors in words, exit code 2."""
    from experiments.cli import run

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

    @app.command(help=inspect.getdoc(inspect.getmodule(question)))
    def command(
        replicates: Annotated[
            int | None, typer.Option(min=2, max=1_000_000, help="Histories. [default: the question's]")
        ] = None,
        workers: Annotated[
            int | None, typer.Option(min=1, max=1024, help="Side by side. [default: one per processor]")
        ] = None,
        seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Study seed.")] = 1,
        out: Annotated[
            Path | None, typer.Option(help="Results folder. [default: under results/]")
        ] = None,
        quick: Annotated[
            bool, typer.Option("--quick", help="Far fewer histories: to see that it runs, not to use.")
        ] = False,
    ) -> None:
        question(Options(replicates, workers, seed, out, quick))

    run(app, Path(inspect.getfile(question)).stem)
