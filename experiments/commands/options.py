"""Options that several commands share: the same name, range and words everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simulation import replicates

ScenarioArgument = Annotated[str, typer.Argument(help="A shipped scenario, or the path of a TOML file.")]
Policy = Annotated[
    str | None, typer.Option("--policy", help="The policy. (default: the scenario's first)")
]
Replicates = Annotated[int, typer.Option(min=2, max=1_000_000, help="Histories per row.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, max=1024, help="How many work side by side. (default: one per processor)"),
]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Study seed.")]
Months = Annotated[int | None, typer.Option(min=1, max=1200, help="Length. (default: the scenario's)")]
Out = Annotated[Path | None, typer.Option(help="Results folder. (default: under results/)")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Far fewer histories: to see that it runs, not to use.")
]
Executor = Annotated[
    str, typer.Option(help="Where it runs: threads, processes, or tcp://... of a Dask scheduler.")
]
Engine = Annotated[str, typer.Option(help="kernel, or agents (same results, far slower).")]
Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]
PictureLanguage = Annotated[
    str, typer.Option("--language", help="Of the picture: en (English) or da (Danish).")
]
Outcome = Annotated[
    list[str] | None,
    typer.Option(help="An outcome (may be repeated). (default: net_saving, care_months_saved)"),
]

_ENGINES: dict[str, replicates.Engine] = {"kernel": "kernel", "agents": "agents"}


def known_engine(name: str) -> replicates.Engine:
    """Return an engine by its name; ValueError where there is none of that name."""
    if name not in _ENGINES:
        raise ValueError(f"--engine {name!r} must be kernel or agents")
    return _ENGINES[name]
