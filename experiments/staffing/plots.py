"""Picture of a study of staffing: the frontier of cost against months in care that could be less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.pictures.look import numbers_across, plain_number, spread_out
from experiments.plots import GREY, INK, ORANGE, axes_for, tidy
from experiments.staffing.study import Staffing
from experiments.words import Language, duration, number, people, place, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = ("#9ecae1", "#56B4E9", "#2f8fd0", "#0072B2", "#08467a", "#041f3d")
"""Intervals from the longest to the shortest: darker is more often."""
MARKS = ("o", "s", "^", "D", "v", "P")
"""The same intervals, told apart in grey too."""
PALE = 0.4
COLUMN, NEAREST = 0.1, 0.055
"""Room for the column of posts at the left, and between two in it, as shares of the axes."""
PANELS = ("residential_months", "waiting_months")


def plot_frontier(
    found: Staffing,
    outcome: str = "residential_months",
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Draw every choice: net cost across, an outcome upwards; lower and further left is better.

    Choices with the same interval are joined, from the fewest posts to the most. Dominated ones are pale.
    """
    ax = axes_for(ax, 6.4, 5.0)
    at = [(found.level("net_cost", i) / 1e6, found.level(outcome, i)) for i in range(len(found.choices))]
    for interval, look in _looks(found).items():
        line = [i for i, c in enumerate(found.choices) if i and c.interval == interval]
        ax.plot(*zip(*(at[i] for i in line), strict=True), color=look[0], lw=1, alpha=PALE, zorder=1)
        for i in line:
            _point(ax, found, outcome, i, at[i], look)
    _name_posts(ax, found, at, language)
    ax.plot(*at[0], "*", color=INK, ms=12, zorder=4)
    _label(ax, text("policy.as_today", language), at[0], INK)
    ax.plot(*at[found.race.leader], "o", mfc="none", mec=ORANGE, mew=2, ms=14, zorder=5)
    scenario = found.scenario
    time = duration(scenario.months, language)
    ax.set_xlabel(text("frontier.across", language, time=time, year=scenario.price_year))
    title = text(f"frontier.{outcome}", language, people=people(scenario, language))
    ax.set_title(title, loc="left", fontsize=11)
    ax.margins(0.08)
    _name_the_best(ax, found, at, language)
    tidy(ax)
    numbers_across(ax, language)
    ax.yaxis.set_major_formatter(lambda x, _: plain_number(x, language))
    return ax


def _name_posts(ax: Axes, found: Staffing, at: list[tuple[float, float]], language: Language) -> None:
    """Write the posts beside the choices with the longest interval, where they are dominated."""
    longest = max(c.interval for c in found.choices[1:])
    for i, choice in enumerate(found.choices):
        if i and choice.interval == longest and found.race.dominated[i]:
            _label(ax, plain_number(choice.total_fte, language), at[i], GREY)


def _looks(found: Staffing) -> dict[float, tuple[str, str]]:
    """Return colour and mark of each interval, from the longest to the shortest."""
    intervals = sorted({c.interval for c in found.choices[1:]}, reverse=True)
    picked = np.linspace(0, len(SHADES) - 1, len(intervals)).round().astype(int)
    return {x: (SHADES[k], MARKS[k]) for x, k in zip(intervals, picked, strict=True)}


def _point(
    ax: Axes, found: Staffing, outcome: str, i: int, at: tuple[float, float], look: tuple[str, str]
) -> None:  # fmt: skip
    """Draw a choice, with how exactly its difference to today is known where it is not dominated."""
    beaten, (color, mark) = bool(found.race.dominated[i]), look
    ax.plot(*at, mark, color=color, ms=6, alpha=PALE if beaten else 1.0, mew=0, zorder=3)
    if beaten:
        return
    across = found.against_today("net_cost", i).error / 1e6
    ax.errorbar(*at, xerr=across, yerr=found.against_today(outcome, i).error, color=color, lw=1,
                capsize=2, zorder=2)  # fmt: skip


def _label(ax: Axes, said: str, at: tuple[float, float], color: str) -> None:
    ax.annotate(said, at, xytext=(8, 6), textcoords="offset points", fontsize=9, color=color, zorder=6)


def _name_the_best(ax: Axes, found: Staffing, at: list[tuple[float, float]], language: Language) -> None:
    """Write the posts of choices that are not dominated in a column at the left, a line to each."""
    best = [i for i in range(1, len(at)) if not found.race.dominated[i]]
    if not best:
        return
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    room = COLUMN * (right - left)
    ax.set_xlim(left - room, right)
    heights = spread_out(np.array([at[i][1] for i in best]), NEAREST * (high - low), low)
    for i, y in zip(best, heights, strict=True):
        said = plain_number(found.choices[i].total_fte, language)
        ax.annotate(said, at[i], xytext=(left - 0.5 * room, y), ha="right", va="center",
                    fontsize=9, color=INK, zorder=2,
                    arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.7, "shrinkA": 1.0,
                                "shrinkB": 0.0})  # fmt: skip


def frontier(found: Staffing, language: Language = "en") -> Figure:
    """Return the figure: months in residential care, and months waited, against net cost."""
    figure = Figure(figsize=(12.0, 5.8), layout="constrained")
    for ax, outcome in zip(figure.subplots(1, 2), PANELS, strict=True):
        plot_frontier(found, outcome, ax, language)
    figure.suptitle(_title(found, language), x=0.01, ha="left", fontsize=12.5)
    figure.legend(handles=_legend(found, language), loc="outside lower left", ncols=3, frameon=False,
                  fontsize=9)  # fmt: skip
    return figure


def _title(found: Staffing, language: Language) -> str:
    what = {"place": place(found.scenario, language), "spread": _spread(found, language)}
    along = found.plan.question.along
    if along is None:
        return text("frontier.title", language, **what)
    return text("frontier.title_along", language, policy=along, **what)


def _spread(found: Staffing, language: Language) -> str:
    """Return how far single histories of the cheapest choice lie apart, far more than crosses do."""
    if not found.race.leader:
        return text("frontier.none_saves", language)
    e = found.estimate("net_saving", found.race.leader)
    low, high = (number(x / 1e6, language, 1) for x in (e.low, e.high))
    return text("frontier.spread", language, low=low, high=high)


def _legend(found: Staffing, language: Language) -> list[Line2D]:
    def dot(color: str, key: str, marker: str, **look: object) -> Line2D:
        said = text(key, language)
        return Line2D([], [], color=color, marker=marker, lw=0, label=said, **look)  # type: ignore[arg-type]

    every = [
        Line2D([], [], color=color, marker=mark, lw=0, label=_every(interval, language))
        for interval, (color, mark) in _looks(found).items()
    ]
    return [
        *every,
        dot(INK, "policy.as_today", "*", ms=10),
        dot(ORANGE, "frontier.cheapest", "o", mfc="none", mew=2, ms=10),
        dot(GREY, "frontier.pale", "o", alpha=PALE),
        dot(INK, "frontier.cross", "+", ms=9),
    ]


def _every(interval: float, language: Language) -> str:
    if interval == 1:
        return text("frontier.monthly", language)
    return text("frontier.every", language, number=plain_number(interval, language))
