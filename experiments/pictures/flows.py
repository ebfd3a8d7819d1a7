"""Picture of moves between stairs in a year: stairs at both ends, bands as wide as children are many."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path as Curve

from experiments.pictures.look import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    axes_for,
    below,
    spread_out,
    titled,
)
from experiments.words import Language, number, people, place, policy_name, stair_name, text
from simulation.accounts import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from experiments.moves import Moves

BAR, SIDE = 0.035, 0.62
"""Width of the stairs' bars, and room for their names, as shares of the way between them."""
GAP = 0.05
"""Room between stairs, as a share of all children."""
LOOKS = {
    "stayed": ("#dddddd", "", 0.9),
    "down": (BLUE, "", 0.8),
    "up": (ORANGE, "////", 0.85),
    "opened": (GREY, "....", 0.75),
}
"""Colour, hatch and opacity of a band: stayed, moved down, moved up, case opened or closed."""


def plot_flows(found: Moves, ax: Axes | None = None, language: Language = "en") -> Axes:
    """Draw where children stand when a year begins and when it ends; most intrusive on top."""
    ax = axes_for(ax, WIDTH, 5.2)
    total = max(float(found.table.sum()), 1.0)
    ends = [_stacked(found.table.sum(axis=axis), GAP * total) for axis in (1, 0)]
    _bands(ax, found, *ends)
    for x, bottoms, counts, side in (
        (0.0, ends[0], found.table.sum(axis=1), -1),
        (1.0, ends[1], found.table.sum(axis=0), 1),
    ):
        _bars(ax, found, x, bottoms, counts, side, language)
    top = max(float((e + c).max()) for e, c in zip(ends, (found.table.sum(1), found.table.sum(0)),
                                                   strict=True))  # fmt: skip
    for x, key, align in ((BAR, "moves.began", "right"), (1.0 - BAR, "moves.ended", "left")):
        ax.annotate(text(key, language), (x, 1.03 * top), ha=align, va="bottom", fontsize=9, color=INK)
    ax.set_xlim(-SIDE, 1.0 + SIDE)
    ax.set_ylim(-0.04 * top, 1.1 * top)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    scenario = found.scenario
    who, n = people(scenario, language), number(found.histories, language)
    ax.set_xlabel(text("moves.how", language, people=who, n=n), fontsize=9)
    what = {"place": place(scenario, language), "policy": policy_name(scenario, found.policy, language)}
    who = people(scenario, language, capital=True)
    titled(ax, text("moves.title", language, people=who, year=found.year, **what), letters=70)
    _legend(ax, found, language)
    return ax


def kinds(found: Moves) -> dict[str, float]:
    """Return how many stayed, moved down, moved up, and whose case was opened or closed."""
    sums = dict.fromkeys(LOOKS, 0.0)
    n = len(found.table)
    for i in range(n):
        for j in range(n):
            sums[_kind(i, j, n)] += float(found.table[i, j])
    return sums


def _kind(i: int, j: int, n: int) -> str:
    if n - 1 in (i, j):
        return "opened"
    return "stayed" if i == j else "down" if j < i else "up"


def _stacked(counts: Floats, gap: float) -> Floats:
    """Return [place] where each bar begins: those without a case lowest, then stair on stair."""
    order = [len(counts) - 1, *range(len(counts) - 1)]
    bottoms, at = np.zeros(len(counts)), 0.0
    for i in order:
        bottoms[i] = at
        at += float(counts[i]) + (gap if counts[i] > 0 else 0.0)
    return bottoms


def _bands(ax: Axes, found: Moves, left: Floats, right: Floats) -> None:
    """Draw the bands, those who stayed first, so that moves lie on top."""
    n = len(found.table)
    order = [n - 1, *range(n - 1)]
    begins, ends = left.copy(), right.copy()
    at: dict[tuple[int, int], tuple[float, float]] = {}
    for i in order:
        for j in order:
            at[i, j] = (begins[i], ends[j])
            begins[i] += found.table[i, j]
            ends[j] += found.table[i, j]
    for (i, j), (a, b) in sorted(at.items(), key=lambda item: item[0][0] != item[0][1]):
        if found.table[i, j] > 0.0:
            ax.add_patch(_band(a, b, float(found.table[i, j]), _kind(i, j, n)))


def _band(a: float, b: float, width: float, kind: str) -> PathPatch:
    color, hatch, alpha = LOOKS[kind]
    x0, x1, middle = BAR, 1.0 - BAR, 0.5
    there = [(x0, a), (middle, a), (middle, b), (x1, b)]
    back = [(x1, b + width), (middle, b + width), (middle, a + width), (x0, a + width)]
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    curve = Curve([*there, *back, (x0, a)], codes)
    return PathPatch(curve, facecolor=color, hatch=hatch, edgecolor="white", lw=0.4, alpha=alpha)


def _bars(
    ax: Axes, found: Moves, x: float, bottoms: Floats, counts: Floats, side: int, language: Language
) -> None:
    """Draw the stairs of one end of the year, and beside each its name and how many."""
    shown = [i for i in range(len(counts)) if counts[i] > 0.0]
    middles = np.array([bottoms[i] + counts[i] / 2.0 for i in shown])
    labels = [_label(found, i, float(counts[i]), side, language) for i in shown]
    gap = 0.085 * float((bottoms + counts).max())
    for i, middle, y, label in zip(shown, middles, spread_out(middles, gap), labels, strict=True):
        left = x - (BAR if side > 0 else 0.0)
        ax.add_patch(Rectangle((left, bottoms[i]), BAR, counts[i], color=INK, lw=0.0, zorder=3))
        ax.annotate(label, (x, middle), (x + 0.05 * side, y), va="center", fontsize=8.5,
                    ha="left" if side > 0 else "right", color=INK,
                    arrowprops={"arrowstyle": "-", "color": "#777777", "lw": 0.6, "shrinkA": 0.0,
                                "shrinkB": 0.0})  # fmt: skip


def _label(found: Moves, i: int, count: float, side: int, language: Language) -> str:
    if i < len(found.stairs):
        name = stair_name(found.stairs[i], language).partition(",")[0]
    elif side < 0:
        name = text("moves.outside_before", language)
    else:
        name = text("moves.outside_after", language, age=found.scenario.leave_age)
    return fill(text("moves.count", language, name=name, number=number(count, language, 1)), 20)


def _legend(ax: Axes, found: Moves, language: Language) -> None:
    handles = [
        Patch(facecolor=color, hatch=hatch, edgecolor="white", alpha=alpha,
              label=text(f"moves.{kind}", language, number=number(n, language, 1)))
        for (kind, (color, hatch, alpha)), n in zip(LOOKS.items(), kinds(found).values(), strict=True)
    ]  # fmt: skip
    below(ax, 2, list(handles))
