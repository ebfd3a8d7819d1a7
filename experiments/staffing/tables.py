"""A study of staffing as a table for people."""

from __future__ import annotations

import json
import math
from typing import Any

from rich.markup import escape
from rich.table import Table

from experiments.business_case import millions
from experiments.results import year_label
from experiments.staffing.sentences import sentences, small_print
from experiments.staffing.study import Staffing
from experiments.store import project_version
from experiments.tables import console_for_people

FORMAT = "trappe-staffing-1"
MARKS = {"yes": "on it", "open": "open", "no": ""}


def print_staffing(found: Staffing) -> None:
    """Print the table of choices, the answer in sentences, and what the intervals cover."""
    console = console_for_people()
    console.print(staffing_table(found))
    for text in sentences(found):
        console.print(escape(text), soft_wrap=False)
    console.print(f"[dim]{escape(small_print(found))}[/dim]")


def staffing_table(found: Staffing) -> Table:
    """Return choice x what it costs and does; clearly dominated choices are pale."""
    s = found.scenario
    title = f"{escape(s.label)}: caseworkers and follow-ups, {year_label(s.months)}, m DKK"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False,
                  collapse_padding=True)  # fmt: skip
    table.add_column("FTE\nmore", justify="right", no_wrap=True)
    for head in ("Rule,\nmonths", "Held,\nmonths", "Cases\nper FTE", "Net\ncost",
                 "Net saving\n(90 of 100)", "If nothing\nworks", "Resid.\nmonths", "Waiting\nmonths",
                 *_goal_head(found), "Best,\nof 100\ndraws", "Fron-\ntier", "Histo-\nries"):  # fmt: skip
        table.add_column(head, justify="right", no_wrap=True)
    for i, row in enumerate(found.rows()):
        style = "dim" if row["frontier"] == "no" and i not in (0, found.race.leader) else ""
        table.add_row(*_cells(found, row, i), style=style)
    return table


def _goal_head(found: Staffing) -> list[str]:
    return ["Goal\nmet, of\n100"] if found.goal is not None else []


def _cells(found: Staffing, row: dict[str, Any], i: int) -> list[str]:
    saving = f"{millions(row['net_saving'])} ({millions(row['net_saving_low'])} to " \
             f"{millions(row['net_saving_high'])})"  # fmt: skip
    goal = [_number(row["meets_goal_of_100"], 0)] if found.goal is not None else []
    star = " *" if i == found.race.leader else ""
    return [
        "today" if i == 0 else f"{row['extra_fte']:g}",
        f"{row['interval']:g}", _number(row["achieved_interval"], 1), _number(row["caseload"], 0),
        f"{millions(row['net_cost'])}{star}", saving if i else "",
        millions(-row["cost_for_nothing"]) if i else "",
        f"{row['residential_months']:.0f}", f"{row['waiting_months']:.0f}", *goal,
        f"{row['best_of_100_draws']:.0f}", MARKS[row["frontier"]], str(row["histories"]),
    ]  # fmt: skip


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def as_json(found: Staffing) -> str:
    """Return a study as JSON text; null where a number is not defined."""
    race, choices = found.race, found.choices
    goal_leader = choices[race.goal_leader].policy if race.goal_leader is not None else None
    result = {
        "format": FORMAT,
        "version": project_version(),
        "scenario": found.scenario.name,
        "price_year": found.scenario.price_year,
        "months": found.scenario.months,
        "seed": found.plan.seed,
        "along": found.plan.question.along,
        "goal": found.goal.words if found.goal is not None else None,
        "cheapest": choices[race.leader].policy,
        "cheapest_is_told_apart": race.told_apart,
        "cheapest_to_goal": goal_leader,
        "error": found.plan.rules.error,
        "same_cost": found.plan.rules.same_cost,
        "same_months": found.plan.rules.same_months,
        "histories": race.spent * found.block,
        "histories_of_blind_grid": race.blind * found.block,
        "sentences": sentences(found),
        "choices": [{k: _known(v) for k, v in row.items()} for row in found.rows()],
        "looks": found.look_rows(),
    }
    return json.dumps(result, indent=1, ensure_ascii=False)


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
