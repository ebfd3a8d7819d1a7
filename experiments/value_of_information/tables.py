"""The value of information as tables: for people, and as tidy rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from rich.markup import escape
from rich.table import Table

from experiments.labels import label_of_group
from experiments.results import as_csv, year_label
from experiments.tables import console_for_people
from experiments.value_of_information.joint import Quantity
from experiments.value_of_information.sentences import (
    advice,
    amount,
    decision_sentence,
    label,
    number,
    perfect_sentence,
    small_print,
    unit,
)
from experiments.value_of_information.study import Information
from experiments.value_of_information.worth import Worth

SHOWN = 10
"""Unknowns in the table, and in the figure."""


def print_information(found: Information) -> None:
    """Print decisions, unknowns and groups as tables, then what they say and do not say."""
    console = console_for_people()
    for table in (decisions_table(found), unknowns_table(found), groups_table(found)):
        console.print(table)
        console.print()
    for said in (decision_sentence(found), perfect_sentence(found), advice(found)):
        console.print(escape(said), soft_wrap=False)
    console.print(f"[dim]{escape(small_print(found))}[/dim]")


def _table(title: str) -> Table:
    return Table(title=escape(title), title_justify="left", title_style="bold", box=None, pad_edge=False)


def decisions_table(found: Information) -> Table:
    """Return decision x expected benefit, and how often each is the best."""
    q, b = found.question, found.benefits
    table = _table(f"{q.scenario.label}: what may be chosen")
    table.add_column("Decision", no_wrap=True)
    table.add_column(f"Better than today,\n{year_label(q.scenario.months)}, {unit(q)}", justify="right")
    table.add_column("Best in so many\nof 100 worlds", justify="right")
    for d in np.argsort(-b.expected, kind="stable"):
        error = b.error(b.mean[:, d]) if d else 0.0
        e = f"{amount(q, b.expected[d])} ± {amount(q, error)}" if d else amount(q, 0.0)
        table.add_row(escape(q.decisions[d]), e, f"{100 * found.p_best[d]:.0f}")
    return table


def unknowns_table(found: Information) -> Table:
    """Return the unknowns that are worth most to know."""
    q = found.question
    table = _table("What it is worth to know one unknown before deciding")
    table.add_column("Unknown", overflow="fold")
    table.add_column("Grade")
    table.add_column("Known today\n(90 of 100 worlds)", justify="right")
    table.add_column(f"Worth,\n{unit(q)}", justify="right", no_wrap=True)
    table.add_column("of knowing\nall, %", justify="right")
    for quantity, w in found.unknowns[:SHOWN]:
        known, worth, share = _range(found, quantity), _worth(found, w), _share(found, w)
        table.add_row(escape(number(q, quantity)), quantity.grade, known, worth, share)
    if len(found.unknowns) > SHOWN:
        rest = found.unknowns[SHOWN:]
        most = max(w.value for _, w in rest)
        least = f"[dim]{amount(q, most)} or less[/dim]"
        table.add_row(f"[dim]{len(rest)} more[/dim]", "", "", least, "")
    return table


def groups_table(found: Information) -> Table:
    """Return the groups and what it is worth to know all of one."""
    q = found.question
    table = _table(f"What it is worth to know all unknowns of one {q.group}")
    table.add_column(q.group.capitalize())
    table.add_column("Unknowns", justify="right")
    table.add_column(f"Worth,\n{unit(q)}", justify="right")
    table.add_column("of knowing\nall, %", justify="right")
    for name, size, w in found.groups:
        label = label_of_group(q.group, name, q.scenario)
        table.add_row(escape(label), str(size), _worth(found, w), _share(found, w))
    e = found.perfect
    total = f"{amount(q, e.value)} ± {amount(q, e.error)}"
    table.add_row("everything but luck", str(len(found.unknowns)), total, "100" if e.value else "")
    return table


def _range(found: Information, quantity: Quantity) -> str:
    low, high = np.quantile(found.numbers(quantity), [0.05, 0.95])
    return f"{_number(low)} to {_number(high)}"


def _number(x: float) -> str:
    return f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.3g}"


def _worth(found: Information, w: Worth) -> str:
    q = found.question
    text = f"{amount(q, w.value)} ± {amount(q, w.error)}"
    return text if w.is_something else f"[dim]{text}[/dim]"


def _share(found: Information, w: Worth) -> str:
    whole = found.perfect.value
    return f"{100 * min(1.0, w.value / whole):.0f}" if whole > 0 and w.is_something else ""


# --- tidy rows ------------------------------------------------------------------------------------


def files(found: Information) -> dict[str, str]:
    """Return the result as csv files by name."""
    return {
        "decisions.csv": as_csv(decision_rows(found)),
        "unknowns.csv": as_csv(unknown_rows(found)),
        "groups.csv": as_csv(group_rows(found)),
        "perfect.csv": as_csv(perfect_rows(found)),
        "samples.csv": as_csv(sample_rows(found)),
    }


def decision_rows(found: Information) -> list[dict[str, Any]]:
    """Return one row per decision: its expected benefit, and how likely it is the best."""
    q, b = found.question, found.benefits
    return [
        {
            "decision": name, "label": label(q, name), "outcome": q.outcome, "unit": q.unit,
            "care_month_dkk": float(q.care_month), "expected": float(b.expected[d]),
            "error_90": b.error(b.mean[:, d]), "p_best": float(found.p_best[d]),
            "is_best_now": d == b.best, "samples": len(b.mean), "replicates": q.replicates,
        }
        for d, name in enumerate(q.decisions)
    ]  # fmt: skip


def unknown_rows(found: Information) -> list[dict[str, Any]]:
    """Return one row per unknown, the one worth most first."""
    rows = []
    for rank, (quantity, w) in enumerate(found.unknowns, 1):
        low, middle, high = np.quantile(found.numbers(quantity), [0.05, 0.5, 0.95])
        rows.append(
            {
                "rank": rank,
                "unknown": quantity.name,
                "label": number(found.question, quantity),
                "meaning": quantity.meaning,
                "grade": quantity.grade,
                "cause": quantity.group["cause"],
                "section": quantity.group["section"],
                "in_posterior": quantity.is_drawn,
                "low_90": float(low),
                "median": float(middle),
                "high_90": float(high),
                "number_unit": quantity.stated[0].record.unit,
                **_worth_row(found, w),
            }
        )
    return rows


def group_rows(found: Information) -> list[dict[str, Any]]:
    """Return one row per group, the one worth most first."""
    return [
        {"grouped_by": found.question.group, "group": name, "unknowns": size, **_worth_row(found, w)}
        for name, size, w in found.groups
    ]


def _worth_row(found: Information, w: Worth) -> dict[str, Any]:
    q, whole = found.question, found.perfect.value
    return {
        "evppi": w.value, "error_90": w.error, "floor_90": w.floor, "is_something": w.is_something,
        "unit": q.unit, "evppi_per_year": w.value / q.years,
        "share_of_evpi": w.value / whole if whole > 0 else float("nan"),
    }  # fmt: skip


def perfect_rows(found: Information) -> list[dict[str, Any]]:
    """Return one row: the expected value of perfect information, and how it was found."""
    q, e = found.question, found.perfect
    return [
        {
            "evpi": e.value, "error_90": e.error, "held_out": e.held_out, "naive": e.naive,
            "bias_of_naive": e.naive - e.value, "unit": q.unit, "evpi_per_year": e.value / q.years,
            "samples": len(found.benefits.mean), "failed": len(found.failed),
            "replicates": q.replicates, "seed": q.seed,
        }
    ]  # fmt: skip


def sample_rows(found: Information) -> list[dict[str, Any]]:
    """Return one row per possible world: its draw, its numbers, the mean benefit of each policy."""
    names = [quantity.name for quantity in found.worlds.quantities]
    return [
        {
            "draw": int(draw),
            **dict(zip(names, map(float, x), strict=True)),
            **{f"benefit.{p}": float(v) for p, v in zip(found.question.policies, y[1:], strict=True)},
        }
        for draw, x, y in zip(found.worlds.draw, found.worlds.x, found.benefits.mean, strict=True)
    ]


def as_json(found: Information) -> str:
    """Return decisions, unknowns, groups and EVPI as JSON text."""
    parts = {
        "decisions": decision_rows(found),
        "perfect": perfect_rows(found)[0],
        "unknowns": unknown_rows(found),
        "groups": group_rows(found),
    }
    return json.dumps(_without_nan(parts), indent=2, ensure_ascii=False)


def _without_nan(item: Any) -> Any:
    """Return rows with None for what is not a number, which JSON does not know."""
    if isinstance(item, dict):
        return {key: _without_nan(inner) for key, inner in item.items()}
    if isinstance(item, list):
        return [_without_nan(inner) for inner in item]
    return None if isinstance(item, float) and not np.isfinite(item) else item
