"""Picture of the value of information: unknowns and groups as bars, beside knowing everything."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from experiments import labels
from experiments.pictures.look import numbers_across
from experiments.plots import BLUE, GREY, INK, SKY, axes_for, tidy
from experiments.runner import BASELINE
from experiments.value_of_information.study import Information, Question
from experiments.value_of_information.tables import SHOWN
from experiments.value_of_information.worth import Worth
from experiments.words import Language, duration, number, place, policy_name, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIGHT = "#d4d4d4"


def plot_unknowns(found: Information, ax: Axes | None = None, language: Language = "en") -> Axes:
    """Draw what it is worth to know each of the unknowns worth most, with 90 % intervals."""
    ax = axes_for(ax, 7.6, 5.0)
    scenario = found.question.scenario
    bars = [
        (f"{labels.label(quantity.stated[0], scenario, language)}  ({quantity.grade})", w)
        for quantity, w in found.unknowns[:SHOWN]
    ]
    _bars(ax, found, bars, BLUE, language)
    ax.set_title(text("information.one", language), loc="left", fontsize=11)
    return ax


def plot_groups(found: Information, ax: Axes | None = None, language: Language = "en") -> Axes:
    """Draw what it is worth to know all unknowns of a group, and everything."""
    ax = axes_for(ax, 5.4, 4.0)
    e, q = found.perfect, found.question
    bars = [
        (f"{labels.label_of_group(q.group, n, q.scenario, language)} ({size})", w)
        for n, size, w in found.groups
    ]
    everything = (text("information.everything", language), Worth(e.value, e.error, 0.0))
    _bars(ax, found, [*bars, everything], SKY, language)
    ax.patches[-1].set_facecolor(GREY)
    ax.set_title(text(f"information.{q.group}", language), loc="left", fontsize=11)
    return ax


def _bars(
    ax: Axes, found: Information, bars: list[tuple[str, Worth]], color: str, language: Language
) -> None:
    q = found.question
    by = labels.scale(q.outcome)
    right = max((w.value + w.error for _, w in bars), default=0.0) / by or 1.0
    for y, (_, w) in enumerate(bars):
        value, error = w.value / by, w.error / by
        ax.barh(-y, value, 0.6, color=color if w.is_something else LIGHT, zorder=2)
        ax.errorbar(
            value, -y, xerr=[[min(error, value)], [error]], color=INK, lw=1.3, capsize=3, zorder=3
        )
        ax.annotate(number(value, language, 2), (1.0, -y), xycoords=("axes fraction", "data"),
                    ha="right", va="center", fontsize=9, color=INK)  # fmt: skip
    ax.set_yticks([-y for y in range(len(bars))], [name for name, _ in bars], fontsize=9)
    ax.set_xlim(0.0, 1.22 * right)
    ax.set_ylim(-len(bars) + 0.4, 0.6)
    unit = labels.unit(q.outcome, q.scenario, language)
    time = duration(q.scenario.months, language)
    ax.set_xlabel(text("information.across", language, unit=unit, time=time))
    tidy(ax)
    numbers_across(ax, language)
    ax.tick_params(axis="y", length=0)


def information(found: Information, language: Language = "en") -> Figure:
    """Return the figure: unknowns at the left, groups and everything at the right."""
    q = found.question
    figure = Figure(figsize=(12.4, 6.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.35, 1.0])
    plot_unknowns(found, left, language)
    plot_groups(found, right, language)
    what = {"place": place(q.scenario, language), "n": len(q.decisions)}
    title = text("information.title", language, best=_name(q, found.best, language), **what)
    figure.suptitle(fill(title, 110), x=0.01, ha="left", fontsize=12.5)
    n = {"worlds": len(found.benefits.mean), "n": q.replicates}
    note = text("information.note", language, **{k: number(v, language) for k, v in n.items()})
    figure.supxlabel(fill(note, 170), fontsize=9, x=0.01, ha="left")
    return figure


def _name(asked: Question, decision: str, language: Language) -> str:
    if decision == BASELINE:
        return text("information.as_today", language)
    return policy_name(asked.scenario, decision, language)
