"""What comes with the package, by name: scenarios, and files of policies that a scenario may include."""

from __future__ import annotations

import difflib
from importlib import resources
from typing import Any

NOT_SCENARIOS = {"evidence", "template"}


def shipped_scenarios() -> list[str]:
    """Return the names of the scenarios that come with the package."""
    return sorted(set(_names_in("data")) - NOT_SCENARIOS)


def shipped_policies() -> list[str]:
    """Return the names of the files of policies that come with the package."""
    return sorted(_names_in("data/policies"))


def shipped_text(name: str) -> str:
    """Return the text of a file in the package's data folder, by name without .toml."""
    return resources.files("simulation").joinpath(f"data/{name}.toml").read_text("utf-8")


def nearest(name: Any, known: list[str]) -> str:
    """Return, for a message, which of the known names was probably meant, and all there are."""
    match = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f"did you mean {match[0]!r}? " if match else ""
    return f"{hint}the shipped ones are {', '.join(known)}"


def _names_in(folder: str) -> list[str]:
    files = resources.files("simulation").joinpath(folder).iterdir()
    return [f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")]
