"""Picture of a study of staffing: the frontier of cost against months in care that could be less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.business_case import millions
from experiments.plots import GREY, INK, ORANGE, axes_for, tidy, with_minus
from experiments.results import year_label
from experiments.staffing.choices import months
from experiments.staffing.study import Staffing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = ("#9ecae1", "#56B4E9", "#2f8fd0", "#0072B2", "#08467a", "#041f3d")
"""Intervals from the longest to the shortest: darker is more often."""
PALE = 0.4
PANELS = {
    "residential_months": "{Person}-months in residential care",
    "waiting_months": "{Person}-months waited on a too intrusive stair",
}


def plot_frontier(found: Staffing, outcome: str = "residential_months", ax: Axes | None = None) -> Axes:
    """Draw every choice: net cost across, an outcome upwards; lower and further left is better.

    Choices with the same interval are joined, from the fewest posts to the most. Dominated ones are pale.
    """
    ax = axes_for(ax, 6.4, 5.0)
    at = [(found.level("net_cost", i) / 1e6, found.level(outcome, i)) for i in range(len(found.choices))]
    for interval, color in _shades(found).items():
        line = [i for i, c in enumerate(found.choices) if i and c.interval == interval]
        ax.plot(*zip(*(at[i] for i in line), strict=True), color=color, lw=1, alpha=PALE, zorder=1)
        for i in line:
            _point(ax, found, outcome, i, at[i], color)
    _name_posts(ax, found, at)
    ax.plot(*at[0], "D", color=INK, ms=7, zorder=4)
    _label(ax, "as today", at[0], INK)
    ax.plot(*at[found.race.leader], "o", mfc="none", mec=ORANGE, mew=2, ms=13, zorder=5)
    ax.set_xlabel(f"net cost over {year_label(found.scenario.months)}, m DKK, "
                  f"{found.scenario.price_year} prices")  # fmt: skip
    person = found.scenario.person
    ax.set_title(PANELS[outcome].format(Person=person[:1].upper() + person[1:]), loc="left", fontsize=11)
    ax.margins(0.08)
    tidy(ax)
    return ax


def _name_posts(ax: Axes, found: Staffing, at: list[tuple[float, float]]) -> None:
    """Write the posts beside the choices with the longest interval, where they are dominated."""
    longest = max(c.interval for c in found.choices[1:])
    for i, choice in enumerate(found.choices):
        if i and choice.interval == longest and found.race.dominated[i]:
            _label(ax, f"{choice.total_fte:g}", at[i], GREY)


def _shades(found: Staffing) -> dict[float, str]:
    """Return the colour of each interval, from the longest to the shortest."""
    intervals = sorted({c.interval for c in found.choices[1:]}, reverse=True)
    picked = np.linspace(0, len(SHADES) - 1, len(intervals)).round().astype(int)
    return {x: SHADES[k] for x, k in zip(intervals, picked, strict=True)}


def _point(ax: Axes, found: Staffing, outcome: str, i: int, at: tuple[float, float], color: str) -> None:
    """Draw a choice, with how exactly its difference to today is known where it is not dominated."""
    beaten = bool(found.race.dominated[i])
    ax.plot(*at, "o", color=color, ms=6, alpha=PALE if beaten else 1.0, mew=0, zorder=3)
    if beaten:
        return
    across = found.against_today("net_cost", i).error / 1e6
    ax.errorbar(*at, xerr=across, yerr=found.against_today(outcome, i).error, color=color, lw=1,
                capsize=2, zorder=2)  # fmt: skip
    _label(ax, f"{found.choices[i].total_fte:g}", at, INK)


def _label(ax: Axes, text: str, at: tuple[float, float], color: str) -> None:
    ax.annotate(text, at, xytext=(8, 6), textcoords="offset points", fontsize=9, color=color, zorder=6)


def frontier(found: Staffing) -> Figure:
    """Return the figure: months in residential care, and months waited, against net cost."""
    figure = Figure(figsize=(12.0, 5.8), layout="constrained")
    for ax, outcome in zip(figure.subplots(1, 2), PANELS, strict=True):
        plot_frontier(found, outcome, ax)
    along = found.plan.question.along
    figure.suptitle(
        f"{found.scenario.label}: caseworkers and follow-ups"
        f"{f', with the other levers of {along}' if along else ''}; lower and further left is better\n"
        f"{_spread(found)}",
        x=0.01, ha="left", fontsize=12.5,
    )  # fmt: skip
    figure.legend(handles=_legend(found), loc="outside lower left", ncols=4, frameon=False, fontsize=9)
    return figure


def _spread(found: Staffing) -> str:
    """Return how far single histories of the cheapest choice lie apart, far more than crosses do."""
    if not found.race.leader:
        return "as today is the cheapest"
    e = found.estimate("net_saving", found.race.leader)
    low, high = (with_minus(millions(x)) for x in (e.low, e.high))
    return f"the cheapest saves {low} to {high} m DKK in 90 of 100 histories (chance and draws)"


def _legend(found: Staffing) -> list[Line2D]:
    def dot(color: str, text: str, marker: str = "o", **look: object) -> Line2D:
        return Line2D([], [], color=color, marker=marker, lw=0, label=text, **look)  # type: ignore[arg-type]

    every = [dot(color, f"follow-ups every {months(x)}") for x, color in _shades(found).items()]
    return [
        *every,
        dot(INK, "as today", "D"),
        dot(ORANGE, "cheapest", mfc="none", mew=2, ms=10),
        dot(GREY, "pale: another choice is clearly better in cost and in residential care", alpha=PALE),
        dot(INK, "number: full-time caseworkers more; cross: how exactly the difference\n"
            "to today is known on average (90 %), draws of the parameters and chance", "+", ms=9),
    ]  # fmt: skip
