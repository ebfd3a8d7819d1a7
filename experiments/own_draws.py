"""Own draws: a file of a municipality's own numbers, which stand in place of the national draws' numbers.

The file has two lines of words that begin with #, then a table: one column for each record that the case
list knows better than the country, one row for each national draw, in the same order. It holds rates, no
children and no counts. A file of the two lines alone is one of a list that knows nothing better.
`experiments.caselist.own_numbers` makes it, `experiments.draws` uses it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from simulation.accounts import Floats
from simulation.parameters import parameter, parameters

ONE = ("children.recognition", "children.premature", "children.breakdown_up", "work.turnover_rate")
BY_STAIR_OR_AGE = (
    "children.readiness_rate.", "children.crisis_rate.", "children.planned_up.", "children.home_share.",
    "children.age_at_entry.",
)  # fmt: skip
"""Records that a case list may know: one number each, or one for each stair or age band."""

MADE_FOR = "for the national draws "
MOST_BYTES = 20_000_000
_AGAIN = "import the case list again (trappe import)"


@dataclass(frozen=True)
class OwnDraws:
    """Draws of a municipality's own numbers: `values` [draw, name]; `digest` changes with any of them."""

    names: tuple[str, ...]
    values: Floats
    digest: str

    def row(self, draw: int) -> dict[str, float]:
        """Return one draw by name of the record."""
        return dict(zip(self.names, self.values[draw].tolist(), strict=True))


def may_be_own(name: str) -> bool:
    """Return whether a record is one that a case list may know better than the country."""
    return name in parameters() and (name in ONE or name.startswith(BY_STAIR_OR_AGE))


def within_bounds(name: str, values: Floats) -> Floats:
    """Return numbers moved into what a scenario may state for a record."""
    b = parameter(name).bounds
    inside = 1e-6 * max(1.0, b.least)
    low, high = b.least + inside * b.least_open, b.most - inside * b.most_open
    return np.clip(values, low, high)


def as_text(columns: dict[str, Floats], about: str, national: str) -> str:
    """Return draws [draw] by record as a file; `about` says what and when, `national` which draws."""
    out = io.StringIO()
    out.write(f"# {about}\n")
    out.write(f"# Draws {MADE_FOR}{national}: one row each, in their order. No children, no counts.\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([f"{x:.6g}" for x in row] for row in zip(*columns.values(), strict=True))
    return out.getvalue()


def read_own_draws(path: str | Path, rows: int, national: str) -> OwnDraws:
    """Return the draws in a file; ValueError says what is wrong with it and what to do.

    `rows` and `national`: how many national draws there are, and their hash.
    """
    file = Path(path)
    try:
        state = file.stat()
        if not file.is_file() or state.st_size > MOST_BYTES:
            raise ValueError(
                f"{file.name} is no file of draws: it must be a text file of at most "
                f"{MOST_BYTES // 1_000_000} MB; {_AGAIN}"
            )
        return _read(str(file), state.st_mtime_ns, state.st_size, rows, national)
    except OSError as error:
        raise ValueError(
            f"the draws of [case_list], {file}, cannot be read ({error.strerror}); put the file there, "
            f"or {_AGAIN}"
        ) from None


@lru_cache(maxsize=8)
def _read(path: str, _changed: int, _size: int, rows: int, national: str) -> OwnDraws:
    data = Path(path).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{Path(path).name} is no text in UTF-8; {_AGAIN}") from None
    return _parsed(Path(path).name, text, hashlib.sha256(data).hexdigest()[:12], rows, national)


def _parsed(name: str, text: str, digest: str, rows: int, national: str) -> OwnDraws:
    said = [line for line in text.splitlines() if line.startswith("#")]
    if not any(f"{MADE_FOR}{national}" in line for line in said):
        raise ValueError(
            f"{name} was not made {MADE_FOR}of this version ({national}): a row of it must go with each "
            f"of them; {_AGAIN}"
        )
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        table = list(csv.reader(lines, strict=True))
    except csv.Error as error:
        raise ValueError(f"{name} is no table with commas ({error}); {_AGAIN}") from None
    if not table:
        return OwnDraws((), np.zeros((rows, 0)), digest)
    header = _header(name, table)
    if len(table) - 1 != rows:
        raise ValueError(f"{name} has {len(table) - 1} draws; {rows} are needed; {_AGAIN}")
    values = np.array(
        [_numbers(name, i, header, cells) for i, cells in enumerate(table[1:], start=1)], dtype=np.float64
    )
    values.setflags(write=False)
    return OwnDraws(header, values, digest)


def _header(name: str, table: list[list[str]]) -> tuple[str, ...]:
    header = tuple(table[0])
    for column in header:
        if not may_be_own(column):
            raise ValueError(
                f"{name}: a column {_short(column)} is no record that a case list may know; they are "
                f"{', '.join(ONE)} and those that begin with {', '.join(BY_STAIR_OR_AGE)}"
            )
    if twice := {column for column in header if header.count(column) > 1}:
        raise ValueError(f"{name}: the column {min(twice)} stands there twice; keep one")
    return header


def _numbers(name: str, draw: int, header: tuple[str, ...], cells: list[str]) -> list[float]:
    if len(cells) != len(header):
        raise ValueError(
            f"{name}: draw {draw} has {len(cells)} numbers, the header {len(header)}; {_AGAIN}"
        )
    return [_number(name, draw, column, cell) for column, cell in zip(header, cells, strict=True)]


def _number(name: str, draw: int, column: str, cell: str) -> float:
    try:
        found = float(cell)
    except ValueError:
        found = math.nan
    b = parameter(column).bounds
    above = found > b.least if b.least_open else found >= b.least
    below = found < b.most if b.most_open else found <= b.most
    if not (above and below):
        raise ValueError(f"{name}: {column} = {_short(cell)} in draw {draw}; it must be a number, {b}")
    return found


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
