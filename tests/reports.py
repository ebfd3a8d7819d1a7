"""A small report for tests, made once in a process: Fanø with few histories."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from pages import Page, read_page

from experiments.caselist.backtest import NO_CHANGE, OURS, SIMULATION
from experiments.caselist.backtest_page import COLUMNS, TOTAL
from experiments.report.asked import Findings, asked, findings
from experiments.report.content import note
from experiments.report.html import page
from experiments.report.note import Note
from experiments.words import Language
from simulation.sections import CaseListFiles

COMMAND = "trappe report fano --quick"
DAY = date(2026, 3, 1)


QUALITY = [
    ("file", "fate", "reason", "text", "rows"),
    ("spells", "kept", "", "used as they stand", 90), ("spells", "cut", "overlap", "an overlap", 8),
    ("spells", "corrected", "typo", "a typo", 7), ("spells", "dropped", "no_date", "no date", ""),
    ("spells", "", "", "all rows", ""), ("follow_ups", "kept", "", "used as they stand", 40),
    ("follow_ups", "", "", "all rows", 40),
]  # fmt: skip
FORECAST = [
    ("years_ahead", "what", "stair", "mean", "low", "high"),
    (1.0, "children", "preventive", 31.4, 26.0, 38.0), (1.0, "children", "own_room", 5.6, 2.0, 9.0),
    (1.0, "children", "network_care", 3.1, 1.0, 4.0), (1.0, "children", "foster_care", "", "", ""),
    (1.0, "cost", "", 12.34e6, 10.0e6, 15.0e6),
]  # fmt: skip
BACK = [
    COLUMNS,
    (1.0, SIMULATION, TOTAL, 131.2, 120, 142, 136, -4.8, True),
    (1.0, SIMULATION, "foster_care", 70, 60, 80, 90, -20, False),
    (1.0, OURS, TOTAL, 125, 110, 140, 136, -11, True),
    (1.0, NO_CHANGE, TOTAL, 126, 126, 126, 136, -10, ""),
]  # fmt: skip


@cache
def small_findings() -> Findings:
    """Return what 20 histories, 2 draws and 2 histories per value of the tornado find for Fanø."""
    wanted = replace(asked("fano", quick=True), replicates=20, draws=2, tornado=2)
    with tempfile.TemporaryDirectory() as folder:
        return findings(wanted, folder=Path(folder))


def in_language(found: Findings, language: Language) -> Findings:
    """Return the same findings for a report in another language."""
    return replace(found, asked=replace(found.asked, language=language))


@cache
def small_note(language: Language) -> Note:
    """Return the note of the small report."""
    return note(in_language(small_findings(), language), COMMAND, DAY)


@cache
def small_page(language: Language) -> Page:
    """Return the page of the small report, read back."""
    return read_page(page(small_note(language)))


def with_tables(folder: Path, language: Language, **tables: Sequence[Sequence[object]]) -> Findings:
    """Return the small report's findings as if Fanø were imported, with tables beside its scenario."""
    for name, rows in tables.items():
        path = folder / f"my-{name.replace('_', '-')}.csv"
        path.write_text("\n".join(",".join(map(str, row)) for row in rows), "utf-8")
    found = in_language(small_findings(), language)
    back = str(folder / "my-back-test.csv") if "back_test" in tables else None
    listed = CaseListFiles(back_test=back, until=date(2024, 1, 2))
    scenario = found.scenario.model_copy(update={"case_list": listed})
    return replace(found, asked=replace(found.asked, name=str(folder / "my.toml"), scenario=scenario))
