"""SSDA903: the English return on children looked after, as a case list."""

from __future__ import annotations

from pathlib import Path

from experiments.caselist.reading_files import Numbers, Stays
from experiments.caselist.reading_names import Names
from simulation.staircase import Staircase


def is_ssda903(folder: Path) -> bool:
    """Return whether a folder holds a return."""
    return False


def ssda903_in(folder: Path, names: Names, staircase: Staircase, children: Numbers) -> Stays:
    """Return the stays in a folder of returns."""
    raise NotImplementedError
