"""How many histories are enough: as a table, in words, and as tidy rows."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from rich.markup import escape
from rich.table import Table

from experiments.how_many.precision import batch_half_width, half_width, quantile_interval
from experiments.how_many.study import MARKS, Settled, Settling
from experiments.results import as_csv, year_label
from experiments.sweep.outcomes import KEPT
from experiments.tables import console_for_people

EDGES = (0.05, 0.95)


def print_settling(found: Settling) -> None:
    """Print a table per outcome, what is enough, and how it was found."""
    console = console_for_people()
    for s in found.outcomes:
        console.print(table(found, s))
        console.print(escape(sentence(found, s)), soft_wrap=False)
        if more := pairing_sentence(found, s):
            console.print(escape(more), soft_wrap=False)
        console.print()
    console.print(f"[dim]{escape(small_print(found))}[/dim]")


def marks(s: Settled) -> list[int]:
    """Return the numbers of histories that are shown, the last one among them."""
    n = len(s.values)
    return [m for m in MARKS if m < n] + [n]


def table(found: Settling, s: Settled) -> Table:
    """Return number of histories x how exactly they give the mean and the quantiles."""
    shown = Table(title=escape(f"{found.scenario.label}, {found.policy}: {_title(found, s)}"),
                  title_justify="left", title_style="bold", box=None, pad_edge=False)  # fmt: skip
    checks = {} if found.draws else {"by 1/√n": "predicted", "batches of\nso many": "batches"}
    edges = ("5 of 100 lie below", "95 of 100 lie below")
    for head in ("Histories", "Mean", "Give or take,\nmeasured", *checks, *edges):
        shown.add_column(head, justify="right")
    for row in mark_rows(found, s):
        numbers = (row["mean"], row["half_width"], *(row[name] for name in checks.values()))
        shown.add_row(
            f"{row['n']:,}", *(amount(s, x) for x in numbers), *(_edge(s, row, p) for p in EDGES)
        )
    return shown


def _edge(s: Settled, row: dict[str, Any], p: float) -> str:
    mark = f"q{100 * p:02.0f}"
    low, high = row[f"{mark}_low"], row[f"{mark}_high"]
    if math.isnan(low):
        return amount(s, row[mark])
    if not math.isfinite(low) or not math.isfinite(high):
        return "-"
    return f"{amount(s, row[mark])} ({amount(s, low)} to {amount(s, high)})"


def _title(found: Settling, s: Settled) -> str:
    return f"{KEPT[s.outcome].label.lower()} over {year_label(found.scenario.months)}, {unit(found, s)}"


def unit(found: Settling, s: Settled) -> str:
    """Return the unit of `amount`."""
    unit = KEPT[s.outcome].unit
    return "m DKK" if unit == "DKK" else found.scenario.in_words(unit)


def amount(s: Settled, value: float) -> str:
    """Return a number in the unit of `unit`, no minus before zero; "-" where there is none."""
    if not math.isfinite(value):
        return "-"
    is_money = KEPT[s.outcome].unit == "DKK"
    text = f"{value / 1e6 if is_money else value:,.{digits_of(s)}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def digits_of(s: Settled) -> int:
    """Return how many decimals numbers of an outcome are given: two more than their spread has."""
    spread = float(s.values.std()) / (1e6 if KEPT[s.outcome].unit == "DKK" else 1.0)
    return max(0, min(4, 2 - math.floor(math.log10(spread)))) if spread > 0 else 2


# --- in words -----------------------------------------------------------------------------------


def sentence(found: Settling, s: Settled) -> str:
    """Return how many histories are enough, or how many (or how many draws) would probably be."""
    n, label = len(s.values), KEPT[s.outcome].label.lower()
    if np.ptp(s.values) == 0.0:
        return f"The {label} is the same in every history: {amount(s, float(s.values[0]))}."
    of = f" ({100 * found.precision:g} % of the {s.of})" if s.of else ""
    wanted = f"the mean {label} to ± {amount(s, s.tolerance)} {unit(found, s)}{of}"
    if not math.isfinite(s.needed):
        return f"No number of histories is enough to know {wanted}: that leaves no room at all."
    units = f"{_round_up(s.needed):,} {'draws' if found.draws else 'histories'}"
    if s.enough is not None:
        return (
            f"{s.enough:,} histories are enough to know {wanted}, and it stays so with more. By 1/√n: "
            f"{units}."
        )
    if s.needed <= (found.draws or n):
        return (
            f"By 1/√n {units} should just be enough to know {wanted}, but it did not stay so for long "
            f"enough within {n:,} histories: run some more (--replicates)."
        )
    cure = "more draws help, not more histories of these" if found.draws else "more histories help"
    return (
        f"{n:,} histories are not enough to know {wanted}: they give ± "
        f"{amount(s, float(s.running.half_width[-1]))}. By 1/√n it takes {units}: {cure}."
    )


def _round_up(n: float) -> int:
    """Return a number of histories with two digits, upwards."""
    step = 10 ** max(0, math.floor(math.log10(max(n, 1.0))) - 1)
    return math.ceil(n / step) * step


def pairing_sentence(found: Settling, s: Settled) -> str:
    """Return what the same luck in both arms saves, and what spreading over draws costs."""
    said = ""
    if s.pairing is not None and math.isfinite(s.pairing.ratio):
        p = s.pairing
        verb = "saves" if p.low > 1.0 else "costs" if p.high < 1.0 else "neither saves nor costs"
        what = (
            f"with luck of their own it would take {p.ratio:.1f} times as many histories "
            f"({p.low:.1f} to {p.high:.1f})"
        )
        said = f"That both arms meet the same {found.scenario.people} and luck {verb}: {what}."
    if s.effective is not None:
        said += (
            f" Spread over {found.draws} draws, the {len(s.values):,} histories give the mean as exactly "
            f"as {s.effective:,.0f} histories would, each at a draw of its own."
        )
    return said.strip()


def small_print(found: Settling) -> str:
    """Return how it was found, and what it does not say."""
    left = [f"{s.outcome} is not defined in {s.left_out:,} histories, which are left out." for s in
            found.outcomes if s.left_out]  # fmt: skip
    covers = f"chance and {found.draws} draws of the parameters" if found.draws else "chance only"
    return " ".join(
        [
            "Give or take: half-width of the 90 % confidence interval of the mean, from the first so "
            "many histories; by 1/√n: from all of them; batches: how the means of so many histories "
            "really scatter. In brackets, the 90 % confidence interval of a quantile, between order "
            f"statistics. Covered: {covered_in(covers)}. Enough: the fewest histories at which the "
            "half-width is as wanted and stays so for 5 % more (Hoad, Robinson and Davies 2010).",
            *left,
            "More histories make the mean of the model exact, not the model right.",
        ]
    )


def covered_in(covers: str) -> str:
    """Return what intervals cover, with what adds the parameters."""
    return covers if "draws" in covers else f"{covers}, parameters at their values (--draws adds these)"


# --- tidy rows ------------------------------------------------------------------------------------


def files(found: Settling) -> dict[str, str]:
    """Return the result as csv files by name."""
    return {
        "precision.csv": as_csv([row for s in found.outcomes for row in mark_rows(found, s)]),
        "enough.csv": as_csv([enough_row(found, s) for s in found.outcomes]),
        "running.csv": as_csv([row for s in found.outcomes for row in running_rows(s)]),
    }


def mark_rows(found: Settling, s: Settled) -> list[dict[str, Any]]:
    """Return one row per shown number of histories: mean, half-widths, quantiles with intervals."""
    last = float(s.running.half_width[-1])
    rows = []
    for n in marks(s):
        first = s.values[:n]
        draw_of = None if s.draw_of is None else s.draw_of[:n]
        row: dict[str, Any] = {
            "policy": found.policy, "outcome": s.outcome, "unit": _unit(found, s), "n": n,
            "mean": float(first.mean()), "half_width": half_width(first, draw_of),
            "predicted": last * math.sqrt(len(s.values) / n) if s.draw_of is None else float("nan"),
            "batches": batch_half_width(s.values, n) if s.draw_of is None else float("nan"),
        }  # fmt: skip
        for p in EDGES:
            at, low, high = quantile_interval(first, p)
            if found.draws:
                low = high = float("nan")  # histories of a draw are not independent
            mark = f"q{100 * p:02.0f}"
            row |= {mark: at, f"{mark}_low": low, f"{mark}_high": high}
        rows.append(row)
    return rows


def enough_row(found: Settling, s: Settled) -> dict[str, Any]:
    """Return what was asked for, and how many histories are enough."""
    p = s.pairing
    return {
        "policy": found.policy, "outcome": s.outcome, "unit": _unit(found, s),
        "half_width_wanted": s.tolerance, "precision": found.precision if s.of else float("nan"),
        "of": s.of, "enough": "" if s.enough is None else s.enough, "needed_by_root_n": s.needed,
        "run": len(s.values), "left_out": s.left_out,
        "half_width": float(s.running.half_width[-1]), "sd": float(s.values.std(ddof=1)),
        "paired_saves": p.ratio if p else float("nan"),
        "paired_saves_low": p.low if p else float("nan"),
        "paired_saves_high": p.high if p else float("nan"),
        "draws": found.draws, "effective": float("nan") if s.effective is None else s.effective,
        "seed": found.seed,
    }  # fmt: skip


def running_rows(s: Settled) -> list[dict[str, Any]]:
    """Return one row per number of histories: the running mean and its half-width."""
    r = s.running
    return [
        {"outcome": s.outcome, "n": int(n), "mean": float(mean), "half_width": float(width)}
        for n, mean, width in zip(r.n, r.mean, r.half_width, strict=True)
    ]


def _unit(found: Settling, s: Settled) -> str:
    return found.scenario.in_words(KEPT[s.outcome].unit)


def as_json(found: Settling) -> str:
    """Return what is enough, and the table, as JSON text."""
    parts = {
        "enough": [enough_row(found, s) for s in found.outcomes],
        "precision": [row for s in found.outcomes for row in mark_rows(found, s)],
    }
    known = {
        name: [{k: _or_none(v) for k, v in row.items()} for row in rows] for name, rows in parts.items()
    }
    return json.dumps(known, indent=2, ensure_ascii=False)


def _or_none(x: Any) -> Any:
    return None if isinstance(x, float) and not np.isfinite(x) else x
