"""`python -m experiments.caselist.national_table`: the model's average municipality as a table.

No Danish statistic says how leaving, moving and entering differ by stair, age and time on the stair at
once. The model does, in `denmark`, an average municipality of 2019 whose numbers were fitted to what
the statistics do say. So many histories of it (`HISTORIES`) are read month by month, as an export would
show them, and what happened is counted by stair, year of age and time on the stair. The same command
makes the same table again; it takes about a minute. `national` reads it.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from experiments.files import write_whole
from simulation.model import PlacementModel
from simulation.reading import find_scenario
from simulation.staircase import DEFAULT_STAIRCASE

FILE = "data/national_rates.csv"
SCENARIO = "denmark"
HISTORIES, SEED = 60, 2019
STAYS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0)
"""Least years on the stair of each row's band."""

STAIRS = tuple(s.key for s in DEFAULT_STAIRCASE if s.kind != "hidden")
AGES = 18
OUT = -1

Ints = np.ndarray


@dataclass(frozen=True)
class NationalTable:
    """Counts, [stair, year of age, time on the stair] each; stairs are `STAIRS`, times `STAYS`.

    `months` children were there; `left` a month later on no stair, not by age; `moved` [..., stair] then
    on another one; `entered` who was on none a month before (all at time 0). `january` were there as a
    year began; a year later `gone` were on no care stair, `elsewhere` on another of care.
    """

    months: Ints
    left: Ints
    moved: Ints
    entered: Ints
    january: Ints
    gone: Ints
    elsewhere: Ints

    @classmethod
    def empty(cls) -> NationalTable:
        """Return a table of zeros."""
        n, t = len(STAIRS), len(STAYS)
        return cls(
            **{
                f.name: np.zeros((n, AGES, t) + ((n,) if f.name == "moved" else ()), np.int64)
                for f in fields(cls)
            }
        )


@cache
def national_table() -> NationalTable:
    """Return the shipped table."""
    text = resources.files("experiments").joinpath(FILE).read_text("utf-8")
    table = NationalTable.empty()
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        place = (STAIRS.index(row["stair"]), int(row["age"]), STAYS.index(float(row["on_stair"])))
        for f in fields(table):
            if f.name == "moved":
                table.moved[place] = [int(row[f"to_{key}"]) for key in STAIRS]
            else:
                getattr(table, f.name)[place] = int(row[f.name])
    return table


def as_csv(table: NationalTable, histories: int) -> str:
    """Return the table as a file: lines of explanation that begin with #, then one row per cell."""
    text = io.StringIO()
    months = find_scenario(SCENARIO).months
    text.write(f"# counted in {histories} histories of {months} months of {SCENARIO}, seed {SEED}, by\n")
    text.write("# python -m experiments.caselist.national_table\n")
    plain = [f.name for f in fields(table) if f.name != "moved"]
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["stair", "age", "on_stair", *plain, *(f"to_{key}" for key in STAIRS)])
    for place in np.ndindex(table.months.shape):
        counts = [int(getattr(table, name)[place]) for name in plain]
        if any(counts):
            where = [STAIRS[place[0]], place[1], f"{STAYS[place[2]]:g}"]
            out.writerow([*where, *counts, *table.moved[place].tolist()])
    return text.getvalue()


def count(histories: int = HISTORIES) -> NationalTable:
    """Return the counts of the first `histories` histories."""
    table = NationalTable.empty()
    scenario = find_scenario(SCENARIO)
    for replicate in range(histories):
        model = PlacementModel(scenario, rng=SEED, replicate=replicate, events=False)
        before = january = _Month.of(model, None)
        for month in range(1, scenario.months + 1):
            model.step()
            now = _Month.of(model, before)
            _add_month(table, before, now)
            if month % 12 == 0:
                _add_year(table, january, now)
                january = now
            before = now
        model.release()
    return table


@dataclass(frozen=True)
class _Month:
    """The children on stairs as a month begins, [child]: number (rising), stair, age, stay (months)."""

    number: Ints
    stair: Ints
    age: Ints
    stay: Ints

    @classmethod
    def of(cls, model: PlacementModel, before: _Month | None) -> _Month:
        """Return the children of a model; times on stairs go on from the month before."""
        shown = [STAIRS.index(k) if k in STAIRS else OUT for k in model.municipality.staircase.keys]
        here = [(c.number, shown[c.level], c.age, c.on_stair) for c in model.children if _on(c, shown)]
        now = cls(*np.array(sorted(here), np.int64).reshape(-1, 4).T)
        if before is None:
            return now
        # a new place on the same stair does not end the stay
        goes_on = before.stair_of(now.number) == now.stair
        stay = np.where(goes_on, before.stay[before.place_of(now.number)] + 1, 0)
        return replace(now, stay=stay)

    def place_of(self, number: Ints) -> Ints:
        """Return where children stand in the arrays; somewhere, where they do not."""
        return np.minimum(np.searchsorted(self.number, number), len(self.number) - 1)

    def stair_of(self, number: Ints) -> Ints:
        """Return the stairs of children, `OUT` of those who are on none."""
        place = self.place_of(number)
        return np.where(self.number[place] == number, self.stair[place], OUT)

    def cells(self, which: Ints) -> tuple[Ints, Ints, Ints]:
        """Return stair, year of age and band of time of the children chosen."""
        band = np.searchsorted(STAYS, self.stay[which] / 12.0, "right") - 1
        return self.stair[which], np.minimum(self.age[which] // 12, AGES - 1), band


def _on(child: Any, shown: list[int]) -> bool:
    return child.level < len(shown) and shown[child.level] != OUT


def _add_month(table: NationalTable, before: _Month, now: _Month) -> None:
    """Add what happened from one month to the next."""
    to = now.stair_of(before.number)
    here = before.cells(np.arange(len(to)))
    np.add.at(table.months, here, 1)
    of_age = before.age + 1 >= 12 * AGES
    np.add.at(table.left, tuple(c[(to == OUT) & ~of_age] for c in here), 1)
    moved = (to != OUT) & (to != before.stair)
    np.add.at(table.moved, (*(c[moved] for c in here), to[moved]), 1)
    new = np.flatnonzero(before.stair_of(now.number) == OUT)
    np.add.at(table.entered, now.cells(new), 1)


def _add_year(table: NationalTable, then: _Month, now: _Month) -> None:
    """Add what had become by the year's end of who was in care as it began."""
    care = np.array([*(s.in_care for s in DEFAULT_STAIRCASE if s.kind != "hidden"), False])
    there = np.flatnonzero(care[then.stair])
    to = now.stair_of(then.number[there])
    cells = then.cells(there)
    for counts, which in (
        (table.january, np.ones(len(there), bool)),
        (table.gone, ~care[to]),
        (table.elsewhere, care[to] & (to != then.stair[there])),
    ):
        np.add.at(counts, tuple(c[which] for c in cells), 1)


def main() -> None:
    """Write the table anew."""
    path = Path(str(resources.files("experiments").joinpath(FILE)))
    write_whole(path, as_csv(count(), HISTORIES))


if __name__ == "__main__":
    main()
