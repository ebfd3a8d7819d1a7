"""Reading spells.csv: the stays of a case list, in numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from experiments.caselist.quality import Place
from experiments.caselist.reading_cells import (
    DATES_ALLOWED,
    NUMBERS_ALLOWED,
    day,
    end_day,
    number,
)
from experiments.caselist.reading_names import (
    Names,
    found_columns,
    plain,
    stair_of,
    stair_positions,
    units_a_year,
)
from experiments.caselist.reading_problems import date_shown, problem, rows_in_words, shape
from experiments.caselist.reading_text import Table
from experiments.caselist.rows import OPEN_END, UNKNOWN, Row
from simulation.staircase import Staircase

T = TypeVar("T")
MOST_ROWS_OF_A_CHILD = 1000
MOST_DISTRICTS = 100
SPELLS = ("child_id", "stair", "start_date", "end_date", "birth_date")
SPELLS_OPTIONAL = ("provider", "place_id", "end_reason", "unit_price", "price_unit", "district")


@dataclass
class Numbers:
    """Numbers instead of identifiers, in the order in which these are met; kept in memory only."""

    known: dict[str, int] = field(default_factory=dict)

    def of(self, identifier: str) -> int:
        """Return the number of an identifier, a new one where it is new; -1 where it is blank."""
        return self.known.setdefault(identifier, len(self.known)) if identifier else -1

    def find(self, identifier: str) -> int:
        """Return the number of an identifier, -1 where it was never met."""
        return self.known.get(identifier, -1)


@dataclass(frozen=True)
class Stays:
    """Rows as read: `places` [row id] where each stands, `unknown` the rows of names of no stair."""

    rows: list[Row]
    places: list[Place]
    districts: tuple[str, ...]
    unknown: Mapping[str, list[int]]


class Cells:
    """The cells of a table by our names of its columns; each reading refuses what cannot be read."""

    def __init__(self, table: Table, columns: Mapping[str, int]) -> None:
        """Hold a table and where our columns stand in it."""
        self.table, self.columns = table, columns

    def text(self, name: str) -> list[str]:
        """Return a column's cells, blank where there is no such column."""
        at = self.columns.get(name)
        return [""] * len(self.table.rows) if at is None else [row[at] for row in self.table.rows]

    def days(self, name: str) -> list[int]:
        """Return a column of days."""
        return self._read(
            name, day, DATES_ALLOWED, shape if name in ("birth_date", "DOB") else date_shown
        )

    def ends(self, name: str) -> list[int]:
        """Return a column of days on which something ended, `OPEN_END` where it has not."""
        return self._read(name, end_day, DATES_ALLOWED)

    def numbers(self, name: str, least: float, most: float) -> list[float]:
        """Return a column of numbers from `least` to `most`."""

        def within(cell: str) -> float | None:
            value = number(cell)
            return None if value is None or value < least or value > most else value

        return self._read(name, within, f"{NUMBERS_ALLOWED}, from {least:g} to {most:g}", shape)

    def _read(
        self, name: str, read: Callable[[str], T | None], allowed: str,
        shown: Callable[[str], str] = date_shown,
    ) -> list[T]:  # fmt: skip
        cells = self.text(name)
        values = [read(cell) for cell in cells]
        bad = [i for i, value in enumerate(values) if value is None]
        if bad:
            found = f"found {shown(cells[bad[0]])}"
            if len(bad) > 1:
                found += f" (and more such cells: {rows_in_words(self.table.numbers[i] for i in bad)})"
            row = self.table.numbers[bad[0]]
            raise problem(self.table.file, found, allowed, row, self.table.columns[self.columns[name]])
        return [value for value in values if value is not None]


def stays_in(
    table: Table, names: Names, staircase: Staircase, children: Numbers, *, last_day: bool = False
) -> Stays:
    """Return the stays in a table of spells, in our numbers; CaseListError where a cell cannot be read.

    `last_day`: the end date is the last day of the stay, not the first one after it.
    """
    cells = Cells(table, found_columns(table, names, SPELLS, SPELLS_OPTIONAL))
    ids = [children.of(cell) for cell in cells.text("child_id")]
    _not_all_one_child(table, ids)
    positions = stair_positions(names, staircase)
    stairs = cells.text("stair")
    at = [stair_of(name, positions) for name in stairs]
    starts, ends = cells.days("start_date"), cells.ends("end_date")
    births, prices = cells.days("birth_date"), yearly_prices(cells)
    if last_day:
        ends = [end + 1 if end < OPEN_END else end for end in ends]
    homes = _homes(cells)
    districts, names_of = districts_of(cells)
    rows = [
        Row(i, *values) for i, values in enumerate(zip(ids, at, starts, ends, births, homes, strict=True))
    ]
    rows = [
        replace(row, district=d, price=p) if d >= 0 or not math.isnan(p) else row
        for row, d, p in zip(rows, districts, prices, strict=True)
    ]
    return Stays(
        rows, [Place(table.file, n) for n in table.numbers], names_of, unknown_names(stairs, rows)
    )


def unknown_names(names: Sequence[str], rows: Sequence[Row]) -> dict[str, list[int]]:
    """Return the rows of each name that is no stair; `names` [row] is what the row calls its stair."""
    unknown: dict[str, list[int]] = {}
    for row, name in zip(rows, names, strict=True):
        if row.stair == UNKNOWN:
            unknown.setdefault(name, []).append(row.id)
    return unknown


def _homes(cells: Cells) -> list[str]:
    """Return what tells homes apart: the place, or the provider where no place is given."""
    return [
        place or provider
        for place, provider in zip(cells.text("place_id"), cells.text("provider"), strict=True)
    ]


def _not_all_one_child(table: Table, ids: list[int]) -> None:
    most = Counter(i for i in ids if i >= 0).most_common(1)
    if most and most[0][1] > MOST_ROWS_OF_A_CHILD:
        raise problem(
            table.file, f"{most[0][1]} rows are of the same child",
            f"at most {MOST_ROWS_OF_A_CHILD} may be: is the right column taken for child_id?",
        )  # fmt: skip


def districts_of(cells: Cells) -> tuple[list[int], tuple[str, ...]]:
    """Return each row's district, -1 where none is given, and the districts' names in order."""
    given = cells.text("district")
    found = sorted({name for name in given if name})
    if len(found) > MOST_DISTRICTS:
        raise problem(
            cells.table.file, f"{len(found)} districts",
            f"at most {MOST_DISTRICTS}: is the right column taken for district?",
        )  # fmt: skip
    position = {name: i for i, name in enumerate(found)}
    return [position.get(name, -1) for name in given], tuple(found)


def yearly_prices(cells: Cells) -> list[float]:
    """Return each row's price in DKK per year, NaN where none is given; a price needs its unit."""
    prices = cells.numbers("unit_price", 0.0, 1e8)
    units = units_a_year()
    out = []
    for row, price, unit in zip(cells.table.numbers, prices, cells.text("price_unit"), strict=True):
        times = units.get(plain(unit))
        if not math.isnan(price) and times is None:
            raise problem(
                cells.table.file, f"found {'no unit' if not unit else shape(unit)} beside a price",
                "a price needs its unit: day, week, month or year (døgn, uge, måned, år)",
                row, "price_unit",
            )  # fmt: skip
        out.append(price * times if times else float("nan"))
    return out
