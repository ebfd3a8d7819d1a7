"""Pictures of a sweep: an outcome against what was varied, as curves, clouds or dots."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from experiments.labels import outcome_label
from experiments.pictures.look import numbers_across
from experiments.plots import BLUE, GREEN, GREY, INK, ORANGE, SKY, axes_for, tidy
from experiments.sweep.asked import Asked
from experiments.sweep.said import line_in_words, parameter_in_words, scale_of, unit_of
from experiments.sweep.summary import Line
from experiments.sweep.table import parameters_of
from experiments.sweep.words import varying
from experiments.words import Language, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", "-."), (INK, "D", ":"), (SKY, "v", "-"),
          (GREY, "P", "--"))  # fmt: skip
"""Colour, mark and line of a series: told apart in grey too."""
MOST_ROWS = 40
MOST_PANELS = 6
MOST_OUTCOMES = 3


def picture(asked: Asked, lines: Sequence[Line], language: Language = "en") -> Figure:
    """Return the figure of the first outcomes: curves over a grid, clouds over a hypercube, else dots."""
    good = [line for line in lines if not line.error]
    names = swept(good)
    series = _series(asked, good, names[0], language) if names else {}
    if names and len(series) <= len(SERIES) and all(len(s) >= 3 for s in series.values()):
        return _curves(asked, good, language)
    if len(names) >= 2 and len(good) >= 8:
        return _clouds(asked, good, names, language)
    return _dots(asked, good, language)


def swept(lines: Sequence[Line]) -> list[str]:
    """Return the parameters that vary, the one with most values first."""
    rows = [line.row for line in lines]
    levels = {n: len({row.values.get(n) for row in rows}) for n in parameters_of(rows)}
    return sorted((n for n, k in levels.items() if k > 1), key=lambda n: -levels[n])


def _series(asked: Asked, lines: Sequence[Line], along: str, language: Language) -> dict[str, list[Line]]:
    """Return lines that differ in one parameter alone, by what else they are."""
    what = [name for name in varying(lines, most=None) if name != along]
    found: dict[str, list[Line]] = {}
    for line in lines:
        if along in line.row.values:
            found.setdefault(line_in_words(asked, line, what, language), []).append(line)
    return {label: sorted(s, key=lambda x: x.row.values[along]) for label, s in found.items()}


# --- curves --------------------------------------------------------------------------------------


def plot_curves(
    asked: Asked, lines: Sequence[Line], outcome: str, ax: Axes | None = None, language: Language = "en"
) -> Axes:
    """Draw the mean of an outcome against the parameter with most values, a curve for all else."""
    ax = axes_for(ax, 5.4, 4.4)
    along = swept(lines)[0]
    series = _series(asked, lines, along, language)
    for (color, mark, stroke), (label, own) in zip(SERIES, series.items(), strict=False):
        x = np.array([line.row.values[along] for line in own])
        e = [line.estimate(outcome) for line in own]
        mean, error = (
            np.array([getattr(q, k) for q in e]) / scale_of(outcome) for k in ("mean", "error")
        )
        ax.fill_between(x, mean - error, mean + error, color=color, alpha=0.2, lw=0)
        ax.plot(x, mean, color=color, marker=mark, ls=stroke, ms=5, label=label or None)
    _zero_across(ax)
    ax.set_xlabel(text("sweep.along", language, name=parameter_in_words(along, language)))
    ax.set_ylabel(unit_of(asked, outcome, language))
    ax.set_title(outcome_label(outcome, language), loc="left", fontsize=11)
    tidy(ax, language)
    numbers_across(ax, language)
    if len(series) > 1:
        ax.legend(frameon=False, fontsize=9)
    return ax


def _curves(asked: Asked, lines: Sequence[Line], language: Language) -> Figure:
    figure, panels = _panels(asked, 5.4, 4.4, language)
    for k, (ax, outcome) in enumerate(panels):
        plot_curves(asked, lines, outcome, ax, language)
        if k and (legend := ax.get_legend()) is not None:
            legend.remove()
    return figure


# --- clouds --------------------------------------------------------------------------------------


def plot_cloud(
    asked: Asked, lines: Sequence[Line], parameter: str, outcome: str, ax: Axes | None = None,
    language: Language = "en",
) -> Axes:  # fmt: skip
    """Draw the means of an outcome against a parameter: a dot is a line, marked by its policy."""
    ax = axes_for(ax, 4.6, 3.8)
    what = [name for name in varying(lines) if name in ("scenario", "policy")]
    arms = [line_in_words(asked, line, what, language) for line in lines]
    y = _means(lines, outcome)
    for (color, mark, _), arm in zip(cycle(SERIES), dict.fromkeys(arms), strict=False):
        of = [j for j, line in enumerate(lines) if arms[j] == arm and parameter in line.row.values]
        x = [lines[j].row.values[parameter] for j in of]
        ax.plot(x, y[of], mark, color=color, ms=4, alpha=0.7, label=arm)
    _zero_across(ax)
    ax.set_xlabel(parameter_in_words(parameter, language), fontsize=9)
    ax.set_ylabel(f"{outcome_label(outcome, language)}, {unit_of(asked, outcome, language)}")
    tidy(ax, language)
    numbers_across(ax, language)
    if what:
        ax.legend(frameon=False, fontsize=8)
    return ax


def _clouds(asked: Asked, lines: Sequence[Line], names: Sequence[str], language: Language) -> Figure:
    """Return one panel per parameter, those that the first outcome follows most closely first."""
    outcome = asked.outcomes[0]
    y = _means(lines, outcome)
    picked = sorted(names, key=lambda n: -_follows(lines, n, y))[:MOST_PANELS]
    columns = min(3, len(picked))
    rows = -(-len(picked) // columns)
    figure = Figure(figsize=(1.2 + 3.4 * columns, 0.8 + 3.0 * rows), layout="constrained")
    axes = list(figure.subplots(rows, columns, sharey=True, squeeze=False).flat)
    for i, (ax, name) in enumerate(zip(axes, picked, strict=False)):
        plot_cloud(asked, lines, name, outcome, ax, language)
        if i % columns:
            ax.set_ylabel("")
        if i and (legend := ax.get_legend()) is not None:
            legend.remove()
    for ax in axes[len(picked) :]:
        ax.set_visible(False)
    said = text("sweep.clouds", language, title=asked.title_in(language))
    figure.suptitle(said, x=0.01, ha="left", fontsize=11)
    return figure


def _means(lines: Sequence[Line], outcome: str) -> np.ndarray:
    return np.array([line.estimate(outcome).mean for line in lines]) / scale_of(outcome)


def _follows(lines: Sequence[Line], name: str, y: np.ndarray) -> float:
    """Return the absolute rank correlation of an outcome with a parameter, 0 where there is none."""
    from scipy.stats import spearmanr

    of = [j for j, line in enumerate(lines) if name in line.row.values and np.isfinite(y[j])]
    x = [lines[j].row.values[name] for j in of]
    if len(set(x)) < 2 or len(set(y[of])) < 2:
        return 0.0
    return abs(float(spearmanr(x, y[of]).statistic))


# --- dots ----------------------------------------------------------------------------------------


def plot_dots(
    asked: Asked, lines: Sequence[Line], outcome: str, ax: Axes | None = None,
    language: Language = "en", names: bool = True,
) -> Axes:  # fmt: skip
    """Draw an outcome of every line: mean, how exactly it is known, and 90 of 100 histories.

    Without `names`, and where there are too many, the lines are not named (beside another plot).
    """
    ax = axes_for(ax, 5.6, _height(lines))
    scale = scale_of(outcome)
    for y, line in enumerate(reversed(lines)):
        e = line.estimate(outcome)
        exact = np.array([e.mean - e.error, e.mean + e.error]) / scale
        ax.plot([e.low / scale, e.high / scale], [y, y], color=SKY, lw=1.5, zorder=1)
        ax.plot(exact, [y, y], color=BLUE, lw=4, zorder=2)
        ax.plot(e.mean / scale, y, "o", color=INK, ms=4, zorder=3)
    said = _names(asked, lines, language) if names else [""] * len(lines)
    ax.set_yticks(range(len(lines)), said[::-1], fontsize=8)
    if len(lines) > MOST_ROWS:
        ax.set_yticks([])
    ax.set_ylim(-0.7, len(lines) - 0.3)
    low, high = ax.get_xlim()
    if low < 0.0 < high:
        ax.axvline(0.0, color=INK, lw=1, zorder=0)
    ax.set_xlabel(unit_of(asked, outcome, language))
    ax.set_title(outcome_label(outcome, language), loc="left", fontsize=11)
    tidy(ax)
    numbers_across(ax, language)
    return ax


def _names(asked: Asked, lines: Sequence[Line], language: Language) -> list[str]:
    """Return what each line is, or else its row."""
    what = varying(lines)
    return [
        line_in_words(asked, line, what, language) or text("sweep.row", language, number=line.numbers[0])
        for line in lines
    ]


def _height(lines: Sequence[Line]) -> float:
    return 1.6 + (0.3 * len(lines) if len(lines) <= MOST_ROWS else 6.0)


def _dots(asked: Asked, lines: Sequence[Line], language: Language) -> Figure:
    first = asked.outcomes[0]
    if len(lines) > MOST_ROWS:
        lines = sorted(lines, key=lambda line: line.estimate(first).mean)
    figure, panels = _panels(asked, 5.6, _height(lines), language)
    for k, (ax, outcome) in enumerate(panels):
        plot_dots(asked, lines, outcome, ax, language, names=k == 0)
    figure.supxlabel(text("sweep.band", language), fontsize=9)
    return figure


def _panels(
    asked: Asked, width: float, height: float, language: Language
) -> tuple[Figure, list[tuple[Axes, str]]]:
    outcomes = asked.outcomes[:MOST_OUTCOMES]
    figure = Figure(figsize=(width * len(outcomes), height), layout="constrained")
    axes = figure.subplots(1, len(outcomes), squeeze=False).flat
    figure.suptitle(asked.title_in(language), x=0.01, ha="left", fontsize=12)
    return figure, list(zip(axes, outcomes, strict=True))


def _zero_across(ax: Axes) -> None:
    """Draw the line of zero where it lies between the ends of the vertical axis."""
    low, high = ax.get_ylim()
    if low < 0.0 < high:
        ax.axhline(0.0, color=INK, lw=1, zorder=0)
