"""Helpers of the sweeps' tests: a small town and designs of it that run in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support import scenario

from experiments.sweep.design import Design, Row
from simulation.scenario import Scenario

HOURS = "work.follow_up_hours"
POISON = "policies.more.practice.nonsense"
POLICIES: dict[str, Any] = {
    "more": {"capacity": {"extra_fte": [1.0]}},
    "reviews": {"reviews": {"first": 2.0, "later": 2.0}},
}


def town(**overrides: Any) -> Scenario:
    """Return a small municipality with two policies and a year to live."""
    return scenario({"months": 12, "policies": POLICIES}, **overrides)


def some_rows(n: int = 6) -> tuple[Row, ...]:
    """Return rows that differ in the hours of a follow-up, under one policy and the other."""
    return tuple(Row("test", ("more", "reviews")[i % 2], {HOURS: 3.0 + 0.25 * i}) for i in range(n))


def small(rows: tuple[Row, ...] | None = None, **changes: Any) -> Design:
    """Return a design of small chunks: two rows and five histories."""
    given = {"replicates": 10, "rows_per_chunk": 2, "block": 5, "scenarios": {"test": town()}, **changes}
    return Design(rows=some_rows() if rows is None else rows, **given)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its name."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
