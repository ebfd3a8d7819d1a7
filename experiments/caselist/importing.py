"""Importing: a case list becomes pages for people, tables, and a scenario that starts from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from experiments.caselist.first_day_rows import first_day_of
from experiments.caselist.prices import prices_of
from experiments.caselist.quality_page import as_rows, page
from experiments.caselist.reading import LEAVE_AGE, CaseList, read_case_list
from experiments.caselist.start_counts import staircase_in_words
from experiments.caselist.start_file import Own, as_scenario, quoted
from experiments.caselist.template_lines import Value
from experiments.files import make_folder, write_files, write_whole
from experiments.names import short_name
from experiments.results import as_csv
from simulation import first_day
from simulation.scenario import Scenario

CHILDREN = "first_day.csv"
"""The file of the children, in the folder of the case list."""


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
        return [self.out, self.table("quality"), self.folder / CHILDREN]

    def table(self, name: str) -> Path:
        """Return the path of a table beside the scenario."""
        return self.out.with_name(f"{self.out.stem}-{name}.csv")


@dataclass
class _Made:
    """What is known so far of the scenario."""

    cases: CaseList
    own: Own = field(default_factory=Own)


def imported(asked: Asked) -> Iterator[list[str]]:
    """Write the files and yield the pages, each a list of lines, as they are ready.

    Raises CaseListError where the list cannot be read, StoreError where a file cannot be written.
    """
    cases = read_case_list(
        asked.folder, names=asked.names, until=asked.until, last_day=asked.last_day
    )  # fmt: skip
    yield [*page(cases.quality, asked.internal), ""]
    yield [*staircase_in_words(cases, asked.internal), ""]
    made = _Made(cases, Own(files=_pointers(asked, cases)))
    _add_prices(made, asked)
    _write(asked, made)
    if asked.settle:
        yield _settle(asked, made)


def _pointers(asked: Asked, cases: CaseList) -> dict[str, str]:
    """Return the lines of [case_list]."""
    return {
        "children": quoted(_relative(asked.folder / CHILDREN, asked.out.parent)),
        "until": str(cases.spells.until.astype("datetime64[D]")),
    }


def _relative(path: Path, folder: Path) -> str:
    """Return a path as seen from a folder, with forward slashes; absolute on another drive."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _add_prices(made: _Made, asked: Asked) -> None:
    """State the mean price of each stair where enough children have one."""
    found = prices_of(made.cases, asked.internal).last_year
    values = {f"money.unit_price.{key}": price for key, price in found.items() if price is not None}
    if not values:
        return
    words = "Case list: mean price of the last year, weighted by days."
    own = made.own
    made.own = replace(
        own, values={**own.values, **values}, sources={**own.sources, "money.unit_price": words}
    )


def _write(asked: Asked, made: _Made) -> None:
    """Write all files; the children first, since the scenario points to them."""
    rows = first_day.as_csv(first_day_of(made.cases, LEAVE_AGE))
    write_whole(asked.folder / CHILDREN, rows)
    make_folder(asked.out.parent)
    tables = {asked.table("quality").name: as_csv(as_rows(made.cases.quality, asked.internal))}
    write_files(asked.out.parent, {**tables, asked.out.name: _scenario(asked, made)})


def _scenario(asked: Asked, made: _Made) -> str:
    return as_scenario(made.cases, short_name(asked.out.stem), made.own, internal=asked.internal)


def _settle(asked: Asked, made: _Made) -> list[str]:
    """Write the scenario again with the flows that hold its counts; return what to say of it."""
    from experiments.progress import bar, compiling_notice
    from experiments.settle import settle
    from experiments.tables_settle import why_not
    from simulation.reading import read_scenario

    scenario = read_scenario(asked.out)
    compiling_notice("kernel")
    with bar(f"{scenario.label}: flows that hold today's counts") as progress:
        found = settle(scenario, progress=progress)
    s: Scenario = found.scenario
    words = "Found by trappe settle: at this inflow the counts hold."
    flows: dict[str, Value] = {
        "children.placed_after_assessment": s.children.placed_after_assessment,
        **{f"children.entry_share.{key}": shares for key, shares in s.children.entry_share.items()},
    }
    own = made.own
    made.own = replace(
        own, values={**own.values, **flows}, inflow=[d.inflow for d in s.districts], inflow_from=words,
        sources={**own.sources, **dict.fromkeys(("children.placed_after_assessment",
                                                 "children.entry_share"), words)},
    )  # fmt: skip
    write_whole(asked.out, _scenario(asked, made))
    problem = why_not(found)
    return [problem or "Inflow and entries are those at which today's counts hold without a policy."]
