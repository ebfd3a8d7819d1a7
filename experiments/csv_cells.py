"""Cells of csv files that we write: text that a spreadsheet would run is made plain text."""

from __future__ import annotations

from typing import Any

_LIVE = ("=", "+", "-", "@", "\t", "\r")


def neutral(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: such text gets an apostrophe in front."""
    live = isinstance(value, str) and (value.startswith(_LIVE) or value.lstrip().startswith(_LIVE))
    return f"'{value}" if live else value
