"""A design as a table: `design.csv`, one line per row, to be read, edited and read again."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from experiments.runner import BASELINE
from experiments.sweep.design import Row

FIRST = ("row", "scenario", "policy", "draw")
"""The columns before the parameters. Rows are numbered from 1, as they stand in the table."""


def parameters_of(rows: Sequence[Row]) -> list[str]:
    """Return the names of the parameters that any row sets, in the order of their first appearance."""
    return list(dict.fromkeys(name for row in rows for name in row.values))


def as_table(rows: Sequence[Row]) -> str:
    """Return rows as csv text; an empty cell is a number that the row leaves as it is."""
    names = parameters_of(rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*FIRST, *names])
    for number, row in enumerate(rows, 1):
        draw = "" if row.draw is None else row.draw
        values = [repr(float(row.values[n])) if n in row.values else "" for n in names]
        writer.writerow([number, row.scenario, row.policy, draw, *values])
    return out.getvalue()


def from_table(text: str, where: str = "design.csv") -> tuple[Row, ...]:
    """Return the rows of a table, however a spreadsheet saved it; their numbers are those of the order.

    ValueError names line, column and cure where a cell cannot be read.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip(" ;,\t")]
    if not lines:
        raise ValueError(f"{where} is empty; it must begin with a line: scenario,policy,draw,...")
    mark = max(",;\t", key=lines[0].count)
    reader = csv.DictReader(lines, delimiter=mark)
    head = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = head
    _check_head(head, where)
    names = [name for name in head if name not in FIRST]
    return tuple(_row(cells, names, f"{where}, row {i}", mark) for i, cells in enumerate(reader, 1))


def _check_head(head: list[str], where: str) -> None:
    if "scenario" not in head:
        raise ValueError(f"{where} has no column scenario; its columns are: {', '.join(head)}")
    twice = sorted({name for name in head if head.count(name) > 1})
    if twice or "" in head:
        said = f"the column {twice[0]!r} twice" if twice and twice[0] else "a column without a name"
        raise ValueError(f"{where} has {said}; every column needs a name of its own")


def _row(cells: dict[str, str], names: list[str], where: str, mark: str) -> Row:
    if None in cells or None in cells.values():
        raise ValueError(f"{where} has more or fewer cells than the first line")
    scenario = cells["scenario"].strip()
    if not scenario:
        raise ValueError(f"{where}: scenario is empty; name one, such as fano")
    policy = cells.get("policy", "").strip() or BASELINE
    values = {name: _number(cells[name], name, where, mark) for name in names if cells[name].strip()}
    return Row(scenario, policy, values, _draw(cells.get("draw", "").strip(), where))


def _number(cell: str, name: str, where: str, mark: str) -> float:
    text = cell.strip() if mark == "," else cell.strip().replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{where}: {name} = {cell!r} must be a number, or empty to leave it as it is")
    return number


def _draw(cell: str, where: str) -> int | None:
    if not cell:
        return None
    try:
        draw = float(cell)
    except ValueError:
        draw = -1.0
    if draw < 0 or draw != int(draw):
        raise ValueError(f"{where}: draw = {cell!r} must be a whole number from 0, or empty")
    return int(draw)


def differences_of_rows(there: Sequence[Row], here: Sequence[Row]) -> list[str]:
    """Return one line per cell that differs, and one for rows that are missing or too many."""
    lines = []
    for number, (old, new) in enumerate(zip(there, here, strict=False), 1):
        pairs = {name: (getattr(old, name), getattr(new, name)) for name in FIRST[1:]}
        names = dict.fromkeys([*old.values, *new.values])
        pairs |= {name: (old.values.get(name), new.values.get(name)) for name in names}
        lines += [
            f"  row {number}, {k}: there {a!r}, here {b!r}" for k, (a, b) in pairs.items() if a != b
        ]
    if len(there) != len(here):
        lines.append(f"  number of rows: there {len(there)}, here {len(here)}")
    return lines
