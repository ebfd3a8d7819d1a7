"""Importing: a case list becomes pages for people, tables, and a scenario that starts from it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from experiments.caselist import quality_page, rates_page
from experiments.caselist.backtest_page import COLUMNS, backtest_lines, backtest_rows
from experiments.caselist.first_day_rows import first_day_of
from experiments.caselist.outlook import Outlook, outlook
from experiments.caselist.outlook_page import TOO_SHORT, outlook_lines, outlook_rows
from experiments.caselist.own_scenario import luck, priced, scenario_of, with_flows, with_numbers
from experiments.caselist.rates_table import own_rates
from experiments.caselist.reading import LEAVE_AGE, CaseList, read_case_list
from experiments.caselist.simulated import simulated_back_tests
from experiments.caselist.start_counts import staircase_in_words
from experiments.caselist.start_file import Own, as_scenario, quoted
from experiments.files import make_folder, write_files, write_whole
from experiments.names import short_name
from experiments.results import as_csv
from simulation import first_day
from simulation.staircase import DEFAULT_STAIRCASE

CHILDREN = "first_day.csv"
"""The file of the children, in the folder of the case list."""

LOG = "import_log.csv"
"""What became of each row that is not used as it stands, in the folder of the case list."""

TABLES = ("quality", "rates", "draws", "forecast", "back-test")
"""The tables beside the scenario."""


@dataclass(frozen=True)
class Asked:
    """What is to be imported, and to where. `until`: day of the export; see `read_case_list`."""

    folder: Path
    out: Path
    names: Path | None = None
    until: date | None = None
    last_day: bool = False
    internal: bool = False
    settle: bool = True

    @property
    def files(self) -> list[Path]:
        """The files that are written: the scenario, the tables beside it, the children in the folder."""
        return [self.out, *(self.table(name) for name in TABLES), self.folder / CHILDREN,
                self.folder / LOG]  # fmt: skip

    def table(self, name: str) -> Path:
        """Return the path of a table beside the scenario."""
        return self.out.with_name(f"{self.out.stem}-{name}.csv")


@dataclass
class _Import:
    """One import: what is asked, the list, what it says, and the tables to write by name."""

    asked: Asked
    cases: CaseList
    own: Own
    outlook: Outlook | None = None
    tables: dict[str, str] = field(default_factory=dict)


def imported(asked: Asked) -> Iterator[list[str]]:
    """Write the files and yield the pages, each a list of lines, as they are ready.

    Raises CaseListError where the list cannot be read, StoreError where a file cannot be written.
    """
    cases = read_case_list(
        asked.folder, names=asked.names, until=asked.until, last_day=asked.last_day
    )  # fmt: skip
    it = _Import(asked, cases, priced(cases, asked.internal))
    yield [*quality_page.page(cases.quality, asked.internal), ""]
    yield [*staircase_in_words(cases, asked.internal), ""]
    it.outlook = outlook(cases, DEFAULT_STAIRCASE, LEAVE_AGE, asked.internal)
    if it.outlook is None:
        yield [TOO_SHORT, ""]
    else:
        yield [*_learn(it, it.outlook.window), ""]
        yield [*outlook_lines(it.outlook, asked.internal), ""]
    _write(it)
    if asked.settle:
        yield _settle(it)
    if it.outlook:
        yield ["", *backtest_lines(it.outlook.tests, asked.internal)]


def _learn(it: _Import, window: float) -> list[str]:
    """Learn the municipality's own rates; return them as a page, and keep their tables for writing."""
    rates = own_rates(it.cases, scenario_of(it.cases, it.own), luck(), window=window)
    it.own = with_numbers(it.own, rates.numbers)
    it.tables["rates"] = as_csv(rates_page.as_rows(rates, it.asked.internal))
    it.tables["draws"] = rates.numbers.as_text()
    return rates_page.page(rates, it.asked.internal)


def _write(it: _Import) -> None:
    """Write all files; the children first, since the scenario points to them."""
    rows = first_day.as_csv(first_day_of(it.cases, LEAVE_AGE))
    write_whole(it.asked.folder / CHILDREN, rows)
    log = quality_page.log_rows(it.cases)
    write_whole(it.asked.folder / LOG, as_csv(log) if log else "Every row is used as it stands.\n")
    it.tables["quality"] = as_csv(quality_page.as_rows(it.cases.quality, it.asked.internal))
    if it.outlook:
        it.tables["forecast"] = as_csv(outlook_rows(it.outlook, it.asked.internal))
        it.tables["back-test"] = _rows_or_header(backtest_rows(it.outlook.tests, it.asked.internal))
    make_folder(it.asked.out.parent)
    tables = {it.asked.table(name).name: text for name, text in it.tables.items()}
    write_files(it.asked.out.parent, {**tables, it.asked.out.name: _scenario(it)})


def _rows_or_header(rows: Sequence[dict[str, Any]]) -> str:
    """Return the back-test's table, which has no rows where the list is too short for one."""
    return as_csv(list(rows)) if rows else ",".join(COLUMNS) + "\n"


def _scenario(it: _Import) -> str:
    own = replace(it.own, files=_pointers(it))
    return as_scenario(it.cases, short_name(it.asked.out.stem), own, internal=it.asked.internal)


def _pointers(it: _Import) -> dict[str, str]:
    """Return the lines of [case_list]."""
    lines = {"children": quoted(_relative(it.asked.folder / CHILDREN, it.asked.out.parent))}
    for key, table in (("draws", "draws"), ("back_test", "back-test")):
        if table in it.tables:
            lines[key] = quoted(it.asked.table(table).name)
    if it.asked.internal:
        lines["internal"] = "true"
    return {**lines, "until": str(it.cases.spells.until.astype("datetime64[D]"))}


def _relative(path: Path, folder: Path) -> str:
    """Return a path as seen from a folder, with forward slashes; absolute on another drive."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _settle(it: _Import) -> list[str]:
    """Write the scenario again with the flows that hold its counts; return what to say of it.

    The back-tests are written again too, with those of the simulation.
    """
    from experiments.progress import bar
    from experiments.settle import settle
    from experiments.tables_settle import why_not

    try:
        with bar("Flows that hold today's counts") as progress:
            found = settle(scenario_of(it.cases, it.own), progress=progress)
    except ValueError as error:
        return [f"The flows are not settled, so those of the file are guesses: {error}"]
    it.own = with_flows(it.own, found.scenario)
    if it.outlook:
        with bar("The simulation from earlier days") as progress:
            tests = simulated_back_tests(it.cases, it.outlook.tests, progress)
        it.outlook = replace(it.outlook, tests=tests)
    _write(it)
    return [
        why_not(found) or "Inflow and entries are those at which today's counts hold without a policy."
    ]
