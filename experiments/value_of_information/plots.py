"""Picture of the value of information: unknowns and groups as bars, beside knowing everything."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from experiments.labels import label_of_group
from experiments.plots import BLUE, GREY, INK, SKY, axes_for, tidy, with_minus
from experiments.results import year_label
from experiments.value_of_information.sentences import amount, label, number, unit
from experiments.value_of_information.study import Information
from experiments.value_of_information.tables import SHOWN
from experiments.value_of_information.worth import Worth

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIGHT = "#d4d4d4"


def plot_unknowns(found: Information, ax: Axes | None = None) -> Axes:
    """Draw what it is worth to know each of the unknowns worth most, with 90 % intervals."""
    ax = axes_for(ax, 7.6, 5.0)
    bars = [
        (f"{number(found.question, quantity)}  ({quantity.grade})", w)
        for quantity, w in found.unknowns[:SHOWN]
    ]
    _bars(ax, found, bars, BLUE)
    ax.set_title("One unknown", loc="left", fontsize=11)
    return ax


def plot_groups(found: Information, ax: Axes | None = None) -> Axes:
    """Draw what it is worth to know all unknowns of a group, and everything."""
    ax = axes_for(ax, 5.4, 4.0)
    e = found.perfect
    q = found.question
    bars = [(f"{label_of_group(q.group, n, q.scenario)} ({size})", w) for n, size, w in found.groups]
    everything = ("everything\nbut luck", Worth(e.value, e.error, 0.0))
    _bars(ax, found, [*bars, everything], SKY)
    ax.patches[-1].set_facecolor(GREY)
    ax.set_title(f"All of one {found.question.group} (how many)", loc="left", fontsize=11)
    return ax


def _bars(ax: Axes, found: Information, bars: list[tuple[str, Worth]], color: str) -> None:
    q = found.question
    scale = 1e-6 if unit(q) == "m DKK" else 1.0
    right = max((w.value + w.error for _, w in bars), default=0.0) * scale or 1.0
    for y, (_, w) in enumerate(bars):
        value, error = w.value * scale, w.error * scale
        ax.barh(-y, value, 0.6, color=color if w.is_something else LIGHT, zorder=2)
        ax.errorbar(
            value, -y, xerr=[[min(error, value)], [error]], color=INK, lw=1.3, capsize=3, zorder=3
        )
        ax.annotate(with_minus(amount(q, w.value)), (1.0, -y), xycoords=("axes fraction", "data"),
                    ha="right", va="center", fontsize=9, color=INK)  # fmt: skip
    ax.set_yticks([-y for y in range(len(bars))], [name for name, _ in bars], fontsize=9)
    ax.set_xlim(0.0, 1.22 * right)
    ax.set_ylim(-len(bars) + 0.4, 0.6)
    ax.set_xlabel(f"{unit(q)} over {year_label(q.scenario.months)}")
    tidy(ax)
    ax.tick_params(axis="y", length=0)


def information(found: Information) -> Figure:
    """Return the figure: unknowns at the left, groups and everything at the right."""
    q = found.question
    figure = Figure(figsize=(12.4, 6.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.35, 1.0])
    plot_unknowns(found, left)
    plot_groups(found, right)
    title = (
        f"{q.scenario.label}: what it is worth to know before choosing among {len(q.decisions)} "
        f"decisions (best today: {label(q, found.best)})"
    )
    figure.suptitle(fill(title, 110), x=0.01, ha="left", fontsize=12.5)
    figure.supxlabel(
        "Bars: expected value of perfect information; lines: 90 % intervals; pale: not to be told "
        f"from nothing. {len(found.benefits.mean)} possible worlds, {q.replicates} histories of each "
        "decision.",
        fontsize=9, x=0.01, ha="left",
    )  # fmt: skip
    return figure
