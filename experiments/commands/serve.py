"""The command `trappe serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.commands import options


def serve(
    scenario: options.ScenarioArgument,
    policy: options.Policy = None,
    language: Annotated[str, typer.Option(help="da (Danish) or en (English).")] = "da",
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on this machine.")] = 8765,
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
) -> None:
    """Show a page with sliders in the browser, on this machine only (needs: make web)."""
    from experiments.page.start import serve as served
    from experiments.words import check_language

    served(scenario, policy, check_language(language), port, not no_open)
