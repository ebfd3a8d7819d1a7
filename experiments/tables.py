"""Tables for people, printed to a terminal or a pipe."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from experiments.business_case import millions, sentence, table_rows, two_thirds_sentence
from experiments.caselist.backtest_told import told
from experiments.results import Estimate, Study, year_label
from experiments.sentences import break_even_sentence, society_sentence, uncertainty_sentence

PLAIN_WIDTH = 118
"""Columns where the output is not a terminal."""


def console_for_people() -> Console:
    """Return a console that writes plain lines of `PLAIN_WIDTH` where it is not a terminal."""
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    return console


def print_comparison(study: Study) -> None:
    """Print the short table, the sentence, and what the intervals cover."""
    console, scenario = console_for_people(), study.plan.scenario
    if study.plan.policies:
        console.print(comparison_table(study, narrow=console.width < PLAIN_WIDTH))
        console.print(escape(sentence(study)), soft_wrap=False)
        for more in (
            two_thirds_sentence(study), break_even_sentence(study), society_sentence(study),
            uncertainty_sentence(study),
        ):  # fmt: skip
            if more:
                console.print(escape(more), soft_wrap=False)
    else:
        console.print("No policies were compared; the results folder holds the baseline.")
    console.print(
        f"[dim]Mean and, in brackets, what 90 of 100 histories lie between: {covered(study)}. "
        f"{study.replicates} histories per policy, the same {scenario.people} with the same luck in "
        f"all{_worst_error(study)}; prices of {scenario.price_year}. Effect sizes are inputs "
        "with grades, not findings: trappe parameters.[/dim]"
    )
    if (files := scenario.case_list) is not None and files.back_test is not None:
        console.print(escape(told(Path(files.back_test))), soft_wrap=False)


def covered(study: Study) -> str:
    """Return in words what the intervals of a study cover."""
    if study.plan.draws:
        return f"chance and {study.plan.draws_in(study.replicates)} draws of the parameters"
    return "chance only, parameters at their values (--draws 100 adds what is not known about these)"


def _worst_error(study: Study) -> str:
    """Return how exact the means of the savings are, at the least exact policy."""
    if not study.plan.policies:
        return ""
    errors = [study.estimate(study.cumulated_saving(p)[:, -1]).error for p in study.plan.policies]
    return f", so that mean savings are exact to {millions(max(errors))} m DKK or better"


def comparison_table(study: Study, narrow: bool = False) -> Table:
    """Return policy x outcome as a table; narrow: intervals below the means. No number is cut."""
    years = year_label(study.plan.scenario.months)
    last = f"year {study.n_years}"
    table = Table(title=f"{escape(study.plan.scenario.label)}: policies against carrying on as today",
                  title_justify="left", title_style="bold", box=None, pad_edge=False,
                  collapse_padding=narrow)  # fmt: skip
    table.add_column("Policy", no_wrap=True)
    for head in (
        f"Net saving,\n{years}, m DKK", f"In care,\n{last}", f"Residential,\n{last}",
        "Cases\nper FTE", "Months\nbetween\nfollow-ups", f"Broken even\nby year {min(2, study.n_years)}"
        f" / {study.n_years},\nof 100",
    ):  # fmt: skip
        table.add_column(head, justify="right", overflow="fold")
    for row in table_rows(study):
        table.add_row(escape(row["policy"]), *_cells(row, "\n" if narrow else " "))
    return table


def _cells(row: dict[str, Any], glue: str) -> list[str]:
    counts = [_number(row["n_in_care"], 0, glue), _number(row["n_residential"], 1, glue)]
    work = [f"{row['caseload'].mean:.0f}", f"{row['achieved_interval'].mean:.1f}"]
    if "net_saving" not in row:
        return ["", *counts, *work, ""]
    e: Estimate = row["net_saving"]
    money = f"{millions(e.mean)}{glue}[dim]({millions(e.low)} to {millions(e.high)})[/dim]"
    return [money, *counts, *work, f"{100 * row['p_year_2']:.0f} / {100 * row['p_last']:.0f}"]


def _number(e: Estimate, digits: int, glue: str) -> str:
    return f"{e.mean:.1f}{glue}[dim]({e.low:.{digits}f} to {e.high:.{digits}f})[/dim]"


def print_parameters(name: str | None) -> None:
    """Print one record in full, or all whose names begin with `name` as a table."""
    from simulation.parameters import parameter, parameters

    known = [n for n in parameters() if name is None or n.startswith(name)]
    if not known or name in parameters():
        _print_record(parameter(name or ""))
        return
    table = Table(box=None, pad_edge=False)
    for head, side in (("Parameter", "left"), ("Value", "right"), ("Range", "right"), ("Unit", "left"),
                       ("Grade", "left"), ("Kind", "left")):  # fmt: skip
        table.add_column(head, justify=side, no_wrap=True)  # type: ignore[arg-type]
    for n in known:
        p = parameters()[n]
        value, low, high = (_plain(x) for x in (p.value, p.low, p.high))
        table.add_row(n, value, f"{low} to {high}", escape(p.unit), p.grade, p.kind)
    console = console_for_people()
    console.width = max(console.width, 2 * PLAIN_WIDTH)  # a long line is better than half a number
    console.print(table, crop=False, soft_wrap=True)


def _plain(number: float) -> str:
    return f"{number:.10g}"


def _print_record(p: Any) -> None:
    from simulation.parameters import sources

    level = f" at {p.price_year} prices" if p.price_year else ""
    value, low, high = (_plain(x) for x in (p.value, p.low, p.high))
    print(f"{p.name} = {value} {p.unit}{level}  (range {low} to {high}, {p.distribution})")
    print(f"  {p.kind}, grade {p.grade}; a scenario may state {p.bounds}")
    used_in = f"Used in {', '.join(p.used_in)}." if p.used_in else ""
    for text in (p.meaning, p.note, used_in):
        if text:
            print(textwrap.indent(textwrap.fill(text, 96), "  "))
    for key in p.source:
        source = sources()[key]
        year = f", {source.year}" if source.year else ""
        print(f"  - {source.title}{year}{'  ' + source.link if source.link else ''}")
