"""Picture of an attribution: what each cause does, with the whole and the two bad worlds below it."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.attribution import Attribution
from experiments.plots import GREY, INK, ORANGE, SKY, axes_for, tidy, with_minus
from experiments.results import Estimate, year_label
from simulation.accounts import Floats
from simulation.policy import CAUSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONTHS = "{person}-months (+ fewer, \N{MINUS SIGN} more)"
SHOWN = {
    "net_saving": (
        "Net saving", "m DKK, {prices} prices (+ saved, \N{MINUS SIGN} spent)", 1e6, 1,
    ),
    "care_months_avoided": ("Months in care avoided", MONTHS, 1.0, 0),
    "residential_months_avoided": ("Months in residential care avoided", MONTHS, 1.0, 0),
}  # fmt: skip
"""Gain: title, unit, what it is divided by, decimals."""

NAMES = {
    "capacity": "Capacity\n(flere rådgivere)",
    "reviews": "Reviews\n(hyppigere opfølgning)",
    "practice": "Practice\n(mindst indgribende)",
    "supply": "Supply\n(flere tilbud)",
    "whole": "The whole",
    "null": "The whole,\nif nothing works",
    "perverse": "The whole,\nif it goes the wrong way",
}
LIGHT = "#d4d4d4"
CAUSE, WHOLE, WORLD = (SKY, ""), (GREY, ""), (ORANGE, "////")
"""Fill and hatch of the bars of a cause, the whole, and the whole in a bad world."""

TITLE_WIDTH = 110
"""Letters in a line of the figure's title."""

GAP = 0.25
"""Room between causes, whole and worlds, in bars."""


def plot_attribution(
    found: Attribution, gain: str = "net_saving", ax: Axes | None = None, names: bool = True
) -> Axes:
    """Draw the shares of the causes in one gain as bars, the whole and its two bad worlds below.

    The strip below each bar holds 90 of 100 histories; the line across its end is the 90 % interval of
    the mean. `gain` is one of `SHOWN`; without `names` the bars are not named (beside another plot).
    """
    title, unit, scale, digits = SHOWN[gain]
    scenario = found.study.plan.scenario
    ax = axes_for(ax, 7.0, 4.6)
    bars = [
        (name, look, found.study.estimate(values / scale)) for name, look, values in _bars(found, gain)
    ]
    low = min(0.0, *(min(e.low, e.mean - e.error) for _, _, e in bars))
    high = max(0.0, *(max(e.high, e.mean + e.error) for _, _, e in bars))
    span = (high - low) or 1.0
    heights = _heights(found)
    for y, (_, look, e) in zip(heights, bars, strict=True):
        _bar(ax, y, e, look, span)
        number = with_minus(_number(e.mean, digits))
        ax.annotate(number, (1.0, y), xycoords=("axes fraction", "data"), ha="right", va="center",
                    fontsize=9.5, color=INK)  # fmt: skip
    ax.set_xlim(low - 0.04 * span, high + 0.2 * span)
    ax.axvline(0.0, color=INK, lw=1, zorder=3)
    ax.set_yticks(heights, [NAMES[name] if names else "" for name, _, _ in bars])
    ax.set_ylim(heights[-1] - 0.6, heights[0] + 0.5)
    ax.set_title(title, loc="left", fontsize=11)
    ax.set_xlabel(unit.format(prices=scenario.price_year, person=scenario.person))
    tidy(ax)
    ax.tick_params(axis="y", length=0)
    return ax


def _bars(found: Attribution, gain: str) -> list[tuple[str, tuple[str, str], Floats]]:
    """Return (name, look, [replicate]) from the top down."""
    shares = found.shares(gain)
    causes = [(cause, CAUSE, shares[cause]) for cause in CAUSES]
    worlds = [(world, WORLD, found.world(world, gain)) for world in found.question.worlds]
    return [*causes, ("whole", WHOLE, found.whole(gain)), *worlds]


def _heights(found: Attribution) -> list[float]:
    n = len(CAUSES)
    below = [-(n + GAP), *(-(n + 1 + 2 * GAP + i) for i in range(len(found.question.worlds)))]
    return [*(-float(i) for i in range(n)), *below]


def _bar(ax: Axes, y: float, e: Estimate, look: tuple[str, str], span: float) -> None:
    color, hatch = look
    ax.barh(y - 0.34, e.high - e.low, 0.16, left=e.low, color=LIGHT, lw=0, zorder=1)
    ax.barh(y, e.mean, 0.46, color=color, hatch=hatch, edgecolor="white", lw=0.5, zorder=2)
    if e.error > 0.002 * span:
        ax.errorbar(e.mean, y, xerr=e.error, color=INK, lw=1.4, capsize=3.5, capthick=1.4, zorder=4)


def _number(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0.0 else text


def attribution(found: Attribution) -> Figure:
    """Return the figure of an attribution: kroner, months in care, months in residential care."""
    scenario = found.study.plan.scenario
    figure = Figure(figsize=(12.0, 5.4), layout=ConstrainedLayoutEngine(wspace=0.04))
    for i, (ax, gain) in enumerate(zip(figure.subplots(1, len(SHOWN)), SHOWN, strict=True)):
        plot_attribution(found, gain, ax, names=i == 0)
    title = (
        f"{scenario.label}, {found.question.label}: what each cause does over "
        f"{year_label(scenario.months)}, against carrying on as today"
    )
    figure.suptitle(fill(title, TITLE_WIDTH), x=0.01, ha="left", fontsize=12.5)
    covers = "chance and parameters" if found.study.plan.draws else "chance only"
    figure.legend(handles=_legend(covers), loc="outside lower left", ncols=3, frameon=False, fontsize=9)
    return figure


def _legend(covers: str) -> list[Patch | Line2D]:
    looks = {
        "share of a cause: what it adds, mean over all orders of introduction": CAUSE,
        "the whole: the shares together": WHOLE,
        "the whole in a bad world": WORLD,
    }
    bars = [Patch(fc=c, hatch=h, ec="white", label=text) for text, (c, h) in looks.items()]
    error = Line2D([], [], color=INK, marker="|", ms=7, mew=1.4, lw=1.4,
                   label="how exactly the mean is known (90 %)")  # fmt: skip
    strip = Patch(color=LIGHT, label=f"90 of 100 histories ({covers})")
    return [bars[0], strip, bars[1], error, bars[2]]
