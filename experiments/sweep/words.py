"""A sweep in a table and in words."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from rich.markup import escape
from rich.table import Table

from experiments.business_case import millions
from experiments.estimates import Estimate
from experiments.sweep.asked import Asked
from experiments.sweep.outcomes import KEPT
from experiments.sweep.summary import Line
from experiments.sweep.table import parameters_of
from experiments.tables import PLAIN_WIDTH, console_for_people

MOST_LINES = 24
"""Lines of the table: where there are more, the highest and the lowest half of these."""
MOST_PARAMETERS = 4


def print_sweep(asked: Asked, lines: Sequence[Line], errors: dict[int, str]) -> None:
    """Print the table, what the rows say together, what failed, and what the intervals cover."""
    console = console_for_people()
    good = [line for line in lines if not line.error]
    if good:
        console.print(sweep_table(asked, good, narrow=console.width < PLAIN_WIDTH))
        for said in sentences(asked, good):
            console.print(escape(said), soft_wrap=False)
        console.print(f"[dim]{escape(small_print(asked, good))}[/dim]")
    for said in failures(errors, len(asked.design.rows)):
        console.print(escape(said), soft_wrap=False)


def sweep_table(asked: Asked, lines: Sequence[Line], narrow: bool = False) -> Table:
    """Return line x outcome as a table, without what is the same in all lines."""
    table = Table(title=escape(asked.title), title_justify="left", title_style="bold", box=None,
                  pad_edge=False, collapse_padding=narrow)  # fmt: skip
    table.add_column("Row", justify="right", no_wrap=True)
    what = varying(lines)
    for name in what:
        is_text = name in ("scenario", "policy")
        table.add_column(_head(name), justify="left" if is_text else "right", overflow="fold")
    for name in asked.outcomes:
        table.add_column(f"{KEPT[name].label},\n{unit_in_words(name)}", justify="right", overflow="fold")
    for line in shown(lines, asked.outcomes[0]):
        cells = [_cell(line, name) for name in what]
        numbers = [
            _interval(name, line.estimate(name), "\n" if narrow else " ") for name in asked.outcomes
        ]
        table.add_row(_numbers(line), *cells, *numbers)
    return table


def varying(lines: Sequence[Line], most: int | None = MOST_PARAMETERS) -> list[str]:
    """Return what differs between lines: scenario, policy, draw, and parameters (the first `most`)."""
    rows = [line.row for line in lines]
    found = [k for k in ("scenario", "policy") if len({getattr(row, k) for row in rows}) > 1]
    alone = all(len(line.numbers) == 1 for line in lines)
    if alone and len({row.draw for row in rows}) > 1:
        found.append("draw")
    names = [n for n in parameters_of(rows) if len({row.values.get(n) for row in rows}) > 1]
    return found + names[:most]


def shown(lines: Sequence[Line], outcome: str) -> list[Line]:
    """Return all lines, or the highest and the lowest in one outcome, where there are many."""
    if len(lines) <= MOST_LINES:
        return list(lines)
    half = MOST_LINES // 2
    known = [line for line in lines if not isnan(line.estimate(outcome).mean)]
    ranked = sorted(known, key=lambda line: -line.estimate(outcome).mean)
    if len(ranked) <= MOST_LINES:
        return ranked
    return [*ranked[:half], *ranked[-half:]]


def sentences(asked: Asked, lines: Sequence[Line]) -> list[str]:
    """Return where the first outcome is highest and lowest, and whether that is more than noise."""
    name = asked.outcomes[0]
    label = KEPT[name].label
    known = [line for line in lines if not isnan(line.estimate(name).error)]
    known.sort(key=lambda line: line.estimate(name).mean)
    if len(known) < 2:
        return []
    low, high = known[0], known[-1]
    said = (
        f"{label}: from {in_words(name, low.estimate(name).mean)} in row {_numbers(low)} to "
        f"{in_words(name, high.estimate(name).mean)} in row {_numbers(high)}, on average over histories."
    )
    worst = max(line.estimate(name).error for line in known)
    exact = f"The means are known to {in_words(name, worst)} or better (90 % confidence)."
    left_out = len(lines) - len(shown(lines, name))
    more = f" {left_out} rows between are in summary.csv only." if left_out else ""
    return [f"{said} {exact}{more}"]


def small_print(asked: Asked, lines: Sequence[Line]) -> str:
    """Return what the intervals cover and what rows share."""
    draws = any(line.draw_of is not None for line in lines)
    covered = (
        "chance and the draws of the parameters" if draws else "chance only, parameters as in the row"
    )
    histories = sorted({len(line.values) for line in lines})
    many = str(histories[0]) if len(histories) == 1 else f"{histories[0]} to {histories[-1]}"
    return (
        f"Mean and, in brackets, what 90 of 100 histories lie between: {covered}. "
        f"{many} histories per line, with the same luck in all. A parameter is tried at "
        "values that were asked for: how far an outcome moves says nothing about how likely a value is."
    )


def failures(errors: dict[int, str], rows: int) -> list[str]:
    """Return what rows failed and why; the same reason once."""
    by_reason: dict[str, list[int]] = {}
    for row, why in sorted(errors.items()):
        by_reason.setdefault(why, []).append(row + 1)
    said = [f"Failed, row {_listed(numbers)}: {why}" for why, numbers in by_reason.items()]
    if errors:
        said.append(f"{len(errors)} of {rows} rows failed; the others are not touched by that.")
    return said


def in_words(name: str, x: float) -> str:
    """Return a number of an outcome with its unit."""
    return f"{number(name, x)} {unit_in_words(name)}"


def number(name: str, x: float) -> str:
    """Return a number of an outcome: kroner in millions, shares in percent."""
    unit = KEPT[name].unit
    if isnan(x):
        return "undefined"
    if unit == "DKK":
        return millions(x)
    text = f"{100 * x:.1f}" if unit == "share" else f"{x:.1f}"
    return "0.0" if text == "-0.0" else text


def unit_in_words(name: str) -> str:
    """Return the unit that `number` gives."""
    unit = KEPT[name].unit
    return {"DKK": "m DKK", "share": "%"}.get(unit, unit)


def _interval(name: str, e: Estimate, glue: str) -> str:
    return f"{number(name, e.mean)}{glue}[dim]({number(name, e.low)} to {number(name, e.high)})[/dim]"


def _head(name: str) -> str:
    section, _, rest = name.partition(".")
    return f"{escape(section)}.\n{escape(rest)}" if rest else escape(name.capitalize())


def _cell(line: Line, name: str) -> str:
    if name in ("scenario", "policy", "draw"):
        found = getattr(line.row, name)
        return "" if found is None else escape(str(found))
    return f"{line.row.values[name]:.6g}" if name in line.row.values else "as it is"


def _numbers(line: Line) -> str:
    first, last = line.numbers[0], line.numbers[-1]
    return str(first) if first == last else f"{first}\N{EN DASH}{last}"


def _listed(numbers: Sequence[int]) -> str:
    text = ", ".join(map(str, numbers[:8]))
    return text if len(numbers) <= 8 else f"{text} and {len(numbers) - 8} more"
