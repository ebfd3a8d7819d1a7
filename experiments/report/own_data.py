"""The municipality's own case list in the note: its quality, what it forecasts, how good that was.

From the tables that `trappe import` writes beside the scenario; they hide counts under 5 already.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from experiments.caselist.backtest import METHODS, NO_CHANGE, OURS, SIMULATION
from experiments.caselist.backtest_page import TOTAL
from experiments.caselist.backtest_told import Look, looks
from experiments.caselist.quality import SMALLEST
from experiments.report.asked import Findings
from experiments.report.note import Cell, Column, Number, Part, Small, Table
from experiments.report.saying import Saying
from experiments.words import duration, number, text, texts
from simulation.accounts import MONTHS_IN_YEAR
from simulation.sections import CaseListFiles

Rows = list[dict[str, str]]

MILLION = 1e6

FATES = {
    "kept": ("kept",), "corrected": ("corrected", "cut", "split"), "merged": ("merged",),
    "dropped": ("dropped",),
}  # fmt: skip
"""What became of rows, by the column that counts them."""

TOLD = (SIMULATION, OURS, NO_CHANGE)
"""Methods of the back-test that are shown."""


def own_data(found: Findings, say: Saying) -> tuple[Part, ...]:
    """Return the parts about the case list that the scenario starts from; none where it has no list."""
    files = found.scenario.case_list
    if files is None:
        return ()
    quality, ahead, back = (_rows(found, name) for name in ("quality", "forecast", "back-test"))
    parts: list[Part] = [
        say("data.internal" if files.internal else "data.lead", day=_last_day(files, say))
    ]
    if quality:
        parts.append(_quality(quality, say))
        if any(row["fate"] not in ("", "kept") for row in quality):
            parts.append(Small(say("data.quality_note")))
    if ahead:
        parts += [_forecast(ahead, say), Small(say("data.forecast_note"))]
    return (*parts, *_back_test(files, back, say))


def _last_day(files: CaseListFiles, say: Saying) -> str:
    """Return the last day that the list knows of, in words; "" where it does not say."""
    return say.day(files.until - timedelta(days=1)) if files.until else say("data.first_day")


def _rows(found: Findings, table: str) -> Rows:
    """Return the rows of a table beside the scenario's file; none where it is not there."""
    scenario = Path(found.asked.name)
    path = scenario.with_name(f"{scenario.stem}-{table}.csv")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return []


# --- quality --------------------------------------------------------------------------------------


def _quality(rows: Rows, say: Saying) -> Table:
    columns = (
        Column(say("data.file")), Column(say("data.read")),
        *(Column(say(f"data.{fate}")) for fate in FATES),
    )  # fmt: skip
    files = dict.fromkeys(row["file"] for row in rows)
    told = tuple(_file([r for r in rows if r["file"] == name], name, say) for name in files)
    return Table("data_quality", say("data.quality"), columns, told)


def _file(rows: Rows, name: str, say: Saying) -> tuple[Cell, ...]:
    known = texts(say.language)
    shown = known.get(f"report.data.file_{name}", name)
    whole = [row["rows"] for row in rows if not row["fate"]]
    parts = ([row["rows"] for row in rows if row["fate"] in fates] for fates in FATES.values())
    return (shown, _sum(whole, say), *(_sum(counts, say) for counts in parts))


def _sum(counts: list[str], say: Saying) -> Cell:
    """Return the sum of counts, one of which may be hidden."""
    if not all(counts):
        return say("picture.hidden")
    return Number(sum(float(n) for n in counts))


# --- what is to come ------------------------------------------------------------------------------


def _forecast(rows: Rows, say: Saying) -> Table:
    years = sorted({float(row["years_ahead"]) for row in rows})
    at = {(row["what"], row["stair"], float(row["years_ahead"])): row for row in rows}
    stairs = list(dict.fromkeys(row["stair"] for row in rows if row["what"] == "children"))
    lines = [("children", stair, _stair(stair, say), 1.0) for stair in stairs]
    if any(what == "cost" for what, _, _ in at):
        lines.append(("cost", "", say("data.cost"), MILLION))
    columns = (
        Column(say("data.stair")),
        *(Column(say("data.ahead", years=_years(year, say)), parts=True) for year in years),
    )
    told = (
        (name, *(_future(at.get((what, stair, year)), scale, say) for year in years))
        for what, stair, name, scale in lines
    )
    return Table("data_forecast", say("data.forecast"), columns, tuple(told))


def _stair(key: str, say: Saying) -> str:
    if key == TOTAL:
        return say("data.in_care")
    name = say.stair(key)
    return name[:1].upper() + name[1:]


def _years(ahead: float, say: Saying) -> str:
    return duration(round(MONTHS_IN_YEAR * ahead), say.language)


def _future(row: dict[str, str] | None, scale: float, say: Saying) -> Cell:
    """Return a forecast with its interval; children under 5 are said to be under 5, not how many."""
    if row is None or not row["mean"]:
        return say("picture.hidden")
    mean, low, high = (float(row[key]) for key in ("mean", "low", "high"))
    if scale > 1.0:
        return Number(mean, low, high, digits=1, scale=scale)
    if round(mean) < SMALLEST or round(low) < SMALLEST:
        return _at_least_five(mean, low, high, say)
    return Number(mean, low, high)


def _at_least_five(mean: float, low: float, high: float, say: Saying) -> Cell:
    few = say("data.under", n=SMALLEST)
    middle, bottom, top = (
        few if round(x) < SMALLEST else number(x, say.language) for x in (mean, low, high)
    )
    ends = text("number.between", say.language, low=bottom, high=top)
    return few if top == few else f"{middle} ({ends})"


# --- how good such forecasts were -----------------------------------------------------------------


def _back_test(files: CaseListFiles, rows: Rows, say: Saying) -> Iterator[Part]:
    if files.back_test is None:
        yield say("data.no_back_test")
        return
    found = looks(Path(files.back_test))
    if not found.totals:
        yield say("data.no_back_test")
        return
    yield say("data.back_test_told", intervals=say.plain(found.intervals), held=say.plain(found.held),
              lead=say("data.of_simulation" if found.of_simulation else "data.of_rates"))  # fmt: skip
    yield _looks_back(found.totals, rows, say)
    yield Small(say("data.back_test_note"))


def _looks_back(totals: tuple[Look, ...], rows: Rows, say: Saying) -> Table:
    whole = {(r["method"], float(r["years_ahead"])): r for r in rows if r["stair"] == TOTAL}
    methods = [m for m in TOLD if any(method == m for method, _ in whole)]
    columns = (
        Column(say("data.look")), Column(say("data.came")),
        *(Column(say(f"data.method_{METHODS.index(m)}"), parts=m != NO_CHANGE) for m in methods),
    )  # fmt: skip
    told = tuple(
        (
            say("data.before", years=_years(x.ahead, say)),
            Number(x.came),
            *(_said(whole.get((m, x.ahead)), m, say) for m in methods),
        )
        for x in totals
    )
    return Table("data_back_test", say("data.back_test"), columns, told)


def _said(row: dict[str, str] | None, method: str, say: Saying) -> Cell:
    if row is None or not row["forecast"]:
        return say("picture.hidden")
    mean, low, high = (float(row[key]) for key in ("forecast", "low", "high"))
    return Number(mean) if method == NO_CHANGE else Number(mean, low, high)


def rounded(files: CaseListFiles | None) -> bool:
    """Return whether the counts of the first day are a case list's, shown to the nearest five."""
    return files is not None and files.children is not None and not files.internal
