"""A small report for tests, made once in a process: Fanø with few histories."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from pages import Page, read_page

from experiments.report.asked import Findings, asked, findings
from experiments.report.content import note
from experiments.report.html import page
from experiments.report.note import Note
from experiments.words import Language

COMMAND = "trappe report fano --quick"
DAY = date(2026, 3, 1)


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
