"""Picture of what would change the answer: the net saving with one number at a time at both its ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.estimates import Estimate
from experiments.labels import timed, unit
from experiments.pictures.look import (
    BLUE,
    GREY,
    INK,
    ON_WHITE,
    ORANGE,
    WIDTH,
    axes_for,
    below,
    numbers_across,
    titled,
    with_minus,
)
from experiments.words import Language, number, place, policy_name, text
from simulation.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MILLION = 1e6
LETTERS = 30
"""Letters in a line of a number's name."""
LETTER, ROUNDS = 0.028, 30
"""Width of a letter of a value, as a share of the axis; how often the axis is fitted to the words."""
TITLE = 40
"""Letters in a line of the title: it begins where the bars do."""
ROW, AROUND = 0.37, 2.0
"""Inches of a bar, and of what stands above and below the bars."""


@dataclass(frozen=True)
class Ends:
    """A number at both ends of its evidence: its values there in words, and the net saving there, DKK."""

    name: str
    low: str
    high: str
    at_low: float
    at_high: float


def plot_ends(
    bars: Sequence[Ends],
    base: float,
    spread: Estimate,
    scenario: Scenario,
    policy: str,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """Draw a bar for each number from one end to the other, what is a net cost hatched.

    `base`: the net saving at the scenario's own numbers, DKK, a dashed line. `spread`: that of the
    histories, as the last bar, so that one number can be seen beside everything at once.
    """
    ax = axes_for(ax, WIDTH, AROUND + ROW * (len(bars) + 1))
    last = len(bars) + 0.35
    for y, bar in enumerate(bars):
        _bar(ax, y, bar)
    _everything(ax, last, spread)
    ax.axvline(0.0, color=INK, lw=1.2, zorder=3)
    ax.axvline(base / MILLION, color=INK, lw=1.0, ls="--", zorder=3)
    ax.set_xlim(*_limits(bars, base, spread))
    ax.set_ylim(last + 0.6, -0.6)
    names = [fill(name, LETTERS) for name in (*(b.name for b in bars), text("tornado.all", language))]
    ax.set_yticks([*range(len(bars)), last], names, fontsize=9)
    ax.tick_params(axis="y", length=0)
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    money = unit("net_saving", scenario, language)
    ax.set_xlabel(f"{timed('net_saving', scenario.months, language)}, {money}")
    what = {"place": place(scenario, language), "policy": policy_name(scenario, policy, language)}
    titled(ax, text("tornado.title", language, **what), TITLE)
    numbers_across(ax, language)
    below(ax, 2, _legend(base, language), left=2.1)
    return ax


def _limits(bars: Sequence[Ends], base: float, spread: Estimate) -> tuple[float, float]:
    """Return how far the axis goes, m DKK: with room for the values beside the bars."""
    reach = [0.0, base, spread.low, spread.high, *(x for bar in bars for x in (bar.at_low, bar.at_high))]
    low, high = min(reach), max(reach)
    low, high = low - 0.05 * (high - low or MILLION), high + 0.05 * (high - low or MILLION)
    for _ in range(ROUNDS):  # a wider axis makes words wider too
        wide = high - low
        for bar in bars:
            (left, before), (right, behind) = _sides(bar)
            low = min(low, left - wide * (0.02 + LETTER * len(before)))
            high = max(high, right + wide * (0.02 + LETTER * len(behind)))
    return low / MILLION, high / MILLION


def _sides(bar: Ends) -> list[tuple[float, str]]:
    """Return the left and the right end of a bar: the net saving, DKK, and the number's value there."""
    return sorted([(bar.at_low, bar.low), (bar.at_high, bar.high)], key=lambda end: end[0])


def _bar(ax: Axes, y: float, bar: Ends) -> None:
    """Draw a bar, and at each of its ends the number's value there."""
    (left, at_left), (right, at_right) = ((x / MILLION, value) for x, value in _sides(bar))
    for color, hatch, (a, b) in (
        (ORANGE, "////", (left, min(right, 0.0))), (BLUE, "", (max(left, 0.0), right))
    ):  # fmt: skip
        if b > a:
            ax.barh(y, b - a, 0.58, left=a, color=color, hatch=hatch, edgecolor="white", lw=0.5)
    for x, value, side in ((left, at_left, -1), (right, at_right, 1)):
        _value(ax, x, y, value, side)


def _everything(ax: Axes, y: float, spread: Estimate) -> None:
    low, high = spread.low / MILLION, spread.high / MILLION
    ax.barh(y, high - low, 0.58, left=low, color="#c9c9c9", edgecolor=GREY, lw=0.8)
    ax.plot([spread.mean / MILLION], [y], "D", color=INK, ms=5, zorder=4)


def _value(ax: Axes, x: float, y: float, value: str, side: int) -> None:
    ax.annotate(with_minus(value), (x, y), xytext=(4 * side, 0), textcoords="offset points",
                ha="left" if side > 0 else "right", va="center", fontsize=8.5, color=INK,
                bbox={**ON_WHITE, "pad": 0.6}, zorder=5)  # fmt: skip


def _legend(base: float, language: Language) -> list[Patch | Line2D]:
    said = text("tornado.base", language, number=number(base / MILLION, language, 1))
    return [
        Patch(facecolor=BLUE, edgecolor="white", label=text("tornado.saving", language)),
        Patch(facecolor=ORANGE, hatch="////", edgecolor="white", label=text("tornado.cost", language)),
        Line2D([], [], color=INK, lw=1.0, ls="--", label=said),
        Line2D([], [], lw=0, marker="D", color=INK, ms=5, label=text("tornado.mean", language)),
    ]
