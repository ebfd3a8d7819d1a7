"""Reading spells.csv: the stays of a case list, in numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from experiments.caselist.quality import Note, Place, Reason
from experiments.caselist.reading_columns import UNREADABLE_DATE, Cells, Numbers
from experiments.caselist.reading_names import (
    Names,
    found_columns,
    plain,
    stair_of,
    stair_positions,
    units_a_year,
)
from experiments.caselist.reading_problems import problem
from experiments.caselist.reading_text import Table
from experiments.caselist.rows import MISSING, OPEN_END, UNKNOWN, Row
from simulation.staircase import Staircase

MOST_ROWS_OF_A_CHILD = 1000
MOST_DISTRICTS, LONGEST_DISTRICT = 100, 100
SPELLS = ("child_id", "stair", "start_date", "end_date", "birth_date")
SPELLS_OPTIONAL = ("provider", "place_id", "end_reason", "unit_price", "price_unit", "district")

UNREADABLE_PRICE = Reason(
    "unreadable_price", "corrected", "a price, or its unit, that cannot be read; used without it"
)


@dataclass(frozen=True)
class Stays:
    """Rows as read: `places` [row id] where each stands, `unknown` the rows of names of no stair.

    `notes`: rows that could not be read, which `rows` is without, and those used without a price.
    """

    rows: list[Row]
    places: list[Place]
    districts: tuple[str, ...]
    unknown: Mapping[str, list[int]]
    notes: Sequence[Note] = ()


def stays_in(
    table: Table, names: Names, staircase: Staircase, children: Numbers, *, last_day: bool = False,
    known: Mapping[str, int] | None = None,
) -> Stays:  # fmt: skip
    """Return the stays in a table of spells, in our numbers; CaseListError where it cannot be read.

    `last_day`: the end date is the last day of the stay, not the first one after it. `known`: the stair
    of each plain name, where it is not that of the staircase, the words and the names file.
    """
    cells = Cells(table, found_columns(table, names, SPELLS, SPELLS_OPTIONAL))
    ids = [children.of(cell) for cell in cells.ids("child_id")]
    _not_all_one_child(table, ids)
    stairs = cells.text("stair")
    at = positions_of(stairs, stair_positions(names, staircase) if known is None else known)
    starts, ends = cells.days("start_date"), cells.ends("end_date")
    births = [MISSING if day is None else day for day in cells.days("birth_date")]
    prices = yearly_prices(cells)
    if last_day:
        ends = [end + 1 if end is not None and end < OPEN_END else end for end in ends]
    districts, names_of = districts_of(cells)
    rows: list[Row] = []
    notes: list[Note] = []
    for i, (start, end, price) in enumerate(zip(starts, ends, prices, strict=True)):
        if start is None or end is None:
            notes.append(Note(i, UNREADABLE_DATE))
            continue
        if price is None:
            notes.append(Note(i, UNREADABLE_PRICE))
            price = math.nan
        rows.append(Row(i, ids[i], at[i], start, end, births[i], "", False, 0, districts[i], price))
    homes = _homes(cells)
    if any(homes):
        rows = [replace(row, place=homes[row.id]) for row in rows]
    places = [Place(table.file, n) for n in table.numbers]
    return Stays(rows, places, names_of, unknown_names(stairs, rows), notes)


def positions_of(stairs: Sequence[str], known: Mapping[str, int]) -> list[int]:
    """Return the stair each cell names by `known`, which has plain names; `UNKNOWN` where it is none."""
    at = {name: stair_of(name, known) for name in set(stairs)}
    return [at[name] for name in stairs]


def unknown_names(names: Sequence[str], rows: Sequence[Row]) -> dict[str, list[int]]:
    """Return the rows of each name that is no stair; `names` [row id] is what the row calls its stair."""
    unknown: dict[str, list[int]] = {}
    for row in rows:
        if row.stair == UNKNOWN:
            unknown.setdefault(names[row.id], []).append(row.id)
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
    given = _as_printed(cells.text("district"))
    found = sorted({name for name in given if name})
    if not set(found).isdisjoint(cells.ids("child_id")):
        raise problem(
            cells.table.file, "districts have the names of children",
            "is the right column taken for district?",
        )  # fmt: skip
    if any(len(name) > LONGEST_DISTRICT for name in found):
        raise problem(
            cells.table.file, f"a district's name of more than {LONGEST_DISTRICT} characters",
            "is the right column taken for district?",
        )  # fmt: skip
    if len(found) > MOST_DISTRICTS:
        raise problem(
            cells.table.file, f"{len(found)} districts",
            f"at most {MOST_DISTRICTS}: is the right column taken for district?",
        )  # fmt: skip
    position = {name: i for i, name in enumerate(found)}
    return [position.get(name, -1) for name in given], tuple(found)


def _as_printed(names: Sequence[str]) -> list[str]:
    """Return names with a space for what cannot be seen, such as a change of the writing direction."""
    seen = {x: " ".join("".join(c if c.isprintable() else " " for c in x).split()) for x in set(names)}
    return [seen[name] for name in names]


def yearly_prices(cells: Cells) -> list[float | None]:
    """Return each row's price in DKK per year; NaN where none is given, None where it cannot be read.

    A price needs its unit. CaseListError where more than a fifth of the prices have none.
    """
    prices = cells.numbers("unit_price", 0.0, 1e8)
    given = [price is not None and not math.isnan(price) for price in prices]
    if not any(given):
        return prices
    units = cells.text("price_unit")
    times = {unit: units_a_year().get(plain(unit)) for unit in set(units)}
    without = [i for i, unit in enumerate(units) if given[i] and times[unit] is None]
    cells.refuse_many(
        "price_unit", without, sum(given),
        "a price needs its unit: day, week, month or year (døgn, uge, måned, år)",
    )  # fmt: skip
    return [_times(price, times[unit]) for price, unit in zip(prices, units, strict=True)]


def _times(price: float | None, units: float | None) -> float | None:
    if price is None or math.isnan(price):
        return price
    return None if units is None else price * units
