"""Picture of an attribution: what each cause does, with the whole and the two bad worlds below it."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.attribution import Attribution
from experiments.labels import person_months
from experiments.pictures.look import (
    INK,
    ORANGE,
    SKY,
    WIDTH,
    axes_for,
    band_label,
    below,
    numbers_across,
    tidy,
)
from experiments.results import Estimate
from experiments.words import Language, duration, in_language, number, place, text
from simulation.accounts import Floats
from simulation.policy import CAUSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = {
    "net_saving": (1e6, 1), "care_months_avoided": (1.0, 0), "residential_months_avoided": (1.0, 0),
}  # fmt: skip
"""Gain: what it is divided by, decimals."""

LIGHT, DARK = "#d4d4d4", "#5a5a5a"
CAUSE, WHOLE, WORLD = (SKY, ""), (DARK, ""), (ORANGE, "////")
"""Fill and hatch of the bars of a cause, the whole, and the whole in a bad world."""

TITLE_WIDTH = 110
"""Letters in a line of the figure's title."""

GAP = 0.25
"""Room between causes, whole and worlds, in bars; and between two worlds, whose names take two lines."""


def plot_attribution(
    found: Attribution,
    gain: str = "net_saving",
    ax: Axes | None = None,
    names: bool = True,
    language: Language = "en",
    legend: bool = True,
) -> Axes:
    """Draw the shares of the causes in one gain as bars, the whole and its two bad worlds below.

    The strip below each bar holds 90 of 100 histories; the line across its end is the 90 % interval of
    the mean. `gain` is one of `SHOWN`; without `names` the bars are not named, and without `legend` the
    looks are not explained (beside another plot).
    """
    scale, digits = SHOWN[gain]
    ax = axes_for(ax, WIDTH, 5.2)
    bars = [
        (name, look, found.study.estimate(values / scale)) for name, look, values in _bars(found, gain)
    ]
    low = min(0.0, *(min(e.low, e.mean - e.error) for _, _, e in bars))
    high = max(0.0, *(max(e.high, e.mean + e.error) for _, _, e in bars))
    span = (high - low) or 1.0
    heights = _heights(found)
    for y, (_, look, e) in zip(heights, bars, strict=True):
        _bar(ax, y, e, look, span)
        said = number(e.mean, language, digits, signed=True)
        ax.annotate(said, (1.0, y), xycoords=("axes fraction", "data"), ha="right", va="center",
                    fontsize=9.5, color=INK)  # fmt: skip
    ax.set_xlim(low - 0.04 * span, high + 0.2 * span)
    ax.axvline(0.0, color=INK, lw=1, zorder=3)
    ax.set_yticks(
        heights, [text(f"attribution.{name}", language) if names else "" for name, _, _ in bars]
    )
    ax.set_ylim(heights[-1] - 0.6, heights[0] + 0.5)
    ax.set_title(text(f"attribution.{gain}", language), loc="left", fontsize=11)
    ax.set_xlabel(_unit(found, gain, language))
    tidy(ax)
    numbers_across(ax, language)
    ax.tick_params(axis="y", length=0)
    if legend:
        below(ax, 1, _legend(found, language), left=1.4)
    return ax


def _unit(found: Attribution, gain: str, language: Language) -> str:
    scenario = found.study.plan.scenario
    if gain == "net_saving":
        return text("attribution.saved", language, year=scenario.price_year)
    return text("attribution.fewer", language, unit=person_months(scenario, language))


def _bars(found: Attribution, gain: str) -> list[tuple[str, tuple[str, str], Floats]]:
    """Return (name, look, [replicate]) from the top down."""
    shares = found.shares(gain)
    causes = [(cause, CAUSE, shares[cause]) for cause in CAUSES]
    worlds = [(world, WORLD, found.world(world, gain)) for world in found.question.worlds]
    return [*causes, ("whole", WHOLE, found.whole(gain)), *worlds]


def _heights(found: Attribution) -> list[float]:
    n = len(CAUSES)
    below = [-(n + GAP), *(-(n + 1 + 2 * GAP + (1 + GAP) * i) for i in range(len(found.question.worlds)))]
    return [*(-float(i) for i in range(n)), *below]


def _bar(ax: Axes, y: float, e: Estimate, look: tuple[str, str], span: float) -> None:
    color, hatch = look
    ax.barh(y - 0.34, e.high - e.low, 0.16, left=e.low, color=LIGHT, lw=0, zorder=1)
    ax.barh(y, e.mean, 0.46, color=color, hatch=hatch, edgecolor="white", lw=0.5, zorder=2)
    if e.error > 0.002 * span:
        ax.errorbar(e.mean, y, xerr=e.error, color=INK, lw=1.4, capsize=3.5, capthick=1.4, zorder=4)


def attribution(found: Attribution, language: Language = "en") -> Figure:
    """Return the figure of an attribution: kroner, months in care, months in residential care."""
    scenario = found.study.plan.scenario
    figure = Figure(figsize=(12.0, 5.4), layout=ConstrainedLayoutEngine(wspace=0.04))
    for i, (ax, gain) in enumerate(zip(figure.subplots(1, len(SHOWN)), SHOWN, strict=True)):
        plot_attribution(found, gain, ax, names=i == 0, language=language, legend=False)
    what = {"place": place(scenario, language), "policy": _policy(found, language)}
    title = text("attribution.title", language, time=duration(scenario.months, language), **what)
    figure.suptitle(fill(title, TITLE_WIDTH), x=0.01, ha="left", fontsize=12.5)
    figure.legend(handles=_legend(found, language), loc="outside lower left", ncols=3, frameon=False,
                  fontsize=9)  # fmt: skip
    return figure


def _policy(found: Attribution, language: Language) -> str:
    asked = found.question
    return in_language(asked.label, asked.english, language) or asked.policy


def _legend(found: Attribution, language: Language) -> list[Patch | Line2D]:
    looks = {"bar_cause": CAUSE, "bar_whole": WHOLE, "bar_world": WORLD}
    bars = [
        Patch(fc=c, hatch=h, ec="white", label=text(f"attribution.{key}", language))
        for key, (c, h) in looks.items()
    ]
    error = Line2D([], [], color=INK, marker="|", ms=7, mew=1.4, lw=1.4,
                   label=text("attribution.error", language))  # fmt: skip
    band = band_label(found.study, language)
    strip = Patch(color=LIGHT, label=text("attribution.strip", language, band=band))
    return [bars[0], strip, bars[1], error, bars[2]]
