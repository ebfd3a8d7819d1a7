"""A validation in a table and in words, on a terminal and as a page."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from experiments.tables import PLAIN_WIDTH, console_for_people
from experiments.validation.study import Validation
from experiments.validation.targets import (
    FITTED,
    GROUPS,
    HELD_OUT,
    NOTES,
    REQUIRED,
    REQUIREMENTS,
    label_of,
)
from experiments.validation.verdicts import FAILS, REPORTED_ONLY, Row
from experiments.words import Language, text

HEADS = ("Target", "Published", "Model", "Verdict", "Status")

RULE = (
    "inside: the model's mean lies no further from the published figure (of a range: its nearer end) "
    "than the two 90 % half-widths put together, the root of the sum of their squares. So inside means "
    "not contradicted; the wider an interval, the easier. fails: all else. holds: kept to in 9 of 10 "
    "draws or more; the share is in brackets."
)
PUBLISHED = "Published: ± one standard deviation, or a range (a to b)."


def print_validation(found: Validation) -> None:
    """Print the table, the summary, the rule, and what the intervals cover."""
    console = console_for_people()
    for group in found.groups:
        console.print(group_table(found, group, narrow=console.width < PLAIN_WIDTH))
        for line in under(found, group):
            console.print(f"[dim]{escape(line)}[/dim]")
        console.print()
    for line in summary(found):
        console.print(escape(line))
    for line in legend(found):
        console.print(f"[dim]{escape(line)}[/dim]")


def group_table(found: Validation, group: str, narrow: bool = False) -> Table:
    """Return one group's targets as a table; narrow: intervals below the means."""
    table = Table(title=escape(GROUPS[group]), title_justify="left", title_style="bold", box=None,
                  pad_edge=False)  # fmt: skip
    for i, head in enumerate(HEADS):
        table.add_column(head, justify="right" if i in (1, 2) else "left", overflow="fold",
                         min_width=(44, 18, 24, 8, 8)[i] if not narrow else None)  # fmt: skip
    for row in of_group(found, group):
        label, *numbers, said, status = cells(row, "\n" if narrow else " ")
        strong = f"[bold]{said}[/bold]" if row.verdict == FAILS else said
        table.add_row(escape(label), *numbers, strong, status)
    return table


def of_group(found: Validation, group: str) -> list[Row]:
    """Return the rows of a group."""
    return [row for row in found.rows if row.group == group]


def under(found: Validation, group: str) -> list[str]:
    """Return what stands below a group's table: how it was run, and what is not simulated."""
    notes = [NOTES[group]] if group in NOTES else []
    by_reason: dict[str, list[str]] = {}
    for name, why in found.missing.items():
        if name.split(".")[1] == group:
            by_reason.setdefault(why, []).append(label_of(name))
    return [*notes, *(f"Not simulated: {'; '.join(n)}: {why}." for why, n in by_reason.items())]


def cells(row: Row, glue: str = " ") -> tuple[str, str, str, str, str]:
    """Return label, published, model, verdict and status of a row, as text."""
    low, high = row.interval
    numbers = shown(row, (row.mean, low, high))
    if math.isnan(row.mean):
        model = "not defined"
    else:
        model = f"{numbers[0]}{glue}({numbers[1]} to {numbers[2]}){unit(row)}"
    return row.label, published(row), model, verdict(row), row.status


def verdict(row: Row) -> str:
    """Return the verdict; of a requirement with the share of draws that keep to it, or only P."""
    if row.verdict == REPORTED_ONLY:
        return f"P = {row.p:.2f}"
    return f"{row.verdict} ({100 * row.p:.0f} %)" if row.status == REQUIRED else row.verdict


def published(row: Row, language: Language = "en") -> str:
    """Return what was published, with its uncertainty: 18.8 ± 1.5 %, 44 to 75 %, at most 0.5."""
    behind = unit(row, language)
    if row.figure is None:
        most = as_written(f"{REQUIREMENTS[row.name].most:g}", language)
        return text("validation.at_most", language, number=most)
    f = row.figure
    if f.kind == "a range":
        ends = {"low": short(row, f.low, language), "high": short(row, f.high, language)}
        return f"{text('validation.range', language, **ends)}{behind}"
    if f.kind == "exact":
        return f"{short(row, f.value, language)}{behind}"
    spread = short(row, (f.high - f.low) / 2.0, language)
    return f"{short(row, f.value, language)} ± {spread}{behind}"


def short(row: Row, x: float, language: Language = "en") -> str:
    """Return one published number, a digit more than the model's, without idle zeros."""
    said = shown(row, (x,), more=1)[0]
    return as_written(said.rstrip("0").rstrip(".") if "." in said else said, language)


def shown(row: Row, numbers: Sequence[float], more: int = 0, language: Language = "en") -> list[str]:
    """Return numbers of a row as they are printed, in its unit, with `more` decimals than usual."""
    scale, digits, _ = _format(row)
    said = [f"{x / scale:,.{digits + more}f}" for x in numbers]
    without = [x[1:] if x.startswith("-") and not x.strip("-0.,") else x for x in said]
    return [as_written(x, language) for x in without]


def as_written(said: str, language: Language) -> str:
    """Return a number with the marks of a language: 1.234,5 in Danish."""
    return said.translate(str.maketrans(",.", ".,")) if language == "da" else said


def unit(row: Row, language: Language = "en") -> str:
    """Return the unit behind a row's numbers, with a space before it; '' where it goes without."""
    key = _format(row)[2]
    return f" {text(f'validation.{key}', language) if key != '%' else key}" if key else ""


def _format(row: Row) -> tuple[float, int, str]:
    """Return what numbers are divided by, their decimals, and their unit: %, a text's key, or ''."""
    name = row.unit
    if name == "share":
        return 0.01, 1, "%"
    if name == "DKK per year":
        assert row.figure is not None
        millions = row.figure.value >= 1e6
        return (1e6, 1, "millions") if millions else (1e3, 0, "thousands")
    digits = 1 if name in ("children", "cases per FTE", "years", "months", "per 100 years") else 2
    return 1.0, digits, name if name in ("years", "months") else ""


# --- in words ----------------------------------------------------------------------------------------


def summary(found: Validation) -> list[str]:
    """Return how many are inside, of those fitted and those held out; then group by group which fail."""
    parts = [
        f"{len(rows) - _failed(rows)} of {len(rows)} {what}"
        for what, rows in (
            ("fitted targets inside", found.with_status(FITTED)),
            ("held-out targets inside", found.with_status(HELD_OUT)),
            ("requirements hold", found.with_status(REQUIRED)),
        )
        if rows
    ]
    said = (", ".join(parts) or "Nothing was judged") + "."
    failing = [(GROUPS[g], [r.label for r in found.failing if r.group == g]) for g in found.groups]
    lines = [f"Failing, {title}: {'; '.join(labels)}." for title, labels in failing if labels]
    return [said, *lines] if lines else [f"{said} None fails."]


def _failed(rows: Sequence[Row]) -> int:
    return sum(row.verdict == FAILS for row in rows)


def covers(found: Validation) -> str:
    """Return what the model's intervals cover."""
    if found.drawn:
        return (
            f"5 to 95 % of {found.n} draws from the posterior, one run each: what is not known about the "
            "parameters, and chance where a figure is one small municipality's"
        )
    return (
        f"5 to 95 % of {found.n} runs at the recorded values of the parameters: chance alone, so "
        "narrower than what is known"
    )


def legend(found: Validation) -> list[str]:
    """Return the rule and what the numbers are."""
    status = (
        f"{FITTED}: the calibration uses it. {HELD_OUT}: it does not. {REQUIRED}: no published figure, "
        "but must hold before the model is used."
    )
    return [RULE, PUBLISHED, f"Model: mean and, in brackets, {covers(found)}.", status]


# --- as a page ---------------------------------------------------------------------------------------


def as_markdown(found: Validation) -> str:
    """Return the table as Markdown, group by group, with the summary first and the rule last."""
    lines = [line for said in summary(found) for line in (_wrapped(said), "")]
    for group in found.groups:
        lines += [f"**{GROUPS[group]}**", ""]
        if rows := of_group(found, group):
            lines += ["| target | published | model | verdict | |", "|---|---|---|---|---|"]
            lines += [_markdown_row(row) for row in rows]
            lines += [""]
        lines += [line for said in under(found, group) for line in (_wrapped(said), "")]
    return "\n".join([*lines, *(f"{_wrapped(line)}\n" for line in legend(found))]).rstrip() + "\n"


def _markdown_row(row: Row) -> str:
    label, *numbers, said, status = cells(row)
    strong = f"**{said}**" if row.verdict == FAILS else said
    return f"| {' | '.join((label, *numbers, strong, status))} |"


def _wrapped(said: str) -> str:
    return textwrap.fill(said, 120, break_long_words=False, break_on_hyphens=False)
