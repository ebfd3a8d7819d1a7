"""The files of a report: the page, beside it the workbook, the csv files of the studies, and a PDF."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from experiments.files import make_folder, write_files, write_whole
from experiments.report.asked import Findings
from experiments.report.content import note
from experiments.report.html import page
from experiments.report.pdf import browser, printed
from experiments.report.workbook import workbook
from experiments.results import as_csv
from experiments.sensitivity.rows import files as tornado_files

ENDINGS = (".html", ".htm")

NO_BROWSER = (
    "No PDF: no chromium or chrome was found to print it; open the page in any browser and print it."
)
NOT_PRINTED = "No PDF: the browser did not print the page; open it in any browser and print it."


def check_out(out: Path) -> Path:
    """Return where the page is to be written; ValueError where that cannot be.

    Asked before anything is computed, so that nobody waits for a page that cannot be written.
    """
    if out.suffix.lower() not in ENDINGS:
        raise ValueError(f"--out {str(out)!r} must end in .html, such as {out.stem or 'report'}.html")
    if out.is_dir():
        raise ValueError(
            f"--out {str(out)!r} is a folder; name a file in it, such as {out / 'report.html'}"
        )
    if why := _why_not(out):
        raise ValueError(f"--out {str(out)!r} cannot be written: {why}; choose another place or name")
    return out


def _why_not(out: Path) -> str:
    """Return why a page and what lies beside it cannot be written; "" where they can."""
    there = next(p for p in out.absolute().parents if p.exists())
    if not there.is_dir():
        return f"{there} is a file, not a folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"you may not write to the folder {there}"
    if csv_folder(out).exists() and not csv_folder(out).is_dir():
        return f"{csv_folder(out).name}, the folder of its csv files, is a file"
    taken = [p.name for p in (out.with_suffix(".xlsx"), out.with_suffix(".pdf")) if p.is_dir()]
    return f"{taken[0]} is a folder" if taken else ""


def write(
    found: Findings, out: Path, command: str, written: date, tell: Callable[[str], None]
) -> list[Path]:
    """Write the report, each file aside and then renamed; return what was written, the page first."""
    book, folder, paper = out.with_suffix(".xlsx"), csv_folder(out), out.with_suffix(".pdf")
    content = note(found, command, written, (book.name, folder.name))
    text = page(content).encode("utf-8")
    make_folder(out.parent)
    write_whole(out, text)
    write_whole(book, workbook(content))
    write_files(folder, _tables(found))
    made = [out, book, folder]
    program = browser()
    pdf = printed(text, program) if program else None
    if pdf is None:
        paper.unlink(missing_ok=True)  # that of an earlier report says something else
        tell(NO_BROWSER if program is None else NOT_PRINTED)
        return made
    write_whole(paper, pdf)
    return [*made, paper]


def csv_folder(out: Path) -> Path:
    """Return the folder of the csv files that lies beside a page."""
    return out.with_name(f"{out.stem}-csv")


def _tables(found: Findings) -> dict[str, str]:
    study, causes = found.study, found.causes
    rows = {
        "summary": study.summary_rows(), "by_year": study.outcome_rows(),
        "differences": study.difference_rows(), "break_even": study.break_even_rows(),
        "by_month": study.month_rows(), "uncertainty": study.uncertainty_rows(),
        "spending": study.spending_rows() + study.spending_rows("current"),
        "attribution": causes.rows(), "combinations": causes.combination_rows(),
    }  # fmt: skip
    csv = {f"{name}.csv": as_csv(found) for name, found in rows.items() if found}
    return csv | {f"tornado_{name}": text for name, text in tornado_files(found.doubt).items()}
