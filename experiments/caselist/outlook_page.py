"""The outlook for people: the forecast by stair, its cost, and how good such forecasts were here."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.caselist.backtest_page import TOTAL
from experiments.caselist.forecast import interval
from experiments.caselist.outlook import Outlook
from experiments.caselist.quality import SMALLEST
from experiments.caselist.showing import HIDDEN, hidden_stairs

_MILLION = 1e6
UNUSUAL = 2.0
"""Standard deviations of two counts' difference, as if they were independent."""
TOO_SHORT = "No forecast: that needs a list in which stays have ended for at least a year."


def outlook_lines(found: Outlook, internal: bool) -> list[str]:
    """Return the page: children by stair today and in one, two and three years, and what they cost."""
    return [*_children(found, internal), *_trend(found), "", *_cost(found)]


def _children(found: Outlook, internal: bool) -> list[str]:
    made = found.forecast
    names = [*made.stairs, TOTAL]
    now = np.append(found.today, found.today[made.in_care].sum())
    hide = _hidden(found, internal)
    wide, (low, high) = max(map(len, names)), made.interval
    lines = [
        f"If the rates of the last {found.window:.1f} years go on (no policy; they are drawn towards the "
        "country's",
        "where your own counts are few):",
        f"  {'children':{wide}}  {'today':>8}" + "".join(_year(h) for h in made.horizons),
    ]
    for i, name in enumerate(names):
        if now[i] == 0 and high[-1, i] < 1.0:
            continue
        cells = [
            HIDDEN if hide[i] else f"{mean:.0f} ({lo:.0f} to {hi:.0f})"
            for mean, lo, hi in zip(made.middle[:, i], low[:, i], high[:, i], strict=True)
        ]
        shown = HIDDEN if hide[i] else f"{now[i]:.0f}"
        lines.append(f"  {name:{wide}}  {shown:>8}" + "".join(f"  {cell:>18}" for cell in cells))
    return [
        *lines,
        "In brackets: what 90 of 100 futures lie between; chance, and what is unknown of the rates.",
    ]


def _trend(found: Outlook) -> list[str]:
    """Return a warning where the number in care has changed by more than chance in the window."""
    care = found.forecast.in_care
    before, now = int(found.before[care].sum()), int(found.today[care].sum())
    if min(before, now) < SMALLEST or abs(now - before) < UNUSUAL * np.sqrt(before + now):
        return []
    return [
        f"Warning: {before} were in care when these {found.window:.1f} years began, {now} are now: more "
        "than chance. The forecast takes most of that for over; where it goes on, far fewer than 90 of "
        "100 intervals hold what comes (docs/case_list.md)."
    ]


def _year(ahead: float) -> str:
    when = f"in {ahead:g} year{'' if ahead == 1.0 else 's'}"
    return f"  {when:>18}"


def _cost(found: Outlook) -> list[str]:
    """Return what the children cost in the years to come, where the list has prices."""
    made = found.forecast
    if np.isnan(found.prices).all():
        return ["The list has no prices: no cost."]
    cost = made.cost(found.prices) / _MILLION
    (low, high), mean = interval(cost), cost.mean(axis=0)
    years = [f"year {i + 1}: {mean[i]:.1f} ({low[i]:.1f} to {high[i]:.1f})" for i in range(cost.shape[1])]
    lines = [f"Cost in m DKK at the list's own prices of the last year: {'; '.join(years)}."]
    used = found.has_price & (made.child_years.sum(axis=(0, 1)) > 0.0)
    if without := [
        key for key, p, u in zip(made.stairs, found.prices, used, strict=True) if np.isnan(p) and u
    ]:
        lines.append(f"Without {', '.join(without)}: fewer than {SMALLEST} children there have a price.")
    return lines


def _hidden(found: Outlook, internal: bool) -> np.ndarray:
    """Return [stair and last the total in care]: what is not shown."""
    if internal:
        return np.zeros(len(found.today) + 1, bool)
    return hidden_stairs(found.today, found.forecast.in_care)


def outlook_rows(found: Outlook, internal: bool) -> list[dict[str, Any]]:
    """Return one row for each year ahead and stair, the total in care, and the cost; "" where hidden.

    Columns: years_ahead, what ("children" on that day, or "cost" of the year up to it, DKK), stair, mean,
    low, high.
    """
    made, hide = found.forecast, _hidden(found, internal)
    (low, high), rows = made.interval, []
    for h, ahead in enumerate(made.horizons):
        for i, stair in enumerate((*made.stairs, TOTAL)):
            values = {"mean": round(float(made.middle[h, i]), 2), "low": low[h, i], "high": high[h, i]}
            shown = dict.fromkeys(values, "") if hide[i] else values
            rows.append({"years_ahead": ahead, "what": "children", "stair": stair, **shown})
    if not np.isnan(found.prices).all():
        cost = made.cost(found.prices)
        ends, mean = np.round(interval(cost)), np.round(cost.mean(axis=0))
        rows += [
            {"years_ahead": i + 1.0, "what": "cost", "stair": "", "mean": mean[i], "low": ends[0, i],
             "high": ends[1, i]}
            for i in range(cost.shape[1])
        ]  # fmt: skip
    return rows
